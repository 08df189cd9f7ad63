"""One geometry at a time: missing, empty, invalid, in pieces, with repeated vertices or spikes."""

import re

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geoatelier.quality.anomalies import anomalies, layer_anomaly, no_anomaly, together
from geoatelier.quality.layer import Layer
from geoatelier.quality.vertices import finite
from geoatelier.quality.wording import count, number

_REASONS = {
    "Self-intersection": "le contour se recoupe",
    "Ring Self-intersection": "le contour se touche lui-même",
    "Hole lies outside shell": "un trou est hors du contour",
    "Holes are nested": "un trou est dans un autre trou",
    "Nested holes": "un trou est dans un autre trou",
    "Nested shells": "un morceau est dans un autre",
    "Interior is disconnected": "l'intérieur est coupé en deux",
    "Duplicate Rings": "un contour est répété",
    "Too few points in geometry component": "le contour a moins de trois sommets",
    "Invalid Coordinate": "une coordonnée n'est pas un nombre",
    "Ring is not closed": "le contour n'est pas fermé",
}
_REPAIR = (
    "Réparez-la (`make_valid`, ou « Réparer les géométries » dans QGIS), puis vérifiez la surface obtenue."
)
_REASON = re.compile(r"(?P<reason>[^\[]+)(?:\[(?P<x>\S+) (?P<y>\S+)\])?")
_FAMILIES = ("point", "ligne", "surface")


def absent_geometries(layer: Layer) -> gpd.GeoDataFrame:
    """Objects with no geometry, or an empty one."""
    null = np.flatnonzero(shapely.is_missing(layer.geometries))
    empty = np.flatnonzero(shapely.is_empty(layer.geometries))
    advice = "Retrouvez-la à la source, ou écartez l'objet en le notant."
    return together(
        [
            anomalies(layer, "geometrie-absente", null, f"L'objet n'a pas de géométrie. {advice}"),
            anomalies(
                layer,
                "geometrie-absente",
                empty,
                f"La géométrie de l'objet est vide. {advice}",
                geometry=[None] * len(empty),
                values=["vide"] * len(empty),
            ),
        ],
        layer.frame.crs,
    )


def mixed_families(layer: Layer) -> gpd.GeoDataFrame:
    """Points, lines and polygons in one layer: those of the less numerous families."""
    if layer.profile.geometry is not None:  # the sheet says which family is the right one
        return no_anomaly(layer)
    dimensions = layer.dimensions
    families, counts = np.unique(dimensions[layer.present], return_counts=True)
    if len(families) < 2:
        return no_anomaly(layer)
    usual = families[counts.argmax()]
    rows = np.flatnonzero(layer.present & (dimensions != usual))
    messages = [
        f"L'objet est de type {_FAMILIES[dimension]}, alors que la couche est de type {_FAMILIES[usual]}. "
        "Rangez-le dans une couche à part."
        for dimension in dimensions[rows]
    ]
    return anomalies(layer, "type-melange", rows, messages, values=[_FAMILIES[d] for d in dimensions[rows]])


def invalid_geometries(layer: Layer) -> gpd.GeoDataFrame:
    """Invalid polygons: one anomaly at each place where the outline crosses itself, else one an object."""
    # A vertex without a position is told by another control, and no outline can be made of it.
    rows = np.flatnonzero(layer.polygonal & ~layer.valid)
    rows = rows[finite(layer.geometries[rows])]
    crossings = [self_crossings(geometry) for geometry in layer.geometries[rows]]
    times = np.array([len(points) for points in crossings], dtype=int)
    crossed = anomalies(
        layer,
        "auto-intersection",
        np.repeat(rows, times),
        f"Géométrie invalide\u00a0: le contour se recoupe ici. {_REPAIR}",
        geometry=np.concatenate(crossings) if len(crossings) else [],
        values=[_REASONS["Self-intersection"]] * int(times.sum()),
    )
    others = rows[times == 0]
    reasons = [_reason(geometry) for geometry in layer.geometries[others]]
    touches = np.array(["elf-intersection" in reason for reason, _ in reasons], dtype=bool)
    return together(
        [
            crossed,
            _otherwise_invalid(layer, "auto-intersection", others, reasons, touches),
            _otherwise_invalid(layer, "geometrie-invalide", others, reasons, ~touches),
        ],
        layer.frame.crs,
    )


def _otherwise_invalid(
    layer: Layer,
    code: str,
    rows: NDArray[np.int64],
    reasons: list[tuple[str, shapely.Point | None]],
    kept: NDArray[np.bool_],
) -> gpd.GeoDataFrame:
    told = [(_REASONS.get(reasons[i][0], reasons[i][0]), reasons[i][1]) for i in np.flatnonzero(kept)]
    return anomalies(
        layer,
        code,
        rows[kept],
        [f"Géométrie invalide\u00a0: {reason}. {_REPAIR}" for reason, _ in told],
        geometry=[place for _, place in told],
        values=[reason for reason, _ in told],
    )


def self_crossings(geometry: shapely.Geometry) -> NDArray[np.object_]:
    """Every point where two segments of the rings of a polygon cross, and not the first one only."""
    segments = _segments(geometry)
    first, second = shapely.STRtree(segments).query(segments, predicate="crosses")
    one_way = first < second
    points = shapely.intersection(segments[first[one_way]], segments[second[one_way]])
    return shapely.points(np.unique(shapely.get_coordinates(points).round(3), axis=0))


def multipart_objects(layer: Layer, usual: float = 0.2) -> gpd.GeoDataFrame:
    """Objects in several pieces, unless more than the share `usual` of the layer is: then it is meant."""
    parts = shapely.get_num_geometries(layer.geometries)
    rows = np.flatnonzero(layer.present & (parts > 1))
    if not len(rows) or (len(rows) > usual * layer.present.sum() and not layer.profile.single_part):
        return no_anomaly(layer)
    messages = [
        f"L'objet est fait de {count(n, 'morceau', 'morceaux')}. Vérifiez si c'est voulu ; sinon séparez-les."
        for n in parts[rows]
    ]
    return anomalies(layer, "multi-parties", rows, messages, values=parts[rows])


def repeated_vertices(layer: Layer) -> gpd.GeoDataFrame:
    """Vertices that come twice or more in a row, one anomaly each, at the vertex."""
    coordinates, ring = layer.vertices
    owner = layer.outlines[1]
    same = (coordinates[1:, 0] == coordinates[:-1, 0]) & (coordinates[1:, 1] == coordinates[:-1, 1])
    same &= ring[1:] == ring[:-1]
    at = np.flatnonzero(same & ~np.append(False, same[:-1])[: len(same)])
    return anomalies(
        layer,
        "sommet-repete",
        owner[ring[at]],
        "Deux sommets de suite sont au même endroit. Supprimez les sommets en double.",
        geometry=shapely.points(coordinates[at]),
    )


def spikes(layer: Layer, angle: float = 2.0, least: float = 0.1) -> gpd.GeoDataFrame:
    """Vertices of polygons where the outline turns back on itself, at the vertex.

    Parameters
    ----------
    angle : degrees between the two sides of the vertex, below which it is a spike
    least : metres; a vertex with a shorter side is left to the repeated vertices
    """
    coordinates, ring = layer.vertices
    owner = layer.outlines[1]
    start, side, before = _sides(coordinates, ring)
    with np.errstate(invalid="ignore", over="ignore"):
        along = -(before[0] * side[0] + before[1] * side[1])
        across = before[0] * side[1] - before[1] * side[0]
        at = np.flatnonzero((along > 0) & (np.abs(across) < np.tan(np.radians(angle)) * along))
    at = at[layer.polygonal[owner[ring[start[at]]]]]
    shortest = np.minimum(np.hypot(*before[:, at]), np.hypot(*side[:, at]))
    at, shortest = start[at[shortest > least]], shortest[shortest > least]
    messages = [
        f"Le contour part à {number(length, 1)} m et revient sur ses pas. Supprimez ce sommet."
        for length in shortest
    ]
    return anomalies(
        layer,
        "pointe",
        owner[ring[at]],
        messages,
        geometry=shapely.points(coordinates[at]),
        values=shortest.round(2),
    )


def empty_layer(layer: Layer) -> gpd.GeoDataFrame:
    """A layer that has no row at all."""
    if len(layer.frame):
        return no_anomaly(layer)
    return layer_anomaly(
        layer, "couche-vide", "La couche n'a aucun objet. Vérifiez le filtre de l'export, ou redemandez-la."
    )


def table_without_geometry(layer: Layer) -> gpd.GeoDataFrame:
    """A table that places nothing on a map."""
    return layer_anomaly(
        layer,
        "sans-geometrie",
        "Cette table n'a ni géométrie ni colonne de coordonnées reconnue (x et y, lon et lat…) : "
        "seuls ses attributs sont contrôlés.",
    )


def _reason(geometry: shapely.Geometry) -> tuple[str, shapely.Point | None]:
    match = _REASON.fullmatch(shapely.is_valid_reason(geometry))
    if match is None:
        return "inconnue", None
    place = shapely.Point(float(match["x"]), float(match["y"])) if match["x"] else None
    return match["reason"].strip(), place


def _segments(geometry: shapely.Geometry) -> NDArray[np.object_]:
    """Each side of each ring of a polygon, as a line."""
    coordinates, ring = shapely.get_coordinates(shapely.get_rings(geometry), return_index=True)
    pairs = np.stack([coordinates[:-1], coordinates[1:]], axis=1)[np.diff(ring) == 0]
    return shapely.linestrings(pairs[(pairs[:, 0] != pairs[:, 1]).any(axis=1)])


def _sides(
    coordinates: NDArray[np.float64], ring: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """The m sides of rings that are closed, those of no length left out.

    Returns
    -------
    the vertex where each starts, of shape (m,); its vector, and that of the side before it round the ring, of
    shape (2, m)
    """
    steps = np.diff(coordinates.T)
    start = np.flatnonzero((ring[1:] == ring[:-1]) & ((steps[0] != 0) | (steps[1] != 0)))
    side, ring = steps[:, start], ring[start]
    first = np.flatnonzero(np.append(True, ring[1:] != ring[:-1])[: len(ring)])
    before = np.roll(side, 1, axis=1)
    before[:, first] = side[:, np.append(first[1:], len(ring))[: len(first)] - 1]
    return start, side, before
