"""Features made the same way for pixels, parcels and windows, and validation by blocks of ground."""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from rasterio.transform import from_origin
from rasterio.windows import Window
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import cross_val_score
from small_series import (
    COLUMNS,
    DAYS,
    ROWS,
    parcels,
    reflectances,
    write,
    write_images,
    write_masks,
)

from geoatelier import learning
from geoatelier.learning import pixels as pixels_module
from geoatelier.learning import series as series_module
from geoatelier.learning.gaps import fill_gaps
from geoatelier.learning.series import open_series
from geoatelier.learning.windows import aligned_windows

EVERYTHING = learning.Features(
    DAYS, ("B4", "B8"), ndvi=True, statistics=("moyenne", "minimum", "maximum", "ecart_type")
)


@pytest.fixture
def images(tmp_path):
    return write_images(tmp_path, reflectances())


@pytest.fixture
def hidden():
    """Hidden pixels: a band of cloud on the second date, a corner always hidden."""
    hidden = np.zeros((3, ROWS, COLUMNS))
    hidden[1, 10:20] = 1
    hidden[:, :4, :4] = 2
    return hidden


@pytest.fixture
def masks(tmp_path, hidden):
    return write_masks(tmp_path, hidden)


@pytest.fixture
def small_windows(monkeypatch):
    """Windows of a few hundred pixels, where the images of the tests would fit in one."""
    monkeypatch.setattr(series_module, "_PIXELS_AT_ONCE", 300)
    monkeypatch.setattr(pixels_module, "_PIXELS_AT_ONCE", 300)


# Windows


@pytest.mark.parametrize("block", [(16, 16), (1, 90), (7, 90), (70, 90)], ids=str)
@pytest.mark.parametrize("area", [None, Window(5, 11, 60, 37)], ids=["whole", "part"])
@pytest.mark.parametrize("pixels", [1, 300, 10_000])
def test_windows_cover_the_area_once_and_stay_small(block, area, pixels):
    visits = np.zeros((70, 90), int)
    for window in aligned_windows((70, 90), block, pixels, area):
        assert window.width * window.height <= pixels
        visits[window.toslices()] += 1
    expected = np.zeros_like(visits)
    expected[area.toslices() if area else ...] = 1
    assert np.array_equal(visits, expected)


def test_windows_start_where_blocks_do():
    windows = list(aligned_windows((70, 90), (16, 16), 1100))
    assert {window.col_off % 16 for window in windows} == {window.row_off % 16 for window in windows} == {0}


# Gaps


def test_a_gap_is_filled_by_linear_interpolation_and_the_ends_by_the_nearest_date():
    rng = np.random.default_rng(0)
    days = np.array([0, 31, 92, 120, 200])
    values = rng.random((5, 2, 200), dtype="float32")
    values[rng.random(values.shape) < 0.6] = np.nan
    filled = values.copy()
    fill_gaps(filled, days)
    for before, after in zip(values.reshape(5, -1).T, filled.reshape(5, -1).T, strict=True):
        known = ~np.isnan(before)
        expected = np.interp(days, days[known], before[known]) if known.any() else before
        np.testing.assert_allclose(after, expected, rtol=1e-5)


# Features


def test_a_date_that_is_no_date_is_refused():
    with pytest.raises(ValueError, match=r"date\(2025, 6, 18\)"):
        learning.Features(["2025-06-18"], ("B4",))


def test_features_are_named_by_date_then_by_statistic():
    features = learning.Features(reversed(DAYS), ("B8",), ndvi=True, statistics=("maximum",))
    assert features.names == [
        *("03-01_B8", "03-01_NDVI", "04-01_B8", "04-01_NDVI", "06-01_B8", "06-01_NDVI"),
        *("maximum_B8", "maximum_NDVI"),
    ]
    assert features.read_bands == ["B8", "B4"]


def test_a_hidden_date_is_interpolated_before_all_the_rest():
    series = pd.DataFrame(
        [[0.1, 0.3, np.nan, np.nan, 0.2, 0.6]], columns=[f"{d:%m-%d}_{b}" for d in DAYS for b in ("B4", "B8")]
    )
    made = EVERYTHING.of_table(series).iloc[0]
    weight = 31 / 92  # 1 March, 1 April, 1 June
    red, infrared = 0.1 + 0.1 * weight, 0.3 + 0.3 * weight
    assert made["04-01_B8"] == pytest.approx(infrared)
    assert made["04-01_NDVI"] == pytest.approx((infrared - red) / (infrared + red))
    assert made["moyenne_B8"] == pytest.approx((0.3 + infrared + 0.6) / 3)
    assert made["minimum_B4"] == pytest.approx(0.1)
    assert made["maximum_B4"] == pytest.approx(0.2)
    assert made["ecart_type_B4"] == pytest.approx(np.std([0.1, red, 0.2]))


def test_without_filling_a_hidden_date_stays_unknown_and_statistics_leave_it_out():
    features = learning.Features(DAYS, ("B4",), statistics=("moyenne", "ecart_type", "maximum"), fill=False)
    series = pd.DataFrame(
        [[0.1, np.nan, 0.2], [np.nan] * 3], columns=[f"{day:%m-%d}_B4" for day in DAYS], dtype="float32"
    )
    made = features.of_table(series)
    assert made.loc[0].isna().tolist() == [False, True, False, False, False, False]
    assert made.loc[0, ["moyenne_B4", "ecart_type_B4", "maximum_B4"]].tolist() == pytest.approx(
        [0.15, 0.05, 0.2]
    )
    assert made.loc[1].isna().all()


def test_a_table_of_reflectances_is_left_as_it_was(images, masks):
    pixels = learning.draw_pixels(parcels(), images[DAYS[0]], per_parcel=1000)
    series = learning.read_series(pixels, images, masks)
    before = series.copy()
    EVERYTHING.of_table(series)
    pd.testing.assert_frame_equal(series, before)


def test_an_ndvi_without_light_is_unknown_and_not_infinite():
    features = learning.Features(DAYS[:1], (), ndvi=True)
    made = features.of_table(pd.DataFrame({"03-01_B4": [0.1, 0.0, -0.1], "03-01_B8": [0.3, 0.0, 0.1]}))
    assert made["03-01_NDVI"].tolist() == pytest.approx([0.5, np.nan, np.nan], nan_ok=True)


def test_pixels_and_windows_have_the_same_features(images, masks):
    pixels = learning.draw_pixels(parcels(), images[DAYS[0]], per_parcel=1000)
    from_pixels = EVERYTHING.of_pixels(pixels, images, masks)
    whole = EVERYTHING.of_cube(learning.read_cube(images, masks))
    assert list(from_pixels.columns) == list(whole.columns) == EVERYTHING.names
    here = whole.iloc[pixels["ligne"] * COLUMNS + pixels["colonne"]].set_index(from_pixels.index)
    pd.testing.assert_frame_equal(from_pixels, here)


def test_parcels_have_the_features_of_their_mean(images, masks):
    from_parcels = EVERYTHING.of_parcels(parcels(), images, masks)
    means = learning.zonal_means(parcels(), learning.read_cube(images, masks))
    pd.testing.assert_frame_equal(from_parcels, EVERYTHING.of_table(means), rtol=1e-5)


def test_small_windows_give_what_one_large_one_gives(images, masks, request):
    def everything():
        pixels = learning.draw_pixels(parcels(), images[DAYS[0]], per_parcel=5, seed=3)
        return (
            pixels,
            learning.read_series(pixels, images, masks),
            learning.read_parcel_series(parcels(), images, masks),
        )

    pixels, series, means = everything()
    request.getfixturevalue("small_windows")
    with open_series(images) as opened:
        assert len(list(opened.windows())) > 4
    pixels_again, series_again, means_again = everything()
    pd.testing.assert_frame_equal(pixels_again, pixels)
    pd.testing.assert_frame_equal(series_again, series)
    pd.testing.assert_frame_equal(means_again, means, rtol=1e-5)


def test_bands_that_no_feature_needs_are_not_read(images):
    features = learning.Features(DAYS, ("B8",))
    pixels = learning.draw_pixels(parcels(), images[DAYS[0]])
    read = learning.read_series(pixels, images, bands=features.read_bands)
    assert list(read.columns) == features.names


def test_bands_are_read_by_their_name_whatever_their_place(images, tmp_path):
    swapped = write(tmp_path / "inversee.tif", reflectances()[1][::-1], names=("B8", "B4"), nodata=0)
    pixels = learning.draw_pixels(parcels(), images[DAYS[0]])
    expected = learning.read_series(pixels, images)
    pd.testing.assert_frame_equal(learning.read_series(pixels, images | {DAYS[1]: swapped}), expected)


def test_dates_that_no_feature_needs_are_left_out(images):
    pixels = learning.draw_pixels(parcels(), images[DAYS[0]])
    features = learning.Features(DAYS[1:], ("B8",))
    assert list(features.of_pixels(pixels, images).columns) == ["04-01_B8", "06-01_B8"]


def test_features_fold_into_series_for_a_model_that_reads_along_time():
    features = learning.Features(DAYS, ("B4", "B8"))
    table = pd.DataFrame([[1, 2, 3, 4, 5, 6]], columns=features.names)
    assert features.as_series(table).tolist() == [[[1, 2], [3, 4], [5, 6]]]
    with pytest.raises(ValueError, match="pas ces variables"):
        features.as_series(table[table.columns[::-1]])
    with pytest.raises(ValueError, match="n'a pas de date : moyenne"):
        EVERYTHING.as_series(table)


# What features refuse


def test_a_missing_date_is_named(images):
    pixels = learning.draw_pixels(parcels(), images[DAYS[0]])
    only_march = {DAYS[0]: images[DAYS[0]]}
    for made in (EVERYTHING.of_pixels, lambda p, i: EVERYTHING.of_table(learning.read_series(p, i))):
        with pytest.raises(ValueError, match="sur 3 dates attendues : 01/04, 01/06"):
            made(pixels, only_march)


def test_a_missing_band_is_named(images):
    pixels = learning.draw_pixels(parcels(), images[DAYS[0]])
    with pytest.raises(ValueError, match=r"n'a pas la bande B11\. Ses bandes : B4, B8"):
        learning.Features(DAYS, ("B11",)).of_pixels(pixels, images)
    with pytest.raises(ValueError, match="03-01_B11"):
        learning.Features(DAYS, ("B11",)).of_table(learning.read_series(pixels, images))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"dates": ()}, "au moins une date"),
        ({"bands": ()}, "Aucune variable"),
        ({"bands": "B4"}, "Donnez une liste pour bands"),
        ({"statistics": ("mediane",)}, "inconnue.: mediane. Sont connues.: moyenne, minimum"),
        ({"bands": ("B4", "B4")}, "demandé deux fois"),
        ({"dates": (date(2024, 3, 1), date(2025, 3, 1))}, "demandé deux fois"),
    ],
    ids=str,
)
def test_impossible_features_are_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        learning.Features(**{"dates": DAYS, "bands": ("B4",)} | arguments)


# What a series refuses


def test_a_series_without_images_is_refused():
    with pytest.raises(ValueError, match="aucune image"):
        learning.read_cube({})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"crs": "EPSG:32631"}, "le système de coordonnées"),
        ({"transform": from_origin(900_005, 6_200_000, 10, 10)}, "l'origine ou le pas"),
    ],
    ids=["crs", "transform"],
)
def test_rasters_that_do_not_stand_on_one_another_are_refused(images, tmp_path, changes, said):
    counts = reflectances()[1]
    away = write(tmp_path / "ailleurs.tif", counts, names=("B4", "B8"), **changes)
    with pytest.raises(ValueError, match=f"L'image ailleurs.tif .*{said}"):
        learning.read_cube(images | {DAYS[1]: away})
    mask = write(tmp_path / "nuages.tif", np.zeros((1, ROWS, COLUMNS), "uint8"), **changes)
    with pytest.raises(ValueError, match=f"Le masque nuages.tif .*{said}"):
        learning.read_cube({DAYS[0]: images[DAYS[0]]}, {DAYS[0]: mask})


def test_a_smaller_raster_is_refused(images, tmp_path):
    small = write(tmp_path / "petite.tif", reflectances()[1][:, :-1], names=("B4", "B8"))
    with pytest.raises(ValueError, match=r"petite\.tif .*la taille"):
        learning.read_cube(images | {DAYS[1]: small})


def test_bands_without_a_name_are_refused(tmp_path):
    nameless = write(tmp_path / "anonyme.tif", reflectances()[0])
    with pytest.raises(ValueError, match="n'ont pas de nom"):
        learning.read_cube({DAYS[0]: nameless})


def test_the_same_day_of_two_years_is_refused(images):
    with pytest.raises(ValueError, match="01/03"):
        learning.read_cube(images | {date(2024, 3, 1): images[DAYS[1]]})


def test_pixels_outside_the_images_are_refused(images):
    for row, column in ((ROWS, 0), (0, COLUMNS), (-1, 0)):
        pixels = pd.DataFrame({"ligne": [0, row], "colonne": [0, column]})
        with pytest.raises(ValueError, match=r"hors de l'image.* 1 sur 2"):
            learning.read_series(pixels, images)


def test_parcels_all_outside_the_images_are_refused_and_one_alone_has_no_feature(images):
    away = parcels().translate(50_000)
    with pytest.raises(ValueError, match="Aucune parcelle"):
        EVERYTHING.of_parcels(parcels().set_geometry(away), images)
    one_away = parcels().set_geometry([*parcels().geometry[:-1], away.iloc[-1]], crs=2154)
    features = EVERYTHING.of_parcels(one_away, images)
    assert features.iloc[-1].isna().all()
    assert features.iloc[:-1].notna().all(axis=None)


# Blocks


@pytest.fixture(scope="module")
def samples():
    """Four hundred samples over four kilometres, of two classes."""
    rng = np.random.default_rng(0)
    east, north = rng.uniform(0, 4000, (2, 400))
    points = gpd.GeoSeries(gpd.points_from_xy(900_000 + east, 6_200_000 + north), crs=2154)
    return np.zeros((400, 1)), rng.choice(["OLI", "VRC"], 400), points


def test_a_block_is_never_on_both_sides_and_every_sample_is_tested_once(samples):
    X, y, points = samples
    blocks = learning.spatial_blocks(points, 1000)
    tested = []
    for train, test in learning.SpatialBlockKFold(1000, 4).split(X, y, points):
        assert not learning.shared_groups(blocks, train, test)
        tested.extend(test)
    assert sorted(tested) == list(range(400))


def test_nothing_is_learnt_from_the_dead_zone_and_all_from_beyond(samples):
    X, y, points = samples
    for train, test in learning.SpatialBlockKFold(1000, 4, buffer=150).split(X, y, points):
        tested = points.iloc[test].union_all()
        distances = points.drop(index=points.index[test]).distance(tested)
        assert set(train) == set(distances.index[distances >= 150])
        assert train.size < 400 - test.size


def test_blocks_serve_in_a_cross_validation(samples):
    X, y, points = samples
    scores = cross_val_score(DummyClassifier(), X, y, groups=points, cv=learning.SpatialBlockKFold(1000, 3))
    assert scores.shape == (3,)


def test_each_fold_keeps_the_share_of_each_class(samples):
    X, y, points = samples
    share = (y == "OLI").mean()
    for _, test in learning.SpatialBlockKFold(250, 4).split(X, y, points):
        assert (y[test] == "OLI").mean() == pytest.approx(share, abs=0.1)


@pytest.mark.parametrize(
    ("splitter", "said"),
    [
        (learning.SpatialBlockKFold(10_000), "des blocs de 10000 m de côté n.en font que 1"),
        (learning.SpatialBlockKFold(1000, 1), "au moins deux plis"),
        (learning.SpatialBlockKFold(1000, buffer=-1), "zéro ou plus"),
        (learning.SpatialBlockKFold(1000, buffer=np.nan), "zéro ou plus"),
        (learning.SpatialBlockKFold(0), "positif"),
        (learning.SpatialBlockKFold(1000, buffer=10_000), "Pli 1 : la zone morte ne laisse aucun exemple"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_impossible_blocks_are_refused(samples, splitter, said):
    X, y, points = samples
    with pytest.raises(ValueError, match=said):
        splitter.split(X, y, points)


def test_a_class_that_only_the_test_holds_is_refused(samples):
    X, y, points = samples
    corner = (points.x < 901_000) & (points.y < 6_201_000)
    with pytest.raises(ValueError, match=r"Pli \d : LAV n'est que dans le test"):
        learning.SpatialBlockKFold(1000).split(X, np.where(corner, "LAV", y), points)


def test_places_that_blocks_cannot_use_are_refused(samples):
    X, y, points = samples
    split = learning.SpatialBlockKFold(1000).split
    for groups, said in (
        (None, "le lieu de chaque exemple"),
        (np.arange(400), "le lieu de chaque exemple"),
        (points[:10], "10 lieux pour 400"),
        (points.buffer(1), "Des lieux ne sont pas des points : 400 sur 400"),
        (points.to_crs(4326), "mètres"),
    ):
        with pytest.raises(ValueError, match=said):
            split(X, y, groups)
