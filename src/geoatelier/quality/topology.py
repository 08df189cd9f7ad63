"""Polygons against their neighbours: overlaps, gaps, micro-areas. Coordinates must be in metres."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geoatelier.quality.anomalies import anomalies, no_anomaly, together
from geoatelier.quality.duplicates import same_shapes
from geoatelier.quality.layer import Layer
from geoatelier.quality.mosaic import Gaps, Overlaps
from geoatelier.quality.neighbours import Search, repaired, search
from geoatelier.quality.rings import pieces_of
from geoatelier.quality.wording import area, number, quote

# Share of the union of two polygons that they have in common, above which they are one object entered twice.
SAME_OBJECT = 0.8


def find_overlaps(polygons: NDArray[np.object_], min_area: float = 0.01) -> Overlaps:
    """Every pair of polygons that share more than `min_area`, invalid ones being repaired first.

    Parameters
    ----------
    polygons : array of shape (n,) of polygons; other geometries and None are ignored
    min_area : in square units of the coordinates
    """
    asked = Search(min_overlap=min_area, max_width=0.0)
    return search(shapely.bounds(polygons), polygons.__getitem__, asked)[0]


def find_gaps(
    polygons: NDArray[np.object_], max_width: float = 3.0, max_area: float = 200.0, min_area: float = 1.0
) -> Gaps:
    """Bits of ground that polygons should share out and leave empty.

    A gap is a slot narrower than `max_width` between two polygons, or a hole smaller than `max_area` that
    several enclose. A hole in one polygon alone is no gap. GEOS's own `gap_width` is not used: it misses gaps
    (libgeos/geos#1251).

    Parameters
    ----------
    polygons : array of shape (n,); other geometries and None are ignored
    max_width : in units of the coordinates
    max_area, min_area : in square units of the coordinates
    """
    asked = Search(max_width=max_width, max_area=max_area, min_gap=min_area)
    return search(shapely.bounds(polygons), polygons.__getitem__, asked)[1]


def neighbours(
    layer: Layer,
    placed: NDArray[np.bool_] | None = None,
    min_area: float = 1.0,
    max_width: float = 3.0,
    max_area: float = 200.0,
) -> gpd.GeoDataFrame:
    """Overlaps, near duplicates and gaps, looked for together: the ground is gone over once.

    A layer whose geometries stay on disk is read tile by tile.

    Parameters
    ----------
    placed : booleans of shape (n,): objects that are where they should be; all of them by default
    min_area : m², below which an overlap is ignored
    max_width : m, of a slot
    max_area : m², of a hole
    """
    looked_at = layer.polygonal if placed is None else layer.polygonal & placed
    if looked_at.sum() < 2:
        return no_anomaly(layer)
    asked = Search(min_area, max_width if layer.profile.shares_edges else 0.0, max_area)
    bounds = np.where(looked_at[:, None], layer.bounds, np.nan)
    areas = layer.areas
    crumbs = areas < layer.profile.smallest_area
    shared, empty = search(bounds, layer.geometries.__getitem__, asked, valid=~np.isnan(areas), crumbs=crumbs)
    return together([_overlap_anomalies(layer, shared), _gap_anomalies(layer, empty)], layer.frame.crs)


def overlaps(layer: Layer, min_area: float = 1.0) -> gpd.GeoDataFrame:
    """Polygons that share ground, the shared surface as geometry; nearly equal ones are near duplicates.

    Exact duplicates are left to the control that names them.

    Parameters
    ----------
    min_area : m², below which an overlap is ignored
    """
    return neighbours(layer, min_area=min_area, max_width=0.0)


def gaps(layer: Layer, max_width: float = 3.0, max_area: float = 200.0) -> gpd.GeoDataFrame:
    """Bits of ground left empty between polygons, each tied to its first two neighbours.

    Parameters
    ----------
    max_width : m, of a slot
    max_area : m², of a hole
    """
    return neighbours(layer, min_area=np.inf, max_width=max_width, max_area=max_area)


def _overlap_anomalies(layer: Layer, found: Overlaps) -> gpd.GeoDataFrame:
    one, other = layer.geometries[found.first], layer.geometries[found.second]
    of_union = found.area / (shapely.area(repaired(one)) + shapely.area(repaired(other)) - found.area)
    exact = same_shapes(one, other)
    near = (of_union > SAME_OBJECT) & ~exact
    first, second = layer.keys[found.first], layer.keys[found.second]
    both = anomalies(
        layer,
        "doublon-approche",
        found.second[near],
        [
            f"L'objet couvre à {number(100 * share)} % le même sol que {quote(other)} : "
            "un seul des deux est à garder."
            for share, other in zip(of_union[near], first[near], strict=True)
        ],
        related=first[near],
        values=(100 * of_union[near]).round(1),
    )
    partial = ~near & ~exact
    shared = anomalies(
        layer,
        "chevauchement",
        found.first[partial],
        [
            f"{quote(one)} et {quote(other)} se partagent {area(surface)}. "
            "Décidez à qui revient ce sol, puis découpez l'autre."
            for one, other, surface in zip(first[partial], second[partial], found.area[partial], strict=True)
        ],
        geometry=found.common[partial],
        related=second[partial],
        values=found.area[partial].round(2),
    )
    return together([both, shared], layer.frame.crs)


def _gap_anomalies(layer: Layer, found: Gaps) -> gpd.GeoDataFrame:
    rows = np.array([around[0] for around in found.neighbours], dtype=int)
    related = layer.keys[np.array([around[1] for around in found.neighbours], dtype=int)]
    surface = shapely.area(found.surfaces)
    messages = [
        f"{area(metres)} de sol n'appartiennent à personne entre {quote(key)} et {quote(other)}. "
        "Recalez les deux limites l'une sur l'autre, ou confirmez qu'un chemin passe là."
        for metres, key, other in zip(surface, layer.keys[rows], related, strict=True)
    ]
    return anomalies(
        layer, "trou", rows, messages, geometry=found.surfaces, related=related, values=surface.round(2)
    )


def micro_areas(layer: Layer, min_width: float = 0.5) -> gpd.GeoDataFrame:
    """Polygons, or pieces of one, too small or too thin to be a real object.

    Parameters
    ----------
    min_width : m; diameter of the largest circle that fits, below which a piece is a sliver
    """
    parts, owner = pieces_of(layer.geometries)
    flat = shapely.get_dimensions(parts) == 2
    unsure = np.flatnonzero(flat & np.isnan(layer.areas)[owner])
    flat[unsure] = shapely.is_valid(parts[unsure])
    parts, owner = parts[flat], owner[flat]
    surface = shapely.area(parts)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_width = 2 * surface / shapely.length(parts)
    thin = np.flatnonzero(mean_width < min_width)
    thin = thin[_widths(parts[thin]) < min_width]
    small = surface < layer.profile.smallest_area
    at = np.union1d(np.flatnonzero(small), thin)
    whole = shapely.get_num_geometries(layer.geometries[owner[at]]) == 1
    messages = [
        f"{'Objet' if alone else 'Morceau'} de {area(metres)}"
        + (f", large de moins de {number(min_width, 2)} m" if slim else "")
        + ", trop petit pour être réel. Supprimez-le ou fondez-le dans son voisin."
        for metres, alone, slim in zip(surface[at], whole, np.isin(at, thin), strict=True)
    ]
    return anomalies(
        layer, "micro-surface", owner[at], messages, geometry=parts[at], values=surface[at].round(2)
    )


def _widths(polygons: NDArray[np.object_]) -> NDArray[np.float64]:
    """Diameter of the largest circle inside each polygon; 0 for one with no area."""
    if not len(polygons):
        return np.zeros(0)
    widths = np.zeros(len(polygons))
    some_area = np.flatnonzero((shapely.area(polygons) > 0) & shapely.is_valid(polygons))
    widths[some_area] = 2 * shapely.length(
        shapely.maximum_inscribed_circle(polygons[some_area], tolerance=0.01)
    )
    return widths
