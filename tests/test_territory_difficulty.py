"""How hard the published series is to classify: as hard as real ones, for the reasons that make them so.

On 13 crops of south-west France, a random forest reaches 0.89 when validated at random and 0.78 by polygon.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_score

from geoatelier.learning import draw_pixels

DATA = Path(__file__).parents[1] / "data"
IMAGES = sorted((DATA / "sentinel2").glob("galejade_????????.tif"))
MEGABYTE = 1_000_000
RED, NIR = 2, 3


@pytest.fixture(scope="module")
def parcels():
    return gpd.read_file(DATA / "galejade.gpkg", layer="parcelles_agricoles")


@pytest.fixture(scope="module")
def reflectance():
    """Every band of every date, float32 array of shape (8, 6, rows, columns)."""
    return np.stack([rasterio.open(path).read() for path in IMAGES]).astype(np.float32) / 10_000


@pytest.fixture(scope="module")
def unclear():
    """Clouds and shadows of each date, as the masks tell them, bool array of shape (8, rows, columns)."""
    masks = [path.with_name(f"{path.stem}_masque.tif") for path in IMAGES]
    return np.stack([rasterio.open(path).read(1) for path in masks]) > 0


@pytest.fixture(scope="module", params=(0, 1))
def draw(request, parcels, reflectance):
    """Four pixels a parcel: their 48 bands, their crop, their parcel."""
    return _sampled(parcels, reflectance, request.param)


def _sampled(parcels, reflectance, seed):
    pixels = draw_pixels(parcels, IMAGES[0], per_parcel=4, seed=seed)
    series = reflectance[:, :, pixels["ligne"], pixels["colonne"]]
    bands = np.moveaxis(series, 2, 0).reshape(len(pixels), -1)
    return bands, pixels["code_cultu"].to_numpy(str), pixels["id_parcel"].to_numpy(str)


def _accuracies(bands, crop, parcel) -> tuple[float, float]:
    """Accuracy of a random forest, validated at random then by parcel."""
    forest = RandomForestClassifier(60, random_state=0, n_jobs=2)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    grouped_folds = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    at_random = cross_val_score(forest, bands, crop, cv=folds).mean()
    grouped = cross_val_score(forest, bands, crop, groups=parcel, cv=grouped_folds).mean()
    return float(at_random), float(grouped)


def test_a_forest_is_right_on_new_parcels_two_times_in_three_or_more_and_random_validation_flatters_it(draw):
    at_random, grouped = _accuracies(*draw)
    assert 0.65 < grouped < 0.85
    assert 0.06 < at_random - grouped < 0.15


def test_it_is_so_without_the_pixels_that_the_masks_reject(parcels, reflectance, unclear):
    masked = np.where(unclear[:, None], np.nan, reflectance)
    at_random, grouped = _accuracies(*_sampled(parcels, masked, 0))
    assert 0.65 < grouped < 0.85
    assert 0.06 < at_random - grouped < 0.15


def test_no_crop_is_so_common_that_naming_it_everywhere_would_do(draw):
    _, crop, _ = draw
    counts = np.unique(crop, return_counts=True)[1]
    assert counts.max() < 0.45 * len(crop)
    assert counts.min() >= 100


def test_pixels_of_a_parcel_are_more_alike_than_pixels_of_its_crop(draw):
    """The cause of the gap: a parcel has a soil, a farmer and a date of its own."""
    bands, crop, parcel = draw
    within_crop = _spread_within(bands, crop)
    within_parcel = _spread_within(bands, parcel)
    ratio = within_parcel / within_crop
    assert 0.1 < np.median(ratio) < 0.6


def _spread_within(bands, group) -> np.ndarray:
    """Pooled variance of each band within groups."""
    _, number = np.unique(group, return_inverse=True)
    count = np.bincount(number)
    means = np.stack([np.bincount(number, band) / count for band in bands.T], axis=1)
    return ((bands - means[number]) ** 2).mean(axis=0)


def test_two_or_three_dates_are_cloudy_over_a_tenth_to_a_third_of_the_land(unclear, parcels):
    with rasterio.open(DATA / "relief" / "mnt_10m.tif") as raster:
        land = raster.read(1) > 0
    masks = [rasterio.open(path.with_name(f"{path.stem}_masque.tif")).read(1) for path in IMAGES]
    cloud = np.array([(mask[land] == 1).mean() for mask in masks])
    cloudy = cloud > 0.02
    assert 2 <= cloudy.sum() <= 3
    assert np.all((cloud[cloudy] > 0.08) & (cloud[cloudy] < 0.35))
    assert unclear[~cloudy].mean() < 0.005


def test_the_burnt_area_is_seen_from_august_on(reflectance):
    burnt = gpd.read_file(DATA / "galejade.gpkg", layer="zone_incendiee")
    severe = burnt.geometry[burnt["severite"] == "forte"].buffer(-15).union_all()
    with rasterio.open(IMAGES[0]) as raster:
        inside = rasterio.features.geometry_mask([severe], raster.shape, raster.transform, invert=True)
    values = reflectance[:, :, inside]
    ratio = np.median((values[:, NIR] - values[:, 5]) / (values[:, NIR] + values[:, 5]), axis=1)
    days = [path.stem[-8:] for path in IMAGES]
    before, after, autumn = (ratio[days.index(day)] for day in ("20250718", "20250827", "20251016"))
    assert before - after > 0.3
    assert after < autumn < before


def test_files_are_small():
    series = [path.stat().st_size for path in (DATA / "sentinel2").glob("*.tif")]
    assert max(series) < 3 * MEGABYTE
    assert sum(series) < 15 * MEGABYTE
    assert (DATA / "orthophoto" / "port_galejade_50cm.tif").stat().st_size < 6 * MEGABYTE
    assert (DATA / "relief" / "mnt_10m.tif").stat().st_size < MEGABYTE
