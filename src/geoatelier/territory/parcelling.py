"""The shapes of farm parcels: zones that can be farmed, blocks between roads and streams, cuts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely
from contourpy import contour_generator
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

from geoatelier.territory.coverage import CENTIMETRE, polygon_parts
from geoatelier.territory.noise import fractal_noise
from geoatelier.territory.world import Grid, Settlement, Terrain

Floats = NDArray[np.float64]

FIELDS_HA = 1150.0
PASTURES_HA = 600.0
SMALLEST_HA = 0.04
# On steeper ground than this, in degrees, fields are cut along the contours: terraces.
TERRACE_SLOPE = 5.0
# A cut that leaves more than this in one part would be made again and again.
_FAIR_SHARE = 0.93


@dataclass(frozen=True)
class Shapes:
    """Parcels before anything is sown.

    Parameters
    ----------
    polygons : array of n polygons that do not overlap, in metres, EPSG:2154
    pasture : bool array of n, true in the pastoral zone, false in the fields
    """

    polygons: NDArray[np.object_]
    pasture: NDArray[np.bool_]


def make_shapes(
    terrain: Terrain, settlement: Settlement, streams: GeoDataFrame, rng: np.random.Generator
) -> Shapes:
    """Cut the ground that can be farmed into parcels, more of them than will be declared.

    Parameters
    ----------
    streams : lines of `cours_d_eau`, which bound blocks as roads do

    Returns
    -------
    Shapes with about 1,300 parcels in the fields and 60 in the pastures. Neighbours share their edges.
    """
    free = _free_ground(terrain, settlement, streams)
    fields, pastures = _zones(terrain, settlement, free, rng)
    cutter = _Cutter(terrain, rng)
    cut_fields = [piece for block in polygon_parts(fields) for piece in cutter.cut(block, _field_size)]
    cut_pastures = [piece for block in polygon_parts(pastures) for piece in cutter.cut(block, _pasture_size)]
    polygons, pasture = _noded(cut_fields, cut_pastures)
    return Shapes(polygons, pasture)


def _free_ground(terrain: Terrain, settlement: Settlement, streams: GeoDataFrame) -> BaseGeometry:
    """Ground that is neither town, nor road, nor stream, nor the edge of the sea."""
    taken = [settlement.built_up.buffer(1)]
    if len(settlement.roads):
        width = settlement.roads["largeur_de_chaussee"].fillna(3.0).to_numpy(dtype=float)
        verge = np.where(settlement.roads["nature"].isin(["Chemin", "Sentier"]), 0.7, 1.5)
        taken += list(shapely.buffer(settlement.roads.geometry.array, width / 2 + verge, quad_segs=3))
    bank = 2.0 + np.sqrt(streams["bassin_ha"].to_numpy()) / 5
    taken += list(shapely.buffer(streams.geometry.array, bank, quad_segs=3))
    taken = shapely.union_all(taken, grid_size=CENTIMETRE)
    return shapely.difference(terrain.coast.buffer(-45), taken, grid_size=CENTIMETRE)


def _zones(
    terrain: Terrain, settlement: Settlement, free: BaseGeometry, rng: np.random.Generator
) -> tuple[BaseGeometry, BaseGeometry]:
    """The fields and the pastures: the best ground, then the next best, with angular borders."""
    x, y = np.meshgrid(*terrain.grid.centres())
    from_sea = distance_transform_edt(terrain.land, sampling=terrain.grid.pixel)
    from_village = np.min([np.hypot(x - v.x, y - v.y) for v in settlement.villages.geometry], axis=0)
    worth = (
        0.6 * gaussian_filter(terrain.soil_depth.astype(float), 3)
        - 0.035 * gaussian_filter(terrain.slope.astype(float), 3)
        - 0.30 * np.exp(-from_sea / 160)
        - 0.00006 * from_village
        + 0.13 * fractal_noise(x, y, rng, size=1100, octaves=5, gain=0.55)
    )
    open_ground = shapely.contains_xy(free, x, y)
    ranked = np.sort(worth[open_ground])[::-1]
    hectare = terrain.grid.pixel**2 / 10_000
    fields_count, both_count = int(FIELDS_HA / hectare), int((FIELDS_HA + PASTURES_HA) / hectare)
    fields_floor, both_floor = ranked[fields_count], ranked[min(both_count, len(ranked) - 1)]
    fields = _above(worth, fields_floor, terrain.grid, tolerance=9)
    both = _above(worth, both_floor, terrain.grid, tolerance=14)
    return fields.intersection(free), both.difference(fields.buffer(4)).intersection(free)


def _above(surface: Floats, floor: float, grid: Grid, tolerance: float) -> BaseGeometry:
    """Where a surface is above a level, without crumbs nor holes under a hectare."""
    x, y = grid.centres()
    outlines = contour_generator(x, y, surface, fill_type="OuterOffset").filled(floor, np.inf)
    polygons = []
    for points, offsets in zip(*outlines, strict=True):
        rings = [points[a:b] for a, b in pairwise(offsets)]
        holes = [ring for ring in rings[1:] if Polygon(ring).area > 10_000]
        polygons.append(Polygon(rings[0], holes))
    solid = shapely.make_valid(shapely.simplify([p for p in polygons if p.area > 10_000], tolerance))
    return shapely.union_all(solid).buffer(0)


def _field_size(polygon: Polygon, cutter: "_Cutter") -> float:
    """Wanted area of a field in m²: small on slopes and rough ground, larger on the plain and the plateau."""
    slope = cutter.read(cutter.slope, polygon)
    spread = 0.95 * cutter.read(cutter.grain, polygon) + cutter.rng.normal(0, 0.5)
    return float(np.clip(27_500 * np.exp(spread - 0.05 * slope), 1800, 65_000))


def _pasture_size(polygon: Polygon, cutter: "_Cutter") -> float:
    """Wanted area of a pasture in m²."""
    return float(np.clip(130_000 * np.exp(cutter.rng.normal(0, 0.5)), 30_000, 260_000))


@dataclass
class _Cutter:
    """Cuts blocks in two until each piece has the size wanted for it."""

    terrain: Terrain
    rng: np.random.Generator
    slope: Floats = field(init=False)
    downhill_x: Floats = field(init=False)
    downhill_y: Floats = field(init=False)
    elevation: Floats = field(init=False)
    grain: Floats = field(init=False)

    def __post_init__(self) -> None:
        terrain = self.terrain
        self.elevation = gaussian_filter(terrain.elevation.astype(float), 3)
        down = np.radians(terrain.aspect.astype(float))
        weight = np.tan(np.radians(terrain.slope.astype(float)))
        self.downhill_x = gaussian_filter(np.sin(down) * weight, 4)
        self.downhill_y = gaussian_filter(np.cos(down) * weight, 4)
        self.slope = gaussian_filter(terrain.slope.astype(float), 3)
        x, y = np.meshgrid(*terrain.grid.centres())
        self.grain = fractal_noise(x, y, self.rng, size=900, octaves=4, gain=0.7)

    def read(self, surface: Floats, polygon: Polygon) -> float:
        """Value of a surface at a point inside a polygon."""
        point = polygon.representative_point()
        row = int((self.terrain.grid.top - point.y) / self.terrain.grid.pixel)
        column = int((point.x - self.terrain.grid.left) / self.terrain.grid.pixel)
        return float(surface[row, column])

    def cut(self, block: Polygon, wanted_size: Callable[[Polygon, "_Cutter"], float]) -> list[Polygon]:
        """Pieces of a block; a path or a hedge is left where a large block is cut."""
        done, waiting = [], [block]
        while waiting:
            piece = waiting.pop()
            if piece.area < SMALLEST_HA * 10_000:
                continue
            if piece.area <= 1.35 * wanted_size(piece, self) and not _straggling(piece):
                done.append(piece)
                continue
            for line in self._cut_lines(piece):
                parts = self._parts(piece, line)
                if max(part.area for part in parts) < _FAIR_SHARE * piece.area:
                    waiting += parts
                    break
            else:
                done.append(piece)
        return done

    def _parts(self, piece: Polygon, line: LineString) -> list[Polygon]:
        """What a line makes of a piece; in a large one it is a path or a hedge, a few metres wide."""
        if piece.area > 45_000 and self.rng.random() < 0.6:
            return list(
                polygon_parts(piece.difference(line.buffer(self.rng.uniform(1.5, 3.0), cap_style="flat")))
            )
        return list(polygon_parts(split(piece, line)))

    def _cut_lines(self, piece: Polygon) -> Iterator[LineString]:
        """Lines across the long side of a piece; where that is downhill the contour first: a terrace."""
        box = shapely.minimum_rotated_rectangle(piece)
        corners = np.array(box.exterior.coords)
        sides = np.diff(corners[:3], axis=0)
        lengths = np.hypot(*sides.T)
        along = sides[np.argmax(lengths)] / lengths.max()
        downhill = np.array([self.read(self.downhill_x, piece), self.read(self.downhill_y, piece)])
        downhill /= max(np.hypot(*downhill), 1e-6)
        plump = lengths.max() < 2.2 * lengths.min()
        if self.read(self.slope, piece) > TERRACE_SLOPE and (plump or abs(along @ downhill) > 0.75):
            contour = self._contour(piece)
            if contour is not None:
                yield contour
        yield self._straight_cut(np.array(box.centroid.coords[0]), along, lengths)

    def _contour(self, piece: Polygon) -> LineString | None:
        """The contour line through the middle of a piece, if it crosses it whole."""
        grid = self.terrain.grid
        xmin, ymin, xmax, ymax = piece.bounds
        first, last = int((xmin - grid.left) / grid.pixel) - 2, int((xmax - grid.left) / grid.pixel) + 3
        top, bottom = int((grid.top - ymax) / grid.pixel) - 2, int((grid.top - ymin) / grid.pixel) + 3
        x, y = grid.centres()
        window = self.elevation[top:bottom, first:last]
        centre = piece.centroid if piece.contains(piece.centroid) else piece.representative_point()
        row, column = int((grid.top - centre.y) / grid.pixel), int((centre.x - grid.left) / grid.pixel)
        level = self.elevation[row, column]
        lines = contour_generator(x[first:last], y[top:bottom], window).lines(level)
        crossing = [LineString(line).simplify(2.5) for line in lines if len(line) > 3]
        crossing = [line for line in crossing if line.intersection(piece).length > 30]
        if not crossing:
            return None
        nearest = min(crossing, key=lambda line: line.distance(centre))
        return None if nearest.is_ring else nearest

    def _straight_cut(self, centre: Floats, along: Floats, lengths: Floats) -> LineString:
        """A line across the direction `along`, a little off the centre and a little turned."""
        if lengths.max() < 1.25 * lengths.min() and self.rng.random() < 0.5:
            along = np.array([-along[1], along[0]])
        turn = self.rng.normal(0, 0.07)
        normal = np.array([-along[1], along[0]])
        direction = np.cos(turn) * normal + np.sin(turn) * along
        middle = centre + along * lengths.max() * self.rng.normal(0, 0.09)
        reach = lengths.max() + lengths.min()
        steps = np.linspace(-reach, reach, 9)
        sway = self.rng.normal(0, 1.6, 9)
        points = middle + steps[:, None] * direction + sway[:, None] * along
        return LineString(points if self.rng.random() < 0.35 else points[[0, -1]])


def _straggling(piece: Polygon) -> bool:
    """Whether a piece is so stretched or so indented that nobody would farm it as one."""
    if piece.area < 4000:
        return False
    return 4 * np.pi * piece.area / piece.length**2 < 0.24


def _noded(fields: list[Polygon], pastures: list[Polygon]) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """The same pieces with every shared edge noded at the centimetre, less those too small or too thin."""
    pieces = np.array([*fields, *pastures], dtype=object)
    lines = shapely.union_all(shapely.boundary(pieces), grid_size=CENTIMETRE)
    faces = shapely.get_parts(shapely.polygonize([lines]))
    inside = shapely.point_on_surface(faces)
    tree = shapely.STRtree(pieces)
    face, piece = tree.query(inside, predicate="intersects")
    _, first = np.unique(face, return_index=True)
    face, piece = face[first], piece[first]
    polygons, pasture = faces[face], piece >= len(fields)
    roundness = 4 * np.pi * shapely.area(polygons) / shapely.length(polygons) ** 2
    sturdy = (shapely.area(shapely.buffer(polygons, -5)) > 0) & (roundness > 0.13)
    large = shapely.area(polygons) >= SMALLEST_HA * 10_000
    return polygons[sturdy & large], pasture[sturdy & large]
