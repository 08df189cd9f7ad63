"""The territory as it is published in `data/`: what lessons may rely on."""

import json
from datetime import datetime
from pathlib import Path

import frictionless
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
from rasterio.features import rasterize
from rio_cogeo.cogeo import cog_validate
from scipy import ndimage

from geoatelier.territory import publish
from geoatelier.territory.defects import KINDS
from geoatelier.territory.schemas import CROPS, LAYERS, POOL_FORMS
from geoatelier.territory.world import ISLAND_GRID, SEED, YEAR

DATA = Path(__file__).parents[1] / "data"
DAYS = ("20250218", "20250325", "20250424", "20250519", "20250618", "20250718", "20250827", "20251016")
MEGABYTE = 1_000_000

NUMERIC = {"integer": pd.api.types.is_numeric_dtype, "number": pd.api.types.is_float_dtype}
TYPES = NUMERIC | {
    "string": pd.api.types.is_string_dtype,
    "boolean": pd.api.types.is_bool_dtype,
    "date": pd.api.types.is_datetime64_any_dtype,
    "datetime": pd.api.types.is_datetime64_any_dtype,
}


@pytest.fixture(scope="module")
def layers():
    return {name: pyogrio.read_dataframe(DATA / "galejade.gpkg", layer=name) for name in LAYERS}


# Vector layers


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_has_the_columns_types_and_values_of_its_schema(name, layers):
    table, schema = layers[name], LAYERS[name]
    assert [column.name for column in schema.columns] == [c for c in table.columns if c != "geometry"]
    assert len(table) > 0
    assert table[schema.key].is_unique
    for column in schema.columns:
        values = table[column.name]
        assert TYPES[column.kind](values) or values.isna().all(), f"{name}.{column.name} is {values.dtype}"
        assert column.nullable or values.notna().all(), f"{name}.{column.name} has holes"
        if column.kind == "integer":
            assert (values.dropna() % 1 == 0).all()
        if column.kind == "string":
            assert (values.dropna() == values.dropna().str.strip()).all()
            assert (values.dropna() != "").all()
        if column.domain:
            assert set(values.dropna()) <= set(column.domain)


@pytest.mark.parametrize("name", LAYERS)
def test_geometries_are_valid_of_one_type_in_lambert_93_and_on_the_grid(name, layers):
    table, schema = layers[name], LAYERS[name]
    assert table.crs.to_epsg() == 2154
    assert set(table.geom_type) == {schema.geometry}
    assert table.is_valid.all()
    assert not table.is_empty.any()
    assert table.within(shapely.box(*ISLAND_GRID.bounds)).all()
    if schema.geometry != "Point":
        assert not table.geometry.duplicated().any()


def test_codes_refer_to_what_exists(layers):
    communes = set(layers["communes"]["code_insee"])
    for name in ("troncons_de_route", "parcelles_agricoles", "adresses"):
        assert set(layers[name]["code_insee"]) <= communes
    assert set(layers["releves_terrain"]["id_parcel"]) <= set(layers["parcelles_agricoles"]["id_parcel"])
    names = layers["communes"].set_index("code_insee")["nom_officiel"]
    assert (layers["adresses"]["code_insee"].map(names) == layers["adresses"]["nom_commune"]).all()


def test_there_are_five_communes_some_900_parcels_and_some_2500_buildings(layers):
    assert sorted(layers["communes"]["code_insee"]) == ["13901", "13902", "13903", "13904", "13905"]
    assert 850 <= len(layers["parcelles_agricoles"]) <= 950
    assert 2_300 <= len(layers["batiments"]) <= 2_700
    assert 20 <= layers["communes"].area.sum() / 1e6 <= 40


def test_parcels_do_not_overlap_and_declare_their_true_area_and_group(layers):
    parcels = layers["parcelles_agricoles"]
    outlines = parcels.geometry.array
    one, other = shapely.STRtree(outlines).query(outlines, predicate="overlaps")
    assert shapely.area(shapely.intersection(outlines[one], outlines[other])).sum() < 0.1
    # Declared to the hundredth of a hectare, by farmers who do not measure to the metre.
    hectares = parcels.area / 10_000
    assert ((parcels["surf_parc"] - hectares).abs() <= 0.012 + 0.06 * hectares).all()
    assert (parcels["code_cultu"].map(lambda code: CROPS[code][0]) == parcels["code_group"]).all()
    assert (parcels["millesime"] == YEAR).all()
    assert set(parcels["code_cultu"]) == set(CROPS)


def test_land_cover_is_a_partition_of_the_communes(layers):
    cover, communes = layers["occupation_du_sol"], layers["communes"]
    island = shapely.union_all(communes.geometry.array)
    whole = shapely.union_all(cover.geometry.array)
    assert cover.area.sum() == pytest.approx(whole.area, abs=1.0), "overlaps"
    assert shapely.symmetric_difference(whole, island).area < 100, "gaps, or cover out at sea"


def test_coordinates_of_addresses_say_the_same_place_three_times(layers):
    addresses = layers["adresses"]
    assert np.hypot(addresses["x"] - addresses.geometry.x, addresses["y"] - addresses.geometry.y).max() < 0.01
    degrees = addresses.to_crs(4326).geometry
    assert np.abs(degrees.x - addresses["lon"]).max() < 2e-6
    assert np.abs(degrees.y - addresses["lat"]).max() < 2e-6


def test_measured_positions_of_field_points_are_a_few_metres_from_the_true_ones(layers):
    points = layers["releves_terrain"]
    errors = np.hypot(points["x_mesure"] - points["x_vrai"], points["y_mesure"] - points["y_vrai"])
    assert 0.2 < errors.median() < 6
    parcels = layers["parcelles_agricoles"].set_index("id_parcel").geometry
    true = shapely.points(points["x_vrai"], points["y_vrai"])
    assert shapely.covers(parcels.loc[points["id_parcel"]].array, true).all()


# Rasters


@pytest.mark.parametrize(
    "path",
    [
        "relief/mnt_10m.tif",
        "orthophoto/port_galejade_50cm.tif",
        *(f"sentinel2/galejade_{day}{what}.tif" for day in DAYS for what in ("", "_masque")),
    ],
)
def test_rasters_are_cloud_optimised(path):
    valid, errors, _ = cog_validate(DATA / path)
    assert valid, errors


def test_the_elevation_model_is_on_the_grid_of_the_island():
    with rasterio.open(DATA / "relief/mnt_10m.tif") as raster:
        assert raster.dtypes == ("float32",)
        assert raster.shape == ISLAND_GRID.shape
        assert raster.transform == ISLAND_GRID.transform
        assert raster.crs.to_epsg() == 2154
        elevation = raster.read(1)
    assert elevation.min() == 0
    assert 100 < elevation.max() < 600


def test_there_are_eight_dates_and_no_other():
    stems = {file.stem for file in (DATA / "sentinel2").iterdir()}
    assert stems == {f"galejade_{day}{what}" for day in DAYS for what in ("", "_masque")}


@pytest.mark.parametrize("day", DAYS)
def test_a_date_has_six_bands_of_reflectance_and_a_mask_of_three_codes(day):
    with (
        rasterio.open(DATA / f"sentinel2/galejade_{day}.tif") as image,
        rasterio.open(DATA / f"sentinel2/galejade_{day}_masque.tif") as mask,
    ):
        assert image.descriptions == ("B2", "B3", "B4", "B8", "B11", "B12")
        assert set(image.dtypes) == {"uint16"} and image.nodata == 0
        assert mask.dtypes == ("uint8",)
        for raster in (image, mask):
            assert raster.shape == ISLAND_GRID.shape
            assert raster.transform == ISLAND_GRID.transform
            assert raster.crs.to_epsg() == 2154
        assert set(np.unique(mask.read(1))) <= {0, 1, 2}
        reflectance = image.read() / 10_000
    assert 0 < np.median(reflectance) < 0.5
    assert np.quantile(reflectance, 0.999) < 1.2


def test_the_orthophoto_is_one_square_kilometre_in_four_bands():
    with rasterio.open(DATA / "orthophoto/port_galejade_50cm.tif") as raster:
        assert raster.descriptions == ("R", "G", "B", "PIR")
        assert raster.dtypes == ("uint8",) * 4
        assert raster.shape == (2000, 2000)
        assert raster.res == (0.5, 0.5)
        assert raster.crs.to_epsg() == 2154


def test_each_pool_is_bluer_than_red_on_the_orthophoto():
    pools = pyogrio.read_dataframe(DATA / "orthophoto/piscines.geojson")
    assert pools.crs.to_epsg() == 2154 and pools.is_valid.all()
    assert pools["id"].is_unique and set(pools["forme"]) <= set(POOL_FORMS)
    with rasterio.open(DATA / "orthophoto/port_galejade_50cm.tif") as raster:
        assert pools.intersects(shapely.box(*raster.bounds)).all()
        red, blue = raster.read(1), raster.read(3)
        ranks = range(1, 1 + len(pools))
        owner = rasterize(zip(pools.geometry, ranks, strict=True), red.shape, transform=raster.transform)
    excess = ndimage.mean(blue.astype(float) - red, owner, ranks)
    assert excess.min() > 40


# The whole


def test_the_territory_is_light():
    sizes = {file: file.stat().st_size for file in DATA.rglob("*") if file.is_file()}
    assert sum(sizes.values()) < 30 * MEGABYTE
    assert max(sizes.values()) < 8 * MEGABYTE, max(sizes, key=sizes.get)


def test_the_catalogue_is_valid_and_describes_each_file():
    report = frictionless.validate(str(DATA / "datapackage.json"))
    assert report.valid, report.flatten(["title", "type", "message"])
    package = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    described = {resource["path"] for resource in package["resources"]}
    present = {file.relative_to(DATA).as_posix() for file in DATA.rglob("*") if file.is_file()}
    about = {name for name in present if name.startswith("fiches/")}
    assert described == present - about - {"README.md", "LICENCE.md", "datapackage.json"}


def test_each_kind_of_defect_is_in_the_published_delivery():
    ledger = pyogrio.read_dataframe(DATA / "livraison/registre_defauts.gpkg", layer="defauts")
    assert set(ledger["type_defaut"]) == set(KINDS)
    parcels = ledger[ledger["couche"] == "parcelles_agricoles"]
    counts = parcels["type_defaut"].value_counts()
    assert counts.between(8, 30).all()


def test_dates_of_clean_layers_are_before_the_delivery(layers):
    for name, schema in LAYERS.items():
        for column in schema.columns:
            if column.kind in ("date", "datetime"):
                assert layers[name][column.name].max() < datetime(2025, 12, 1), f"{name}.{column.name}"


def handed_over(part, *earlier):
    """Stand for the making of a part of the island that the tests of the island have had made already."""

    def make(*given):
        *parts, seed = given
        assert seed == SEED
        assert list(map(id, parts)) == list(map(id, earlier))
        return part

    return make


@pytest.mark.xdist_group("island")
def test_the_seed_gives_again_the_territory_that_is_published(
    terrain, settlement, farmland, cover, tmp_path, monkeypatch
):
    monkeypatch.setattr(publish, "make_terrain", handed_over(terrain))
    monkeypatch.setattr(publish, "make_settlement", handed_over(settlement, terrain))
    monkeypatch.setattr(publish, "make_farmland", handed_over(farmland, terrain, settlement))
    monkeypatch.setattr(publish, "make_cover", handed_over(cover, terrain, settlement, farmland))
    said = []
    publish.write_territory(tmp_path / "data", SEED, said.append)
    assert publish.same_content(DATA, tmp_path / "data") == []
    assert len(said) >= 8
