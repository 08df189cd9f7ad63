"""Pixels, series, and validation on a tiny landscape of four square parcels."""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import box
from sklearn.ensemble import RandomForestClassifier

from geoatelier import learning

TRANSFORM = from_origin(900_000, 6_200_000, 10, 10)
DAYS = (date(2025, 3, 1), date(2025, 6, 1))


@pytest.fixture
def parcels():
    squares = [box(900_000 + 100 * k, 6_199_900, 900_090 + 100 * k, 6_199_990) for k in range(4)]
    return gpd.GeoDataFrame(
        {"id_parcel": ["a", "b", "c", "d"], "code_cultu": ["VRC", "VRC", "OLI", "OLI"]},
        geometry=squares,
        crs=2154,
    )


def write(path, array, **profile):
    with rasterio.open(
        path, "w", driver="GTiff", count=len(array), height=20, width=45, dtype=array.dtype, crs="EPSG:2154",
        transform=profile.pop("transform", TRANSFORM), **profile,
    ) as raster:  # fmt: skip
        raster.write(array)
        if len(array) == 2:
            raster.descriptions = ("B4", "B8")
    return path


@pytest.fixture
def images(tmp_path):
    red, infrared = np.full((20, 45), 1000, "uint16"), np.full((20, 45), 3000, "uint16")
    infrared[3, 5] = 0
    return {
        day: write(
            tmp_path / f"{day:%Y%m%d}.tif",
            np.stack([red, infrared + k * 1000]) if k else np.stack([red, infrared]),
            nodata=0,
        )
        for k, day in enumerate(DAYS)
    }


def every_pixel(parcels, images):
    return learning.draw_pixels(parcels, images[DAYS[0]], per_parcel=1000)


def test_drawn_pixels_have_their_centre_inside_their_parcel(parcels, images):
    pixels = learning.draw_pixels(parcels, images[DAYS[0]], per_parcel=4)
    assert pixels.groupby("id_parcel").size().tolist() == [4, 4, 4, 4]
    homes = parcels.set_index("id_parcel").geometry.loc[pixels["id_parcel"]]
    assert pixels.geometry.within(homes.reset_index(drop=True)).all()


def test_no_pixel_is_drawn_twice(parcels, images):
    pixels = every_pixel(parcels, images)
    assert not pixels.duplicated(["ligne", "colonne"]).any()
    assert pixels.groupby("id_parcel").size().eq(81).all()


def test_the_draw_depends_only_on_its_seed(parcels, images):
    first, again, other = (learning.draw_pixels(parcels, images[DAYS[0]], seed=seed) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


def test_parcels_in_degrees_are_refused_with_what_to_do(parcels, images):
    with pytest.raises(ValueError, match=r"EPSG:4326.*to_crs"):
        learning.draw_pixels(parcels.to_crs(4326), images[DAYS[0]])
    with pytest.raises(ValueError, match="set_crs"):
        learning.draw_pixels(parcels.set_crs(None, allow_override=True), images[DAYS[0]])


def test_parcels_outside_the_image_are_refused(parcels, images):
    away = parcels.assign(geometry=parcels.translate(50_000))
    with pytest.raises(ValueError, match="Aucun centre de pixel"):
        learning.draw_pixels(away, images[DAYS[0]])


@pytest.mark.parametrize("count", [0, -1, 1.5, True, "4"])
def test_a_number_of_pixels_that_makes_no_sense_is_refused(parcels, images, count):
    with pytest.raises(ValueError, match=r"per_parcel.*entier d'au moins 1"):
        learning.draw_pixels(parcels, images[DAYS[0]], per_parcel=count)


def test_a_table_without_geometry_is_refused(parcels, images):
    with pytest.raises(TypeError, match="sans géométrie"):
        learning.draw_pixels(pd.DataFrame(parcels.drop(columns="geometry")), images[DAYS[0]])


def test_images_are_given_date_by_date(parcels, images):
    with pytest.raises(TypeError, match="un chemin par date"):
        learning.read_series(every_pixel(parcels, images), list(images.values()))
    with pytest.raises(TypeError, match="masks est un chemin par date"):
        learning.read_series(every_pixel(parcels, images), images, list(images.values()))


def test_a_table_whose_pixels_have_no_place_is_refused(parcels, images):
    with pytest.raises(ValueError, match="draw_pixels"):
        learning.read_series(parcels, images)


def test_a_file_cut_short_is_told_in_french(parcels, images, tmp_path):
    clear = np.zeros((1, 20, 45), "uint8")
    masks = {day: write(tmp_path / f"masque_{day}.tif", clear) for day in DAYS}
    whole = masks[DAYS[1]].read_bytes()
    masks[DAYS[1]].write_bytes(whole[:-100])
    with pytest.raises(learning.UnreadableImageError, match=r"masque_2025-06-01.*une partie ne se lit pas"):
        learning.read_series(every_pixel(parcels, images), images, masks)


def test_the_series_has_one_column_a_band_and_a_date(parcels, images):
    series = learning.read_series(every_pixel(parcels, images), images)
    assert list(series.columns) == ["03-01_B4", "03-01_B8", "06-01_B4", "06-01_B8"]
    assert series["06-01_B8"].to_numpy()[0] == pytest.approx(0.4)


def test_no_data_becomes_nan_and_nothing_else(parcels, images):
    pixels = every_pixel(parcels, images)
    series = learning.read_series(pixels, images)
    hole = pixels["ligne"].eq(3) & pixels["colonne"].eq(5)
    assert hole.sum() == 1
    assert series["03-01_B8"].isna().equals(hole)


def test_what_the_mask_does_not_call_clear_becomes_nan(parcels, images, tmp_path):
    cloud = np.zeros((1, 20, 45), "uint8")
    cloud[0, :, :10], cloud[0, :, 10:20] = 1, 2
    clear = np.zeros((1, 20, 45), "uint8")
    masks = {DAYS[0]: write(tmp_path / "m0.tif", cloud), DAYS[1]: write(tmp_path / "m1.tif", clear)}
    pixels = every_pixel(parcels, images)
    series = learning.read_series(pixels, images, masks)
    assert series["03-01_B4"].isna().equals(pixels["colonne"] < 20)
    assert series["06-01_B4"].notna().all()


def test_a_missing_mask_is_told_with_its_date(parcels, images):
    with pytest.raises(ValueError, match="01/03/2025"):
        learning.read_series(every_pixel(parcels, images), images, masks={})


def test_images_on_other_grids_are_refused_by_name(parcels, images, tmp_path):
    shifted = write(
        tmp_path / "decalee.tif",
        np.ones((2, 20, 45), "uint16"),
        transform=from_origin(900_005, 6_200_000, 10, 10),
    )
    with pytest.raises(ValueError, match=r"decalee\.tif"):
        learning.read_series(every_pixel(parcels, images), images | {DAYS[1]: shifted})


def test_ndvi_follows_its_formula_whatever_the_order_of_columns(parcels, images):
    series = learning.read_series(every_pixel(parcels, images), images)
    index = learning.ndvi(series[series.columns[::-1]])
    assert index["03-01"].iloc[0] == pytest.approx(0.5)
    assert index["06-01"].iloc[0] == pytest.approx(0.6)


def test_parcel_means_leave_clouds_out():
    series = pd.DataFrame({"03-01_B4": [0.1, np.nan, 0.3, 0.5]})
    means = learning.parcel_means(series, pd.Series(["a", "a", "b", "b"]))
    assert means.loc["a"].item() == pytest.approx(0.1)
    assert means.loc["b"].item() == pytest.approx(0.4)


def test_shared_groups_names_the_parcels_on_both_sides():
    assert learning.shared_groups(["a", "a", "b", "c"], train=[0, 3], test=[1, 2]) == {"a"}


def test_zonal_means_agree_with_pixel_means(parcels, images):
    pixels = every_pixel(parcels, images)
    expected = learning.parcel_means(learning.read_series(pixels, images), pixels["id_parcel"])
    measured = learning.zonal_means(parcels.set_index("id_parcel"), learning.read_cube(images))
    pd.testing.assert_frame_equal(measured, expected, check_dtype=False, rtol=1e-5)


def test_a_parcel_outside_the_image_has_no_mean(parcels, images):
    away = parcels.assign(geometry=[*parcels.geometry[:3], parcels.translate(9_000)[3]])
    means = learning.zonal_means(away, learning.read_cube(images))
    assert means.loc[3].isna().all()
    assert means.loc[:2].notna().all(axis=None)


def test_a_cube_refuses_parcels_in_degrees(parcels, images):
    with pytest.raises(ValueError, match="to_crs"):
        learning.zonal_means(parcels.to_crs(4326), learning.read_cube(images))


def test_blocks_of_a_kilometre_hold_the_points_of_their_square():
    points = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy([894_001, 894_999, 895_001], [6_195_500, 6_195_001, 6_195_500]), crs=2154
    )
    assert learning.spatial_blocks(points, 1000).tolist() == ["0894_6195", "0894_6195", "0895_6195"]


def test_blocks_of_polygons_are_refused_with_what_to_do(parcels):
    with pytest.raises(ValueError, match=r"4 sur 4.*centroid"):
        learning.spatial_blocks(parcels, 1000)


def test_blocks_in_degrees_are_refused():
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([5.3], [42.8]), crs=4326)
    with pytest.raises(ValueError, match="mètres"):
        learning.spatial_blocks(points, 1000)
    with pytest.raises(ValueError, match="positif"):
        learning.spatial_blocks(points.to_crs(2154), 0)


def optimism(parcel_effect):
    """Parcels of two classes that hardly differ, with a signature of their own of the given strength."""
    rng = np.random.default_rng(3)
    groups = np.repeat(np.arange(60), 4)
    classes = np.repeat(rng.integers(0, 2, 60), 4)
    signature = np.repeat(rng.normal(0, parcel_effect, (60, 3)), 4, axis=0)
    X = signature + 0.3 * classes[:, None] + rng.normal(0, 0.3, (240, 3))
    return learning.random_minus_grouped(RandomForestClassifier(60, random_state=0), X, classes, groups)


def test_random_validation_flatters_when_parcels_have_a_signature():
    assert optimism(parcel_effect=2) > 0.15


def test_random_validation_is_honest_when_they_have_none():
    assert abs(optimism(parcel_effect=0)) < 0.08


def test_fewer_parcels_than_folds_is_refused():
    with pytest.raises(ValueError, match="au moins 5 groupes"):
        learning.random_minus_grouped(RandomForestClassifier(), np.zeros((4, 1)), [0, 1, 0, 1], [1, 1, 2, 2])


def test_the_interval_covers_the_true_mean_as_often_as_it_says():
    rng = np.random.default_rng(0)
    hits = [
        low <= 0 <= high for _, low, high in (learning.mean_interval(rng.normal(size=6)) for _ in range(2000))
    ]
    assert np.mean(hits) == pytest.approx(0.95, abs=0.02)


def test_draws_that_share_their_samples_have_a_wider_interval():
    draws = [0.70, 0.72, 0.69, 0.71]
    _, low, high = learning.mean_interval(draws)
    _, wide_low, wide_high = learning.mean_interval(draws, test_to_train=0.25)
    assert (wide_high - wide_low) / (high - low) == pytest.approx(2**0.5)


def test_one_draw_has_no_interval():
    with pytest.raises(ValueError, match="deux tirages"):
        learning.mean_interval([0.7])
