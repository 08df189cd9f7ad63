"""Where the anomalies are, in the coordinates that the map of the report draws."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from geoatelier.quality.kinds import LEVELS
from geoatelier.quality.outputs.places import has_place, points_of
from geoatelier.quality.report import LayerFacts, Report

Box = tuple[float, float, float, float]
_Transform = Callable[[NDArray[np.float64]], NDArray[np.float64]]

# Beyond this many vertices in all, the least serious outlines are left out: a point still stands for them.
MAX_VERTICES = 200_000
_VERTICES_AN_OUTLINE = 500
_DEGREE_DIGITS = 7  # a centimetre
# A point this many interquartile ranges away from the others does not decide where the map opens.
_FENCE = 5.0
_WIDEST = 4.0
_EDGE_POINTS = 8
_WEB_MERCATOR_LATITUDE = 85.0


@dataclass(frozen=True)
class Extent:
    """Outline of a layer: vertices of shape (m, 2), in the coordinates of the map."""

    name: str
    ring: NDArray[np.float64]


@dataclass(frozen=True)
class Places:
    """What the map draws.

    Parameters
    ----------
    geographic : True when coordinates are degrees (longitude, latitude), False for plain X and Y
    points : array of shape (n, 2), one point an anomaly, nan where it has no place
    source_points : the same in the system of the report, for people
    digits : decimals that are worth writing
    outlines : distinct lines and surfaces, in the coordinates of the map
    outline_of : integers of shape (n,), the outline of each anomaly, -1 where a point is enough
    extents : outline of each layer that has one, unless it is much wider than the view
    wide : names of the layers that are
    view : (xmin, ymin, xmax, ymax) where the map opens, None when there is nothing to draw
    """

    geographic: bool
    points: NDArray[np.float64]
    source_points: NDArray[np.float64]
    digits: int
    outlines: Sequence[shapely.Geometry]
    outline_of: NDArray[np.int64]
    extents: tuple[Extent, ...]
    wide: tuple[str, ...]
    view: Box | None

    @property
    def placed(self) -> NDArray[np.bool_]:
        """True for the anomalies that the map shows."""
        return np.isfinite(self.points).all(axis=1)

    @property
    def outside(self) -> int:
        """Number of anomalies that the opening view leaves out."""
        if self.view is None:
            return 0
        xmin, ymin, xmax, ymax = self.view
        x, y = self.points[self.placed].T
        return int(((x < xmin) | (x > xmax) | (y < ymin) | (y > ymax)).sum())


def places_of(report: Report) -> Places:
    """Where the anomalies of `report` are.

    Parameters
    ----------
    report : its anomalies in any system, or none; geometries may be absent, empty, invalid, not finite

    Returns
    -------
    Places, in degrees when the system of the report can be told in degrees, else in its own X and Y
    """
    anomalies = report.anomalies
    geographic, transform = _to_degrees(anomalies.crs)
    geometries = shapely.force_2d(anomalies.geometry.to_numpy())
    geometries = np.where(has_place(geometries), geometries, None)
    source = points_of(geometries)
    points = transform(source)
    found = (_extent(facts, anomalies.crs, geographic) for facts in report.layers)
    extents = [extent for extent in found if extent is not None]
    view = _view(points, extents)
    wide = [view is not None and _span(_box(extent.ring)) > _WIDEST * _span(view) for extent in extents]
    digits = _DEGREE_DIGITS if geographic else _digits(view)
    outlines, outline_of = _outlines(geometries, anomalies, transform, 10.0**-digits)
    outline_of[~np.isfinite(points).all(axis=1)] = -1
    return Places(
        geographic, points, source, digits, outlines, outline_of,
        extents=tuple(extent for extent, far in zip(extents, wide, strict=True) if not far),
        wide=tuple(extent.name for extent, far in zip(extents, wide, strict=True) if far),
        view=view,
    )  # fmt: skip


def _to_degrees(crs: CRS | None) -> tuple[bool, _Transform]:
    if crs is None:
        return False, lambda points: points
    try:
        transformer = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    except (ProjError, CRSError):  # a local system, that the Earth knows nothing of
        return False, lambda points: points

    def transform(points: NDArray[np.float64]) -> NDArray[np.float64]:
        degrees = np.column_stack(transformer.transform(*points.T)) if len(points) else points
        drawn = np.isfinite(degrees).all(axis=1) & (np.abs(degrees[:, 1]) <= _WEB_MERCATOR_LATITUDE)
        degrees[~drawn] = np.nan
        return degrees

    return True, transform


def _extent(facts: LayerFacts, report_crs: CRS | None, geographic: bool) -> Extent | None:
    """The bounds of a layer; one without a system is taken to be in that of the report, as its anomalies."""
    if not np.isfinite(facts.bounds).all():
        return None
    # A line, and not a surface: that of a single object may have no width, and would come out empty.
    box = shapely.get_exterior_ring(shapely.box(*facts.bounds))
    if not geographic:
        return Extent(facts.name, shapely.get_coordinates(box))
    known, transform = _to_degrees(facts.crs or report_crs)
    # A straight edge in one system is bent in the other: each is cut in a few points.
    edge = max(facts.bounds[2] - facts.bounds[0], facts.bounds[3] - facts.bounds[1]) / _EDGE_POINTS
    ring = transform(shapely.get_coordinates(shapely.segmentize(box, edge) if edge else box))
    return Extent(facts.name, ring) if known and np.isfinite(ring).all() else None


def _view(points: NDArray[np.float64], extents: Sequence[Extent]) -> Box | None:
    """Where most anomalies are, or the layers whole when these are not much wider."""
    placed = points[np.isfinite(points).all(axis=1)]
    rings = [extent.ring for extent in extents]
    if not len(placed) and not rings:
        return None
    if not len(placed):
        return _box(np.vstack(rings))
    low, high = np.percentile(placed, [25, 75], axis=0)
    reach = _FENCE * (high - low).max()
    near = placed[((placed >= low - reach) & (placed <= high + reach)).all(axis=1)]
    bulk = _box(near)
    whole = _box(np.vstack([near, *rings]))
    return whole if not _span(bulk) or _span(whole) <= _WIDEST * _span(bulk) else bulk


def _box(points: NDArray[np.float64]) -> Box:
    return (*points.min(axis=0).tolist(), *points.max(axis=0).tolist())


def _span(box: Box) -> float:
    return max(box[2] - box[0], box[3] - box[1])


def _digits(view: Box | None) -> int:
    """Decimals that show a millionth of the view."""
    span = _span(view) if view else 0
    return int(np.clip(6 - np.floor(np.log10(span)), 0, 9)) if span > 0 else 3


def _outlines(
    geometries: NDArray[np.object_], anomalies: gpd.GeoDataFrame, transform: _Transform, resolution: float
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Each distinct line or surface once, and which one each anomaly has."""
    outline_of = np.full(len(geometries), -1)
    rows = np.flatnonzero(shapely.get_dimensions(geometries) >= 1)
    if not len(rows):
        return np.empty(0, dtype=object), outline_of
    _, first, which = np.unique(shapely.to_wkb(geometries[rows]), return_index=True, return_inverse=True)
    shapes = _lighter(_moved(geometries[rows[first]], transform), resolution)
    level = anomalies["niveau"].map(LEVELS.index).to_numpy()[rows]
    gravest = np.full(len(shapes), len(LEVELS))
    np.minimum.at(gravest, which, level)
    order = np.lexsort((shapely.get_num_coordinates(shapes), gravest))
    order = order[shapely.get_num_coordinates(shapes[order]) > 0]
    kept = order[np.cumsum(shapely.get_num_coordinates(shapes[order])) <= MAX_VERTICES]
    place = np.full(len(shapes), -1)
    place[kept] = np.arange(len(kept))
    outline_of[rows] = place[which]
    return shapes[kept], outline_of


def _moved(shapes: NDArray[np.object_], transform: _Transform) -> NDArray[np.object_]:
    """The shapes in the coordinates of the map, None in the place of those that it cannot draw whole."""
    vertices, owner = shapely.get_coordinates(shapes, return_index=True)
    moved = transform(vertices)
    lost = np.isin(np.arange(len(shapes)), owner[~np.isfinite(moved).all(axis=1)])
    return shapely.set_coordinates(np.where(lost, None, shapes), moved[~lost[owner]])


def _lighter(shapes: NDArray[np.object_], resolution: float) -> NDArray[np.object_]:
    """The shapes without the vertices that no zoom shows apart."""
    shapes = np.where(has_place(shapes), shapes, None)
    shapes = shapely.simplify(shapes, 10 * resolution, preserve_topology=False)
    heavy = shapely.get_num_coordinates(shapes) > _VERTICES_AN_OUTLINE
    if heavy.any():
        xmin, ymin, xmax, ymax = shapely.bounds(shapes[heavy]).T
        tolerance = np.hypot(xmax - xmin, ymax - ymin) / _VERTICES_AN_OUTLINE
        shapes[heavy] = shapely.simplify(shapes[heavy], tolerance, preserve_topology=False)
    return shapes
