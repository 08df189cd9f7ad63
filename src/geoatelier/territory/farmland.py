"""The farm parcels as declared in 2025, and the hidden causes that make each look like itself."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geoatelier.territory.crops import cells_of, choose_crops, read_district, read_ground
from geoatelier.territory.noise import fractal_noise
from geoatelier.territory.parcelling import Shapes, make_shapes
from geoatelier.territory.schemas import CROPS
from geoatelier.territory.streams import make_streams
from geoatelier.territory.world import CRS, SEED, YEAR, Farmland, Settlement, Terrain

Floats = NDArray[np.float64]

PARCELS = 900
PASTURES = 62
FARMS = 75
# First and second catch crop of a mixture sown between two main crops, as the real RPG pairs them.
_CATCH_CROPS = (("DFV", "DRD"), ("DPH", "DMD"))
_ARABLE = ("BDH", "ORH", "TRN")

# Share of ground under the canopy in summer: mean and standard deviation.
_GROUND_COVER = {
    "VRC": (0.38, 0.13), "OLI": (0.30, 0.11), "LAV": (0.55, 0.13), "VRG": (0.45, 0.15), "BDH": (0.92, 0.05),
    "ORH": (0.90, 0.06), "TRN": (0.80, 0.10), "LUZ": (0.93, 0.05), "PPH": (0.90, 0.07), "SPH": (0.58, 0.15),
    "J6S": (0.48, 0.20),
}  # fmt: skip
# Least and most distance between rows, in metres; crops that are not listed are sown broadcast.
_ROW_SPACING = {
    "VRC": (2.0, 2.6), "OLI": (5.5, 7.5), "LAV": (1.5, 1.9), "VRG": (4.0, 5.5),
    "BDH": (0.14, 0.18), "ORH": (0.14, 0.18), "TRN": (0.5, 0.75),
}  # fmt: skip
_GRASSED_SHARE = {"VRC": 0.40, "OLI": 0.40, "VRG": 0.50, "LAV": 0.08}
_TERRACED_SLOPE = 5.0


def make_farmland(terrain: Terrain, settlement: Settlement, seed: int = SEED) -> Farmland:
    """Cut, choose and sow the farm parcels of the island.

    Parameters
    ----------
    terrain, settlement : the island and its towns; no parcel overlaps a town or a road
    seed : the same seed gives the same parcels

    Returns
    -------
    Farmland with 900 parcels: few where the terrain or the towns leave less room.
    """
    rng = np.random.default_rng([seed, 3])
    shapes = make_shapes(terrain, settlement, make_streams(terrain), rng)
    kept = _farmed(shapes, terrain, rng)
    polygons, pasture = shapes.polygons[kept], shapes.pasture[kept]
    ground = read_ground(polygons, terrain, settlement)
    farm = _farms(polygons, rng)
    crop = choose_crops(ground, pasture, read_district(polygons, rng), farm, rng)
    parcels = _declared(polygons, crop, settlement, rng)
    causes = _causes(parcels, ground, farm, terrain, rng)
    return Farmland(parcels, causes)


def _farmed(shapes: Shapes, terrain: Terrain, rng: np.random.Generator) -> NDArray[np.int64]:
    """Indices of the parcels that somebody farms: whole patches of fields are left to the pines."""
    points = shapely.point_on_surface(shapes.polygons)
    x, y = shapely.get_x(points), shapely.get_y(points)
    cell = cells_of(x, y, terrain)
    patches = fractal_noise(x, y, rng, size=700, octaves=4)
    hectares = shapely.area(shapes.polygons) / 10_000
    worth = (
        0.8 * patches
        + 1.5 * terrain.soil_depth[cell]
        - 0.05 * terrain.slope[cell]
        + rng.normal(0, 0.3, len(x))
    )
    fields, pastures = np.flatnonzero(~shapes.pasture), np.flatnonzero(shapes.pasture & (hectares > 1.2))
    grazing = pastures[np.argsort(-(worth[pastures] + 0.5 * hectares[pastures]))][:PASTURES]
    tilled = fields[np.argsort(-worth[fields])][: PARCELS - len(grazing)]
    return np.sort(np.concatenate([tilled, grazing]))


def _farms(polygons: NDArray[np.object_], rng: np.random.Generator) -> NDArray[np.int64]:
    """Number of the farm of each parcel: mostly the nearest seat, now and then one further off."""
    points = shapely.get_coordinates(shapely.point_on_surface(polygons))
    seats = points[rng.choice(len(points), FARMS, replace=False)]
    _, nearest = cKDTree(seats).query(points + rng.normal(0, 110, points.shape))
    return nearest


def _declared(
    polygons: NDArray[np.object_], crop: NDArray[np.str_], settlement: Settlement, rng: np.random.Generator
) -> GeoDataFrame:
    """The published layer, in the order of its identifiers."""
    count = len(polygons)
    hectares = shapely.area(polygons) / 10_000
    catch = rng.permutation(np.flatnonzero(np.isin(crop, _ARABLE)))[: round(0.02 * count)]
    mixture = np.full((count, 2), None, dtype=object)
    mixture[catch] = np.array(_CATCH_CROPS)[rng.integers(0, len(_CATCH_CROPS), len(catch))]
    points = gpd.GeoSeries(shapely.point_on_surface(polygons), crs=CRS)
    communes = settlement.communes
    index, commune = communes.sindex.nearest(points, return_all=False)
    code_insee = np.empty(count, dtype=object)
    code_insee[index] = communes["code_insee"].to_numpy()[commune]
    # A farmer measures on an orthophoto: a few square metres more or less.
    declared = hectares * (1 + rng.normal(0, 0.003, count)) + rng.normal(0, 0.001, count)
    return gpd.GeoDataFrame(
        {
            "id_parcel": (9_450_000 + np.cumsum(rng.integers(1, 40, count))).astype(str),
            "surf_parc": np.maximum(declared, 0.01).round(2),
            "code_cultu": crop,
            "code_group": [CROPS[code][0] for code in crop],
            "culture_d1": pd.array(mixture[:, 0], dtype="str"),
            "culture_d2": pd.array(mixture[:, 1], dtype="str"),
            "code_insee": pd.array(code_insee, dtype="str"),
            "millesime": YEAR,
        },
        geometry=polygons,
        crs=CRS,
    )


def _causes(
    parcels: GeoDataFrame, ground: Floats, farm: NDArray[np.int64], terrain: Terrain, rng: np.random.Generator
) -> pd.DataFrame:
    """What makes a parcel look unlike the others of its crop: its farmer, its soil, and chance."""
    count, farms = len(parcels), farm.max() + 1
    crop = parcels["code_cultu"].to_numpy()
    slope, depth = ground[:, 0], ground[:, 1]
    depth_score = (depth - depth.mean()) / depth.std()
    mean, spread = np.array([_GROUND_COVER[code] for code in crop]).T
    cover_score = 0.35 * depth_score + 0.45 * rng.normal(size=farms)[farm] + 0.82 * rng.normal(size=count)
    grassed_share = np.array([_GRASSED_SHARE.get(code, 0.0) for code in crop])
    # A farmer grasses all or nothing, more so on deep soils that can afford it.
    leaning = 0.7 * rng.normal(size=farms)[farm] + 0.4 * depth_score + 0.6 * rng.normal(size=count)
    rank = leaning.argsort().argsort() / count
    low, high = np.array([_ROW_SPACING.get(code, (0.0, 0.0)) for code in crop]).T
    return pd.DataFrame(
        {
            "id_parcel": parcels["id_parcel"],
            "sowing_shift": (7.0 * rng.normal(size=farms)[farm] + 7.0 * rng.normal(size=count)).round(1),
            "vigour": np.clip(1 + 0.18 * (0.6 * depth_score + 0.8 * rng.normal(size=count)), 0.4, 1.6).round(
                3
            ),
            "ground_cover": np.clip(mean + spread * cover_score, 0.08, 0.99).round(3),
            "grassed": rank > 1 - grassed_share,
            "row_azimuth": _row_azimuth(parcels.geometry.array, slope, terrain, rng).round(1),
            "row_spacing": rng.uniform(low, high).round(2),
            "soil_shift": (0.04 * rng.normal(size=farms)[farm] + 0.05 * rng.normal(size=count)).round(3),
        },
        index=parcels.index,
    )


def _row_azimuth(
    polygons: NDArray[np.object_], slope: Floats, terrain: Terrain, rng: np.random.Generator
) -> Floats:
    """Direction of the rows in degrees from north, in [0, 180): the long side, or the contour on a slope."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(polygons)).reshape(-1, 5, 2)
    sides = np.diff(corners[:, :3], axis=1)
    longest = sides[np.arange(len(sides)), np.hypot(sides[..., 0], sides[..., 1]).argmax(axis=1)]
    azimuth = np.degrees(np.arctan2(longest[:, 0], longest[:, 1]))
    points = shapely.point_on_surface(polygons)
    aspect = terrain.aspect[cells_of(shapely.get_x(points), shapely.get_y(points), terrain)]
    azimuth = np.where(slope > _TERRACED_SLOPE, aspect + 90, azimuth)
    return (azimuth + rng.normal(0, 2, len(polygons))) % 180
