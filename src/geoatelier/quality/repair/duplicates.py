"""The same object twice: one kept when nothing is lost, the others listed unless a rule is given."""

from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoatelier.quality.layer import Layer, missing
from geoatelier.quality.repair.frames import areas, layer_to_repair
from geoatelier.quality.repair.log import Repaired, entries, joined
from geoatelier.quality.topology import SAME_OBJECT, find_overlaps
from geoatelier.quality.wording import number, quote

_NAME = "drop_duplicates"
_METRES_PER_DEGREE = 100_000

Rule = Literal["first", "last", "fullest"] | tuple[str, Literal["min", "max"]]


def drop_duplicates(
    frame: gpd.GeoDataFrame,
    *,
    key: str | None = None,
    keep: Literal["first", "last"] = "first",
    rule: Rule | None = None,
    near: bool = False,
) -> Repaired:
    """One of each object; what a copy says that the other does not is never lost without a rule.

    Rows of the same geometry (wherever it starts, whichever way it turns) and the same attributes are one
    object: one is kept. Rows of the same geometry whose attributes differ, their key included, are left and
    listed, unless `rule` says which one to keep. So are polygons that share over 80 % of their union, dropped
    only with `near`. Points at one place with other attributes are no duplicates: a door serves several
    addresses.

    Parameters
    ----------
    key : column that names the objects in the log; guessed from the names of the columns when not given
    keep : which of the rows that are the same in everything
    rule : which of the rows that share a geometry: the first, the last, the one with the most values filled,
        or the one with the smallest or largest value of a column (a date, a key)
    near : also drop near duplicates, the row to keep being that of `rule`, or the first

    Raises
    ------
    ValueError
        If `key`, or the column of `rule`, does not exist.
    """
    layer = layer_to_repair(frame)
    names = [] if key is None else [key]
    names += [rule[0]] if isinstance(rule, tuple) else []
    for name in names:
        if name not in layer.attributes:
            raise ValueError(
                f"La couche n'a pas de colonne {quote(name)}. "
                f"Colonnes : {', '.join(map(str, layer.attributes))}."
            )
    keys = layer.keys if key is None else frame[key].astype("str").to_numpy(dtype=object)
    rank = _rank(layer, rule)
    shapes = shapely.to_wkb(shapely.normalize(shapely.force_2d(layer.geometries)))
    dropped = np.zeros(len(frame), dtype=bool)
    logs = []
    for winner, loser in _exact(layer, shapes, keep):
        dropped[loser] = True
        note = f"Même géométrie et mêmes attributs que la ligne {layer.rows[winner]}, gardée."
        logs.append((loser, winner, "retiré", note))
    for winner, loser in _same_shape(layer, shapes, dropped, rank):
        if rule is None:
            others = _differing(layer, winner, loser)
            note = (
                f"Même géométrie que {quote(keys[winner])} (ligne {layer.rows[winner]}), mais {others} "
                "diffèrent : dites laquelle garder, ou donnez `rule=`."
            )
            logs.append((loser, winner, "à décider", note))
            continue
        dropped[loser] = True
        logs.append(
            (
                loser,
                winner,
                "retiré",
                f"Même géométrie que la ligne {layer.rows[winner]}, gardée par la règle.",
            )
        )
    for winner, loser, share in _near(layer, shapes, dropped, rank):
        if dropped[winner] or dropped[loser]:
            continue
        told = (
            f"{number(100 * share)} % de sol commun avec {quote(keys[winner])} (ligne {layer.rows[winner]})"
        )
        if near:
            dropped[loser] = True
            logs.append((loser, winner, "retiré", f"{told}, gardée."))
        else:
            note = f"{told} : sans doute le même objet. Gardez-en un, ou donnez `near=True`."
            logs.append((loser, winner, "à décider", note))
    return Repaired(frame[~dropped].copy(), _log(layer, keys, logs))


def _exact(layer: Layer, shapes: NDArray[np.object_], keep: str) -> list[tuple[int, int]]:
    """Pairs (kept, other) of rows whose geometry and attributes are all the same."""
    twice = np.flatnonzero(layer.present & pd.Series(shapes).duplicated(keep=False).to_numpy())
    table = layer.frame[layer.attributes].iloc[twice].astype("str").reset_index(drop=True)
    table.insert(0, "", shapes[twice], allow_duplicates=True)
    table.columns = range(len(table.columns))
    return _pairs(table, twice, np.arange(len(shapes)) * (1 if keep == "first" else -1))


def _same_shape(
    layer: Layer, shapes: NDArray[np.object_], dropped: NDArray[np.bool_], rank: NDArray[np.int64]
) -> list[tuple[int, int]]:
    """Pairs (kept, other) of remaining rows of the same geometry, points excepted."""
    usable = np.flatnonzero(layer.present & ~dropped & (shapely.get_dimensions(layer.geometries) > 0))
    return _pairs(pd.DataFrame({0: shapes[usable]}), usable, rank)


def _pairs(table: pd.DataFrame, rows: NDArray[np.int64], rank: NDArray[np.int64]) -> list[tuple[int, int]]:
    """For each group of equal rows of `table`, which are `rows`, the best one with each of the others."""
    if not len(rows):
        return []
    order = np.argsort(rank[rows], kind="stable")
    rows = rows[order]
    group = table.iloc[order].groupby(list(table.columns), dropna=False, sort=False).ngroup().to_numpy()
    _, first = np.unique(group, return_index=True)
    winner = rows[first[group]]
    return [(int(one), int(other)) for one, other in zip(winner, rows, strict=True) if one != other]


def _near(
    layer: Layer, shapes: NDArray[np.object_], dropped: NDArray[np.bool_], rank: NDArray[np.int64]
) -> list[tuple[int, int, float]]:
    """Triples (kept, other, shared part) of remaining polygons that cover nearly the same ground."""
    usable = layer.polygonal & shapely.is_valid(layer.geometries) & ~dropped
    polygons = np.where(usable, layer.geometries, None)
    if layer.frame.crs is not None and layer.frame.crs.is_geographic:
        # A shared part has no unit, but overlaps are looked for to the millimetre.
        polygons[usable] = shapely.transform(polygons[usable], lambda degrees: degrees * _METRES_PER_DEGREE)
    found = find_overlaps(polygons, min_area=0.0)
    surface = shapely.area(polygons)
    share = found.area / (surface[found.first] + surface[found.second] - found.area)
    pairs = []
    for at in np.flatnonzero(share > SAME_OBJECT):
        one, other = sorted((found.first[at], found.second[at]), key=lambda row: rank[row])
        if shapes[one] != shapes[other]:
            pairs.append((int(one), int(other), float(share[at])))
    return pairs


def _rank(layer: Layer, rule: Rule | None) -> NDArray[np.int64]:
    """Order of preference of each row, 0 for the best; the earlier row wins a tie."""
    n = len(layer.frame)
    if rule in (None, "first"):
        return np.arange(n)
    if rule == "last":
        return np.arange(n)[::-1]
    if rule == "fullest":
        filled = sum((~missing(layer.frame[name]) for name in layer.attributes), np.zeros(n, dtype=int))
        order = np.argsort(-filled, kind="stable")
    elif isinstance(rule, tuple) and rule[1] in ("min", "max"):
        values = layer.frame[rule[0]].reset_index(drop=True)
        order = values.sort_values(ascending=rule[1] == "min", na_position="last", kind="stable").index
    else:
        raise ValueError(
            f"Règle inconnue : {quote(rule)}. Règles possibles : « first », « last », « fullest », "
            'ou une colonne et un sens, comme ("date_modification", "max").'
        )
    rank = np.empty(n, dtype=int)
    rank[np.asarray(order)] = np.arange(n)
    return rank


def _differing(layer: Layer, one: int, other: int) -> str:
    """Names of the columns where two rows differ."""
    table = layer.frame[layer.attributes].iloc[[one, other]].astype("str").fillna("")
    return ", ".join(str(name) for name in table.columns[(table.iloc[0] != table.iloc[1]).to_numpy()])


def _log(layer: Layer, keys: NDArray[np.object_], found: list[tuple[int, int, str, str]]) -> pd.DataFrame:
    if not found:
        return joined([])
    losers, winners, states, notes = map(list, zip(*found, strict=True))
    surface = areas(layer, layer.geometries[losers])
    gone = np.array(states) == "retiré"
    return entries(
        layer,
        _NAME,
        losers,
        notes,
        before=keys[losers],
        after=[keys[winner] if drop else None for winner, drop in zip(winners, gone, strict=True)],
        area_before=surface,
        area_after=np.where(gone, 0.0, surface),
        state=states,
    ).assign(objet=pd.array(keys[losers], dtype="str"))
