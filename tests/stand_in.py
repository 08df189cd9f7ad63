"""Layers with the columns of the territory, made in a second: a chequered plain and its hamlets.

They stand in for the real makers wherever a test needs a landscape and not this island. Parcels come in
blocks of nine that share their edges to the centimetre, with lanes between blocks; buildings come in hamlets.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer
from rasterio.transform import from_origin

from geoatelier.territory.defects import make_delivery
from geoatelier.territory.imagery import Scene
from geoatelier.territory.orthophoto import Orthophoto
from geoatelier.territory.publish import Territory
from geoatelier.territory.reflectance import sun_position
from geoatelier.territory.schemas import BUILDING_STATES, BUILDING_USES, CROPS
from geoatelier.territory.world import Cover, Farmland, Grid, Settlement, Terrain

WEST, SOUTH = 893_000.0, 6_192_600.0
COMMUNES = {
    "13901": ("Port-Galéjade", "13991"),
    "13902": ("Rocamistral", "13990"),
    "13903": ("Saint-Cigalon", "13990"),
    "13904": ("Les Restanques", "13990"),
    "13905": ("Font-Badaude", "13990"),
}
STREETS = (
    "Avenue de la Libération", "Boulevard des Cigales", "Chemin du Mas Brûlé", "Rue de l'Église",
    "Impasse des Lavandières", "Place du Vieux Séchoir", "Traverse Sainte-Estelle", "Montée des Oliviers",
    "Route de la Garrigue", "Allée des Mûriers", "Chemin de la Draille", "Rue du Four à Chaux",
)  # fmt: skip


@dataclass(frozen=True)
class StandIn:
    """Four clean layers, as the makers of the territory would hand them over."""

    parcels: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    addresses: gpd.GeoDataFrame
    field_points: gpd.GeoDataFrame


def make_stand_in(seed: int = 0) -> StandIn:
    rng = np.random.default_rng(seed)
    parcels = make_parcels(rng)
    buildings = make_buildings(rng)
    addresses = make_addresses(buildings, rng)
    return StandIn(parcels, buildings, addresses, make_field_points(parcels, rng))


def make_parcels(rng: np.random.Generator, blocks: int = 10) -> gpd.GeoDataFrame:
    polygons = []
    for row in range(blocks):
        for column in range(blocks):
            polygons.extend(_block(WEST + column * 300, SOUTH + row * 240, rng))
    count = len(polygons)
    geometry = gpd.GeoSeries(polygons, crs=2154)
    crops = rng.choice(list(CROPS), count)
    return gpd.GeoDataFrame(
        {
            "id_parcel": [str(7_000_001 + i) for i in range(count)],
            "surf_parc": (geometry.area / 10_000).round(2),
            "code_cultu": crops,
            "code_group": [CROPS[crop][0] for crop in crops],
            "culture_d1": pd.Series([None] * count, dtype="str"),
            "culture_d2": pd.Series([None] * count, dtype="str"),
            "code_insee": rng.choice(list(COMMUNES), count),
            "millesime": 2025,
        },
        geometry=geometry,
    )


def _block(west: float, south: float, rng: np.random.Generator) -> list[shapely.Polygon]:
    """Nine parcels in three rows that share their corners, and bend a little."""
    x, y = np.meshgrid(west + np.arange(0, 271, 45.0), south + np.arange(0, 211, 35.0))
    x = (x + rng.uniform(-7, 7, x.shape)).round(2)
    y = (y + rng.uniform(-6, 6, y.shape)).round(2)
    corner = np.stack([x, y], axis=-1)
    polygons = []
    for i in (0, 2, 4):
        for j in (0, 2, 4):
            rim = [
                (i, j),
                (i, j + 1),
                (i, j + 2),
                (i + 1, j + 2),
                (i + 2, j + 2),
                (i + 2, j + 1),
                (i + 2, j),
                (i + 1, j),
            ]
            polygons.append(shapely.Polygon([corner[k] for k in rim]))
    return polygons


def make_buildings(rng: np.random.Generator, hamlets: int = 60, homes: int = 36) -> gpd.GeoDataFrame:
    polygons = []
    for hamlet in range(hamlets):
        west = WEST + 60 + (hamlet % 10) * 300
        south = SOUTH + 2_600 + (hamlet // 10) * 400
        for home in range(homes):
            left, low = (
                west + (home % 6) * 26 + rng.uniform(0, 4),
                south + (home // 6) * 24 + rng.uniform(0, 4),
            )
            width, depth = rng.uniform(7, 17, 2)
            shape = shapely.box(left, low, left + width, low + depth)
            if rng.random() < 0.4:
                shape = shape.difference(
                    shapely.box(left + width / 2, low + depth / 2, left + width, low + depth)
                )
            turned = shapely.affinity.rotate(shape, rng.uniform(-8, 8))
            polygons.append(shapely.MultiPolygon([shapely.set_precision(turned, 0.01)]))
    count = len(polygons)
    created = pd.Timestamp("2009-03-01") + pd.to_timedelta(rng.integers(0, 4_000 * 86_400, count), unit="s")
    modified = pd.Series(created + pd.to_timedelta(rng.integers(86_400, 1_500 * 86_400, count), unit="s"))
    built = pd.Series(pd.Timestamp("1950-01-01") + pd.to_timedelta(rng.integers(0, 20_000, count), unit="D"))
    dwellings = pd.Series(rng.integers(1, 4, count), dtype="Int64").mask(rng.random(count) < 0.4)
    homes_height = pd.Series(rng.normal(5.7, 1.6, count).clip(2.2, 14).round(1)).mask(
        rng.random(count) < 0.12
    )
    return gpd.GeoDataFrame(
        {
            "cleabs": [f"BATIMENT{25_000_000_000 + i:016d}" for i in range(count)],
            "nature": rng.choice(
                ["Indifférenciée", "Industriel, agricole ou commercial", "Serre"], count, p=[0.9, 0.08, 0.02]
            ),
            "usage_1": rng.choice(BUILDING_USES, count),
            "usage_2": pd.Series(rng.choice(BUILDING_USES, count)).mask(rng.random(count) < 0.9),
            "construction_legere": rng.random(count) < 0.19,
            "etat_de_l_objet": rng.choice(BUILDING_STATES, count, p=[0.01, 0.01, 0.02, 0.96]),
            "date_creation": created,
            "date_modification": modified.mask(rng.random(count) < 0.3),
            "date_d_apparition": built.mask(rng.random(count) < 0.5),
            "methode_d_acquisition_planimetrique": rng.choice(
                ["BDParcellaire recalée", "Photogrammétrie"], count
            ),
            "precision_planimetrique": rng.choice([2.5, 3.0, 5.0], count),
            "nombre_de_logements": dwellings,
            "nombre_d_etages": dwellings.mask(dwellings.notna(), 2),
            "materiaux_des_murs": pd.Series(rng.choice(["10", "20", "50"], count)).mask(
                dwellings.isna().to_numpy()
            ),
            "materiaux_de_la_toiture": pd.Series(rng.choice(["10", "11"], count)).mask(
                dwellings.isna().to_numpy()
            ),
            "hauteur": homes_height,
            "altitude_minimale_sol": pd.Series(rng.uniform(3, 200, count).round(1)),
            "origine_du_batiment": "Cadastre",
            "identifiants_rnb": pd.Series([f"RNB{i:09d}" for i in range(count)]).mask(
                rng.random(count) < 0.2
            ),
        },
        geometry=polygons,
        crs=2154,
    )


def make_addresses(
    buildings: gpd.GeoDataFrame, rng: np.random.Generator, count: int = 1_300
) -> gpd.GeoDataFrame:
    homes = np.sort(rng.choice(len(buildings), count, replace=False))
    points = buildings.geometry.iloc[homes].representative_point()
    x, y = points.x.round(2).to_numpy(), points.y.round(2).to_numpy()
    lon, lat = Transformer.from_crs(2154, 4326, always_xy=True).transform(x, y)
    codes = rng.choice(list(COMMUNES), count)
    street = rng.integers(0, len(STREETS), count)
    number = np.arange(1, count + 1)
    return gpd.GeoDataFrame(
        {
            "id": [
                f"{code}_{10 * (s + 1):04d}_{n:05d}" for code, s, n in zip(codes, street, number, strict=True)
            ],
            "id_fantoir": [f"{code}_{10 * (s + 1):04d}" for code, s in zip(codes, street, strict=True)],
            "numero": number,
            "rep": pd.Series(rng.choice(["bis", "ter"], count)).mask(rng.random(count) < 0.95),
            "nom_voie": [STREETS[s] for s in street],
            "code_postal": [COMMUNES[code][1] for code in codes],
            "code_insee": codes,
            "nom_commune": [COMMUNES[code][0] for code in codes],
            "x": x,
            "y": y,
            "lon": lon.round(6),
            "lat": lat.round(6),
            "type_position": rng.choice(
                ["entrée", "bâtiment", "segment", "parcelle"], count, p=[0.7, 0.2, 0.05, 0.05]
            ),
            "nom_ld": pd.Series(["Les Bastides"] * count).mask(rng.random(count) < 0.8),
            "certification_commune": rng.integers(0, 2, count),
        },
        geometry=gpd.points_from_xy(x, y),
        crs=2154,
    )


def make_field_points(
    parcels: gpd.GeoDataFrame, rng: np.random.Generator, count: int = 150
) -> gpd.GeoDataFrame:
    visited = np.sort(rng.choice(len(parcels), count, replace=False))
    points = parcels.geometry.iloc[visited].representative_point()
    true_x, true_y = points.x.round(2).to_numpy(), points.y.round(2).to_numpy()
    x, y = (true_x + rng.normal(0, 1, count)).round(2), (true_y + rng.normal(0, 1, count)).round(2)
    return gpd.GeoDataFrame(
        {
            "id_releve": [f"RT2025-{i + 1:04d}" for i in range(count)],
            "id_parcel": parcels["id_parcel"].iloc[visited].to_numpy(),
            "code_cultu_observe": parcels["code_cultu"].iloc[visited].to_numpy(),
            "date_releve": pd.Timestamp("2025-05-05") + pd.to_timedelta(rng.integers(0, 60, count), unit="D"),
            "agent": rng.choice(["A. Mistral", "B. Tramontane", "C. Levant"], count),
            "x_mesure": x,
            "y_mesure": y,
            "x_vrai": true_x,
            "y_vrai": true_y,
            "precision_m": rng.choice([0.5, 1.0, 2.0], count),
        },
        geometry=gpd.points_from_xy(x, y),
        crs=2154,
    )


def make_territory(seed: int = 0) -> Territory:
    """Everything that is published, on a grid of 100 m and in one second."""
    rng = np.random.default_rng(seed)
    layers = make_stand_in(seed)
    terrain = make_terrain(rng)
    settlement = Settlement(
        communes=make_communes(terrain.coast),
        villages=_frame(
            {"code_insee": ["13901"], "nom": ["Port-Galéjade"], "rang": [1]}, [shapely.Point(WEST, SOUTH)]
        ),
        roads=make_roads(),
        buildings=layers.buildings,
        addresses=layers.addresses,
        built_up=shapely.MultiPolygon([shapely.box(WEST, SOUTH + 2_500, WEST + 3_000, SOUTH + 5_000)]),
    )
    cover = Cover(
        streams=make_streams(),
        vegetation=_frame(
            {"cleabs": ["ZONEVEGE0001"], "nature": ["Bois"]},
            [shapely.box(WEST, SOUTH - 400, WEST + 900, SOUTH - 50)],
        ),
        land_cover=make_land_cover(terrain.coast),
        burnt_area=_frame(
            {"id": ["FEU01"], "date_feu": [date(2025, 8, 5)], "surface_ha": [4.0], "severite": ["forte"]},
            [shapely.box(WEST, SOUTH - 400, WEST + 200, SOUTH - 200)],
        ),
        field_points=layers.field_points,
    )
    farmland = Farmland(layers.parcels, layers.parcels[["id_parcel"]])
    delivery = make_delivery(layers.parcels, layers.buildings, layers.addresses, layers.field_points, seed)
    return Territory(
        terrain, settlement, farmland, cover, make_scenes(terrain.grid, rng), make_orthophoto(rng), delivery
    )


def make_terrain(rng: np.random.Generator) -> Terrain:
    grid = Grid(left=891_500, top=6_198_500, pixel=100, rows=70, columns=90)
    coast = shapely.box(892_500, 6_192_000, 899_500, 6_198_000)
    x, y = np.meshgrid(*grid.centres())
    land = shapely.contains_xy(coast, x, y)
    elevation = np.where(land, 20 + rng.uniform(0, 100, grid.shape), 0).astype(np.float32)
    nothing = np.zeros(grid.shape, np.float32)
    return Terrain(grid, elevation, land, nothing, nothing, nothing, nothing, nothing, coast)


def make_communes(coast: shapely.Polygon) -> gpd.GeoDataFrame:
    west, south, east, north = coast.bounds
    edges = np.linspace(west, east, len(COMMUNES) + 1)
    strips = [shapely.box(a, south, b, north) for a, b in pairwise(edges)]
    return _frame(
        {
            "code_insee": list(COMMUNES),
            "nom_officiel": [name for name, _ in COMMUNES.values()],
            "population": [1_200, 300, 250, 180, 90],
            "superficie_cadastrale": [round(strip.area / 10_000) for strip in strips],
        },
        [shapely.MultiPolygon([strip]) for strip in strips],
    )


def make_roads() -> gpd.GeoDataFrame:
    lines = [shapely.LineString([(WEST, SOUTH + d), (WEST + 3_000, SOUTH + d)]) for d in (-15, -30)]
    return _frame(
        {
            "cleabs": ["TRONROUT0001", "TRONROUT0002"],
            "nature": ["Route à 1 chaussée", "Sentier"],
            "importance": ["4", "6"],
            "largeur_de_chaussee": [5.0, None],
            "nom_voie": ["Route de la Garrigue", None],
            "code_insee": ["13901", "13902"],
        },
        lines,
    )


def make_streams() -> gpd.GeoDataFrame:
    return _frame(
        {
            "cleabs": ["COURDEAU0001"],
            "toponyme": ["la Souleiado"],
            "persistance": ["Permanent"],
            "bassin_ha": [120.5],
        },
        [shapely.LineString([(WEST, SOUTH - 40), (WEST + 500, SOUTH - 45)])],
    )


def make_land_cover(coast: shapely.Polygon) -> gpd.GeoDataFrame:
    west, south, east, north = coast.bounds
    return _frame(
        {
            "id": ["OCS0001", "OCS0002"],
            "code_cs": ["CS1.1.1.1", "CS2.2.1"],
            "code_us": ["US5", "US1.1"],
            "millesime": [2025, 2025],
            "source": ["Calcul", "Calcul"],
        },
        [shapely.box(west, south, 895_000, north), shapely.box(895_000, south, east, north)],
    )


def make_scenes(grid: Grid, rng: np.random.Generator) -> list[Scene]:
    days = (date(2025, 2, 18), date(2025, 6, 18))
    return [
        Scene(
            day,
            rng.integers(200, 4_000, (6, *grid.shape)).astype(np.uint16),
            (rng.random(grid.shape) < 0.1).astype(np.uint8),
            sun_position(datetime.combine(day, time(10, 36)), 42.81, 5.37),
        )
        for day in days
    ]


def make_orthophoto(rng: np.random.Generator) -> Orthophoto:
    image = rng.integers(1, 255, (4, 64, 64)).astype(np.uint8)
    water = shapely.box(897_705, 6_195_180, 897_713, 6_195_184)
    pools = _frame({"id": ["PISCINE0001"], "forme": ["rectangle"]}, [water])
    return Orthophoto(image, from_origin(897_700, 6_195_200, 0.5, 0.5), pools, _frame({"id": []}, []))


def _frame(columns: dict[str, list], geometry: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=2154)
