"""Objects drawn on an image, and a map judged by what it finds, misses and invents."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import box

from geoatelier.learning import (
    UNKNOWN,
    UnreadableImageError,
    draw_labels,
    draw_objects,
    match_objects,
    surroundings,
)


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "image.tif"
    profile = {"driver": "GTiff", "count": 1, "height": 8, "width": 10, "dtype": "uint8", "crs": "EPSG:2154"}
    with rasterio.open(path, "w", transform=from_origin(0, 8, 1, 1), **profile) as raster:
        raster.write(np.ones((1, 8, 10), "uint8"))
    return path


def layer(*boxes, crs=2154):
    return gpd.GeoDataFrame(geometry=[box(*edges) for edges in boxes], crs=crs)


def test_a_pixel_takes_the_class_of_the_polygon_that_holds_its_centre(image):
    roofs, pools = layer((0, 6, 2.4, 8), (4, 0, 6, 2)), layer((1, 7, 2, 8))
    labels = draw_labels(image, {1: roofs, 2: pools}, known=layer((0, 0, 8, 8)))
    assert labels.dtype == np.uint8
    assert labels[0].tolist() == [1, 2, 0, 0, 0, 0, 0, 0, UNKNOWN, UNKNOWN]
    assert (labels == 1).sum() == 3 + 4
    assert (labels == UNKNOWN).sum() == 16


def test_objects_are_numbered_in_the_order_of_their_layer(image):
    numbers = draw_objects(image, layer((4, 0, 6, 2), (0, 6, 2, 8)))
    assert numbers[7, 4] == 1
    assert numbers[0, 0] == 2
    assert (numbers > 0).sum() == 8


@pytest.mark.parametrize(
    ("roofs", "sentence"),
    [
        (layer((0, 6, 2, 8), crs=4326), "sont en EPSG:4326"),
        (layer((0, 6, 2, 8), crs=None), "n'ont pas de système"),
        (layer((50, 50, 60, 60)), "hors de l'image"),
    ],
)
def test_layers_that_do_not_stand_on_the_image_are_refused_in_french(image, roofs, sentence):
    with pytest.raises(ValueError, match=f"code 1 .*{sentence}"):
        draw_labels(image, {1: roofs})
    with pytest.raises(ValueError, match=f"Les objets .*{sentence}"):
        draw_objects(image, roofs)


def ground():
    """Return three objects of four pixels: 1 alone, then 2 and 5 side by side."""
    objects = np.zeros((8, 10), int)
    objects[0:2, 0:2], objects[4:6, 4:6], objects[4:6, 6:8] = 1, 2, 5
    return objects


def test_an_object_is_found_when_most_of_its_pixels_are():
    found = np.zeros((8, 10), bool)
    found[0:2, 0:1] = found[4:6, 4:6] = True
    match = match_objects(ground(), found, pixel_area=0.25)
    assert match.objects["part_trouvee"].to_dict() == {1: 0.5, 2: 1.0, 5: 0.0}
    assert match.objects["trouve"].to_dict() == {1: False, 2: True, 5: False}
    assert match.objects["surface_m2"].tolist() == [1, 1, 1]
    assert (match.found, match.missed, match.invented) == (1, 2, 0)
    assert match_objects(ground(), found, pixel_area=0.25, overlap=0.4).found == 2


def test_a_patch_that_stands_on_no_object_is_invented():
    found = ground() == 2
    found[0, 8], found[7, 0:3] = True, True
    match = match_objects(ground(), found, pixel_area=1)
    assert match.invented == 2
    assert sorted(match.patches.loc[~match.patches["touche"], "surface_m2"]) == [1, 3]
    assert match_objects(ground(), found, pixel_area=1, smallest=2).invented == 1


def test_what_a_dropped_patch_found_is_not_found():
    found = np.zeros((8, 10), bool)
    found[0, 0:2] = found[1, 0] = True
    assert match_objects(ground(), found, pixel_area=1).found == 1
    assert match_objects(ground(), found, pixel_area=1, smallest=4).found == 0


def test_two_objects_side_by_side_make_one_patch():
    match = match_objects(ground(), ground() > 0, pixel_area=1)
    assert (match.found, len(match.patches)) == (3, 2)


def test_a_map_without_a_patch_misses_all():
    match = match_objects(ground(), np.zeros((8, 10), bool), pixel_area=1)
    assert (match.found, match.missed, match.invented) == (0, 3, 0)


def test_what_cannot_be_matched_is_refused_in_french():
    with pytest.raises(ValueError, match="ne se superposent pas"):
        match_objects(ground(), np.zeros((8, 9), bool), pixel_area=1)
    with pytest.raises(ValueError, match="Aucun objet"):
        match_objects(np.zeros((8, 10), int), np.zeros((8, 10), bool), pixel_area=1)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"found": np.full((8, 10), 2)}, "carte == 2"),
        ({"found": np.full((8, 10), 0.7)}, "probabilite > 0.5"),
        ({"objects": np.ones((8, 10))}, "il faut des entiers"),
        ({"pixel_area": 0}, "pixel_area"),
        ({"overlap": 50}, "overlap"),
        ({"smallest": -1}, "smallest"),
    ],
)
def test_what_would_be_counted_wrong_without_a_word_is_refused(options, sentence):
    given = {"objects": ground(), "found": ground() > 0, "pixel_area": 1} | options
    with pytest.raises(ValueError, match=sentence):
        match_objects(**given)


@pytest.mark.parametrize("code", [0, 255, 300, -1, 1.0, True, "toit"])
def test_a_code_that_a_pixel_cannot_hold_is_refused(image, code):
    with pytest.raises(ValueError, match="entier de 1 à 254"):
        draw_labels(image, {code: layer((0, 6, 2, 8))})


def test_what_is_no_layer_is_refused_in_french(image):
    with pytest.raises(TypeError, match="Donnez un code par couche"):
        draw_labels(image, [layer((0, 6, 2, 8))])
    with pytest.raises(TypeError, match="objet DataFrame, sans géométrie"):
        draw_objects(image, pd.DataFrame({"id": [1]}))


def test_an_image_that_cannot_be_opened_is_told_in_french(tmp_path):
    with pytest.raises(UnreadableImageError, match="n'existe pas"):
        draw_objects(tmp_path / "absente.tif", layer((0, 6, 2, 8)))
    (tmp_path / "texte.tif").write_text("pas une image")
    with pytest.raises(UnreadableImageError, match="n'est pas une image"):
        draw_labels(tmp_path / "texte.tif", {1: layer((0, 6, 2, 8))})


def test_a_pixel_is_described_by_its_bands_then_by_what_is_around_it():
    image = np.arange(2 * 7 * 7, dtype="uint8").reshape(2, 7, 7)
    where = np.zeros((7, 7), bool)
    where[3, 3] = where[0, 6] = True
    table = surroundings(image, where, sides=(3,))
    assert table.shape == (2, 4)
    np.testing.assert_allclose(table[1], [*image[:, 3, 3], *image[:, 2:5, 2:5].mean(axis=(1, 2))])
    np.testing.assert_array_equal(surroundings(image, np.array([3 * 7 + 3]), sides=(3,)), table[1:])


def test_surroundings_that_make_no_sense_are_refused_in_french():
    image = np.zeros((1, 7, 7))
    with pytest.raises(ValueError, match="impair"):
        surroundings(image, np.ones((7, 7), bool), sides=(3, 4))
    with pytest.raises(ValueError, match="7 × 6 pixels"):
        surroundings(image, np.ones((7, 6), bool))
    with pytest.raises(ValueError, match=r"49 pixel.*vides"):
        surroundings(np.full((1, 7, 7), np.nan), np.ones((7, 7), bool))
    for out in (np.array([49]), np.array([-1]), np.array([1.5])):
        with pytest.raises(ValueError, match="de 0 à 48"):
            surroundings(image, out)
