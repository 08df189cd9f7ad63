"""Towns from the air: gardens and yards, streets, roofs, cars, pools."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.transform import from_origin
from scipy import ndimage
from shapely import Polygon
from shapely.affinity import rotate, translate
from shapely.geometry.base import BaseGeometry

from geoatelier.territory.aerial.canvas import FINER, PIXEL, Canvas, Colour, Window, linear
from geoatelier.territory.aerial.fields import DRY_GRASS, PALE_EARTH
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
from geoatelier.territory.aerial.woods import GRAVEL, PAVING
from geoatelier.territory.ground import ROAD_WIDTH
from geoatelier.territory.reflectance import Array
from geoatelier.territory.world import CRS, Settlement

LAWN: Colour = (112, 130, 82, 220)
TERRACE: Colour = (206, 190, 164, 192)
OLD_PAVING: Colour = (184, 174, 158, 178)
ASPHALT: Colour = (134, 134, 134, 142)
SIDEWALK: Colour = (182, 176, 166, 178)
EARTH_ROAD: Colour = (204, 188, 158, 204)
HEDGE: Colour = (70, 92, 56, 176)
WALL: Colour = (206, 196, 178, 198)
WATER_OF_POOL: Colour = (92, 190, 204, 26)
POOL_EDGE: Colour = (226, 220, 206, 212)
PANEL: Colour = (44, 52, 72, 60)
RUBBLE: Colour = (182, 172, 152, 170)

_TILES = np.array(
    [(204, 146, 112, 186), (188, 124, 94, 178), (212, 160, 126, 192), (174, 116, 90, 170), (216, 176, 146, 196),
     (186, 152, 126, 180), (196, 132, 98, 182)]
)  # fmt: skip
_FLAT_ROOFS = np.array(
    [(190, 186, 180, 186), (168, 166, 164, 168), (214, 208, 198, 208), (176, 168, 152, 176)]
)
_SHEDS = np.array([(160, 158, 156, 160), (196, 194, 190, 196), (150, 132, 112, 158), (128, 134, 130, 140)])
_GLASS: Colour = (198, 208, 210, 190)
_CARS = np.array(
    [(232, 232, 230), (198, 200, 202), (120, 124, 128), (52, 54, 58), (150, 44, 40), (58, 84, 130)]
)
_CAR_SHARES = (0.34, 0.24, 0.18, 0.10, 0.06, 0.08)

# Roads of these importances have a centre line.
_MARKED = ("2", "3")

# Slope of a roof of Roman tiles.
_PITCH = np.tan(np.radians(18))
_USUAL_HEIGHT = 5.5
# Share of roofs around from which ground is a street or a square rather than a garden.
_DENSE = 0.36
_PLOT_PIXEL = PIXEL * FINER


@dataclass(frozen=True)
class Plots:
    """Which building each 50 cm cell of the patch belongs to, as the nearest; -1 outside towns."""

    owner: NDArray[np.int32]
    from_wall: Array
    dense: NDArray[np.bool_]

    def full(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """Cells repeated onto painted pixels."""
        return np.repeat(np.repeat(values, FINER, 0), FINER, 1)


def survey_plots(canvas: Canvas, settlement: Settlement, buildings: GeoDataFrame) -> Plots:
    """Share the ground of the town between its buildings."""
    m = canvas.size // FINER
    transform = from_origin(canvas.left, canvas.top, _PLOT_PIXEL, _PLOT_PIXEL)
    if buildings.empty:
        nothing = np.full((m, m), -1, np.int32)
        return Plots(nothing, np.full((m, m), 1e3, np.float32), np.zeros((m, m), bool))
    number = rasterize(
        zip(buildings.geometry, range(1, len(buildings) + 1), strict=True),
        (m, m),
        transform=transform,
        dtype="int32",
    )
    distance, (row, column) = ndimage.distance_transform_edt(
        number == 0, return_indices=True, sampling=_PLOT_PIXEL
    )
    town = rasterize([settlement.built_up], (m, m), transform=transform, dtype="uint8").astype(bool)
    owner = np.where(town, number[row, column] - 1, -1)
    around = ndimage.zoom(ndimage.gaussian_filter((number[::4, ::4] > 0).astype(np.float32), 7), 4, order=1)
    return Plots(owner.astype(np.int32), distance.astype(np.float32), (around[:m, :m] > _DENSE) & town)


def paint_gardens(
    canvas: Canvas,
    settlement: Settlement,
    buildings: GeoDataFrame,
    plots: Plots,
    streets: BaseGeometry,
    grove: Grove,
) -> None:
    """Paint what lies between the houses: lawns, gravel, terraces, hedges, walls and garden trees."""
    rng = canvas.rng
    n = max(len(buildings), 1)
    owner = plots.full(plots.owner)
    town = owner >= 0
    kinds = np.array([LAWN, DRY_GRASS, GRAVEL, PALE_EARTH], float)
    ground = kinds[rng.choice(4, n, p=(0.24, 0.38, 0.24, 0.14))] * np.exp(rng.normal(0, 0.05, (n, 1)))
    canvas.paint(town, np.minimum(ground[owner[town]], 250), grain=0.05, mottle=0.06, drift=0.05)
    parched = np.clip(0.30 * canvas.drift + 0.22 * canvas.mottle, 0, 0.75) * town
    canvas.blend((slice(None), slice(None)), parched.astype(np.float32), DRY_GRASS)
    from_wall = plots.full(plots.from_wall)
    terrace = town & (from_wall < 2.2 + 0.8 * canvas.drift)
    canvas.paint(terrace, TERRACE, grain=0.05, mottle=0.04)
    dense = plots.full(plots.dense)
    canvas.paint(dense, OLD_PAVING, grain=0.05, mottle=0.05, drift=0.03)
    free = (
        settlement.built_up.intersection(canvas.frame)
        .difference(shapely.union_all(buildings.buffer(2.2).array) if len(buildings) else shapely.Polygon())
        .difference(streets.buffer(1.5))
    )
    _fences(canvas, plots, n, ~canvas.mask(streets.buffer(1.2)) if not streets.is_empty else np.True_)
    _garden_trees(canvas, plots, free, grove)


def _fences(canvas: Canvas, plots: Plots, n: int, off_street: NDArray[np.bool_]) -> None:
    """Hedges and walls where two plots meet."""
    rng = canvas.rng
    owner = plots.owner
    border = np.zeros(owner.shape, bool)
    border[:, 1:] |= owner[:, 1:] != owner[:, :-1]
    border[1:] |= owner[1:] != owner[:-1]
    border &= (owner >= 0) & ~plots.dense & (plots.from_wall > 2.5)
    hedged = rng.random(n) < 0.6
    hedge = border & hedged[owner]
    wall = border & ~hedged[owner]
    width = 1.6 + 0.6 * canvas.mottle
    grown = (_smooth_distance(hedge) < 0.5 * width) & off_street & (canvas.drift > -1.1)
    grown &= plots.full(plots.from_wall) > 1.2
    canvas.paint(grown, HEDGE, grain=0.14, mottle=0.10)
    canvas.height[grown] = np.maximum(1.5 + 0.25 * canvas.grain + 0.2 * canvas.mottle, 0.6)[grown]
    built = (_smooth_distance(wall) < 0.45) & off_street
    canvas.paint(built, WALL, grain=0.05)
    canvas.height[built] = 1.2


def _smooth_distance(line: NDArray[np.bool_]) -> Array:
    """Distance in metres to a line drawn in 50 cm cells, on painted pixels, without the steps of the cells."""
    distance = ndimage.distance_transform_edt(~line, sampling=_PLOT_PIXEL).astype(np.float32)
    return ndimage.zoom(ndimage.gaussian_filter(distance, 1.2), FINER, order=1, grid_mode=True, mode="nearest")


def _garden_trees(canvas: Canvas, plots: Plots, free: BaseGeometry, grove: Grove) -> None:
    rng = canvas.rng
    if free.is_empty:
        return
    x, y = scatter(free, 7.5, rng, jitter=0.9)
    row = np.clip(((canvas.top - y) / _PLOT_PIXEL).astype(int), 0, plots.owner.shape[0] - 1)
    column = np.clip(((x - canvas.left) / _PLOT_PIXEL).astype(int), 0, plots.owner.shape[1] - 1)
    chance = np.where(plots.dense[row, column], 0.10, 0.34)
    kept = rng.random(len(x)) < chance
    x, y = x[kept], y[kept]
    kinds = (
        ("arbre d'ornement", GARDEN, 2.3, 1.9, 0.36), ("pin", PINE, 3.6, 2.3, 0.20), ("chêne vert", HOLM_OAK, 2.6, 2.0, 0.12),
        ("cyprès", CYPRESS, 0.9, 7.5, 0.14), ("olivier", OLIVE, 1.9, 1.6, 0.12), ("palmier", PALM, 1.8, 3.2, 0.06),
    )  # fmt: skip
    chosen = rng.choice(len(kinds), len(x), p=[k[-1] for k in kinds])
    for i, (kind, colour, radius, slenderness, _) in enumerate(kinds):
        here = chosen == i
        size = radius * np.exp(rng.normal(0, 0.25, here.sum()))
        plant(canvas, grove, x[here], y[here], size, size * slenderness, colour, kind, base=0.4)


def street_surface(canvas: Canvas, roads: GeoDataFrame) -> BaseGeometry:
    """Ground under the roads of a patch."""
    return shapely.union_all(_strips(roads, 0).array) if len(roads) else Polygon()


def _widths(roads: GeoDataFrame) -> NDArray[np.float64]:
    return roads["largeur_de_chaussee"].astype(float).fillna(roads["nature"].map(ROAD_WIDTH)).to_numpy()


def _strips(roads: GeoDataFrame, margin: float) -> gpd.GeoSeries:
    return roads.geometry.buffer(_widths(roads) / 2 + margin)


def paint_roads(canvas: Canvas, roads: GeoDataFrame, built_up: BaseGeometry) -> None:
    """Paint tracks, streets with their pavements and centre lines, and the cars on them."""
    paved = roads["nature"] == "Route à 1 chaussée"
    for path in roads[~paved].itertuples():
        _track(canvas, path)
    streets = roads[paved]
    if streets.empty:
        return
    town = built_up.buffer(6).intersection(canvas.frame)
    sides = canvas.mask(shapely.intersection(shapely.union_all(_strips(streets, 1.1).array), town))
    canvas.paint(sides, SIDEWALK, grain=0.04, mottle=0.03, flatten=True)
    verge = canvas.mask(shapely.difference(shapely.union_all(_strips(streets, 0.9).array), town))
    canvas.paint(verge, GRAVEL, grain=0.06, mottle=0.05, flatten=True)
    surface = canvas.mask(shapely.union_all(_strips(streets, 0).array))
    canvas.paint(surface, ASPHALT, grain=0.035, mottle=0.03, drift=0.05, flatten=True)
    _markings(canvas, streets)
    _cars(canvas, streets, town)


def _track(canvas: Canvas, path: object) -> None:
    """An earth track: two pale ruts and grass between them."""
    width = path.largeur_de_chaussee
    width = ROAD_WIDTH[path.nature] if width is None or np.isnan(width) else width
    window = canvas.window(path.geometry, 6)
    if window is None:
        return
    bed = canvas.mask(path.geometry.buffer(width / 2), window)
    canvas.paint(bed, EARTH_ROAD, window=window, grain=0.05, mottle=0.06, flatten=True)
    if 2 <= width < 4:
        middle = canvas.mask(path.geometry.buffer(0.35), window) & (canvas.mottle[window] > -0.6)
        canvas.paint(middle, DRY_GRASS, window=window, grain=0.08)


def _markings(canvas: Canvas, streets: GeoDataFrame) -> None:
    """Dashed centre lines on the wider roads."""
    wide = streets[(_widths(streets) >= 5) & streets["importance"].isin(_MARKED)]
    dashes = []
    for line in shapely.get_parts(wide.geometry.intersection(canvas.frame).array):
        starts = np.arange(4, line.length - 6, 6.0)
        ends = shapely.line_interpolate_point(line, np.stack([starts, starts + 2.4], axis=1))
        dashes.append(shapely.linestrings(shapely.get_coordinates(ends).reshape(-1, 2, 2)))
    if dashes:
        strips = shapely.buffer(np.concatenate(dashes), 0.14, cap_style="flat")
        canvas.paint(canvas.mask(strips), (214, 214, 210, 206), grain=0.03)


def _cars(canvas: Canvas, streets: GeoDataFrame, town: BaseGeometry) -> None:
    """Cars parked along streets, a few of them moving."""
    rng = canvas.rng
    for line, width in zip(streets.geometry, _widths(streets), strict=True):
        if width < 4.2 or line.length < 20 or not line.intersects(canvas.frame):
            continue
        places = np.arange(8, line.length - 8, 6.2)
        in_town = shapely.contains(town, line.interpolate(line.length / 2))
        for place in places[rng.random(len(places)) < (0.20 if in_town else 0.03)]:
            a, b = line.interpolate(place - 1).coords[0], line.interpolate(place + 1).coords[0]
            heading = np.degrees(np.arctan2(b[1] - a[1], b[0] - a[0]))
            side = (width / 2 - 0.2 if in_town else width / 4) * rng.choice((-1, 1))
            centre = np.array(line.interpolate(place).coords[0])
            normal = np.array([-(b[1] - a[1]), b[0] - a[0]]) / 2
            _car(canvas, *(centre + side * normal), heading)


def _car(canvas: Canvas, x: float, y: float, heading: float) -> None:
    rng = canvas.rng
    length, width = rng.uniform(3.8, 4.7), 1.8
    body = rotate(
        shapely.box(x - length / 2, y - width / 2, x + length / 2, y + width / 2), heading, origin=(x, y)
    )
    window = canvas.window(body, 1)
    if window is None:
        return
    red, green, blue = _CARS[rng.choice(len(_CARS), p=_CAR_SHARES)]
    covered = canvas.mask(body, window)
    canvas.paint(covered, (red, green, blue, (red + green) // 2), window=window)
    canvas.height[window][covered] = 1.0
    cabin = rotate(
        shapely.box(x - length * 0.22, y - 0.75, x + length * 0.2, y + 0.75), heading, origin=(x, y)
    )
    roof = canvas.mask(cabin, window)
    canvas.paint(roof, (red * 0.82, green * 0.84, blue * 0.88, red * 0.7), window=window)
    canvas.height[window][roof] = 1.5


def paint_roofs(canvas: Canvas, buildings: GeoDataFrame) -> None:
    """Raise and roof every building: two slopes, four, or none, by what it is."""
    for building in buildings.itertuples():
        if building.etat_de_l_objet == "En projet":
            continue
        for polygon in shapely.get_parts(building.geometry):
            _roof(canvas, building, polygon)


def _roof(canvas: Canvas, building: object, polygon: Polygon) -> None:
    rng = canvas.rng
    window = canvas.window(polygon, 2)
    if window is None:
        return
    eaves = polygon.buffer(0.3, join_style="mitre")
    covered = canvas.mask(eaves, window)
    if not covered.any():
        return
    height = building.hauteur
    height = _USUAL_HEIGHT if height is None or np.isnan(height) or height < 1.5 else height
    along, across, half = _axes(canvas, window, polygon)
    if building.etat_de_l_objet == "En ruine":
        walls = covered & ~canvas.mask(polygon.buffer(-0.6), window)
        canvas.paint(covered, RUBBLE, window=window, grain=0.12, mottle=0.10)
        canvas.height[window][covered] = 0.3
        canvas.height[window][walls] = 0.6 * height
        return
    if building.nature == "Serre":
        _ridged(canvas, window, covered, along, _GLASS, height, 3.2)
        return
    if building.nature == "Silo":
        canvas.paint(covered, _SHEDS[1], window=window, grain=0.02)
        canvas.height[window][covered] = height
        return
    if building.construction_legere:
        _ridged(canvas, window, covered, along, _SHEDS[rng.integers(len(_SHEDS))], min(height, 3.0), 0.9)
        return
    if building.nature == "Industriel, agricole ou commercial" or (polygon.area > 450 and rng.random() < 0.6):
        _flat(canvas, window, polygon, covered, height)
        return
    compact = polygon.area / polygon.minimum_rotated_rectangle.area
    if compact > 0.86 and rng.random() < 0.85:
        rise = np.clip(half - np.abs(across), 0, None)
    else:
        rise = ndimage.distance_transform_edt(covered) * PIXEL
    _tiled(canvas, window, covered, along, across, height + _PITCH * rise.astype(np.float32), rise.max())
    if building.nature in ("Eglise", "Chapelle"):
        _tower(canvas, polygon, height)
    elif polygon.area > 55:
        _fittings(canvas, window, covered, along, across, half, height)


def _axes(
    canvas: Canvas, window: Window, polygon: Polygon
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Coordinates along and across the ridge, from the middle of the building, and half its width."""
    corners = shapely.get_coordinates(polygon.minimum_rotated_rectangle)
    sides = np.diff(corners[:3], axis=0)
    lengths = np.hypot(*sides.T)
    axis = sides[lengths.argmax()] / lengths.max()
    x, y = canvas.positions(window)
    dx, dy = x - corners[:4, 0].mean(), y - corners[:4, 1].mean()
    return dx * axis[0] + dy * axis[1], -dx * axis[1] + dy * axis[0], lengths.min() / 2 + 0.3


def _tiled(
    canvas: Canvas,
    window: Window,
    covered: NDArray[np.bool_],
    along: NDArray[np.float64],
    across: NDArray[np.float64],
    height: Array,
    highest: float,
) -> None:
    rng = canvas.rng
    tone = _TILES[rng.integers(len(_TILES))] * np.exp(rng.normal(0, 0.05))
    canvas.paint(covered, np.minimum(tone, 250), window=window, grain=0.05, mottle=0.05)
    # Channels run down the slope; a few courses were laid again.
    channels = 0.05 * np.cos(2 * np.pi * along / 0.9 + 3 * np.cos(along / 2.1))
    relaid = 0.06 * np.sign(np.cos(along / rng.uniform(2, 5) + rng.uniform(0, 6)) - 0.7)
    uneven = (1 + channels + relaid).astype(np.float32)
    top = height.max() if covered.any() else 0
    ridge = covered & (height > top - 0.12) & (highest > 1.5)
    for band in range(4):
        view = canvas.albedo[band][window]
        view[covered] *= uneven[covered]
        view[ridge] = view[ridge] * 0.6 + 0.4 * linear(WALL)[band]
    canvas.height[window][covered] = height[covered]


def _ridged(
    canvas: Canvas, window: Window, covered: NDArray[np.bool_], along: NDArray[np.float64], colour: Colour,
    height: float, pitch: float,
) -> None:  # fmt: skip
    """Corrugated sheet or glass: bays across the length."""
    canvas.paint(covered, colour, window=window, grain=0.03, mottle=0.04)
    bays = np.abs((along / pitch) % 1 - 0.5)
    canvas.height[window][covered] = (height + 0.25 * pitch * bays)[covered].astype(np.float32)


def _flat(
    canvas: Canvas, window: Window, polygon: Polygon, covered: NDArray[np.bool_], height: float
) -> None:
    """A flat roof with its parapet and machines."""
    rng = canvas.rng
    canvas.paint(
        covered,
        _FLAT_ROOFS[rng.integers(len(_FLAT_ROOFS))],
        window=window,
        grain=0.04,
        mottle=0.05,
        drift=0.03,
    )
    canvas.height[window][covered] = height
    parapet = covered & ~canvas.mask(polygon.buffer(-0.2), window)
    canvas.paint(parapet, WALL, window=window)
    canvas.height[window][parapet] = height + 0.6
    core = polygon.buffer(-2.5)
    for _ in range(int(polygon.area / 180)):
        x, y = rng.uniform(*np.array(polygon.bounds).reshape(2, 2))
        if core.contains(shapely.Point(x, y)):
            machine = canvas.mask(shapely.box(x - 0.9, y - 0.7, x + 0.9, y + 0.7), window)
            canvas.paint(machine, (210, 212, 212, 205), window=window)
            canvas.height[window][machine] = height + 1.1


def _tower(canvas: Canvas, polygon: Polygon, height: float) -> None:
    """A bell tower at the end of the nave."""
    corners = shapely.get_coordinates(polygon.minimum_rotated_rectangle)[:4]
    corner = 0.8 * corners[0] + 0.2 * corners.mean(axis=0)
    half = np.clip(np.sqrt(polygon.area) / 9, 1.2, 2.6)
    tower = shapely.Point(corner).buffer(half, cap_style="square")
    window = canvas.window(tower, 1)
    if window is None:
        return
    covered = canvas.mask(tower, window)
    canvas.paint(covered, (196, 176, 150, 190), window=window, grain=0.04)
    x, y = canvas.positions(window)
    spire = np.clip(half - np.maximum(np.abs(x - corner[0]), np.abs(y - corner[1])), 0, None)
    canvas.height[window][covered] = (1.7 * height + 0.5 * spire)[covered].astype(np.float32)


def _fittings(
    canvas: Canvas, window: Window, covered: NDArray[np.bool_], along: NDArray[np.float64],
    across: NDArray[np.float64], half: float, height: float,
) -> None:  # fmt: skip
    """Chimneys, and solar panels on some roofs."""
    rng = canvas.rng
    reach = np.abs(along[covered]).max()
    if rng.random() < 0.10 and half > 3:
        side = rng.choice((-1, 1))
        panels = covered & (np.abs(along) < min(0.55 * reach, 4.0))
        panels &= (side * across > 0.22 * half) & (side * across < 0.78 * half)
        canvas.paint(panels, PANEL, window=window)
        seams = panels & (np.abs((along / 1.7) % 1 - 0.5) > 0.42)
        canvas.paint(seams, (70, 78, 98, 80), window=window)
    for _ in range(rng.integers(0, 3)):
        u, v = rng.uniform(-0.7, 0.7) * reach, rng.uniform(-0.35, 0.35) * half
        chimney = covered & (np.abs(along - u) < 0.4) & (np.abs(across - v) < 0.35)
        canvas.paint(chimney, (212, 190, 168, 196), window=window)
        canvas.height[window][chimney] = height + _PITCH * half + 0.9


def lay_pools(
    canvas: Canvas, settlement: Settlement, buildings: GeoDataFrame, plots: Plots, streets: BaseGeometry
) -> GeoDataFrame:
    """Dig pools in the gardens that have room, and paint them.

    Returns
    -------
    GeoDataFrame of their water's outline: `id`, `forme`
    """
    rng = canvas.rng
    taken = plots.full(canvas_border(plots)) | canvas.mask(streets.buffer(1.0)) if len(buildings) else None
    pools: list[tuple[str, Polygon]] = []
    if taken is not None:
        blocked = taken[::FINER, ::FINER] | (plots.from_wall < 0.3) | (plots.owner < 0) | plots.dense
        room = ndimage.distance_transform_edt(~blocked, sampling=_PLOT_PIXEL)
        for i, building in enumerate(buildings.itertuples()):
            wanted = building.usage_1 == "Résidentiel" and 70 < building.geometry.area < 420
            if wanted and rng.random() < 0.42:
                pool = _pool(canvas, plots, room, i, building.geometry)
                if pool is not None:
                    pools.append(pool)
    for _, pool in pools:
        _paint_pool(canvas, pool)
    return gpd.GeoDataFrame(
        {"id": [f"PISCINE{i + 1:04d}" for i in range(len(pools))], "forme": [form for form, _ in pools]},
        geometry=[pool for _, pool in pools],
        crs=CRS,
    )


def canvas_border(plots: Plots) -> NDArray[np.bool_]:
    """Cells where two plots meet."""
    owner = plots.owner
    border = np.zeros(owner.shape, bool)
    border[:, 1:] |= owner[:, 1:] != owner[:, :-1]
    border[1:] |= owner[1:] != owner[:-1]
    return border


def _pool(
    canvas: Canvas, plots: Plots, room: Array, owner: int, house: BaseGeometry
) -> tuple[str, Polygon] | None:
    """A pool in the widest free place of a plot, near the house, or nothing where it has no room."""
    rng = canvas.rng
    xmin, ymin, xmax, ymax = house.bounds
    m = room.shape[0]
    r0, r1 = (int(np.clip((canvas.top - v) / _PLOT_PIXEL, 0, m)) for v in (ymax + 25, ymin - 25))
    c0, c1 = (int(np.clip((v - canvas.left) / _PLOT_PIXEL, 0, m)) for v in (xmin - 25, xmax + 25))
    mine = plots.owner[r0:r1, c0:c1] == owner
    if not mine.any():
        return None
    score = np.where(mine, np.minimum(room[r0:r1, c0:c1], 6.0) - 0.08 * plots.from_wall[r0:r1, c0:c1], 0)
    row, column = np.unravel_index(score.argmax(), score.shape)
    space = room[r0 + row, c0 + column]
    if space < 3.4:
        return None
    x, y = canvas.left + (c0 + column + 0.5) * _PLOT_PIXEL, canvas.top - (r0 + row + 0.5) * _PLOT_PIXEL
    corners = shapely.get_coordinates(house.minimum_rotated_rectangle)
    side = corners[1] - corners[0]
    heading = np.degrees(np.arctan2(side[1], side[0])) + rng.choice((0, 90))
    length = min(rng.uniform(6.5, 11), 2 * space - 1.6)
    form = rng.choice(("rectangle", "haricot", "ronde"), p=(0.72, 0.2, 0.08))
    if form == "rectangle":
        width = max(length * rng.uniform(0.42, 0.55), 2.6)
        shape = shapely.box(-length / 2, -width / 2, length / 2, width / 2)
    elif form == "haricot":
        lobes = [
            shapely.Point(-0.24 * length, 0).buffer(0.25 * length),
            shapely.Point(0.22 * length, 0.1 * length).buffer(0.22 * length),
        ]
        shape = shapely.union_all(lobes).buffer(1.4).buffer(-1.4)
    else:
        shape = shapely.Point(0, 0).buffer(min(length, 5.5) / 2)
    return str(form), translate(rotate(shape, heading, origin=(0, 0)), x, y)


def _paint_pool(canvas: Canvas, pool: Polygon) -> None:
    window = canvas.window(pool, 3)
    if window is None:
        return
    rng = canvas.rng
    rim = canvas.mask(pool.buffer(rng.uniform(0.6, 1.6), join_style="mitre"), window)
    canvas.paint(rim, POOL_EDGE, window=window, grain=0.03, flatten=True)
    water = canvas.mask(pool, window)
    tone = np.array(WATER_OF_POOL) * np.exp(rng.normal(0, 0.07, 4))
    canvas.paint(water, np.minimum(tone, 245), window=window, grain=0.03, mottle=0.03, flatten=True)
    # One end is deeper.
    x, y = canvas.positions(window)
    turn = rng.uniform(0, 2 * np.pi)
    run = (x - pool.centroid.x) * np.cos(turn) + (y - pool.centroid.y) * np.sin(turn)
    deep = np.clip(0.5 + run / 8, 0, 1) * water
    canvas.blend(window, (0.35 * deep).astype(np.float32), (40, 132, 172, 14))
