"""Ground that belongs to two objects, or to none, given to one."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoatelier.quality.layer import Layer
from geoatelier.quality.repair.borders import annexed, longest_border
from geoatelier.quality.repair.frames import layer_to_repair, require_metres, with_geometries
from geoatelier.quality.repair.log import TITLES, Repaired, entries, joined
from geoatelier.quality.topology import SAME_OBJECT, find_gaps, find_overlaps
from geoatelier.quality.wording import area, number, quote

_GRID = 1e-4  # m; borders that match but for rounding leave no hair between them


def cut_overlaps(
    frame: gpd.GeoDataFrame, *, priority: str | None = None, min_area: float = 1.0, max_loss: float = 0.5
) -> Repaired:
    """Ground shared by two objects taken away from the one of lower priority.

    Near duplicates, and objects that would come out in pieces or lose more than `max_loss`, are left as they
    were and listed. The vertices of an object that is cut are rounded to a tenth of a millimetre.

    Parameters
    ----------
    priority : column whose larger value wins; the larger object wins when it is not given, and in a tie
    min_area : m², below which an overlap is ignored
    max_loss : share of its area that an object may lose

    Raises
    ------
    ValueError
        If the coordinates are not in metres, or the column does not exist.
    """
    layer = layer_to_repair(frame)
    require_metres(layer, TITLES["cut_overlaps"])
    surface = np.where(layer.polygonal, shapely.area(layer.geometries), np.nan)
    rank = _rank(layer, priority, surface)
    polygons = np.where(layer.polygonal & shapely.is_valid(layer.geometries), layer.geometries, None)
    found = find_overlaps(polygons, min_area)
    first_wins = rank[found.first] < rank[found.second]
    winner = np.where(first_wins, found.first, found.second)
    loser = np.where(first_wins, found.second, found.first)
    twin = found.area / (surface[winner] + surface[loser] - found.area) > SAME_OBJECT
    geometries = layer.geometries.copy()
    cut, left = [], []
    for row in np.unique(loser[~twin]):
        above = winner[~twin & (loser == row)]
        rest = shapely.difference(
            layer.geometries[row], shapely.union_all(layer.geometries[above]), grid_size=_GRID
        )
        whole = shapely.get_num_geometries(rest) == shapely.get_num_geometries(layer.geometries[row])
        if whole and rest.area >= (1 - max_loss) * surface[row]:
            geometries[row] = rest
            cut.append((row, above))
        else:
            left.append((row, above, "Le découpage mettrait l'objet en morceaux ou lui ôterait trop de sol"))
    left += [
        (row, [other], "Les deux objets n'en sont sans doute qu'un")
        for row, other in zip(loser[twin], winner[twin], strict=True)
    ]
    return Repaired(with_geometries(frame, geometries), _overlap_log(layer, geometries, cut, left))


def fill_gaps(
    frame: gpd.GeoDataFrame, *, max_width: float = 3.0, max_area: float = 200.0, min_area: float = 1.0
) -> Repaired:
    """Ground left empty between objects, given to the neighbour with the longest common border.

    A path or a ditch may run there: look at the log before you keep the result.

    Parameters
    ----------
    max_width : m, of a slot between two objects
    max_area : m², of a hole that several objects enclose
    min_area : m², below which a gap is ignored

    Raises
    ------
    ValueError
        If the coordinates are not in metres, or if objects of this kind are not meant to touch (buildings).
    """
    layer = layer_to_repair(frame)
    require_metres(layer, TITLES["fill_gaps"])
    if not layer.profile.shares_edges:
        raise ValueError(
            f"Les objets de cette couche ({layer.profile.title}) n'ont pas à se toucher : "
            "un vide entre eux n'est pas un trou. Retirez `fill_gaps`."
        )
    real = layer.polygonal & shapely.is_valid(layer.geometries)
    real &= shapely.area(layer.geometries) >= layer.profile.smallest_area
    polygons = np.where(real, layer.geometries, None)
    gaps = find_gaps(polygons, max_width, max_area, min_area)
    host, border = longest_border(gaps.surfaces, polygons)
    geometries = layer.geometries.copy()
    tree = shapely.STRtree(np.where(layer.polygonal & shapely.is_valid(geometries), geometries, None))
    for surface, into in zip(gaps.surfaces[host >= 0], host[host >= 0], strict=True):
        around = tree.query(surface, predicate="dwithin", distance=1.0)
        others = geometries[around[around != into]]
        geometries[into] = annexed(geometries[into], surface, others)
    grown = np.unique(host[host >= 0])
    notes = [
        f"{area(shapely.area(gaps.surfaces[host == row]).sum())} de sol vide ajoutés, "
        f"le long de {number(border[host == row].sum(), 1)} m de limite. Confirmez qu'aucun chemin n'y passe."
        for row in grown
    ]
    log = entries(
        layer,
        "fill_gaps",
        grown,
        notes,
        attribute=frame.geometry.name,
        area_before=shapely.area(layer.geometries[grown]),
        area_after=shapely.area(geometries[grown]),
        state="à vérifier",
    )
    return Repaired(with_geometries(frame, geometries), log)


def _rank(layer: Layer, priority: str | None, surface: NDArray[np.float64]) -> NDArray[np.int64]:
    """0 for the object that wins over all; the larger one, then the earlier one, wins a tie."""
    table = pd.DataFrame({"surface": surface})
    by = ["surface"]
    if priority is not None:
        if priority not in layer.attributes:
            raise ValueError(
                f"La couche n'a pas de colonne {quote(priority)}. "
                f"Colonnes : {', '.join(map(str, layer.attributes))}."
            )
        table["priority"] = layer.frame[priority]
        by = ["priority", "surface"]
    order = table.sort_values(by, ascending=False, na_position="last", kind="stable").index
    rank = np.empty(len(table), dtype=int)
    rank[order] = np.arange(len(table))
    return rank


def _overlap_log(
    layer: Layer, geometries: NDArray[np.object_], cut: list[tuple], left: list[tuple]
) -> pd.DataFrame:
    name = layer.frame.geometry.name
    rows = np.array([row for row, _ in cut], dtype=int)
    done = entries(
        layer,
        "cut_overlaps",
        rows,
        [f"Le sol commun reste à {_named(layer, above)}." for _, above in cut],
        attribute=name,
        area_before=shapely.area(layer.geometries[rows]),
        area_after=shapely.area(geometries[rows]),
    )
    rows = np.array([row for row, _, _ in left], dtype=int)
    surface = shapely.area(layer.geometries[rows])
    listed = entries(
        layer,
        "cut_overlaps",
        rows,
        [f"{why} : réglez le cas avec {_named(layer, above)}." for _, above, why in left],
        attribute=name,
        area_before=surface,
        area_after=surface,
        state="à décider",
    )
    return joined([done, listed])


def _named(layer: Layer, rows: NDArray[np.int64]) -> str:
    return ", ".join(f"{quote(layer.keys[row])} (ligne {layer.rows[row]})" for row in rows)
