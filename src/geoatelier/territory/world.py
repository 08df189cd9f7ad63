"""What the makers of the island hand to one another: a grid, a terrain, a settlement, a farmland, a cover.

Everything is in Lambert-93 (EPSG:2154), in metres. The makers run in this order, each from a seed and the
ones before it: terrain, settlement, farmland, cover, imagery, defects.
"""

from dataclasses import dataclass

import numpy as np
from affine import Affine
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from rasterio.transform import from_origin
from shapely import MultiPolygon, Polygon

CRS = "EPSG:2154"
YEAR = 2025
SEED = 20250321


@dataclass(frozen=True)
class Grid:
    """A north-up grid of square pixels, aligned on whole multiples of its pixel.

    Parameters
    ----------
    left, top : coordinates of the north-west corner, in metres, EPSG:2154
    pixel : side of a pixel, in metres
    rows, columns : size
    """

    left: float
    top: float
    pixel: float
    rows: int
    columns: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.columns

    @property
    def transform(self) -> Affine:
        return from_origin(self.left, self.top, self.pixel, self.pixel)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(xmin, ymin, xmax, ymax) in metres."""
        return (
            self.left,
            self.top - self.rows * self.pixel,
            self.left + self.columns * self.pixel,
            self.top,
        )

    def centres(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """x of each column and y of each row, at pixel centres, in metres."""
        x = self.left + (np.arange(self.columns) + 0.5) * self.pixel
        y = self.top - (np.arange(self.rows) + 0.5) * self.pixel
        return x, y


# At sea, south of Provence: about 5.37° E, 42.81° N.
ISLAND_GRID = Grid(left=891_500, top=6_198_500, pixel=10, rows=700, columns=900)


@dataclass(frozen=True)
class Terrain:
    """Relief and soil of the island, on `grid`.

    Parameters
    ----------
    elevation : float32 (rows, columns), metres above sea; 0 at sea, strictly positive on land
    land : bool (rows, columns)
    slope : float32 (rows, columns), degrees
    aspect : float32 (rows, columns), degrees clockwise from north, of the way down
    drained_area : float32 (rows, columns), hectares upstream of each cell
    soil_brightness : float32 (rows, columns) in [0, 1]: 0 dark humid soil, 1 pale dry limestone
    soil_depth : float32 (rows, columns) in [0, 1]: 0 bare rock, 1 deep alluvium
    coast : the island as one polygon, a little smoothed, consistent with `land`
    """

    grid: Grid
    elevation: NDArray[np.float32]
    land: NDArray[np.bool_]
    slope: NDArray[np.float32]
    aspect: NDArray[np.float32]
    drained_area: NDArray[np.float32]
    soil_brightness: NDArray[np.float32]
    soil_depth: NDArray[np.float32]
    coast: Polygon


@dataclass(frozen=True)
class Settlement:
    """Communes, roads, buildings, addresses, and the ground that a town takes.

    Each table carries the columns of its published layer (see `territory/schemas.py`).

    Parameters
    ----------
    villages : one point a commune, its centre; columns `code_insee`, `nom`, `rang` (1 is the port)
    built_up : ground under towns, yards and gardens: no farm parcel overlaps it
    """

    communes: GeoDataFrame
    villages: GeoDataFrame
    roads: GeoDataFrame
    buildings: GeoDataFrame
    addresses: GeoDataFrame
    built_up: MultiPolygon


@dataclass(frozen=True)
class Farmland:
    """Farm parcels as declared, and the hidden causes that the imagery needs.

    Parameters
    ----------
    parcels : the published RPG-like layer, `parcelles_agricoles`
    causes : one row a parcel, same index: `id_parcel`, `sowing_shift` (days, signed), `vigour` (about 1),
        `ground_cover` (share of ground under the canopy in summer, 0 to 1), `grassed` (bool, green
        inter-row), `row_azimuth` (degrees), `row_spacing` (m), `soil_shift` (signed change of brightness)
    """

    parcels: GeoDataFrame
    causes: GeoDataFrame


@dataclass(frozen=True)
class Cover:
    """What covers the ground outside and inside farms.

    Parameters
    ----------
    streams : lines, `cours_d_eau`
    vegetation : polygons, `zones_de_vegetation`
    land_cover : polygons, `occupation_du_sol`: a partition of the island, no gap and no overlap
    burnt_area : polygons, `zone_incendiee`
    field_points : points measured in the field, `releves_terrain`
    """

    streams: GeoDataFrame
    vegetation: GeoDataFrame
    land_cover: GeoDataFrame
    burnt_area: GeoDataFrame
    field_points: GeoDataFrame
