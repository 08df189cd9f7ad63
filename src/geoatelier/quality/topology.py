"""Polygons against their neighbours: overlaps, gaps, micro-areas. Coordinates must be in metres."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geoatelier.quality.anomalies import anomalies, no_anomaly, together
from geoatelier.quality.layer import Layer
from geoatelier.quality.wording import area, number, quote

# Share of the union of two polygons that they have in common, above which they are one object entered twice.
SAME_OBJECT = 0.8
_MILLIMETRE = 0.001


@dataclass(frozen=True)
class Overlaps:
    """Pairs of polygons that share ground.

    Parameters
    ----------
    first, second : integers of shape (n,), positions of the two polygons, first < second
    common : the n shared surfaces
    area : float array of shape (n,), their areas in square units of the coordinates
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    common: NDArray[np.object_]
    area: NDArray[np.float64]


def find_overlaps(polygons: NDArray[np.object_], min_area: float = 0.01) -> Overlaps:
    """Every pair of polygons that share more than `min_area`, invalid ones being repaired first.

    Only polygons whose edges do not match a coverage are looked up, against all the others: a polygon that
    contains another one is not flagged itself.

    Parameters
    ----------
    polygons : array of shape (n,) of polygons; other geometries and None are ignored
    min_area : in square units of the coordinates
    """
    usable = np.flatnonzero(shapely.get_dimensions(polygons) == 2)
    shapes = shapely.force_2d(polygons[usable])
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = _repaired(shapes[broken])
    flagged = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes)))
    a, b = shapely.STRtree(shapes).query(shapes[flagged], predicate="intersects")
    pairs = np.sort(np.column_stack([flagged[a], b]), axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    common = shapely.intersection(shapes[pairs[:, 0]], shapes[pairs[:, 1]])
    shared = shapely.area(common)
    kept = shared > min_area
    first, second = usable[pairs[kept]].T
    return Overlaps(first, second, _surfaces(common[kept]), shared[kept])


def overlaps(layer: Layer, min_area: float = 1.0) -> gpd.GeoDataFrame:
    """Polygons that share ground, the shared surface as geometry; nearly equal ones are near duplicates.

    Exact duplicates are left to the control that names them.

    Parameters
    ----------
    min_area : m², below which an overlap is ignored
    """
    found = find_overlaps(layer.geometries, min_area)
    areas = shapely.area(_repaired(layer.geometries))
    of_union = found.area / (areas[found.first] + areas[found.second] - found.area)
    exact = _same(layer.geometries[found.first], layer.geometries[found.second])
    near = (of_union > SAME_OBJECT) & ~exact
    keys = layer.keys
    both = anomalies(
        layer,
        "doublon-approche",
        found.second[near],
        [
            f"L'objet couvre à {number(100 * share)} % le même sol que {quote(keys[other])} : "
            "un seul des deux est à garder."
            for share, other in zip(of_union[near], found.first[near], strict=True)
        ],
        related=keys[found.first[near]],
        values=(100 * of_union[near]).round(1),
    )
    partial = ~near & ~exact
    shared = anomalies(
        layer,
        "chevauchement",
        found.first[partial],
        [
            f"{quote(keys[one])} et {quote(keys[other])} se partagent {area(surface)}. "
            "Décidez à qui revient ce sol, puis découpez l'autre."
            for one, other, surface in zip(
                found.first[partial], found.second[partial], found.area[partial], strict=True
            )
        ],
        geometry=found.common[partial],
        related=keys[found.second[partial]],
        values=found.area[partial].round(2),
    )
    return together([both, shared], layer.frame.crs)


@dataclass(frozen=True)
class Gaps:
    """Bits of ground left empty between polygons.

    Parameters
    ----------
    surfaces : n polygons
    neighbours : for each, the positions of the polygons around it, two at least
    """

    surfaces: NDArray[np.object_]
    neighbours: list[NDArray[np.int64]]


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
    usable = np.flatnonzero(shapely.get_dimensions(polygons) == 2)
    shapes = _repaired(shapely.force_2d(polygons[usable]))
    covered = shapely.union_all(shapes)
    grown = shapely.buffer(covered, max_width / 2, join_style="mitre")
    closed = shapely.buffer(grown, -max_width / 2, join_style="mitre")
    slots = shapely.get_parts(shapely.difference(closed, covered, grid_size=_MILLIMETRE))
    holes = _holes(covered)
    empty = shapely.union_all(np.concatenate([slots, holes[shapely.area(holes) <= max_area]]))
    surfaces = shapely.get_parts(empty)
    surfaces = surfaces[shapely.area(surfaces) >= min_area]
    gap, polygon = shapely.STRtree(shapes).query(surfaces, predicate="dwithin", distance=0.01)
    around = [usable[np.sort(polygon[gap == i])] for i in range(len(surfaces))]
    between = np.array([len(neighbours) > 1 for neighbours in around], dtype=bool)
    return Gaps(surfaces[between], [neighbours for neighbours in around if len(neighbours) > 1])


def gaps(layer: Layer, max_width: float = 3.0, max_area: float = 200.0) -> gpd.GeoDataFrame:
    """Bits of ground left empty between polygons, each tied to its first two neighbours.

    Parameters
    ----------
    max_width : m, of a slot
    max_area : m², of a hole
    """
    if not layer.profile.shares_edges or not layer.polygonal.any():
        return no_anomaly(layer)
    real = shapely.area(layer.geometries) >= layer.profile.smallest_area  # a crumb is no neighbour
    found = find_gaps(np.where(real, layer.geometries, None), max_width, max_area)
    rows = np.array([around[0] for around in found.neighbours], dtype=int)
    related = layer.keys[[around[1] for around in found.neighbours]]
    surface = shapely.area(found.surfaces)
    messages = [
        f"{area(metres)} de sol n'appartiennent à personne entre {quote(layer.keys[row])} et {quote(other)}. "
        "Recalez les deux limites l'une sur l'autre, ou confirmez qu'un chemin passe là."
        for metres, row, other in zip(surface, rows, related, strict=True)
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
    parts, owner = shapely.get_parts(layer.geometries, return_index=True)
    flat = (shapely.get_dimensions(parts) == 2) & shapely.is_valid(parts)
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


def _holes(covered: shapely.Geometry) -> NDArray[np.object_]:
    """Holes of a polygon or several, as polygons."""
    rings, part = shapely.get_rings(shapely.get_parts(covered), return_index=True)
    inner = np.append(False, np.diff(part) == 0)[: len(rings)]  # the first ring of a part is its outline
    return shapely.polygons(rings[inner])


def _repaired(polygons: NDArray[np.object_]) -> NDArray[np.object_]:
    """Valid polygons, without the lines that an outline going back on its steps would leave."""
    return shapely.make_valid(polygons, method="structure", keep_collapsed=False)


def _surfaces(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Each geometry without its points and lines."""
    mixed = shapely.get_type_id(geometries) == shapely.GeometryType.GEOMETRYCOLLECTION
    geometries[mixed] = shapely.buffer(geometries[mixed], 0)
    return geometries


def _same(one: NDArray[np.object_], other: NDArray[np.object_]) -> NDArray[np.bool_]:
    return shapely.equals_exact(shapely.normalize(one), shapely.normalize(other), tolerance=0)
