"""Crowns of trees and shrubs, from a small set of shapes stamped one by one."""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from geoatelier.territory.aerial.canvas import PIXEL, Canvas, Colour, linear
from geoatelier.territory.reflectance import Array

Floats = NDArray[np.float64]
_VARIANTS = 6

PINE: Colour = (74, 88, 62, 150)
HOLM_OAK: Colour = (62, 76, 50, 148)
DOWNY_OAK: Colour = (82, 104, 58, 190)
OLIVE: Colour = (118, 126, 98, 158)
ORCHARD: Colour = (84, 112, 60, 196)
CYPRESS: Colour = (50, 66, 44, 130)
GARDEN: Colour = (78, 104, 60, 190)
PALM: Colour = (96, 116, 66, 180)
SHRUB: Colour = (88, 94, 66, 140)


@dataclass
class Grove:
    """Crowns already stamped: centre, radius and height in metres, kind."""

    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    radius: list[float] = field(default_factory=list)
    height: list[float] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)


@lru_cache(maxsize=256)
def _crown(cells: int, variant: int) -> tuple[Array, Array]:
    """Height of a crown in [0, 1] and evenness of its leaves, on a square of 2 × cells + 1 pixels."""
    rng = np.random.default_rng([cells, variant])
    axis = np.arange(-cells, cells + 1)
    distance = np.hypot(axis[:, None], axis[None, :]) / max(cells, 1)
    angle = np.arctan2(axis[:, None], axis[None, :])
    waves = sum(rng.uniform(0.02, 0.14) * np.cos(k * angle + rng.uniform(0, 2 * np.pi)) for k in (2, 3, 5, 7))
    inside = np.clip(1 - (distance / (0.88 + 0.5 * waves)) ** 2, 0, None)
    clumps = ndimage.gaussian_filter(rng.standard_normal(distance.shape), max(0.8, cells / 5))
    clumps /= clumps.std() + 1e-6
    dome = np.sqrt(inside) * (1 + 0.13 * clumps * (inside > 0))
    leaves = 1 + 0.16 * rng.standard_normal(distance.shape) + 0.08 * clumps
    return dome.astype(np.float32), leaves.astype(np.float32)


def stamp(
    canvas: Canvas,
    x: Floats,
    y: Floats,
    radius: Floats,
    height: Floats,
    colour: Colour,
    *,
    spread: float = 0.12,
    base: float = 0.25,
) -> None:
    """Stamp crowns; the higher covers the lower.

    Parameters
    ----------
    x, y, radius, height : arrays of shape (n,), metres
    colour : mean colour; `spread` is the deviation of its logarithm from a tree to another
    base : height of the lowest branches, as a share of the height
    """
    rng = canvas.rng
    n = len(x)
    shade = np.exp(rng.normal(0, spread, n)).astype(np.float32)
    hue = rng.normal(0, 0.06, (n, 4)).astype(np.float32)
    tones = linear(colour) * shade[:, None] * np.exp(hue)
    variants = rng.integers(0, _VARIANTS, n)
    cells = np.maximum(np.rint(radius / PIXEL).astype(int), 1)
    columns = ((x - canvas.left) / PIXEL).astype(int)
    rows = ((canvas.top - y) / PIXEL).astype(int)
    for i in range(n):
        c = cells[i]
        r0, r1, c0, c1 = rows[i] - c, rows[i] + c + 1, columns[i] - c, columns[i] + c + 1
        if r1 <= 0 or c1 <= 0 or r0 >= canvas.size or c0 >= canvas.size:
            continue
        dome, leaves = _crown(int(c), int(variants[i]))
        top, bottom = max(0, -r0), 2 * c + 1 - max(0, r1 - canvas.size)
        west, east = max(0, -c0), 2 * c + 1 - max(0, c1 - canvas.size)
        dome, leaves = dome[top:bottom, west:east], leaves[top:bottom, west:east]
        window = slice(r0 + top, r0 + bottom), slice(c0 + west, c0 + east)
        risen = np.where(dome > 0.05, height[i] * (base + (1 - base) * dome), 0).astype(np.float32)
        covers = canvas.raise_to(window, risen)
        for band in range(4):
            canvas.albedo[band][window][covers] = tones[i, band] * leaves[covers]


def plant(canvas: Canvas, grove: Grove, x: Floats, y: Floats, radius: Floats, height: Floats, colour: Colour,
          kind: str, **look: float) -> None:  # fmt: skip
    """Stamp trees and remember them."""
    stamp(canvas, x, y, radius, height, colour, **look)
    for values, added in ((grove.x, x), (grove.y, y), (grove.radius, radius), (grove.height, height)):
        values.extend(added.tolist())
    grove.kind.extend([kind] * len(x))


def scatter(
    area: BaseGeometry, spacing: float, rng: np.random.Generator, jitter: float = 0.42
) -> tuple[Floats, Floats]:
    """Points about `spacing` metres apart inside an area, on a shaken triangular mesh."""
    return _inside(area, *_mesh(area, spacing, spacing * 0.87, 0.0, rng, jitter, staggered=True))


def rows_of_trees(
    area: BaseGeometry, spacing: float, azimuth: float, rng: np.random.Generator, jitter: float = 0.04
) -> tuple[Floats, Floats]:
    """Points on a square grid turned to an azimuth, as an orchard is planted."""
    return _inside(area, *_mesh(area, spacing, spacing, azimuth, rng, jitter, staggered=False))


def _mesh(
    area: BaseGeometry,
    along: float,
    across: float,
    azimuth: float,
    rng: np.random.Generator,
    jitter: float,
    *,
    staggered: bool,
) -> tuple[Floats, Floats]:
    xmin, ymin, xmax, ymax = area.bounds
    reach = np.hypot(xmax - xmin, ymax - ymin) / 2 + along
    u, v = np.meshgrid(np.arange(-reach, reach, along), np.arange(-reach, reach, across))
    if staggered:
        u = u + (np.arange(len(u)) % 2)[:, None] * along / 2
    u = u + rng.normal(0, jitter * along / 2, u.shape)
    v = v + rng.normal(0, jitter * across / 2, v.shape)
    turn = np.radians(azimuth)
    x = (xmin + xmax) / 2 + u * np.sin(turn) + v * np.cos(turn)
    y = (ymin + ymax) / 2 + u * np.cos(turn) - v * np.sin(turn)
    return x.ravel(), y.ravel()


def _inside(area: BaseGeometry, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    shapely.prepare(area)
    kept = shapely.contains_xy(area, x, y)
    return x[kept], y[kept]
