"""The relief, the coast and the soil of the island."""

from itertools import pairwise

import numpy as np
import shapely
from contourpy import contour_generator
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter, label, zoom
from shapely import Polygon

from geoatelier.territory.hydrology import erode, fill_depressions, receivers, upstream_cells
from geoatelier.territory.noise import fractal_noise
from geoatelier.territory.world import ISLAND_GRID, SEED, Grid, Terrain

Floats = NDArray[np.float64]

LAND_KM2 = 30.5
# Rivers carved their mouths when the sea was lower; its return drowns them into calanques.
BASE_LEVEL = -45.0

# The plan of the island, in metres from the south-west corner of the grid. Noise bends all of it.
_OUTLINE = (
    (1000, 5250), (1750, 5850), (2700, 5700), (3500, 6150), (4300, 5800), (5250, 6050), (6100, 5600),
    (6950, 5500), (7700, 4850), (8100, 4250), (7850, 3600), (8150, 2800), (8250, 2100), (7950, 1450),
    (7400, 1250), (7380, 1800), (7300, 2500), (6850, 2900), (6250, 2750), (5850, 2250), (5950, 1550),
    (5450, 1000), (4700, 900), (3900, 1150), (3100, 850), (2300, 1050), (1550, 1550), (1050, 2300),
    (1300, 3000), (800, 3700), (1100, 4500),
)  # fmt: skip
# Crests: (x, y, height), and half width. The first is the backbone of the island.
_CRESTS = (
    (((1650, 4450, 190), (2250, 3600, 330), (2900, 2750, 400), (3350, 2050, 290), (4200, 1700, 190),
      (5200, 1500, 90)), 560),
    (((2250, 3600, 250), (1450, 2700, 170)), 420),
    (((6500, 4950, 95), (7050, 4900, 150), (7450, 4500, 90)), 380),
    (((7900, 3500, 50), (7900, 2600, 105), (7850, 1800, 70)), 260),
)  # fmt: skip
_PLATEAU = {"centre": (3750, 4950), "radii": (1500, 850), "turn": 0.15, "height": 150}
# Where the coast is cliffs: the west and south. Elsewhere it slopes down to coves.
_CLIFFS = ((1200, 2600, 1900), (3300, 1000, 1800), (7900, 1900, 600))


def make_terrain(seed: int = SEED) -> Terrain:
    """Make the relief of the island from a plan, fractal noise and river erosion, then its soil.

    Parameters
    ----------
    seed : the same seed gives the same island

    Returns
    -------
    Terrain on `ISLAND_GRID`. All its land drains to the sea: each land cell has a lower neighbour.
    """
    rng = np.random.default_rng([seed, 1])
    grid = ISLAND_GRID
    relief = _carved_relief(grid, rng)
    relief -= _sea_level(relief, grid.pixel)
    coast = _coast(relief, grid)
    land = rasterize([coast], out_shape=grid.shape, transform=grid.transform).astype(bool)
    filled = fill_depressions(np.where(land, np.maximum(relief, 0.15), 0.0), land)
    target, _ = receivers(filled, land)
    drained_area = upstream_cells(filled, land, target) * grid.pixel**2 / 10_000
    slope, aspect = _slope_and_aspect(filled, grid.pixel)
    slope[~land] = 0
    brightness, depth = _soil(grid, filled, slope, drained_area, rng)
    return Terrain(
        grid=grid,
        elevation=filled.astype(np.float32),
        land=land,
        slope=slope.astype(np.float32),
        aspect=aspect.astype(np.float32),
        drained_area=drained_area.astype(np.float32),
        soil_brightness=np.where(land, brightness, 0).astype(np.float32),
        soil_depth=np.where(land, depth, 0).astype(np.float32),
        coast=coast,
    )


def _carved_relief(grid: Grid, rng: np.random.Generator) -> Floats:
    """Elevation over and under the sea: eroded at 40, 20, then 10 m, with finer noise added each time."""
    coarse = Grid(grid.left, grid.top, 40, grid.rows // 4, grid.columns // 4)
    surface, ruggedness = _plan(coarse, rng)
    strength = 1.0
    for scale, steps in ((4, 14), (2, 4), (1, 2)):
        level = Grid(grid.left, grid.top, grid.pixel * scale, grid.rows // scale, grid.columns // scale)
        if scale < 4:
            surface, ruggedness = _refined(surface), _refined(ruggedness)
            x, y = np.meshgrid(*level.centres())
            detail = fractal_noise(x, y, rng, size=24 * level.pixel, octaves=3)
            surface = surface + (0.25 + 0.09 * level.pixel * ruggedness) * detail
        surface = erode(
            surface,
            _inside(surface > BASE_LEVEL),
            erodibility=5.0 * strength * (0.25 + ruggedness),
            pixel=level.pixel,
            steps=steps,
        )
        surface = gaussian_filter(surface, 0.7)
        strength *= 0.5
    return surface


def _plan(grid: Grid, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Relief before erosion, and ruggedness in [0, 1], both from the plan bent by noise."""
    x, y = np.meshgrid(*grid.centres())
    west, south, _, _ = grid.bounds
    bend_x = fractal_noise(x, y, rng, size=1700, octaves=6, gain=0.55)
    bend_y = fractal_noise(x, y, rng, size=1700, octaves=6, gain=0.55)
    px, py = x - west + 160 * bend_x, y - south + 160 * bend_y

    inland = _signed_distance(px, py)
    cliffs = np.max([np.exp(-2 * ((px - a) ** 2 + (py - b) ** 2) / r**2) for a, b, r in _CLIFFS], axis=0)
    crest = np.max([_crest(px, py, line, width) for line, width in _CRESTS], axis=0)
    plateau = _plateau(px, py)
    plain = 6 + 0.012 * np.clip(inland, 0, None)
    high = plain + np.maximum(crest, plateau) + 0.25 * np.minimum(crest, plateau)
    share = plateau / _PLATEAU["height"]
    ruggedness = np.clip(crest / 130 + 0.5 * cliffs + 2.4 * share * (1 - share), 0.05, 1.0)

    rolling = fractal_noise(x, y, rng, size=1300, octaves=5)
    crags = fractal_noise(x, y, rng, size=900, octaves=4, ridged=True)
    high = 0.8 * high + 4 * rolling * (0.9 + 2.7 * ruggedness) + 20 * ruggedness * crags + 30 * cliffs
    rise = 420.0 - 330 * cliffs
    ashore = high * (1 - np.exp(-np.clip(inland, 0, None) / rise)) + 0.02 * inland
    offshore = inland * (0.06 + 0.10 * cliffs)
    inlets = np.clip(fractal_noise(x, y, rng, size=1000, octaves=3, ridged=True) - 0.55, 0, None)
    calanques = 85 * (0.15 + cliffs) * inlets * np.exp(-((inland / 420) ** 2))
    return np.where(inland > 0, ashore, offshore) - calanques, ruggedness


def _signed_distance(px: Floats, py: Floats) -> Floats:
    """Distance in metres to the outline, positive inside."""
    points = np.array([*_OUTLINE, _OUTLINE[0]], dtype=float)
    spline = CubicSpline(np.arange(len(points)), points, bc_type="periodic")
    outline = Polygon(spline(np.linspace(0, len(_OUTLINE), 600)))
    shapely.prepare(outline)
    distance = shapely.distance(outline.exterior, shapely.points(px, py))
    return np.where(shapely.contains_xy(outline, px, py), distance, -distance)


def _crest(px: Floats, py: Floats, line: tuple[tuple[int, int, int], ...], width: float) -> Floats:
    """Height of a crest that falls off on both sides of a line, in metres."""
    height = np.zeros_like(px)
    for (ax, ay, az), (bx, by, bz) in pairwise(line):
        dx, dy = bx - ax, by - ay
        along = np.clip(((px - ax) * dx + (py - ay) * dy) / (dx**2 + dy**2), 0, 1)
        away = np.hypot(px - ax - along * dx, py - ay - along * dy)
        height = np.maximum(height, (az + along * (bz - az)) * np.exp(-((away / width) ** 2) / 1.4))
    return height


def _plateau(px: Floats, py: Floats) -> Floats:
    """Height of the plateau, flat on top with a scarp around, in metres."""
    (cx, cy), (rx, ry), turn = _PLATEAU["centre"], _PLATEAU["radii"], _PLATEAU["turn"]
    u = ((px - cx) * np.cos(turn) + (py - cy) * np.sin(turn)) / rx
    v = (-(px - cx) * np.sin(turn) + (py - cy) * np.cos(turn)) / ry
    return _PLATEAU["height"] / (1 + np.exp((np.hypot(u, v) - 0.85) / 0.11))


def _inside(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    framed = mask.copy()
    framed[[0, -1], :] = False
    framed[:, [0, -1]] = False
    return framed


def _refined(surface: Floats) -> Floats:
    return zoom(surface, 2, order=3, mode="nearest", grid_mode=True)


def _main_land(relief: Floats, level: float) -> NDArray[np.bool_]:
    """The largest island above a level."""
    labels, _ = label(relief > level)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return labels == sizes.argmax()


def _sea_level(relief: Floats, pixel: float) -> float:
    """Level of the sea, in metres, that leaves the wanted area of land."""
    wanted = LAND_KM2 * 1e6 / pixel**2
    low, high = BASE_LEVEL, 60.0
    for _ in range(22):
        middle = (low + high) / 2
        if _main_land(relief, middle).sum() > wanted:
            low = middle
        else:
            high = middle
    return high


def _coast(relief: Floats, grid: Grid) -> Polygon:
    """The zero contour of the main island, rounded and simplified to a couple of metres."""
    x, y = grid.centres()
    lines = contour_generator(x, y, np.where(relief < -5, -5, np.minimum(relief, 5))).lines(0.0)
    largest = max((Polygon(line) for line in lines if len(line) > 3), key=lambda polygon: polygon.area)
    rounded = largest.buffer(12).buffer(-62).buffer(50)
    main = max(shapely.get_parts(rounded), key=lambda polygon: polygon.area)
    return Polygon(main.exterior).simplify(1.5)


def _slope_and_aspect(elevation: Floats, pixel: float) -> tuple[Floats, Floats]:
    """Slope in degrees and downhill direction in degrees clockwise from north, by Horn's method (1981)."""
    z = np.pad(elevation, 1, mode="edge")
    across = z[:-2] + 2 * z[1:-1] + z[2:]
    along = z[:, :-2] + 2 * z[:, 1:-1] + z[:, 2:]
    east = (across[:, 2:] - across[:, :-2]) / (8 * pixel)
    north = (along[:-2] - along[2:]) / (8 * pixel)
    slope = np.degrees(np.arctan(np.hypot(east, north)))
    return slope, np.degrees(np.arctan2(-east, -north)) % 360


def _soil(
    grid: Grid, elevation: Floats, slope: Floats, drained_area: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Brightness and depth of the soil, in [0, 1].

    Soil is deep where water gathers and slopes are gentle, thin on crests; limestone shows where it is thin.
    """
    x, y = np.meshgrid(*grid.centres())
    hollow = gaussian_filter(elevation, 12) - elevation
    wetness = np.log1p(gaussian_filter(drained_area, 2)) / np.log1p(300)
    patches = fractal_noise(x, y, rng, size=900, octaves=5, gain=0.6)
    depth = (
        0.62
        - 0.028 * gaussian_filter(slope, 3)
        + 0.35 * wetness
        + 0.02 * np.clip(hollow, -8, 8)
        - 0.0006 * elevation
        + 0.11 * patches
    )
    depth = np.clip(depth, 0, 1)
    outcrops = fractal_noise(x, y, rng, size=600, octaves=6, gain=0.65)
    brightness = np.clip(0.72 - 0.45 * depth + 0.0004 * elevation + 0.12 * outcrops, 0, 1)
    return brightness, depth
