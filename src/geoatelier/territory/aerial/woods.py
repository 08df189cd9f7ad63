"""Ground that nobody farms: woods, garrigue, dry grass, rock and sand."""

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy import ndimage

from geoatelier.territory.aerial.canvas import PIXEL, Canvas, Colour
from geoatelier.territory.aerial.fields import DRY_GRASS, GREEN_GRASS
from geoatelier.territory.aerial.trees import DOWNY_OAK, HOLM_OAK, PINE, SHRUB, Grove, plant, scatter, stamp
from geoatelier.territory.surfaces import FOREST_OF, SURFACE_NAMES, surface_of

UNDERGROWTH: Colour = (118, 112, 82, 150)
LITTER: Colour = (134, 116, 90, 150)
LIMESTONE: Colour = (204, 196, 180, 206)
SAND: Colour = (226, 208, 172, 224)
GRAVEL: Colour = (198, 186, 164, 200)
PAVING: Colour = (168, 164, 158, 164)

_GROUND: dict[str, Colour] = {
    "conifer": LITTER,
    "broadleaf": UNDERGROWTH,
    "mixed": UNDERGROWTH,
    "open_forest": DRY_GRASS,
    "hedge": UNDERGROWTH,
    "garrigue": (176, 162, 128, 186),
    "grass": DRY_GRASS,
    "garden": GRAVEL,
    "yard": GRAVEL,
    "paved": PAVING,
    "sand": SAND,
    "rock": LIMESTONE,
    "pond": (62, 78, 74, 24),
}
# Trees of each wood: spacing in metres, then kind, share, mean radius in metres.
_WOODS: dict[str, tuple[float, tuple[tuple[str, float, float], ...]]] = {
    "conifer": (4.6, (("pin", 0.85, 2.9), ("chêne vert", 0.15, 2.2))),
    "broadleaf": (4.4, (("chêne vert", 0.6, 2.5), ("chêne blanc", 0.4, 2.9))),
    "mixed": (4.6, (("pin", 0.5, 2.9), ("chêne vert", 0.3, 2.4), ("chêne blanc", 0.2, 2.7))),
    "open_forest": (9.0, (("pin", 0.6, 2.7), ("chêne vert", 0.4, 2.1))),
    "hedge": (3.4, (("chêne vert", 0.4, 2.0), ("chêne blanc", 0.6, 2.1))),
    "grass": (30.0, (("chêne blanc", 0.6, 2.8), ("pin", 0.4, 2.6))),
    "garrigue": (16.0, (("pin", 0.4, 2.2), ("chêne vert", 0.6, 1.8))),
}
_TREES: dict[str, tuple[Colour, float]] = {
    "pin": (PINE, 3.0),
    "chêne vert": (HOLM_OAK, 2.4),
    "chêne blanc": (DOWNY_OAK, 2.6),
}
_SHRUBS = {"garrigue": 1.9, "open_forest": 3.4, "rock": 5.0, "grass": 9.0}
# Outlines of wild covers are drawn with a broad pen: nature frays them.
_FRAY = 2.5


def paint_wild(
    canvas: Canvas, land_cover: GeoDataFrame, vegetation: GeoDataFrame, free: shapely.Geometry, grove: Grove
) -> None:
    """Paint land cover and vegetation, and plant their trees and shrubs where the ground is `free`."""
    areas = _areas(canvas, land_cover, vegetation)
    number = {name: i for i, name in enumerate(SURFACE_NAMES)}
    cover = _frayed(canvas, [(area, number[name]) for area, name in areas], number["grass"])
    for name in SURFACE_NAMES:
        here = cover == number[name]
        if here.any():
            rough = 0.10 if name in ("rock", "garrigue") else 0.05
            canvas.paint(here, _GROUND[name], grain=rough, mottle=0.07, drift=0.06)
    _green(canvas, cover == number["grass"])
    _outcrops(canvas, cover == number["rock"], 1.6)
    _outcrops(canvas, cover == number["garrigue"], 0.25)
    for name in (*_WOODS, "rock"):
        ground = shapely.union_all([area for area, of in areas if of == name]).intersection(free)
        if ground.is_empty:
            continue
        if name in _SHRUBS:
            _shrubs(canvas, ground, _SHRUBS[name])
        if name in _WOODS:
            _trees(canvas, ground, name, grove)


def _areas(
    canvas: Canvas, land_cover: GeoDataFrame, vegetation: GeoDataFrame
) -> list[tuple[shapely.Geometry, str]]:
    """Every polygon of the patch with the name of its surface, the last one on top."""
    frame = canvas.frame.buffer(10)
    covers = land_cover[land_cover.intersects(frame)]
    plants = vegetation[vegetation.intersects(frame)]
    names = [surface_of(*pair) for pair in zip(covers["code_cs"], covers["code_us"], strict=True)]
    names += [FOREST_OF[nature] for nature in plants["nature"]]
    areas = np.concatenate([covers.geometry.array, plants.geometry.array])
    return list(zip(shapely.intersection(areas, frame), names, strict=True))


def _frayed(canvas: Canvas, shapes: list[tuple[shapely.Geometry, int]], fill: int) -> NDArray[np.uint8]:
    """Rasterised areas whose outlines wander by a few metres."""
    size = (canvas.size, canvas.size)
    cover = rasterize(shapes, size, fill=fill, transform=canvas.transform, dtype="uint8") if shapes else None
    if cover is None:
        return np.full(size, fill, np.uint8)
    wander = (_FRAY * canvas.drift + 0.3 * _FRAY * canvas.mottle) / PIXEL
    rows, columns = np.ogrid[: canvas.size, : canvas.size]
    down = np.clip(rows + wander.astype(int), 0, canvas.size - 1)
    right = np.clip(columns + np.roll(wander, canvas.size // 3, axis=1).astype(int), 0, canvas.size - 1)
    return cover[down, right]


def _green(canvas: Canvas, grass: NDArray[np.bool_]) -> None:
    """Hollows keep the grass green longer."""
    whole = slice(0, canvas.size), slice(0, canvas.size)
    share = np.clip(0.25 + 0.3 * canvas.drift + 0.15 * canvas.mottle, 0, 0.9) * grass
    canvas.blend(whole, share, GREEN_GRASS)


def _outcrops(canvas: Canvas, rock: NDArray[np.bool_], height: float) -> None:
    """Broken rock: its facets catch the light or lose it."""
    if rock.any():
        broken = np.abs(canvas.mottle) + 0.3 * canvas.grain + 0.5 * np.abs(canvas.drift)
        canvas.height[rock] = np.maximum(canvas.height[rock], height * np.clip(broken[rock], 0, 3) / 2)


def _shrubs(canvas: Canvas, ground: shapely.Geometry, spacing: float) -> None:
    rng = canvas.rng
    x, y = scatter(ground, spacing, rng, jitter=0.9)
    kept = _patchy(canvas, x, y) > rng.normal(-0.2, 0.5, len(x))
    x, y = x[kept], y[kept]
    radius = np.clip(np.exp(rng.normal(np.log(0.8), 0.35, len(x))), 0.3, 2.0)
    stamp(canvas, x, y, radius, radius * rng.uniform(0.9, 1.3, len(x)), SHRUB, spread=0.16, base=0.1)


def _trees(canvas: Canvas, ground: shapely.Geometry, name: str, grove: Grove) -> None:
    rng = canvas.rng
    spacing, kinds = _WOODS[name]
    x, y = scatter(ground, spacing, rng, jitter=0.9 if name in ("grass", "garrigue", "open_forest") else 0.5)
    kept = _patchy(canvas, x, y) > rng.normal(-1.6 if spacing < 6 else 0.2, 0.4, len(x))
    x, y = x[kept], y[kept]
    chosen = rng.choice(len(kinds), len(x), p=[share for _, share, _ in kinds])
    for i, (kind, _, mean) in enumerate(kinds):
        here = chosen == i
        colour, slenderness = _TREES[kind]
        radius = np.clip(mean * np.exp(rng.normal(0, 0.22, here.sum())), 1.0, 5.5)
        height = radius * slenderness * np.exp(rng.normal(0, 0.12, here.sum()))
        plant(canvas, grove, x[here], y[here], radius, height, colour, kind, base=0.45)


def _patchy(canvas: Canvas, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where plants like to grow, deviation of 1."""
    field = ndimage.uniform_filter(canvas.drift[::4, ::4], 3)
    row = np.clip(((canvas.top - y) / PIXEL / 4).astype(int), 0, field.shape[0] - 1)
    column = np.clip(((x - canvas.left) / PIXEL / 4).astype(int), 0, field.shape[1] - 1)
    return field[row, column]
