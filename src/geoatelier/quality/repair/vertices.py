"""Outlines cleaned: repeated vertices, spikes, direction of the rings. No object is added nor removed."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geoatelier.quality import geometry
from geoatelier.quality.layer import Layer
from geoatelier.quality.repair.borders import TOUCHING
from geoatelier.quality.repair.frames import areas, layer_to_repair, require_metres, with_geometries
from geoatelier.quality.repair.log import TITLES, Repaired, entries, joined
from geoatelier.quality.wording import count, number

_BEYOND = ("Too few points", "Invalid Coordinate")
_NOTHING = 1e-9  # share of an area, for what rounding alone may change


def remove_repeated_vertices(frame: gpd.GeoDataFrame) -> Repaired:
    """One vertex where several in a row are at the same place; the shape does not change.

    A ring or a line that would have too few vertices left is not touched.
    """
    layer = layer_to_repair(frame)
    drawn = _drawn(layer)
    cleaned = shapely.remove_repeated_points(layer.geometries[drawn])
    fewer = shapely.get_num_coordinates(layer.geometries[drawn]) - shapely.get_num_coordinates(cleaned)
    notes = [f"{count(n, 'sommet répété retiré', 'sommets répétés retirés')}." for n in fewer[fewer > 0]]
    return _reshaped(frame, layer, "remove_repeated_vertices", drawn[fewer > 0], cleaned[fewer > 0], notes)


def remove_spikes(
    frame: gpd.GeoDataFrame, *, angle: float = 2.0, least: float = 0.1, max_change: float = 0.05
) -> Repaired:
    """Polygons without the vertices where their outline turns back on itself.

    A spike on the border of another object is a sharp corner that the two share: it is left and listed.

    Parameters
    ----------
    angle : degrees between the two sides of a vertex, below which it is a spike
    least : metres; a vertex with a shorter side is left
    max_change : share of the area that a polygon may lose or gain; beyond, it is left as it was and
        listed. An outline that crosses itself is left to `make_valid`

    Raises
    ------
    ValueError
        If the coordinates are not in metres.
    """
    layer = layer_to_repair(frame)
    require_metres(layer, TITLES["remove_spikes"])
    shapes, removed, shared = _despiked(layer, angle, least)
    rows = np.flatnonzero(removed)
    before, after = layer.geometries[rows], shapes[rows]
    one, other = shapely.area(before), shapely.area(after)
    # An outline that crosses itself has sharp corners that are no spikes; one that comes back on its steps
    # loses no area.
    allowed = np.where(shapely.is_valid(before), max_change, _NOTHING) * one
    whole = shapely.get_num_geometries(after) == shapely.get_num_geometries(before)
    done = (np.abs(other - one) <= allowed) & shapely.is_valid(after) & ~shapely.is_empty(after) & whole
    notes = [
        f"{count(n, 'pointe retirée', 'pointes retirées')} du contour, "
        f"surface changée de {number(abs(m), 2)} m²."
        for n, m in zip(removed[rows[done]], (other - one)[done], strict=True)
    ]
    repaired = _reshaped(frame, layer, "remove_spikes", rows[done], after[done], notes)
    logs = [repaired.log]
    for left, note in (
        (
            rows[~done],
            "Sans ses pointes la forme changerait trop : contour qui se croise, objet ou morceau mince de "
            "bout en bout. Redessinez-le à la source.",
        ),
        (
            np.flatnonzero(shared),
            "La pointe suit la limite d'un voisin : la retirer ouvrirait un trou. Comparez à la source.",
        ),
    ):
        surface = areas(layer, layer.geometries[left])
        logs.append(
            entries(
                layer,
                "remove_spikes",
                left,
                note,
                attribute=frame.geometry.name,
                area_before=surface,
                area_after=surface,
                state="à décider",
            )
        )
    return Repaired(repaired.frame, joined(logs))


def orient(frame: gpd.GeoDataFrame, *, exterior_cw: bool = False) -> Repaired:
    """Outer rings anticlockwise and holes clockwise, as RFC 7946 asks; the reverse with `exterior_cw`.

    An invalid polygon is left to `make_valid`: a ring that crosses itself turns both ways.
    """
    layer = layer_to_repair(frame)
    flat = np.flatnonzero(layer.polygonal & shapely.is_valid(layer.geometries))
    turned = shapely.orient_polygons(layer.geometries[flat], exterior_cw=exterior_cw)
    other = ~shapely.equals_identical(turned, layer.geometries[flat])
    return _reshaped(
        frame, layer, "orient", flat[other], turned[other], "Le contour tourne dans l'autre sens."
    )


def _reshaped(
    frame: gpd.GeoDataFrame,
    layer: Layer,
    operation: str,
    rows: NDArray[np.int64],
    new: NDArray[np.object_],
    notes: str | list[str],
) -> Repaired:
    geometries = layer.geometries.copy()
    geometries[rows] = new
    log = entries(
        layer,
        operation,
        rows,
        notes,
        attribute=frame.geometry.name,
        before=[_vertices(shape) for shape in layer.geometries[rows]],
        after=[_vertices(shape) for shape in new],
        area_before=areas(layer, layer.geometries[rows]),
        area_after=areas(layer, new),
    )
    return Repaired(with_geometries(frame, geometries), log)


def _vertices(shape: shapely.Geometry) -> str:
    return count(shapely.get_num_coordinates(shape), "sommet")


def _drawn(layer: Layer) -> NDArray[np.int64]:
    """Lines and polygons that have enough vertices: GEOS gives up on the others, `make_valid` lists them."""
    drawn = layer.present & (shapely.get_dimensions(layer.geometries) > 0)
    broken = np.flatnonzero(drawn & ~shapely.is_valid(layer.geometries))
    reasons = shapely.is_valid_reason(layer.geometries[broken])
    drawn[[row for row, why in zip(broken, reasons, strict=True) if why.startswith(_BEYOND)]] = False
    return np.flatnonzero(drawn)


def _despiked(
    layer: Layer, angle: float, least: float
) -> tuple[NDArray[np.object_], NDArray[np.int64], NDArray[np.bool_]]:
    """Geometries without their spikes, how many each one lost, and which ones share a spike with another."""
    shapes = layer.geometries.copy()
    removed = np.zeros(len(shapes), dtype=int)
    shared = np.zeros(len(shapes), dtype=bool)
    rows = _drawn(layer)
    while len(rows):  # a spike may hide another one
        frame = with_geometries(layer.frame.iloc[rows], shapes[rows]).reset_index(drop=True)
        found = geometry.spikes(replace(layer, frame=frame, rows=rows), angle, least)
        owner = found["rang"].to_numpy(dtype=int)
        bordered = _on_a_border(found.geometry.to_numpy(), owner, layer.geometries)
        shared[owner[bordered]] = True
        owner, tips = owner[~bordered], shapely.get_coordinates(found.geometry.to_numpy()[~bordered])
        rows = np.unique(owner)
        for row in rows:
            shapes[row] = _without(shapes[row], tips[owner == row])
        removed += np.bincount(owner, minlength=len(shapes))
    return shapes, removed, shared


def _on_a_border(
    points: NDArray[np.object_], owner: NDArray[np.int64], geometries: NDArray[np.object_]
) -> NDArray[np.bool_]:
    """True for points of an object that lie on the border of another one."""
    point, other = shapely.STRtree(geometries).query(points, predicate="dwithin", distance=TOUCHING)
    others = owner[point] != other
    point, other = point[others], other[others]
    touches = shapely.distance(points[point], shapely.boundary(geometries[other])) <= TOUCHING
    return np.isin(np.arange(len(points)), point[touches])


def _without(shape: shapely.Geometry, tips: NDArray[np.float64]) -> shapely.Geometry:
    """A polygon, or several, without some vertices; what collapses is left out."""
    parts = []
    for part in shapely.get_parts(shape):
        rings = [_ring_without(ring, tips) for ring in shapely.get_rings(part)]
        if len(rings[0]) > 3:
            parts.append(shapely.Polygon(rings[0], [hole for hole in rings[1:] if len(hole) > 3]))
    if not parts:
        return shapely.Polygon()
    return parts[0] if shape.geom_type == "Polygon" else shapely.MultiPolygon(parts)


def _ring_without(ring: shapely.LinearRing, tips: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coordinates of a closed ring without `tips` nor the repetitions that their going leaves."""
    points = shapely.get_coordinates(ring, include_z=bool(ring.has_z))[:-1]
    points = points[~(points[:, None, :2] == tips[None]).all(axis=2).any(axis=1)]
    if not len(points):
        return points
    points = points[(points != np.roll(points, 1, axis=0)).any(axis=1)]
    return np.concatenate([points, points[:1]])
