"""An orthophoto of the port: one square kilometre at 50 cm, red, green, blue and near infrared."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from rasterio.enums import ColorInterp
from rasterio.features import rasterize
from rasterio.transform import from_origin
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from geoatelier.territory.aerial.canvas import FINER, PIXEL, Canvas
from geoatelier.territory.aerial.fields import paint_fields
from geoatelier.territory.aerial.gardens import paint_gardens, plant_gardens
from geoatelier.territory.aerial.plots import survey_plots
from geoatelier.territory.aerial.pools import lay_out_pools, paint_pools
from geoatelier.territory.aerial.roofs import paint_roofs
from geoatelier.territory.aerial.shore import moor_boats, paint_piers, paint_sea, quay_of
from geoatelier.territory.aerial.streets import paint_roads, street_surface, street_widths
from geoatelier.territory.aerial.trees import Grove
from geoatelier.territory.aerial.woods import paint_wild
from geoatelier.territory.cog import write_cog
from geoatelier.territory.imagery import LATITUDE, LONGITUDE
from geoatelier.territory.phenology import ROW_CANOPY
from geoatelier.territory.reflectance import Array, Sun, illumination, sun_position
from geoatelier.territory.schemas import POOLS
from geoatelier.territory.vector import write_vector
from geoatelier.territory.world import CRS, Cover, Farmland, Grid, Settlement, Terrain

SIDE = 1000.0
ORTHO_PIXEL = PIXEL * FINER
ORTHO_BANDS = ("R", "G", "B", "PIR")
TAKEN = datetime(2025, 6, 24, 9, 0)
# Aerial photographs are handed out slightly compressed; so is this one, to stay small.
_QUALITY = 88
# Corners of the frame fall on whole multiples of this, in metres.
_SNAP = 10.0


@dataclass(frozen=True)
class Orthophoto:
    """One image from the air.

    Parameters
    ----------
    image : uint8 array of shape (4, 2000, 2000): red, green, blue, near infrared; never 0
    transform : of the image, EPSG:2154
    pools : outlines of the water of pools, columns `id`, `forme`
    crowns : one disc a tree, columns `espece`, `hauteur` (m)
    """

    image: NDArray[np.uint8]
    transform: Affine
    pools: GeoDataFrame
    crowns: GeoDataFrame


def make_orthophoto(
    terrain: Terrain, settlement: Settlement, farmland: Farmland, cover: Cover, seed: int, side: float = SIDE
) -> Orthophoto:
    """Photograph the port and what surrounds it.

    Everything is painted at 25 cm with its colour and its height, lit by one sun (slopes of roofs, crowns,
    shadows), then averaged to 50 cm.

    Parameters
    ----------
    side : of the square, in metres
    """
    left, top = frame_of_port(terrain, settlement, farmland, side)
    canvas = Canvas(left, top, side, np.random.default_rng([seed, 61]))
    frame = canvas.frame
    near = frame.buffer(30)
    # A frame may cut the coast in pieces; the largest land is the island.
    coast = max(shapely.get_parts(terrain.coast.intersection(frame.buffer(400))), key=lambda part: part.area)
    buildings = _near(settlement.buildings, frame)
    roads = _near(settlement.roads, near)
    parcels = _near(farmland.parcels.join(farmland.causes.drop(columns="id_parcel")), near)
    built_up = settlement.built_up.intersection(near)
    streets = street_surface(roads).intersection(near)
    piers = _piers(roads, coast)
    over_water = shapely.union_all(piers.geometry.array)
    grove = Grove()

    farmed = [*parcels.geometry, built_up, streets.buffer(1.0), *buildings.geometry.buffer(2)]
    wild = coast.buffer(-3).intersection(frame.buffer(5)).difference(shapely.union_all(farmed))
    paint_wild(canvas, cover.land_cover, cover.vegetation, wild, grove)
    paint_fields(canvas, parcels, grove)
    plots = survey_plots(canvas, settlement, buildings)
    pools = lay_out_pools(canvas, buildings, plots, streets)
    paint_gardens(canvas, plots, streets)
    paint_sea(canvas, coast, _sand(terrain, cover, near), built_up, over_water)
    paint_roads(canvas, roads, built_up)
    paint_pools(canvas, pools)
    paint_roofs(canvas, buildings)
    kept_clear = [*buildings.geometry.buffer(2.2), *pools.geometry.buffer(2.5), streets.buffer(1.5)]
    plant_gardens(
        canvas, plots, built_up.intersection(frame).difference(shapely.union_all(kept_clear)), grove
    )
    paint_piers(canvas, piers, coast)
    moor_boats(canvas, piers, coast, quay_of(coast, built_up, over_water))

    sun = sun_position(TAKEN, LATITUDE, LONGITUDE)
    image = canvas.lit(sun, _relief(terrain, canvas, sun))
    return Orthophoto(image, from_origin(left, top, ORTHO_PIXEL, ORTHO_PIXEL), pools, _crowns(grove, frame))


def write_orthophoto(path: Path, orthophoto: Orthophoto) -> None:
    """Write the image as a cloud-optimised GeoTIFF."""
    write_cog(
        path,
        orthophoto.image,
        orthophoto.transform,
        CRS,
        descriptions=ORTHO_BANDS,
        tags={"TIFFTAG_DATETIME": f"{TAKEN:%Y:%m:%d %H:%M:%S}"},
        colours=(ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.undefined),
        quality=_QUALITY,
    )


def write_pools(path: Path, orthophoto: Orthophoto) -> None:
    """Write the outlines of pools as GeoJSON, in EPSG:2154 as the image, with vertices 5 cm off at most."""
    pools = orthophoto.pools
    write_vector(
        pools.set_geometry(pools.simplify(0.05)),
        path,
        driver="GeoJSON",
        layer=POOLS.name,
        geometry_type=POOLS.geometry,
        layer_options={"COORDINATE_PRECISION": "2"},
    )


def frame_of_port(
    terrain: Terrain, settlement: Settlement, farmland: Farmland, side: float = SIDE
) -> tuple[float, float]:
    """North-west corner of the square that shows the port with the most of town, sea and fields together."""
    grid = terrain.grid
    port = settlement.villages.set_index("rang").loc[1, "geometry"]
    parcels = farmland.parcels
    in_rows = parcels.geometry[parcels["code_cultu"].isin(ROW_CANOPY)]
    # Enough of each: what a square holds beyond that adds nothing.
    wanted = (
        (_raster([settlement.built_up], grid), 0.30),
        (~terrain.land, 0.22),
        (_raster(parcels.geometry, grid), 0.25),
        (_raster(in_rows, grid), 0.12),
    )
    n = round(side / grid.pixel)
    shares = [np.minimum(_boxes(layer, n) / enough, 1) for layer, enough in wanted]
    score = np.minimum.reduce(shares) + 0.3 * sum(shares)
    rows, columns = np.indices(score.shape)
    x = grid.left + (columns + n / 2) * grid.pixel
    y = grid.top - (rows + n / 2) * grid.pixel
    score[np.hypot(x - port.x, y - port.y) > 0.42 * side] = -1
    row, column = np.unravel_index(score.argmax(), score.shape)
    left, top = grid.left + column * grid.pixel, grid.top - row * grid.pixel
    return round(left / _SNAP) * _SNAP, round(top / _SNAP) * _SNAP


def _raster(geometries: Iterable[BaseGeometry], grid: Grid) -> NDArray[np.bool_]:
    return rasterize(geometries, grid.shape, transform=grid.transform, dtype="uint8").astype(bool)


def _boxes(layer: NDArray[np.bool_], n: int) -> NDArray[np.float64]:
    """Share of a layer in each square of n cells, by its north-west cell."""
    total = np.pad(layer.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    return (total[n:, n:] - total[:-n, n:] - total[n:, :-n] + total[:-n, :-n]) / n**2


def _near(table: GeoDataFrame, area: BaseGeometry) -> GeoDataFrame:
    return table[table.intersects(area)].reset_index(drop=True)


def _piers(roads: GeoDataFrame, coast: BaseGeometry) -> GeoDataFrame:
    """What of the roads stands over the water, with its width in metres."""
    over = roads.geometry.difference(coast)
    table = gpd.GeoDataFrame({"width": street_widths(roads)}, geometry=over.array, crs=CRS)
    table = table.explode(ignore_index=True)
    return table[(table.geom_type == "LineString") & (table.length > 20)].reset_index(drop=True)


def _sand(terrain: Terrain, cover: Cover, near: BaseGeometry) -> BaseGeometry:
    """Beaches: bare ground along the shore, on gentle slopes."""
    bare = cover.land_cover[(cover.land_cover["code_cs"] == "CS1.2.1") & cover.land_cover.intersects(near)]
    grid = terrain.grid
    points = bare.representative_point()
    row = ((grid.top - points.y) / grid.pixel).astype(int)
    column = ((points.x - grid.left) / grid.pixel).astype(int)
    gentle = (terrain.elevation[row, column] < 6) & (terrain.slope[row, column] < 9)
    return shapely.union_all(bare.geometry[gentle].array).intersection(near)


def _relief(terrain: Terrain, canvas: Canvas, sun: Sun) -> Array:
    """Light on the lie of the land, relative to level ground, on painted pixels."""
    grid = terrain.grid
    n = round(canvas.size * PIXEL / grid.pixel)
    row, column = round((grid.top - canvas.top) / grid.pixel), round((canvas.left - grid.left) / grid.pixel)
    inside = slice(row, row + n), slice(column, column + n)
    light = illumination(terrain.slope[inside], terrain.aspect[inside], sun)
    light = ndimage.gaussian_filter(np.where(terrain.land[inside], light, 1), 0.7)
    return ndimage.zoom(light, round(grid.pixel / PIXEL), order=1, mode="nearest", grid_mode=True)


def _crowns(grove: Grove, frame: BaseGeometry) -> GeoDataFrame:
    points = shapely.points(grove.x, grove.y)
    inside = shapely.contains_properly(frame, points)
    discs = shapely.buffer(points, np.array(grove.radius))[inside]
    return gpd.GeoDataFrame(
        {"espece": np.array(grove.kind)[inside], "hauteur": np.array(grove.height)[inside].round(1)},
        geometry=discs,
        crs=CRS,
    )
