"""What lies between the houses: lawns, gravel, terraces, hedges, walls, trees."""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from geoatelier.territory.aerial.canvas import FINER, Canvas, Colour
from geoatelier.territory.aerial.fields import DRY_GRASS, PALE_EARTH
from geoatelier.territory.aerial.plots import PLOT_PIXEL, Plots, painted
from geoatelier.territory.aerial.trees import (
    CYPRESS,
    GARDEN,
    HOLM_OAK,
    OLIVE,
    PALM,
    PINE,
    Grove,
    plant,
    scatter,
)
from geoatelier.territory.aerial.woods import GRAVEL
from geoatelier.territory.reflectance import Array

LAWN: Colour = (112, 130, 82, 220)
TERRACE: Colour = (206, 190, 164, 192)
OLD_PAVING: Colour = (184, 174, 158, 178)
HEDGE: Colour = (70, 92, 56, 176)
WALL: Colour = (206, 196, 178, 198)

# Ground of gardens, and the share of each.
_GROUNDS = np.array([LAWN, DRY_GRASS, GRAVEL, PALE_EARTH], float)
_SHARES = (0.24, 0.38, 0.24, 0.14)
_HEDGED = 0.6
# Kind, colour, mean radius in metres, height over radius, share.
_TREES = (
    ("arbre d'ornement", GARDEN, 2.3, 1.9, 0.36),
    ("pin", PINE, 3.6, 2.3, 0.20),
    ("chêne vert", HOLM_OAK, 2.6, 2.0, 0.12),
    ("cyprès", CYPRESS, 0.9, 7.5, 0.14),
    ("olivier", OLIVE, 1.9, 1.6, 0.12),
    ("palmier", PALM, 1.8, 3.2, 0.06),
)


def paint_gardens(canvas: Canvas, plots: Plots, streets: BaseGeometry) -> None:
    """Paint the ground between the houses and what parts one plot from the next."""
    rng = canvas.rng
    n = plots.owner.max() + 1
    if n <= 0:
        return
    owner = painted(plots.owner)
    town = owner >= 0
    ground = _GROUNDS[rng.choice(len(_GROUNDS), n, p=_SHARES)] * np.exp(rng.normal(0, 0.05, (n, 1)))
    canvas.paint(town, np.minimum(ground[owner[town]], 250), grain=0.05, mottle=0.06, drift=0.05)
    parched = np.clip(0.30 * canvas.drift + 0.22 * canvas.mottle, 0, 0.75) * town
    canvas.blend(np.s_[:, :], parched, DRY_GRASS)
    terrace = town & (painted(plots.from_wall) < 2.2 + 0.8 * canvas.drift)
    canvas.paint(terrace, TERRACE, grain=0.05, mottle=0.04)
    canvas.paint(painted(plots.dense), OLD_PAVING, grain=0.05, mottle=0.05, drift=0.03)
    _fences(canvas, plots, n, ~canvas.mask(streets.buffer(1.2)))


def _fences(canvas: Canvas, plots: Plots, n: int, off_street: NDArray[np.bool_]) -> None:
    """Hedges and walls where two plots meet."""
    border = plots.border & (plots.owner >= 0) & ~plots.dense & (plots.from_wall > 2.5)
    hedged = (canvas.rng.random(n) < _HEDGED)[plots.owner]
    from_hedge = _smooth_distance(border & hedged)
    grown = (from_hedge < 0.8 + 0.3 * canvas.mottle) & off_street & (canvas.drift > -1.1)
    grown &= painted(plots.from_wall) > 1.2
    canvas.paint(grown, HEDGE, grain=0.14, mottle=0.10)
    uneven = 0.25 * canvas.grain[grown] + 0.2 * canvas.mottle[grown]
    canvas.height[grown] = np.maximum(1.5 + uneven, 0.6)
    built = (_smooth_distance(border & ~hedged) < 0.45) & off_street
    canvas.paint(built, WALL, grain=0.05)
    canvas.height[built] = 1.2


def _smooth_distance(line: NDArray[np.bool_]) -> Array:
    """Distance in metres to a line of 50 cm cells, on painted pixels, without the steps of the cells."""
    distance = ndimage.distance_transform_edt(~line, sampling=PLOT_PIXEL).astype(np.float32)
    smooth = ndimage.gaussian_filter(np.minimum(distance, 8), 1.2)
    return ndimage.zoom(smooth, FINER, order=1, grid_mode=True, mode="nearest")


def plant_gardens(canvas: Canvas, plots: Plots, free: BaseGeometry, grove: Grove) -> None:
    """Plant the trees of gardens, and a few in squares, on ground that is `free`."""
    rng = canvas.rng
    if shapely.is_empty(free):
        return
    x, y = scatter(free, 7.5, rng, jitter=0.9)
    kept = rng.random(len(x)) < np.where(plots.dense[plots.cells(x, y)], 0.10, 0.34)
    x, y = x[kept], y[kept]
    chosen = rng.choice(len(_TREES), len(x), p=[share for *_, share in _TREES])
    for i, (kind, colour, radius, slenderness, _) in enumerate(_TREES):
        here = chosen == i
        size = radius * np.exp(rng.normal(0, 0.25, here.sum()))
        plant(canvas, grove, x[here], y[here], size, size * slenderness, colour, kind, base=0.4)
