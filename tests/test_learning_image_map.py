"""A file mapped window by window by a U-Net: the map of the whole image, whatever its size."""

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from rio_cogeo import cog_validate
from small_images import NAMES, made_image, segmenter

from geoatelier import learning
from geoatelier.learning.networks import image_map, map_image
from geoatelier.safely import UnwritableOutput

ROWS, COLUMNS = 150, 130
TRANSFORM = from_origin(898_000, 6_195_000, 0.5, 0.5)
NO_DATA = 255


@pytest.fixture(scope="module")
def trained():
    """Two halvings of the resolution: windows must keep the groups of four pixels of the whole image."""
    image, labels = made_image(96)
    return segmenter(epochs=6, depth=2).fit([image], [labels])


def write(path, image, **profile):
    with rasterio.open(
        path, "w", driver="GTiff", count=len(image), height=image.shape[1], width=image.shape[2],
        dtype=image.dtype, crs="EPSG:2154", transform=TRANSFORM, **profile,
    ) as raster:  # fmt: skip
        raster.write(image)
    return path


@pytest.fixture(scope="module")
def seen():
    image, _ = made_image(150, seed=4)
    return image[:, :ROWS, :COLUMNS]


@pytest.fixture
def image(tmp_path, seen):
    return write(tmp_path / "image.tif", seen)


@pytest.fixture(autouse=True)
def small_windows(monkeypatch):
    monkeypatch.setattr(image_map, "_BLOCK", (10, 10))
    monkeypatch.setattr(image_map, "_PIXELS_AT_ONCE", 1600)


def mapped(trained, image, **options):
    """Map with no bar; give the two bands."""
    output = map_image(trained, image, image.with_name("carte.tif"), progress=False, **options)
    with rasterio.open(output) as raster:
        return raster.read()


def test_each_pixel_gets_the_class_that_the_whole_image_would_give_it(trained, image, seen):
    probabilities = trained.predict_proba(seen)
    codes, confidence = mapped(trained, image)
    np.testing.assert_array_equal(codes, probabilities.argmax(axis=0) + 1)
    np.testing.assert_allclose(confidence, np.floor(100 * probabilities.max(axis=0) + 1e-6), atol=1)
    assert len(np.unique(codes)) == 3


def test_the_map_is_a_cloud_optimised_geotiff_with_names_and_colours(trained, image):
    colours = {"sol": "#f3f0e6", "toit": "#d55e00", "piscine": "#0b3c5d"}
    mapped(trained, image, colours=colours)
    path = image.with_name("carte.tif")
    assert cog_validate(path, strict=True, quiet=True) == (True, [], [])
    legend = learning.read_legend(path)
    assert list(legend.names.values()) == ["abstention", *NAMES]
    assert [legend.colours[code] for code in (1, 2, 3)] == list(colours.values())
    with rasterio.open(path) as raster:
        assert (raster.transform, raster.shape, raster.crs.to_epsg()) == (TRANSFORM, (ROWS, COLUMNS), 2154)


def test_a_part_of_the_image_gets_the_same_map(trained, image):
    whole = mapped(trained, image)
    left, top = TRANSFORM * (23, 41)
    right, bottom = TRANSFORM * (97, 118)
    part = mapped(trained, image, bounds=(left, bottom, right, top), overwrite=True)
    np.testing.assert_array_equal(part[0], whole[0][41:118, 23:97])


def test_where_the_image_has_no_data_the_map_has_none(trained, tmp_path, seen):
    holed = seen.copy()
    holed[:, 30:60, 20:50] = 0
    codes, confidence = mapped(trained, write(tmp_path / "trouee.tif", holed, nodata=0))
    hidden = np.zeros((ROWS, COLUMNS), bool)
    hidden[30:60, 20:50] = True
    np.testing.assert_array_equal(codes == NO_DATA, hidden)
    np.testing.assert_array_equal(confidence == NO_DATA, hidden)


def test_a_value_that_is_not_finite_hides_its_pixel_and_no_other(trained, tmp_path, seen):
    holed = seen.astype("float32")
    holed[1, 75, 66] = np.nan
    codes, _ = mapped(trained, write(tmp_path / "trouee.tif", holed))
    assert np.argwhere(codes == NO_DATA).tolist() == [[75, 66]]


def refused(said, trained, image, output="carte.tif", error=ValueError, **options):
    with pytest.raises(error, match=said):
        map_image(trained, image, image.with_name(output), progress=False, **options)
    assert not image.with_name("carte.tif").exists()


def test_what_cannot_be_mapped_is_refused_in_french(trained, image, tmp_path, seen):
    refused("pas entraîné", segmenter(), image)
    refused("et non « carte.png »".replace(" ", "."), trained, image, "carte.png")
    refused("serait perdue", trained, image, "image.tif")
    refused("ne touche pas", trained, image, bounds=(0, 0, 10, 10))
    refused("Il manque une couleur", trained, image, colours={"sol": "#f3f0e6"})
    refused("Il faut 3 bandes.*en a 2", trained, write(tmp_path / "deux.tif", seen[:2]))
    refused("n'existe pas", trained, tmp_path / "absente.tif", error=learning.UnreadableImageError)


def test_a_file_that_is_there_is_left_unless_its_replacement_is_asked(trained, image):
    image.with_name("carte.tif").write_text("précieux")
    with pytest.raises(UnwritableOutput, match="n'a pas été touché"):
        map_image(trained, image, image.with_name("carte.tif"), progress=False)
    assert image.with_name("carte.tif").read_text() == "précieux"
    assert mapped(trained, image, overwrite=True).shape == (2, ROWS, COLUMNS)
