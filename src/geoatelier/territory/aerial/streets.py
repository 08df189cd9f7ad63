"""Tracks, streets with their pavements and lines, and the cars on them."""

from typing import Protocol

import numpy as np
import shapely
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.affinity import rotate
from shapely.geometry.base import BaseGeometry

from geoatelier.territory.aerial.canvas import Canvas, Colour
from geoatelier.territory.aerial.fields import DRY_GRASS
from geoatelier.territory.aerial.woods import GRAVEL
from geoatelier.territory.ground import ROAD_WIDTH

ASPHALT: Colour = (134, 134, 134, 142)
SIDEWALK: Colour = (182, 176, 166, 178)
EARTH_ROAD: Colour = (204, 188, 158, 204)
LINE: Colour = (214, 214, 210, 206)

# Red, green and blue of cars, and how many are so.
_CARS = np.array(
    [(232, 232, 230), (198, 200, 202), (120, 124, 128), (52, 54, 58), (150, 44, 40), (58, 84, 130)]
)
_CAR_SHARES = (0.34, 0.24, 0.18, 0.10, 0.06, 0.08)
# Roads of these importances have a dashed centre line: dashes of 2.4 m, every 6 m.
_MARKED = ("2", "3")
_DASH, _STRIDE = 2.4, 6.0


class Track(Protocol):
    """A row of the table of roads."""

    geometry: LineString
    nature: str
    width: float


def street_widths(roads: GeoDataFrame) -> NDArray[np.float64]:
    """Width of each road in metres, the usual one of its kind where it is not known."""
    return roads["largeur_de_chaussee"].astype(float).fillna(roads["nature"].map(ROAD_WIDTH)).to_numpy()


def street_surface(roads: GeoDataFrame, margin: float = 0.0) -> BaseGeometry:
    """Ground under roads, and `margin` metres on each side."""
    return shapely.union_all(_strips(roads, margin).array) if len(roads) else Polygon()


def paint_roads(canvas: Canvas, roads: GeoDataFrame, built_up: BaseGeometry) -> None:
    """Paint the roads of a patch, from tracks to streets."""
    paved = roads["nature"] == "Route à 1 chaussée"
    for track in roads.assign(width=street_widths(roads))[~paved].itertuples():
        _track(canvas, track)
    streets = roads[paved]
    if streets.empty:
        return
    town = built_up.buffer(6).intersection(canvas.frame)
    pavement = canvas.mask(street_surface(streets, 1.1).intersection(town))
    canvas.paint(pavement, SIDEWALK, grain=0.04, mottle=0.03, flatten=True)
    verge = canvas.mask(street_surface(streets, 0.9).difference(town))
    canvas.paint(verge, GRAVEL, grain=0.06, mottle=0.05, flatten=True)
    surface = canvas.mask(street_surface(streets))
    canvas.paint(surface, ASPHALT, grain=0.035, mottle=0.03, drift=0.05, flatten=True)
    _markings(canvas, streets)
    _cars(canvas, streets, town)


def _strips(roads: GeoDataFrame, margin: float) -> GeoSeries:
    return roads.geometry.buffer(street_widths(roads) / 2 + margin)


def _track(canvas: Canvas, track: Track) -> None:
    """An earth track: two pale ruts and grass between them."""
    window = canvas.window(track.geometry, 6)
    if window is None:
        return
    bed = canvas.mask(track.geometry.buffer(track.width / 2), window)
    canvas.paint(bed, EARTH_ROAD, window=window, grain=0.05, mottle=0.06, flatten=True)
    if 2 <= track.width < 4:
        middle = canvas.mask(track.geometry.buffer(0.35), window) & (canvas.mottle[window] > -0.6)
        canvas.paint(middle, DRY_GRASS, window=window, grain=0.08)


def _markings(canvas: Canvas, streets: GeoDataFrame) -> None:
    """Dashed centre lines on the main roads."""
    main = streets.geometry[(street_widths(streets) >= 5) & streets["importance"].isin(_MARKED)]
    dashes = []
    for line in shapely.get_parts(main.intersection(canvas.frame).array):
        starts = np.arange(4, line.length - 6, _STRIDE)
        ends = shapely.line_interpolate_point(line, np.stack([starts, starts + _DASH], axis=1))
        dashes.append(shapely.linestrings(shapely.get_coordinates(ends).reshape(-1, 2, 2)))
    if dashes:
        strips = shapely.buffer(np.concatenate(dashes), 0.14, cap_style="flat")
        canvas.paint(canvas.mask(strips), LINE, grain=0.03)


def _cars(canvas: Canvas, streets: GeoDataFrame, town: BaseGeometry) -> None:
    """Cars parked along the streets of the town, and a few under way elsewhere."""
    rng = canvas.rng
    for line, width in zip(streets.geometry, street_widths(streets), strict=True):
        if width < 4.2 or line.length < 20 or not line.intersects(canvas.frame):
            continue
        places = np.arange(8, line.length - 8, 6.2)
        parked = shapely.contains(town, line.interpolate(line.length / 2))
        for place in places[rng.random(len(places)) < (0.20 if parked else 0.03)]:
            behind, here, ahead = (np.array(line.interpolate(place + d).coords[0]) for d in (-1, 0, 1))
            along = (ahead - behind) / np.hypot(*(ahead - behind))
            side = (width / 2 - 0.2 if parked else width / 4) * rng.choice((-1, 1))
            x, y = here + side * np.array([-along[1], along[0]])
            _car(canvas, x, y, np.degrees(np.arctan2(along[1], along[0])))


def _car(canvas: Canvas, x: float, y: float, heading: float) -> None:
    rng = canvas.rng
    length, width = rng.uniform(3.8, 4.7), 1.8
    body = shapely.box(x - length / 2, y - width / 2, x + length / 2, y + width / 2)
    cabin = shapely.box(x - length * 0.22, y - 0.75, x + length * 0.2, y + 0.75)
    window = canvas.window(body, 3)
    if window is None:
        return
    red, green, blue = _CARS[rng.choice(len(_CARS), p=_CAR_SHARES)]
    paint = np.array([red, green, blue, (red + green) / 2])
    for part, colour, height in ((body, paint, 1.0), (cabin, 0.84 * paint, 1.5)):
        covered = canvas.mask(rotate(part, heading, origin=(x, y)), window)
        canvas.paint(covered, colour, window=window)
        canvas.height[window][covered] = height
