"""A whole raster predicted by windows: the map, its legend, what is refused, what is never lost."""

import numpy as np
import pytest
import rasterio
from rasterio.enums import ColorInterp
from rio_cogeo.cogeo import cog_validate
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from small_series import COLUMNS, DAYS, ROWS, TRANSFORM, parcels, reflectances, write_images, write_masks

from geoatelier import learning
from geoatelier.bench_series import series_in, write_series
from geoatelier.learning import class_maps, prediction
from geoatelier.safely import UnwritableOutput

FEATURES = learning.Features(DAYS, ("B4", "B8"), ndvi=True)
COLOURS = {"nue": "#d55e00", "verte": "#009e73"}
BARE, GREEN = 1, 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("serie")


@pytest.fixture(scope="module")
def images(folder):
    return write_images(folder, reflectances())


@pytest.fixture(scope="module")
def masks(folder):
    """A cloud on the second date, and a corner that no date shows, larger than a window."""
    hidden = np.zeros((3, ROWS, COLUMNS))
    hidden[1, 10:20] = 1
    hidden[:, :20, :20] = 2
    return write_masks(folder, hidden)


@pytest.fixture(scope="module")
def training(images):
    pixels = learning.draw_pixels(parcels(), images[DAYS[0]], per_parcel=6)
    return FEATURES.of_pixels(pixels, images), pixels["nature"]


@pytest.fixture(scope="module")
def model(training):
    """Neighbours in a feature that hardly tells: its probabilities vary."""
    return KNeighborsClassifier(5).fit(*training)


@pytest.fixture(autouse=True)
def small_windows(monkeypatch):
    monkeypatch.setattr(prediction, "_PIXELS_AT_ONCE", 300)
    monkeypatch.setattr(prediction, "_ROWS_AT_ONCE", 100)


def predicted(model, images, output, features=FEATURES, **options):
    """Predict with no bar; give the two bands."""
    learning.predict_raster(model, images, features, output, progress=False, **options)
    with rasterio.open(output) as raster:
        return raster.read()


def left_in(folder):
    return sorted(path.name for path in folder.iterdir())


# The map


def test_the_map_is_what_the_model_says_of_each_pixel(model, images, masks, tmp_path):
    codes, confidence = predicted(model, images, tmp_path / "carte.tif", masks=masks)
    table = FEATURES.of_cube(learning.read_cube(images, masks))
    known = table.notna().all(axis=1).to_numpy()
    probabilities = model.predict_proba(table[known])
    assert np.array_equal(codes.ravel()[known], probabilities.argmax(axis=1) + 1)
    assert np.array_equal(confidence.ravel()[known], np.floor(100 * probabilities.max(axis=1) + 1e-6))
    assert set(codes.ravel()[known]) == {BARE, GREEN}


def test_what_no_date_shows_has_no_data_even_where_a_whole_window_is_empty(model, images, masks, tmp_path):
    codes, confidence = predicted(model, images, tmp_path / "carte.tif", masks=masks)
    hidden = np.zeros((ROWS, COLUMNS), bool)
    hidden[:20, :20] = True
    assert np.array_equal(codes == class_maps.NO_DATA, hidden)
    assert np.array_equal(confidence == class_maps.NO_DATA, hidden)


def test_threads_change_nothing(model, images, masks, tmp_path):
    one, several = (
        predicted(model, images, tmp_path / f"{threads}.tif", masks=masks, threads=threads)
        for threads in (1, 3)
    )
    assert np.array_equal(one, several)


def test_the_map_stands_on_the_images_and_is_cloud_optimised(model, images, tmp_path):
    learning.predict_raster(model, images, FEATURES, tmp_path / "carte.tif", progress=False)
    assert cog_validate(tmp_path / "carte.tif", strict=True, quiet=True) == (True, [], [])
    with rasterio.open(tmp_path / "carte.tif") as raster:
        assert (raster.transform, raster.shape, raster.crs.to_epsg()) == (TRANSFORM, (ROWS, COLUMNS), 2154)
        assert raster.dtypes == ("uint8", "uint8")
        assert raster.nodatavals == (255, 255)
        assert raster.descriptions == ("classe", "confiance (%)")
        assert raster.colorinterp == (ColorInterp.palette, ColorInterp.undefined)


def test_a_large_map_has_overviews_of_real_pixels(tmp_path):
    shape = (1100, 700)
    bands = np.random.default_rng(0).integers(0, 3, (2, *shape), dtype="uint8")
    legend = class_maps.legend_of(["nue", "verte"])
    crs = rasterio.crs.CRS.from_epsg(2154)
    with class_maps.new_map(tmp_path / "carte.tif", shape, TRANSFORM, crs, legend, {}) as class_map:
        class_map.write(rasterio.windows.Window(0, 0, 700, 1100), *bands)
    assert cog_validate(tmp_path / "carte.tif", strict=True, quiet=True) == (True, [], [])
    with rasterio.open(tmp_path / "carte.tif") as raster:
        assert raster.overviews(1) == [2, 4]
    with rasterio.open(tmp_path / "carte.tif", overview_level=0) as overview:
        assert np.array_equal(overview.read(), bands[:, ::2, ::2])


def test_the_legend_says_what_each_code_is(model, images, tmp_path):
    names = {"nue": "Sol nu", "verte": "Végétation"}
    predicted(model, images, tmp_path / "carte.tif", names=names, colours=COLOURS)
    legend = learning.read_legend(tmp_path / "carte.tif")
    assert legend.names == {0: "abstention", BARE: "Sol nu", GREEN: "Végétation"}
    assert legend.colours == {0: "#bdbdbd", BARE: "#d55e00", GREEN: "#009e73"}


def test_crops_have_the_colours_of_the_maps_and_many_classes_each_their_own():
    assert class_maps.legend_of(["OLI", "VRC"]).colours[2] == "#43246b"
    colours = class_maps.legend_of(range(30)).colours
    assert len(set(colours.values())) == 31


def test_a_raster_without_legend_is_told(images):
    with pytest.raises(ValueError, match="pas une carte"):
        learning.read_legend(images[DAYS[0]])


def test_below_the_threshold_the_model_abstains_and_its_confidence_is_kept(model, images, tmp_path):
    without, confidence = predicted(model, images, tmp_path / "sans.tif")
    codes, confidence_too = predicted(model, images, tmp_path / "avec.tif", abstain_below=0.9)
    doubtful = confidence < 90
    assert 0 < doubtful.mean() < 1
    assert np.array_equal(codes, np.where(doubtful, class_maps.ABSTENTION, without))
    assert np.array_equal(confidence, confidence_too)


def test_a_part_is_predicted_as_it_is_in_the_whole(model, images, tmp_path):
    whole = predicted(model, images, tmp_path / "toute.tif")
    # From the middle of the eleventh column to that of the thirtieth, and beyond the south of the images.
    bounds = (900_105, 6_190_000, 900_295, 6_199_800)
    part = predicted(model, images, tmp_path / "partie.tif", bounds=bounds)
    assert np.array_equal(part, whole[:, 20:, 10:30])
    with rasterio.open(tmp_path / "partie.tif") as raster:
        assert raster.bounds == (900_100, 6_199_600, 900_300, 6_199_800)


def test_a_model_that_takes_missing_values_is_given_them(images, masks, tmp_path):
    features = learning.Features(DAYS, ("B4", "B8"), fill=False)
    pixels = learning.draw_pixels(parcels(), images[DAYS[0]], per_parcel=6)
    tree = DecisionTreeClassifier(random_state=0).fit(
        features.of_pixels(pixels, images, masks), pixels["nature"]
    )
    codes, _ = predicted(tree, images, tmp_path / "carte.tif", features=features, masks=masks)
    assert np.array_equal(codes == class_maps.NO_DATA, np.pad(np.ones((20, 20), bool), ((0, 20), (0, 30))))


def test_a_model_that_reads_along_time_predicts_behind_a_fold(training, images, tmp_path):
    table, y = training

    class AlongTime(KNeighborsClassifier):
        def fit(self, X, y):
            assert X.shape[1:] == (3, 3)
            return super().fit(X.mean(axis=1), y)

        def predict_proba(self, X):
            return super().predict_proba(X.mean(axis=1))

    model = make_pipeline(FunctionTransformer(FEATURES.as_series), AlongTime()).fit(table, y)
    codes, _ = predicted(model, images, tmp_path / "carte.tif")
    assert (codes[:, : COLUMNS // 2] == GREEN).mean() > 0.95


def test_the_bar_tells_of_the_pixels_and_keeps_quiet_when_asked(model, images, tmp_path, capsys):
    learning.predict_raster(model, images, FEATURES, tmp_path / "a.tif")
    assert "Prédiction" in capsys.readouterr().err
    learning.predict_raster(model, images, FEATURES, tmp_path / "b.tif", progress=False)
    assert capsys.readouterr().err == ""


def test_the_series_of_the_benchmark_repeats_the_images(images, tmp_path):
    large = write_series(images, tmp_path, 600)
    assert large == series_in(tmp_path, images)
    with rasterio.open(images[DAYS[1]]) as image, rasterio.open(large[DAYS[1]]) as repeated:
        assert repeated.descriptions == image.descriptions
        assert np.array_equal(repeated.read(), np.tile(image.read(), (1, 15, 12)))


# What is refused, before anything is written


def refused(said, model, images, tmp_path, features=FEATURES, **options):
    with pytest.raises(ValueError, match=said):
        learning.predict_raster(model, images, features, tmp_path / "carte.tif", progress=False, **options)
    assert left_in(tmp_path) == []


def test_a_model_trained_with_other_features_is_refused(model, images, tmp_path):
    more = learning.Features(DAYS, ("B4", "B8"), ndvi=True, statistics=("moyenne",))
    refused("ne connaît pas moyenne_B4, moyenne_B8, moyenne_NDVI", model, images, tmp_path, features=more)
    fewer = learning.Features(DAYS, ("B4", "B8"))
    refused("attend aussi 03-01_NDVI, 04-01_NDVI", model, images, tmp_path, features=fewer)
    other_order = learning.Features(DAYS, ("B8", "B4"), ndvi=True)
    refused("l'ordre n'est pas le même", model, images, tmp_path, features=other_order)


def test_a_model_trained_without_names_is_refused(training, images, tmp_path):
    X, y = training
    refused("sans noms", KNeighborsClassifier().fit(X.to_numpy(), y), images, tmp_path)


def test_a_model_without_probabilities_is_refused(training, images, tmp_path):
    refused("CalibratedClassifierCV", LinearSVC().fit(*training), images, tmp_path)


def test_a_model_that_is_not_fitted_is_refused(images, tmp_path):
    refused("n'est pas entraîné", KNeighborsClassifier(), images, tmp_path)


def test_what_is_no_model_is_refused(images, tmp_path):
    with pytest.raises(TypeError, match="Donnez un modèle"):
        learning.predict_raster("forêt", images, FEATURES, tmp_path / "carte.tif")


def test_a_class_that_the_model_never_saw_is_refused(model, images, tmp_path):
    unseen = COLOURS | {"brûlée": "#000000"}
    refused("une couleur à brûlée, que le modèle n'a jamais vu", model, images, tmp_path, colours=unseen)
    refused("un nom à brûlée", model, images, tmp_path, names=dict.fromkeys(unseen, "x"))
    refused("Il manque une couleur pour verte", model, images, tmp_path, colours={"nue": "#d55e00"})
    refused("pas une couleur", model, images, tmp_path, colours=COLOURS | {"nue": "orange"})


def test_more_classes_than_a_band_holds_are_refused():
    with pytest.raises(ValueError, match="255 classes"):
        class_maps.legend_of(range(255))


def test_a_missing_date_or_mask_is_named(model, images, masks, tmp_path):
    refused("01/04, 01/06", model, {DAYS[0]: images[DAYS[0]]}, tmp_path)
    refused("masque de nuages du 01/06/2025", model, images, tmp_path, masks={d: masks[d] for d in DAYS[:2]})


def test_an_empty_window_is_refused(model, images, tmp_path):
    refused("ne touche pas les images", model, images, tmp_path, bounds=(0, 0, 10, 10))
    refused("est vide", model, images, tmp_path, bounds=(900_100, 6_199_900, 900_100, 6_200_000))
    refused("il en faut quatre", model, images, tmp_path, bounds=(900_100, 6_199_900, 900_200))


def test_missing_values_that_the_model_does_not_take_are_refused(training, images, masks, tmp_path):
    features = learning.Features(DAYS, ("B4", "B8"), ndvi=True, fill=False)
    model = LogisticRegression().fit(*training)
    refused("Des valeurs manquent.*fill=True", model, images, tmp_path, features=features, masks=masks)


def test_a_name_that_is_not_of_a_geotiff_is_refused(model, images, tmp_path):
    with pytest.raises(ValueError, match=r"\.tif, et non « carte\.png »"):
        learning.predict_raster(model, images, FEATURES, tmp_path / "carte.png")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"abstain_below": 0}, "probabilité"),
        ({"abstain_below": 60}, "probabilité"),
        ({"threads": 0}, "1 ou plus"),
    ],
    ids=str,
)
def test_a_parameter_out_of_its_range_is_refused(model, images, tmp_path, options, said):
    refused(said, model, images, tmp_path, **options)


# What is never lost


def test_a_file_that_is_there_is_left_unless_its_replacement_is_asked(model, images, tmp_path):
    output = tmp_path / "carte.tif"
    output.write_text("précieux")
    with pytest.raises(UnwritableOutput, match="n'a pas été touché"):
        learning.predict_raster(model, images, FEATURES, output, progress=False)
    assert output.read_text() == "précieux"
    assert predicted(model, images, output, overwrite=True).shape == (2, ROWS, COLUMNS)
    assert left_in(tmp_path) == ["carte.tif"]


def test_a_map_that_the_disk_cut_short_without_a_word_is_not_given(model, images, tmp_path, monkeypatch):
    copy = rasterio.shutil.copy

    def cut_short(source, destination, **options):
        copy(source, destination, **options)
        whole = destination.read_bytes()
        destination.write_bytes(whole[: len(whole) - 50])

    monkeypatch.setattr(rasterio.shutil, "copy", cut_short)
    with pytest.raises(OSError, match="disque"):
        learning.predict_raster(model, images, FEATURES, tmp_path / "carte.tif", progress=False)
    assert left_in(tmp_path) == []


def test_the_legend_of_a_map_that_is_not_there_is_told_in_french(tmp_path):
    with pytest.raises(learning.UnreadableImageError, match="n'existe pas"):
        learning.read_legend(tmp_path / "absente.tif")


def test_an_image_of_the_series_is_never_replaced(model, images, tmp_path):
    with pytest.raises(ValueError, match="serait perdue"):
        learning.predict_raster(model, images, FEATURES, images[DAYS[1]], overwrite=True)


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_an_interruption_leaves_no_half_written_file(training, images, tmp_path, error):
    class Interrupted(KNeighborsClassifier):
        calls = 0

        def predict_proba(self, X):
            Interrupted.calls += 1
            if Interrupted.calls > 5:
                raise error
            return super().predict_proba(X)

    output = tmp_path / "carte.tif"
    output.write_text("précieux")
    with pytest.raises(error):
        predicted(Interrupted().fit(*training), images, output, overwrite=True)
    assert output.read_text() == "précieux"
    assert left_in(tmp_path) == ["carte.tif"]
