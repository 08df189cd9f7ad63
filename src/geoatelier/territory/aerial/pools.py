"""Swimming pools, in the gardens that have room for one."""

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame
from scipy import ndimage
from shapely import Polygon
from shapely.affinity import rotate, translate
from shapely.geometry.base import BaseGeometry

from geoatelier.territory.aerial.canvas import FINER, Canvas, Colour
from geoatelier.territory.aerial.plots import PLOT_PIXEL, Plots
from geoatelier.territory.reflectance import Array
from geoatelier.territory.schemas import POOL_FORMS
from geoatelier.territory.world import CRS

WATER: Colour = (92, 190, 204, 26)
DEEP_WATER: Colour = (40, 132, 172, 14)
EDGE: Colour = (226, 220, 206, 212)

# Share of houses that want a pool, and the area of a house that may have one, in m².
_WANTED, _SMALLEST_HOUSE, _LARGEST_HOUSE = 0.42, 70.0, 420.0
# Free ground that it takes around its centre, in metres.
_ROOM = 3.4
_REACH = 25.0
# Side of the square, in cells, that must hold no old town.
_CROWD = 100
# Share of each of `POOL_FORMS`.
_FORM_SHARES = (0.72, 0.2, 0.08)


def lay_out_pools(
    canvas: Canvas, buildings: GeoDataFrame, plots: Plots, streets: BaseGeometry
) -> GeoDataFrame:
    """Find a place for the pool of each house that wants one and has room.

    Returns
    -------
    GeoDataFrame of the outline of their water: `id`, `forme`
    """
    rng = canvas.rng
    street = canvas.mask(streets.buffer(1.0))[::FINER, ::FINER]
    crowded = ndimage.uniform_filter(plots.dense.astype(np.float32), _CROWD) > 0.05
    blocked = street | plots.border | crowded | (plots.owner < 0) | (plots.from_wall < 0.3)
    room = ndimage.distance_transform_edt(~blocked, sampling=PLOT_PIXEL)
    area = buildings.area
    homes = (buildings["usage_1"] == "Résidentiel") & (area > _SMALLEST_HOUSE) & (area < _LARGEST_HOUSE)
    found = []
    for i in np.flatnonzero(homes & (rng.random(len(buildings)) < _WANTED)):
        pool = _pool(canvas, plots, room, i, buildings.geometry.iloc[i])
        if pool is not None:
            found.append(pool)
    return gpd.GeoDataFrame(
        {"id": [f"PISCINE{i:04d}" for i in range(1, len(found) + 1)], "forme": [form for form, _ in found]},
        geometry=[outline for _, outline in found],
        crs=CRS,
    )


def paint_pools(canvas: Canvas, pools: GeoDataFrame) -> None:
    """Paint the water, deeper at one end, and the paving around it."""
    rng = canvas.rng
    for pool in pools.geometry:
        window = canvas.window(pool, 3)
        if window is None:
            continue
        edge = canvas.mask(pool.buffer(rng.uniform(0.6, 1.6), join_style="mitre"), window)
        canvas.paint(edge, EDGE, window=window, grain=0.03, flatten=True)
        water = canvas.mask(pool, window)
        tone = np.minimum(np.array(WATER) * np.exp(rng.normal(0, 0.07, 4)), 245)
        canvas.paint(water, tone, window=window, grain=0.03, mottle=0.03)
        x, y = canvas.positions(window)
        turn = rng.uniform(0, 2 * np.pi)
        run = (x - pool.centroid.x) * np.cos(turn) + (y - pool.centroid.y) * np.sin(turn)
        canvas.blend(window, 0.35 * np.clip(0.5 + run / 8, 0, 1) * water, DEEP_WATER)


def _pool(
    canvas: Canvas, plots: Plots, room: Array, owner: int, house: BaseGeometry
) -> tuple[str, Polygon] | None:
    """Form and outline of a pool in the widest free place near a house, or nothing where it has no room."""
    rng = canvas.rng
    xmin, ymin, xmax, ymax = house.buffer(_REACH).bounds
    rows, columns = plots.cells(np.array([xmin, xmax]), np.array([ymax, ymin]))
    near = np.s_[rows[0] : rows[1] + 1, columns[0] : columns[1] + 1]
    score = np.minimum(room[near], 6.0) - 0.08 * plots.from_wall[near]
    score = np.where(plots.owner[near] == owner, score, -np.inf)
    row, column = np.unravel_index(score.argmax(), score.shape)
    space = room[near][row, column]
    if score[row, column] == -np.inf or space < _ROOM:
        return None
    x = plots.left + (columns[0] + column + 0.5) * PLOT_PIXEL
    y = plots.top - (rows[0] + row + 0.5) * PLOT_PIXEL
    corners = shapely.get_coordinates(house.minimum_rotated_rectangle)
    east, north = corners[1] - corners[0]
    heading = np.degrees(np.arctan2(north, east)) + rng.choice((0, 90))
    form = str(rng.choice(POOL_FORMS, p=_FORM_SHARES))
    outline = _outline(form, min(rng.uniform(6.5, 11), 2 * space - 1.6), rng)
    return form, translate(rotate(outline, heading, origin=(0, 0)), x, y)


def _outline(form: str, length: float, rng: np.random.Generator) -> Polygon:
    """A pool of a given form and length, round the origin."""
    if form == "ronde":
        return shapely.Point(0, 0).buffer(min(length, 5.5) / 2)
    if form == "haricot":
        lobes = [(-0.24, 0.0, 0.25), (0.22, 0.1, 0.22)]
        discs = [shapely.Point(x * length, y * length).buffer(r * length) for x, y, r in lobes]
        return shapely.union_all(discs).buffer(1.4).buffer(-1.4)
    width = max(length * rng.uniform(0.42, 0.55), 2.6)
    return shapely.box(-length / 2, -width / 2, length / 2, width / 2)
