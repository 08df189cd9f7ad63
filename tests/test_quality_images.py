"""Controls of images find the planted defect at its block, and nothing in the images of the territory."""

import re
import struct
from unittest.mock import Mock

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio._err import CPLE_BaseError
from rasterio.enums import Resampling
from rasterio.errors import RasterioIOError
from rasterio.shutil import copy
from shapely import box

from geoatelier import quality
from geoatelier.folders import territory_folder
from geoatelier.quality import images
from geoatelier.quality.anomalies import COLUMNS
from geoatelier.quality.images import ImageRules, inspect_image
from geoatelier.quality.images_reading import read_tiles
from geoatelier.quality.memory import lacks_memory
from geoatelier.quality.source import UnreadableSource

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")

LEFT, TOP, PIXEL = 891_500.0, 6_198_500.0, 10.0
GRID = Affine(PIXEL, 0, LEFT, 0, -PIXEL, TOP)


def values(bands=1, height=600, width=700, dtype="float32"):
    """Pixels from 10 to 200, without a constant block."""
    return np.random.default_rng(1).integers(10, 200, (bands, height, width)).astype(dtype)


def write(path, pixels, **profile):
    profile = {
        "driver": "GTiff", "dtype": pixels.dtype, "crs": "EPSG:2154", "transform": GRID, "tiled": True,
        "blockxsize": 256, "blockysize": 256, "compress": "deflate",
    } | profile  # fmt: skip
    bands, height, width = pixels.shape
    with rasterio.open(path, "w", count=bands, height=height, width=width, **profile) as target:
        target.write(pixels)
    return path


def inspect(path, reference=None, **rules):
    return inspect_image(path, ImageRules(**rules), reference)[1]


def codes(anomalies):
    return sorted(anomalies["code"])


def block(row, col, height=256, width=256):
    x, y = LEFT + PIXEL * col, TOP - PIXEL * row
    return box(x, y - PIXEL * height, x + PIXEL * width, y)


@pytest.mark.parametrize("name", ["orthophoto/*.tif", "relief/*.tif", "sentinel2/*.tif"])
def test_the_images_of_the_territory_have_nothing_but_information(name):
    paths = sorted(territory_folder().glob(name))
    assert paths
    for path in paths:
        facts, anomalies = inspect_image(path)
        assert set(anomalies["niveau"]) <= {"info"}
        assert set(anomalies["code"]) <= ({"bande-constante"} if "masque" in path.name else set())
        assert (facts.shape, facts.rows, facts.file) == ("image", 1, path.name)
        assert facts.crs.to_epsg() == 2154


def test_the_facts_of_an_image_say_what_it_is(tmp_path):
    facts, anomalies = inspect_image(write(tmp_path / "a.tif", values(3)))
    assert anomalies.empty
    assert list(anomalies.columns) == list(COLUMNS)
    assert (facts.name, facts.columns) == ("a", 3)
    assert facts.bounds == (LEFT, TOP - 6000, LEFT + 7000, TOP)
    assert "3 bandes" in facts.kind.replace("\u00a0", " ")


def test_an_image_of_one_pixel_is_read(tmp_path):
    assert inspect(write(tmp_path / "a.tif", values(1, 1, 1), tiled=False, blockxsize=1)).empty


# Grid


def test_an_image_without_a_system_is_found(tmp_path):
    assert codes(inspect(write(tmp_path / "a.tif", values(), crs=None))) == ["systeme-absent"]


def test_a_system_that_is_not_allowed_is_found(tmp_path):
    path = write(tmp_path / "a.tif", values())
    assert inspect(path, systems=(2154, 3857)).empty
    assert codes(inspect(path, systems=(3857,))) == ["systeme-inattendu"]


@pytest.mark.parametrize(
    ("grid", "expected"),
    [
        (Affine(10, 0, LEFT, 0, -20, TOP), ["pixel-non-carre", "resolution-inattendue"]),
        (Affine(5, 0, LEFT, 0, -5, TOP), ["resolution-inattendue"]),
        (Affine.translation(LEFT, TOP) @ Affine.rotation(30) @ Affine.scale(10, -10), ["image-tournee"]),
        (GRID, []),
    ],
)
def test_an_odd_grid_is_found(tmp_path, grid, expected):
    assert codes(inspect(write(tmp_path / "a.tif", values(), transform=grid), pixel_size=10.0)) == expected


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(-50, 50), st.integers(-50, 50), st.floats(0.01, 0.99), st.booleans())
def test_alignment_counts_whole_pixels_out(tmp_path_factory, across, along, fraction, shifted):
    folder = tmp_path_factory.getbasetemp()
    pixels = values(1, 20, 20)
    reference = write(folder / "reference.tif", pixels, tiled=False)
    shift = fraction if shifted else 0
    moved = GRID @ Affine.translation(across + shift, along)
    anomalies = inspect(write(folder / "moved.tif", pixels, transform=moved, tiled=False), reference)
    assert codes(anomalies) == (["grille-decalee"] if shifted else [])


@pytest.mark.parametrize("profile", [{"crs": "EPSG:3857"}, {"transform": Affine(20, 0, LEFT, 0, -20, TOP)}])
def test_an_image_of_another_system_or_resolution_is_not_on_the_grid(tmp_path, profile):
    reference = write(tmp_path / "reference.tif", values())
    assert codes(inspect(write(tmp_path / "a.tif", values(), **profile), reference)) == ["grille-decalee"]


def test_an_unreadable_reference_is_refused_in_french(tmp_path):
    path = write(tmp_path / "a.tif", values())
    with pytest.raises(UnreadableSource, match="référence"):
        inspect(path, tmp_path / "absent.tif")


# Bands and writing


def test_bands_and_type_are_compared_with_what_is_expected(tmp_path):
    path = write(tmp_path / "a.tif", values(2))
    assert inspect(path, bands=2, dtype="float32").empty
    assert codes(inspect(path, bands=3, dtype="uint16")) == ["bandes-inattendues"] * 2


def test_a_missing_value_may_have_to_be_declared(tmp_path):
    undeclared = write(tmp_path / "a.tif", values())
    assert codes(inspect(undeclared, declares_missing=True)) == ["absence-non-declaree"]
    declared = write(tmp_path / "b.tif", values(), nodata=0)
    assert inspect(declared, declares_missing=True, nodata=0).empty
    assert list(inspect(declared, nodata=-1)["valeur"]) == ["0.0"]
    assert codes(inspect(undeclared, declares_missing=True, nodata=-1)) == ["absence-non-declaree"]


def test_a_large_image_in_strips_is_no_cloud_optimised_image(tmp_path):
    path = write(
        tmp_path / "a.tif", values(1, 1100, 1100, "uint8"), tiled=False, blockxsize=1100, blockysize=1
    )
    anomalies = inspect(path)
    assert codes(anomalies) == ["apercus-absents", "cog-non-conforme"]
    assert set(anomalies["niveau"]) == {"info"}
    fault = anomalies[anomalies["code"] == "cog-non-conforme"]["message"].iloc[0]
    assert "découpée en tuiles" in fault
    assert "erreur" in set(inspect(path, cloud_optimised=True)["niveau"])


def test_overviews_added_afterwards_break_the_optimised_structure(tmp_path):
    path = write(tmp_path / "a.tif", values(1, 1100, 1100, "uint8"))
    copy(path, tmp_path / "cog.tif", driver="COG")
    assert inspect(tmp_path / "cog.tif", cloud_optimised=True).empty
    with rasterio.open(path, "r+") as target:
        target.build_overviews([2, 4], Resampling.average)
    assert set(codes(inspect(path))) == {"cog-non-conforme"}
    assert not any("offset" in message for message in inspect(path)["message"])


# Pixels


def test_a_missing_tile_inside_the_image_is_found_and_the_empty_edge_is_not(tmp_path):
    pixels = values(2, 1024, 1280)
    pixels[:, 256:512, 512:768] = -1
    pixels[:, :, :256] = -1
    pixels[:, :256, 768:1024] = -1  # a bay of the edge, with data on both sides of it
    anomalies = inspect(write(tmp_path / "a.tif", pixels, nodata=-1))
    missing = anomalies[anomalies["code"] == "tuile-manquante"]
    assert len(missing) == 1
    assert missing.geometry.iloc[0].equals(block(256, 512))
    assert missing["valeur"].iloc[0] == str(256 * 256)
    assert missing["rang"].isna().all()


def test_a_black_tile_in_a_colour_image_is_missing_but_not_zeros_in_one_band(tmp_path):
    colours = values(3, 768, 768, "uint8")
    colours[:, 256:512, 256:512] = 0
    assert codes(inspect(write(tmp_path / "a.tif", colours))) == ["tuile-manquante"]
    assert inspect(write(tmp_path / "b.tif", colours[:1])).empty


def test_neighbouring_missing_tiles_are_one_anomaly(tmp_path):
    pixels = values(1, 768, 1024)
    pixels[:, 256:512, 256:768] = -1
    pixels[:, 512:768, 1000:1010] = -1
    anomalies = inspect(write(tmp_path / "a.tif", pixels, nodata=-1))
    assert codes(anomalies) == ["tuile-manquante"]
    assert anomalies.geometry.iloc[0].equals(block(256, 256, width=512))


def test_the_share_of_pixels_without_data_is_measured(tmp_path):
    pixels = values(1, 100, 100)
    pixels[:, :25] = -1
    path = write(tmp_path / "a.tif", pixels, nodata=-1, tiled=False)
    assert inspect(path, most_missing=0.25).empty
    anomalies = inspect(path, most_missing=0.2)
    assert codes(anomalies) == ["absence-excessive"]
    assert anomalies["valeur"].iloc[0] == "0.2500"


def test_a_transparency_band_declares_missing_pixels(tmp_path):
    pixels = values(4, 100, 100, "uint8")
    pixels[3] = 255
    pixels[3, :50] = 0
    path = write(tmp_path / "a.tif", pixels, photometric="RGB", alpha="YES", tiled=False)
    assert codes(inspect(path, most_missing=0.4)) == ["absence-excessive"]


def test_an_image_without_any_data_blocks(tmp_path):
    anomalies = inspect(write(tmp_path / "a.tif", np.zeros((1, 300, 300), "uint8"), nodata=0))
    assert codes(anomalies) == ["image-vide"]
    assert list(anomalies["niveau"]) == ["bloquant"]


def test_a_constant_band_is_found_and_a_constant_mask_is_only_told_of(tmp_path):
    pixels = values(2)
    pixels[1] = 7
    anomalies = inspect(write(tmp_path / "a.tif", pixels))
    assert codes(anomalies) == ["bande-constante"]
    assert ("bande 2" in anomalies["message"][0], anomalies["niveau"][0]) == (True, "avertissement")
    mask = inspect(write(tmp_path / "b.tif", np.full((1, 300, 300), 1, "uint8")))
    assert list(mask["niveau"]) == ["info"]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_pixels_that_are_no_numbers_are_found_in_their_block(tmp_path, value):
    pixels = values()
    pixels[0, 300, 20:23] = value
    anomalies = inspect(write(tmp_path / "a.tif", pixels))
    assert codes(anomalies) == ["valeur-non-finie"]
    assert anomalies["valeur"][0] == "3"
    assert anomalies.geometry[0].equals(block(256, 0))


def test_nan_declared_as_missing_is_no_odd_value(tmp_path):
    pixels = values()
    pixels[0, 300, 20:23] = np.nan
    assert inspect(write(tmp_path / "a.tif", pixels, nodata=np.nan)).empty


@pytest.mark.parametrize(("dtype", "code"), [("float32", -9999), ("int16", -32768), ("float32", -99999)])
def test_a_code_for_missing_that_is_not_declared_is_found_in_its_block(tmp_path, dtype, code):
    pixels = values(dtype=dtype)
    pixels[0, 10:12, 300] = code
    anomalies = inspect(write(tmp_path / "a.tif", pixels))
    assert codes(anomalies) == ["absence-non-declaree"]
    assert anomalies["valeur"][0] == "2"
    assert anomalies.geometry[0].equals(block(0, 256))
    assert inspect(write(tmp_path / "b.tif", pixels, nodata=code)).empty


def test_values_out_of_range_are_counted_in_their_block_missing_ones_excepted(tmp_path):
    pixels = values()
    pixels[0, 5, 5], pixels[0, 5, 6], pixels[0, 590, 690] = 5000, -1, -400
    anomalies = inspect(write(tmp_path / "a.tif", pixels, nodata=-1), plausible=(0, 300))
    assert codes(anomalies) == ["valeur-hors-plage"] * 2
    assert list(anomalies["valeur"]) == ["1", "1"]
    assert anomalies.geometry[0].equals(block(0, 0))
    assert anomalies.geometry[1].equals(block(512, 512, height=88, width=188))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.data())
def test_counts_by_tile_equal_counts_on_the_whole_image(tmp_path_factory, data):
    height, width = data.draw(st.integers(1, 700)), data.draw(st.integers(1, 700))
    bands = data.draw(st.integers(1, 3))
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    pixels = rng.integers(-2, 30, (bands, height, width)).astype("float32")
    pixels[rng.random(pixels.shape) < 0.01] = np.nan
    tiled = {"tiled": data.draw(st.booleans())}
    strips = {} if tiled["tiled"] else {"blockxsize": width, "blockysize": data.draw(st.integers(1, 40))}
    path = write(tmp_path_factory.getbasetemp() / "t.tif", pixels, nodata=-1, **tiled, **strips)
    with rasterio.open(path) as source:
        tiles = read_tiles(source, (0, 25))
    missing = (pixels == -1).all(axis=0)
    assert tiles.pixels.sum() == height * width
    assert tiles.missing.sum() == missing.sum()
    assert tiles.not_finite.sum() == (np.isnan(pixels).any(axis=0) & ~missing).sum()
    assert tiles.implausible.sum() == (((pixels < 0) | (pixels > 25)).any(axis=0) & ~missing).sum()
    if (known := np.isfinite(pixels) & ~missing).any():
        assert np.nanmin(tiles.low) == pixels[known].min()
        assert np.nanmax(tiles.high) == pixels[known].max()


# Bad input


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_the_blocks_that_a_truncated_image_lost_are_found(tmp_path, share):
    path = write(tmp_path / "a.tif", values(2, 1024, 1024, "uint8"))
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    anomalies = inspect(path)
    lost = anomalies[anomalies["code"] == "bloc-illisible"]
    assert len(lost) == 1
    assert lost.geometry.iloc[0].intersects(block(1023, 1023, 1, 1))
    assert lost.geometry.iloc[0].area / 1024**2 / PIXEL**2 == pytest.approx(1 - share, abs=0.15)


@pytest.mark.parametrize("content", [b"", b"II*\x00", b"<html>404</html>", b"\x00" * 5000])
def test_what_is_no_image_blocks(tmp_path, content):
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    facts, anomalies = inspect_image(path)
    assert codes(anomalies) == ["fichier-abime"]
    assert list(anomalies["niveau"]) == ["bloquant"]
    assert (facts.shape, facts.crs) == ("image", None)


def with_tag(path, tag, code=None, value=None):
    """Give another code or value to a tag of the first directory of a little-endian TIFF."""
    content = bytearray(path.read_bytes())
    [start] = struct.unpack_from("<I", content, 4)
    [entries] = struct.unpack_from("<H", content, start)
    for at in range(start + 2, start + 2 + 12 * entries, 12):
        if struct.unpack_from("<H", content, at) == (tag,):
            struct.pack_into("<H", content, at, code or tag)
            if value is not None:
                struct.pack_into("<H", content, at + 8, value)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:100]), "coupée"),
        (lambda path: path.write_bytes(b"II*\x00"), "coupée"),
        (lambda path: path.write_bytes(b"\x00" * 5000), "n'est pas celui d'une image"),
        (lambda path: with_tag(path, 259, value=60_000), "compressée d'une façon"),
        (lambda path: with_tag(path, 258, value=7), "de quel type sont ses pixels"),
        (lambda path: with_tag(path, 324, code=65_000), "où sont ses pixels"),
        (lambda path: with_tag(path, 284, value=9), "son en-tête est abîmé"),
        (lambda path: path.unlink(), "n'existe pas"),
    ],
    ids=["cut", "4 bytes", "zeros", "compression", "type", "places", "other", "absent"],
)
def test_why_an_image_does_not_open_is_said_in_french(tmp_path, damage, said):
    path = write(tmp_path / "Tile_Strip.tif", values(1, 64, 64))
    damage(path)
    _, told = inspect_image(path)
    assert list(told["code"]) == ["fichier-abime"]
    message = told["message"].iloc[0].replace("Tile_Strip.tif", "")
    assert said in message
    assert not re.search(r"[A-Z]\w*[A-Z]|directory|read|tag|/", message)  # no word of libtiff, no path


def test_the_block_that_gdal_cannot_hold_is_told_from_one_that_is_damaged():
    cause = CPLE_BaseError(1, 1, "TIFFFillStrip:No space for data buffer at scanline 4294967295")
    error = RasterioIOError("Read failed. See previous exception for details.")
    assert not lacks_memory(error)
    error.__cause__ = cause
    assert lacks_memory(error)


def test_an_image_too_large_for_memory_is_told_and_no_one_blames_the_file(tmp_path, monkeypatch):
    path = write(tmp_path / "a.tif", values(1, 64, 64))
    monkeypatch.setattr(images, "read_tiles", Mock(side_effect=MemoryError))
    report = quality.check([path])
    assert "mémoire de cette machine" in report.unread[0].message
    assert report.anomalies.empty


def test_a_header_that_announces_far_more_than_the_file_holds_blocks_and_its_pixels_stay_unread(tmp_path):
    path = tmp_path / "a.tif"
    profile = {"driver": "GTiff", "dtype": "uint8", "crs": "EPSG:2154", "transform": GRID, "tiled": True}
    with rasterio.open(path, "w", count=1, width=200_000, height=200_000, SPARSE_OK=True, **profile):
        pass
    anomalies = inspect(path)
    assert "fichier-abime" in codes(anomalies)
    assert "bande-constante" not in codes(anomalies)


def test_an_image_whose_position_is_no_number_blocks(tmp_path):
    path = write(tmp_path / "a.tif", values(1, 300, 300, "uint8"))
    content = bytearray(path.read_bytes())
    start = content.index(np.array([PIXEL, PIXEL, 0]).tobytes())  # pixel sizes, then the tie point
    content[start + 6 : start + 8] = b"\xff\xff"
    path.write_bytes(content)
    assert "fichier-abime" in codes(inspect(path))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(0, 60_000), st.binary(min_size=1, max_size=300))
def test_a_scratched_image_ends_in_anomalies_or_is_said_too_large_to_read(tmp_path_factory, at, scratch):
    folder = tmp_path_factory.getbasetemp()
    sound = folder / "sound.tif"
    if not sound.exists():
        write(sound, values(1, 300, 300, "uint8"))
    content = bytearray(sound.read_bytes())
    content[at : at + len(scratch)] = scratch
    scratched = folder / "scratched.tif"
    scratched.write_bytes(content)
    try:
        found = inspect(scratched)
    except UnreadableSource as error:  # a scratch may make a header ask for more memory than there is
        assert "trop gros pour la mémoire" in str(error)
    else:
        assert list(found.columns) == list(COLUMNS)
