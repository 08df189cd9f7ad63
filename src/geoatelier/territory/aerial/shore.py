"""The sea and its edge: depths, waves, foam, beach, quays, piers and boats."""

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy import fft, ndimage
from shapely import LineString, Polygon
from shapely.affinity import affine_transform
from shapely.geometry.base import BaseGeometry

from geoatelier.territory.aerial.canvas import FINER, PIXEL, Canvas, Colour, linear
from geoatelier.territory.aerial.trees import scatter, stamp
from geoatelier.territory.aerial.woods import LIMESTONE, SAND
from geoatelier.territory.reflectance import Array
from geoatelier.territory.texture import layered_field

DEEP_SEA: Colour = (30, 60, 80, 16)
MEADOW_FLOOR: Colour = (56, 74, 62, 20)
SAND_FLOOR: Colour = (196, 190, 164, 176)
ROCK_FLOOR: Colour = (122, 118, 98, 110)
FOAM: Colour = (236, 240, 240, 232)
WET_SAND: Colour = (176, 156, 122, 150)
QUAY: Colour = (190, 184, 172, 188)
PLANKS: Colour = (164, 148, 128, 158)
HULL: Colour = (238, 238, 234, 220)
_DECKS = np.array([(240, 240, 236, 224), (226, 214, 190, 214), (212, 220, 228, 206), (244, 244, 242, 226)])
_SKIFFS = np.array(
    [(58, 98, 152, 70), (196, 70, 54, 170), (232, 206, 92, 190), (70, 128, 92, 110), (240, 240, 238, 224)]
)

# Light that a metre of clear water takes, there and back, in red, green, blue and near infrared.
_ATTENUATION = np.array([0.72, 0.21, 0.17, 2.6], np.float32)
_BED_SLOPE = 0.035
_QUAY_WIDTH = 15.0


def paint_sea(
    canvas: Canvas, coast: Polygon, sand: BaseGeometry, built_up: BaseGeometry, piers: BaseGeometry
) -> NDArray[np.bool_]:
    """Paint the water and its edge; tell which pixels are sea.

    Parameters
    ----------
    coast : the land
    sand : beaches
    built_up, piers : ground of the town, and what stands over the water: between them the edge is a quay
    """
    sea = ~canvas.mask(coast)
    if not sea.any():
        return sea
    offshore = _distance(sea)
    m = canvas.size // FINER
    relief = layered_field((m, m), {8.0: 0.4, 40.0: 0.8}, canvas.rng)
    depth = np.clip(_BED_SLOPE * offshore * (1 + 0.25 * relief) + 0.25, 0.1, None)
    bottom = _floor(depth, relief, canvas)
    swell = _waves((m, m), canvas.rng) * np.clip(offshore / 90, 0.3, 1)
    for band in range(4):
        water = linear(DEEP_SEA)[band] + (bottom[band] - linear(DEEP_SEA)[band]) * np.exp(
            -_ATTENUATION[band] * depth
        )
        water = np.maximum(water * (1 + 0.10 * swell), 1e-4)
        full = np.repeat(np.repeat(water, FINER, 0), FINER, 1)
        canvas.albedo[band][sea] = full[sea].astype(np.float32)
    canvas.height[sea] = 0
    quay = quay_of(coast, built_up, piers)
    _foam(canvas, coast, sea, offshore, quay, sand)
    _beach(canvas, coast, sand)
    _rocks(canvas, coast, sand, built_up, quay)
    _quay(canvas, quay, coast)
    return sea


def quay_of(coast: Polygon, built_up: BaseGeometry, piers: BaseGeometry) -> BaseGeometry:
    """Paved strip between the town and the water, where the harbour is."""
    if piers.is_empty:
        return Polygon()
    harbour = shapely.convex_hull(piers).buffer(160)
    strip = coast.intersection(coast.exterior.buffer(_QUAY_WIDTH)).intersection(built_up.buffer(_QUAY_WIDTH))
    return strip.intersection(harbour)


def _distance(mask: NDArray[np.bool_]) -> Array:
    """Distance to the edge of a mask in metres, on published pixels; computed at 1 m."""
    coarse = mask[:: 2 * FINER, :: 2 * FINER]
    distance = ndimage.distance_transform_edt(coarse, sampling=2 * FINER * PIXEL)
    return ndimage.gaussian_filter(np.repeat(np.repeat(distance, 2, 0), 2, 1), 1.5).astype(np.float32)


def _floor(depth: Array, relief: Array, canvas: Canvas) -> Array:
    """Light sent back by the sea floor: sand, rocks near the shore, meadows of posidonia further out."""
    m = depth.shape[0]
    patches = layered_field((m, m), {4.0: 0.35, 22.0: 0.8}, canvas.rng)
    meadow = 1 / (1 + np.exp(-5 * (patches + 0.9 * (depth - 2.4) / 2)))
    rock = 1 / (1 + np.exp(-6 * (relief - 0.55))) * np.exp(-((depth / 3) ** 2))
    floor = linear(SAND_FLOOR)[:, None, None] * (1 + 0.05 * patches)
    floor = floor + rock * (linear(ROCK_FLOOR)[:, None, None] - floor)
    return floor + meadow * (linear(MEADOW_FLOOR)[:, None, None] - floor)


def _waves(shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """Wind waves from the north-west, deviation of 1: a random sea with a spectrum of its own."""
    ky = fft.fftfreq(shape[0], PIXEL * FINER)[:, None]
    kx = fft.rfftfreq(shape[1], PIXEL * FINER)[None, :]
    k = np.hypot(kx, ky) + 1e-6
    aligned = np.abs(kx * np.sin(np.radians(320)) - ky * np.cos(np.radians(320))) / k
    spectrum = np.exp(-((np.log(k * 7.0)) ** 2) / 0.35) * (0.08 + aligned**6) + 0.25 * np.exp(
        -((np.log(k * 2.2)) ** 2) / 0.5
    )
    noise = fft.rfft2(rng.standard_normal(shape, dtype=np.float32))
    waves = fft.irfft2(noise * spectrum, s=shape)
    return (waves / waves.std()).astype(np.float32)


def _foam(
    canvas: Canvas,
    coast: Polygon,
    sea: NDArray[np.bool_],
    offshore: Array,
    quay: BaseGeometry,
    sand: BaseGeometry,
) -> None:
    """White water on rocks, a thin line on beaches, none along quays."""
    step = np.s_[::FINER, ::FINER]
    calm = canvas.mask(quay.buffer(6))[step]
    gentle = canvas.mask(sand.buffer(12))[step]
    width = (
        np.where(gentle, np.float32(0.9), np.float32(1.5))
        + 0.9 * canvas.drift[step]
        + 0.7 * canvas.mottle[step]
    )
    foam = np.clip((width - offshore) / 1.2, 0, 0.85) * ~calm
    share = np.repeat(np.repeat(foam, FINER, 0), FINER, 1) * sea
    canvas.blend(np.s_[:, :], share, FOAM)


def _beach(canvas: Canvas, coast: Polygon, sand: BaseGeometry) -> None:
    """Sand, wet at the edge, with parasols."""
    near = sand.intersection(canvas.frame)
    if near.is_empty:
        return
    dry = canvas.mask(near)
    canvas.paint(dry, SAND, grain=0.035, mottle=0.03, drift=0.03, flatten=True)
    wet = dry & ~canvas.mask(coast.buffer(-3.2)) & (canvas.drift > -2)
    canvas.paint(wet, WET_SAND, grain=0.03, mottle=0.03)
    x, y = scatter(near.intersection(coast.buffer(-6)), 9.0, canvas.rng, jitter=0.9)
    kept = canvas.rng.random(len(x)) < 0.22
    for colour in ((226, 84, 66, 200), (66, 118, 184, 120), (244, 222, 116, 220), (240, 240, 240, 230)):
        mine = kept & (canvas.rng.random(len(x)) < 0.4)
        kept &= ~mine
        stamp(canvas, x[mine], y[mine], np.full(mine.sum(), 1.0), np.full(mine.sum(), 2.0), colour, base=0.85)


def _rocks(
    canvas: Canvas, coast: Polygon, sand: BaseGeometry, built_up: BaseGeometry, quay: BaseGeometry
) -> None:
    """Boulders where the shore is neither sand nor quay."""
    frame = canvas.frame.buffer(5)
    band = (
        coast.exterior.buffer(4.0).intersection(frame).difference(sand.buffer(9)).difference(quay.buffer(4))
    )
    if band.is_empty:
        return
    bare = canvas.mask(band) & canvas.mask(coast)
    canvas.paint(bare, LIMESTONE, grain=0.10, mottle=0.10)
    x, y = scatter(band, 1.9, canvas.rng, jitter=0.9)
    kept = canvas.rng.random(len(x)) < 0.7
    radius = np.exp(canvas.rng.normal(np.log(0.8), 0.4, kept.sum()))
    stamp(canvas, x[kept], y[kept], radius, 0.9 * radius, LIMESTONE, spread=0.14, base=0.15)


def _quay(canvas: Canvas, quay: BaseGeometry, coast: Polygon) -> None:
    if quay.is_empty:
        return
    paved = canvas.mask(quay)
    canvas.paint(paved, QUAY, grain=0.03, mottle=0.03, drift=0.04, flatten=True)
    edge = paved & ~canvas.mask(coast.buffer(-0.7))
    canvas.paint(edge, (214, 208, 196, 206), grain=0.02)


def paint_piers(canvas: Canvas, piers: GeoDataFrame, coast: Polygon) -> None:
    """Paint what the harbour builds over the water: a breakwater of rocks and wooden pontoons.

    Parameters
    ----------
    piers : lines over the sea, with their `width`
    """
    for pier in piers.itertuples():
        if pier.width >= 4:
            mound = pier.geometry.buffer(pier.width / 2 + 4.5).difference(coast)
            x, y = scatter(mound, 1.7, canvas.rng, jitter=0.9)
            radius = np.exp(canvas.rng.normal(np.log(1.0), 0.25, len(x)))
            stamp(canvas, x, y, radius, 1.2 * radius, LIMESTONE, spread=0.13, base=0.3)
        deck = pier.geometry.buffer(pier.width / 2, cap_style="flat")
        window = canvas.window(deck, 2)
        if window is None:
            continue
        covered = canvas.mask(deck, window)
        canvas.paint(covered, QUAY if pier.width >= 4 else PLANKS, window=window, grain=0.04, mottle=0.03)
        canvas.height[window][covered] = 2.2 if pier.width >= 4 else 0.7
        if pier.width >= 4:
            _light(canvas, shapely.Point(_outer_end(pier.geometry, coast)))


def _outer_end(line: LineString, coast: Polygon) -> tuple[float, float]:
    """The end that is further from land, a little before it."""
    first, last = line.interpolate(3), line.interpolate(line.length - 3)
    return max((first, last), key=coast.distance).coords[0]


def _light(canvas: Canvas, foot: shapely.Point) -> None:
    """A small lighthouse."""
    for radius, height, colour in ((1.6, 9.0, HULL), (0.9, 11.0, (190, 60, 50, 170))):
        window = canvas.window(foot.buffer(radius), 1)
        if window is not None:
            covered = canvas.mask(foot.buffer(radius), window)
            canvas.paint(covered, colour, window=window)
            canvas.height[window][covered] = height


def moor_boats(canvas: Canvas, piers: GeoDataFrame, coast: Polygon, quay: BaseGeometry) -> None:
    """Boats along pontoons and quays, at anchor, and two under way."""
    rng = canvas.rng
    taken: list[Polygon] = list(piers.geometry.buffer(piers["width"] / 2)) if len(piers) else []
    for pier in piers.itertuples():
        pontoon = pier.width < 4
        for place in np.arange(5, pier.geometry.length - 2, 4.2 if pontoon else 7.5):
            for side in (-1, 1) if pontoon else (_sheltered(pier.geometry, place, quay),):
                if rng.random() < (0.86 if pontoon else 0.40):
                    length = rng.uniform(6.5, 10.5) if pontoon else rng.uniform(8, 15)
                    gap = pier.width / 2 + (0.6 if pontoon else 5.5)
                    _moor(canvas, pier.geometry, place, side, gap, length, coast, taken)
    if not quay.is_empty:
        front = coast.exterior.intersection(quay.buffer(1))
        for line in shapely.get_parts(shapely.line_merge(front)):
            for place in np.arange(3, line.length - 3, 3.4):
                if rng.random() < 0.5:
                    for side in (-1, 1):
                        _moor(canvas, line, place, side, 0.8, rng.uniform(4.5, 6.8), coast, taken)
    _at_sea(canvas, coast, taken)


def _sheltered(line: LineString, place: float, quay: BaseGeometry) -> int:
    """Side of a breakwater that faces the harbour: 1 on the left of the line, -1 on its right."""
    sides = [line.parallel_offset(12, side).interpolate(place) for side in ("right", "left")]
    return 1 if sides[1].distance(quay.centroid) < sides[0].distance(quay.centroid) else -1


def _moor(
    canvas: Canvas, line: LineString, place: float, side: int, gap: float, length: float, coast: Polygon,
    taken: list[Polygon],
) -> None:  # fmt: skip
    """Moor a boat square to a line, bow out, if the place is free water."""
    at = np.array(line.interpolate(place).coords[0])
    ahead = np.array(line.interpolate(place + 0.5).coords[0]) - np.array(
        line.interpolate(place - 0.5).coords[0]
    )
    out = side * np.array([-ahead[1], ahead[0]]) / np.hypot(*ahead)
    centre = at + out * (gap + length / 2)
    heading = np.arctan2(out[1], out[0]) + canvas.rng.normal(0, 0.04)
    _boat(canvas, *centre, heading, length, coast, taken)


def _boat(
    canvas: Canvas, x: float, y: float, heading: float, length: float, coast: Polygon, taken: list[Polygon]
) -> bool:
    rng = canvas.rng
    width = 0.30 * length + 0.45
    hull = _turned(
        [(-0.5, -0.42), (-0.5, 0.42), (0.0, 0.5), (0.3, 0.32), (0.5, 0), (0.3, -0.32), (0.0, -0.5)],
        x,
        y,
        heading,
        length,
        width,
    )
    if hull.distance(coast) < 0.2 or any(hull.intersects(other) for other in taken):
        return False
    window = canvas.window(hull, 3)
    if window is None:
        return False
    taken.append(hull)
    small = length < 6.8
    tone = _SKIFFS[rng.integers(len(_SKIFFS))] if small and rng.random() < 0.6 else HULL
    covered = canvas.mask(hull, window)
    canvas.paint(covered, tone, window=window)
    canvas.height[window][covered] = 0.9
    deck = _turned(
        [(-0.44, -0.3), (-0.44, 0.3), (0.05, 0.36), (0.36, 0), (0.05, -0.36)], x, y, heading, length, width
    )
    inner = canvas.mask(deck, window)
    canvas.paint(
        inner, _DECKS[rng.integers(len(_DECKS))] * (0.82 if small else 0.96), window=window, grain=0.03
    )
    if not small:
        cabin = _turned(
            [(-0.15, -0.26), (-0.15, 0.26), (0.18, 0.2), (0.18, -0.2)], x, y, heading, length, width
        )
        top = canvas.mask(cabin, window)
        canvas.paint(top, (92, 108, 124, 90) if rng.random() < 0.5 else (224, 226, 226, 210), window=window)
        canvas.height[window][top] = 1.8
        if rng.random() < 0.5:
            mast = canvas.mask(
                shapely.Point(
                    x + 0.08 * length * np.cos(heading), y + 0.08 * length * np.sin(heading)
                ).buffer(0.2),
                window,
            )
            canvas.height[window][mast] = 1.25 * length
    return True


def _turned(
    points: list[tuple[float, float]], x: float, y: float, heading: float, length: float, width: float
) -> Polygon:
    """A boat-shaped polygon, from shares of its length and width."""
    c, s = np.cos(heading), np.sin(heading)
    return affine_transform(Polygon(points), (c * length, -s * width, s * length, c * width, x, y))


def _at_sea(canvas: Canvas, coast: Polygon, taken: list[Polygon]) -> None:
    rng = canvas.rng
    water = canvas.frame.buffer(-15).difference(coast.buffer(35))
    if water.is_empty:
        return
    x, y = scatter(water, 55.0, rng, jitter=0.9)
    wind = np.radians(rng.normal(130, 6, len(x)))
    for i in np.flatnonzero(rng.random(len(x)) < 0.22):
        _boat(canvas, x[i], y[i], wind[i], rng.uniform(6, 13), coast, taken)
    for _ in range(2):
        i = rng.integers(len(x))
        heading = rng.uniform(0, 2 * np.pi)
        if coast.distance(shapely.Point(x[i], y[i])) > 60 and _boat(
            canvas, x[i], y[i], heading, 8.0, coast, taken
        ):
            _wake(canvas, x[i], y[i], heading)


def _wake(canvas: Canvas, x: float, y: float, heading: float) -> None:
    """Foam behind a boat under way."""
    length = 70.0
    trail = _turned([(0.0, 0.5), (-1.0, 0.5), (-1.0, -0.5), (0.0, -0.5)], x, y, heading, length, 24)
    window = canvas.window(trail, 2)
    if window is None:
        return
    px, py = canvas.positions(window)
    back = -((px - x) * np.cos(heading) + (py - y) * np.sin(heading)) - 4
    side = np.abs(-(px - x) * np.sin(heading) + (py - y) * np.cos(heading))
    arms = np.exp(-(((side - 0.13 * back) / (0.5 + 0.02 * back)) ** 2))
    wash = np.exp(-((side / (0.9 + 0.03 * back)) ** 2))
    share = (0.35 * arms + 0.6 * wash) * np.exp(-np.clip(back, 0, None) / 20) * (back > 0)
    share *= np.clip(1 + 0.35 * canvas.mottle[window], 0, 1.5) * (canvas.height[window] < 0.3)
    canvas.blend(window, np.clip(share, 0, 0.9), FOAM)
