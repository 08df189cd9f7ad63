"""A territory of half a square kilometre, made in a tenth of a second, with the files of the real one."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.transform import from_origin

LEFT, TOP, PIXEL, ROWS, COLUMNS = 895_000.0, 6_196_000.0, 10.0, 60, 80
DAYS = ("20250218", "20250618")
BANDS = ("B2", "B3", "B4", "B8", "B11", "B12")
CODES = ("VRC", "OLI", "LAV", "VRG", "BDH", "ORH", "TRN", "LUZ", "PPH", "SPH", "J6S", "VRC")


def make_tiny_territory(folder: Path) -> Path:
    """Write the territory into a folder and return it."""
    for part in ("relief", "sentinel2"):
        (folder / part).mkdir(parents=True)
    coast = shapely.Point(LEFT + 400, TOP - 300).buffer(1, quad_segs=16)
    coast = shapely.affinity.scale(coast, 360, 260)
    make_communes(coast).to_file(folder / "galejade.gpkg", layer="communes")
    make_parcels().to_file(folder / "galejade.gpkg", layer="parcelles_agricoles")
    _write(folder / "relief" / "mnt_10m.tif", make_elevation()[np.newaxis], descriptions=("altitude",))
    rng = np.random.default_rng(1)
    for day in DAYS:
        reflectances = rng.integers(300, 4000, (len(BANDS), ROWS, COLUMNS)).astype(np.uint16)
        reflectances[:, :5, :5] = 0
        _write(folder / "sentinel2" / f"galejade_{day}.tif", reflectances, descriptions=BANDS, nodata=0)
        clouds = (rng.random((1, ROWS, COLUMNS)) < 0.1).astype(np.uint8)
        _write(folder / "sentinel2" / f"galejade_{day}_masque.tif", clouds)
    catalogue = {
        "name": "minuscule",
        "resources": [
            {"name": "communes", "title": "Communes", "path": "galejade.gpkg", "format": "gpkg"},
            {"name": "mnt", "title": "Relief", "path": "relief/mnt_10m.tif", "format": "tif", "bytes": 1234},
        ],
    }
    (folder / "datapackage.json").write_text(json.dumps(catalogue), encoding="utf-8")
    return folder


def make_communes(coast: shapely.Polygon) -> gpd.GeoDataFrame:
    west = shapely.box(LEFT, TOP - 600, LEFT + 400, TOP)
    parts = [coast & west, coast - west]
    return gpd.GeoDataFrame(
        {
            "code_insee": ["13901", "13902"],
            "nom_officiel": ["Port-Galéjade", "Rocamistral"],
            "population": [900, 80],
            "superficie_cadastrale": [15, 14],
        },
        geometry=[shapely.MultiPolygon([part]) for part in parts],
        crs=2154,
    )


def make_parcels() -> gpd.GeoDataFrame:
    """Twelve parcels in three rows of four, 60 m by 40 m, one of each crop and a second vineyard."""
    corners = [(LEFT + 220 + 90 * column, TOP - 420 + 70 * row) for row in range(3) for column in range(4)]
    polygons = [shapely.box(x, y, x + 60, y + 40) for x, y in corners]
    return gpd.GeoDataFrame(
        {
            "id_parcel": [f"P{number:02d}" for number in range(12)],
            "code_cultu": CODES,
            "surf_parc": [round(0.24 + 0.1 * number, 2) for number in range(12)],
        },
        geometry=polygons,
        crs=2154,
    )


def make_elevation() -> np.ndarray:
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    inland = 1 - ((x + 0.5 - 40) / 36) ** 2 - ((y + 0.5 - 30) / 26) ** 2
    return np.where(inland > 0, 90 * inland + 4 * np.sin(x / 3), 0).clip(0).astype(np.float32)


def _write(file: Path, array: np.ndarray, *, descriptions: tuple = (), nodata: float | None = None) -> None:
    with rasterio.open(
        file, "w", driver="GTiff", height=ROWS, width=COLUMNS, count=len(array), dtype=array.dtype,
        crs="EPSG:2154", transform=from_origin(LEFT, TOP, PIXEL, PIXEL), nodata=nodata,
    ) as sink:  # fmt: skip
        sink.write(array)
        if descriptions:
            sink.descriptions = descriptions
