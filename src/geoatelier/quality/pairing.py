"""Which layer, and which anomaly, of a delivery answers to which of the one before."""

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable
from pathlib import PurePath

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geoatelier.quality.outputs.places import has_place
from geoatelier.quality.profiles import Profile
from geoatelier.quality.report import LayerFacts

LayerName = tuple[str, str]
_SUBJECT = ["layer", "code", "attribut"]
_BOUNDS = ["xmin", "ymin", "xmax", "ymax"]
_MIDDLE = ["x", "y", "size"]
_NEIGHBOURS = 8


def pair_layers(before: Iterable[LayerFacts], after: Iterable[LayerFacts]) -> dict[LayerName, LayerName]:
    """Layers of `before` to those of `after`, as (file, layer), even where a file or a layer was renamed.

    By the first of these that names one layer on each side: file and layer, layer, layer less its digits and
    accents, file likewise, kind and shape, number of columns and shape. A layer that none settles is left
    out.
    """
    before, after = list(before), list(after)
    pairs = {}
    for rule in _RULES:
        left, right = _once(rule, before), _once(rule, after)
        found = {left[key]: right[key] for key in left.keys() & right.keys()}
        pairs |= {(old.file, old.name): (new.file, new.name) for old, new in found.items()}
        before = [facts for facts in before if facts not in found]
        after = [facts for facts in after if facts not in found.values()]
    # What concerns a whole file bears no name of layer.
    return pairs | {(old, ""): (new, "") for (old, _), (new, _) in pairs.items()}


def _once(rule: Callable[[LayerFacts], Hashable], layers: list[LayerFacts]) -> dict[Hashable, LayerFacts]:
    """Layers by what `rule` says of them, where it says it of one only."""
    keys = [rule(facts) for facts in layers]
    return {
        key: facts
        for key, facts in zip(keys, layers, strict=True)
        if key is not None and keys.count(key) == 1
    }


def _plain(name: str) -> str | None:
    """`name` without accents, capitals, digits nor signs: « Parcelles_2025 » gives « parcelles »."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z]", "", letters) or None


def _known_kind(facts: LayerFacts) -> Hashable:
    return None if facts.kind == Profile().title else (facts.kind, facts.shape)


_RULES = (
    lambda facts: (facts.file, facts.name),
    lambda facts: facts.name,
    lambda facts: _plain(facts.name),
    lambda facts: _plain(PurePath(facts.file).stem),
    _known_kind,
    lambda facts: (facts.shape, facts.columns),
)


def pair_anomalies(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, tolerance: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of the same anomalies on both sides, each at most once.

    Two anomalies are the same when they are of one kind, on one column of one layer, and have the same key,
    the nearest first where a key has several; else when they are at the same place, by their extent or by
    their middle and size; else, without key nor place, when they have the same value. The number of a row is
    no key: it changes with the order of rows.

    Parameters
    ----------
    before, after : anomalies of n and m rows, in one CRS, with the same names of layers in `layer`
    tolerance : how far each side of the extent, or the middle, may have moved, in units of the CRS

    Returns
    -------
    Two arrays of shape (p,): positions in `before`, positions in `after`
    """
    left, right = _subjects(before), _subjects(after)
    pairs = [np.empty((0, 2), dtype=np.int64)]

    def settle(pairing: Callable, columns: list[str], eligible: Callable[[pd.DataFrame], pd.Series]) -> None:
        nonlocal left, right
        some, others = left[eligible(left)], right[eligible(right)]
        if len(some) and len(others):
            i, j = pairing(some, others, *_groups(some, others, columns))
            pairs.append(np.column_stack([some.index[i], others.index[j]]))
            left, right = left.drop(some.index[i]), right.drop(others.index[j])

    def by(place: list[str]) -> Callable:
        return lambda *sides: _by_place(*sides, place, tolerance)

    settle(_by_rank, [*_SUBJECT, "key", "related", "valeur", *_BOUNDS], lambda side: side["xmin"].notna())
    settle(
        by(_BOUNDS), [*_SUBJECT, "key", "related"], lambda side: side["key"].notna() & side["xmin"].notna()
    )
    settle(_by_rank, [*_SUBJECT, "key", "related"], lambda side: side["key"].notna())
    settle(by(_BOUNDS), _SUBJECT, lambda side: side["xmin"].notna())
    # The extent of a thin gap changes with a vertex, not its middle.
    settle(by(_MIDDLE), _SUBJECT, lambda side: side["size"].notna())
    settle(_by_rank, [*_SUBJECT, "valeur"], lambda side: side["key"].isna() & side["xmin"].isna())
    # Of a whole layer, the figure may change and the anomaly be the same.
    settle(_by_rank, _SUBJECT, lambda side: side["rang"].isna())
    return tuple(np.concatenate(pairs).T)


def _subjects(anomalies: gpd.GeoDataFrame) -> pd.DataFrame:
    """What identifies each anomaly, sorted so that the order of rows in a file does not matter."""
    table = pd.DataFrame(anomalies[["layer", "code", "attribut", "rang", "valeur"]]).reset_index(drop=True)
    keys = anomalies[["objet", "objet_lie"]].astype("str").reset_index(drop=True)
    keyless = keys["objet"] == table["rang"].astype("str")
    keys.loc[keyless] = None
    # A pair is the same whichever of its two objects comes first.
    swapped = keys["objet_lie"] < keys["objet"]
    table["key"] = keys["objet"].where(~swapped, keys["objet_lie"])
    table["related"] = keys["objet_lie"].where(~swapped, keys["objet"])
    geometries = anomalies.geometry.to_numpy()
    where = np.where(has_place(geometries), geometries, None)
    table[_BOUNDS] = shapely.bounds(where)
    middle, surface = shapely.centroid(where), shapely.area(where)
    size = np.where(surface > 0, np.sqrt(surface), shapely.length(where))
    table[_MIDDLE] = np.column_stack([shapely.get_x(middle), shapely.get_y(middle), size])
    return table.sort_values([*_SUBJECT, "key", "related", *_BOUNDS, "valeur"])


def _groups(
    left: pd.DataFrame, right: pd.DataFrame, columns: list[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A number for each row of both sides, the same where `columns` are the same."""
    both = pd.concat([left[columns], right[columns]])
    numbers = both.groupby(columns, dropna=False, sort=False).ngroup().to_numpy()
    return numbers[: len(left)], numbers[len(left) :]


def _by_rank(
    left: pd.DataFrame, right: pd.DataFrame, left_groups: NDArray[np.int64], right_groups: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first of a group with the first, the second with the second, and so on."""
    sides = [
        pd.DataFrame({"group": groups, "row": np.arange(len(groups))})
        for groups in (left_groups, right_groups)
    ]
    ranked = [side.assign(rank=side.groupby("group").cumcount()) for side in sides]
    both = ranked[0].merge(ranked[1], on=["group", "rank"])
    return both["row_x"].to_numpy(), both["row_y"].to_numpy()


def _by_place(
    left: pd.DataFrame,
    right: pd.DataFrame,
    left_groups: NDArray[np.int64],
    right_groups: NDArray[np.int64],
    place: list[str],
    tolerance: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Inside each group the nearest first, no column of `place` further than `tolerance`."""
    # One more coordinate keeps groups out of reach of each other.
    apart = 4 * tolerance + 1
    here = np.column_stack([left[place], left_groups * apart])
    there = np.column_stack([right[place], right_groups * apart])
    free, wanted = np.arange(len(here)), np.arange(len(there))
    pairs = [np.empty((0, 2), dtype=np.int64)]
    while len(free) and len(wanted):
        near = min(_NEIGHBOURS, len(free))
        reach = tolerance * (1 + 1e-9) + 1e-9
        distances, found = cKDTree(here[free]).query(
            there[wanted], k=range(1, near + 1), p=np.inf, distance_upper_bound=reach
        )
        rows, ranks = np.nonzero(np.isfinite(distances))
        order = np.argsort(distances[rows, ranks], kind="stable")
        chosen = _each_once(free[found[rows, ranks]][order], wanted[rows][order])
        if not len(chosen):
            break
        pairs.append(chosen)
        free, wanted = np.setdiff1d(free, chosen[:, 0]), np.setdiff1d(wanted, chosen[:, 1])
    return tuple(np.concatenate(pairs).T)


def _each_once(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """Candidates taken in order, less those of which one end is taken already; shape (p, 2)."""
    taken_left, taken_right, chosen = set(), set(), []
    for pair in zip(left.tolist(), right.tolist(), strict=True):
        if pair[0] not in taken_left and pair[1] not in taken_right:
            taken_left.add(pair[0])
            taken_right.add(pair[1])
            chosen.append(pair)
    return np.array(chosen, dtype=np.int64).reshape(-1, 2)
