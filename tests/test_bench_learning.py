"""The benchmark of learning: the same map whatever the way, and counts of what is on the ground."""

import subprocess

import numpy as np
import pytest
import rasterio

from geoatelier import bench_learning as bench
from geoatelier import datasets
from geoatelier.bench_orthophoto import ANSWERS, CLASSES, see
from geoatelier.bench_series import series_in, write_series
from geoatelier.learning.networks import ImageSegmenter, UNet

SIDE = 300
MAJORITY = "classe majoritaire"


@pytest.fixture
def series(tmp_path):
    for sources in (datasets.images(), datasets.masks()):
        write_series(sources, tmp_path, SIDE)
    return tmp_path


def test_the_series_repeats_the_images_of_the_territory(series):
    day = datasets.dates()[0]
    with rasterio.open(datasets.image(day)) as image:
        source, names = image.read(), image.descriptions
    with rasterio.open(series_in(series, datasets.images())[day]) as image:
        repeated = image.read()
        assert (image.shape, image.descriptions) == ((SIDE, SIDE), names)
    rows, columns = (np.arange(SIDE) % side for side in source.shape[1:])
    assert np.array_equal(repeated, source[:, rows[:, np.newaxis], columns])


def test_by_windows_or_at_once_the_same_pixels_get_the_same_class(series):
    maps = {}
    for way in (bench.WINDOWS, bench.WHOLE):
        # In a process of its own, as the benchmark does: the second way limits the memory of its process.
        assert bench._in_child("--predict", way, "seuils de NDVI", str(series))["pixels"] == SIDE**2
        with rasterio.open(series / "carte.tif") as written:
            maps[way] = written.read(1)
    by_windows, whole = maps[bench.WINDOWS], maps[bench.WHOLE]
    known = by_windows != 255
    assert known.mean() > 0.9
    assert np.array_equal(by_windows[known] - 1, whole[known])


def test_the_loop_of_a_user_does_only_some_pixels_and_says_how_many(series):
    assert bench.predict(bench.ROW_BY_ROW, MAJORITY, series).pixels == 200


def test_the_forest_learns_crops_as_well_as_is_believable_and_better_than_the_majority():
    forest, majority = bench.score(bench.FOREST), bench.score(MAJORITY)
    assert bench.BELIEVABLE[0] < forest.grouped < bench.BELIEVABLE[1]
    assert majority.grouped < forest.by_blocks < 1


def test_a_map_that_does_not_fit_in_memory_is_a_line_of_the_table(monkeypatch, capsys, tmp_path):
    def too_large(*_):
        raise subprocess.CalledProcessError(1, "python", stderr="MemoryError\n")

    monkeypatch.setattr(bench, "_in_child", too_large)
    assert not bench._print_prediction(bench.WHOLE, bench.FOREST, tmp_path)
    assert "impossible en 8 Go" in capsys.readouterr().out


def test_an_orthophoto_as_large_as_wanted_is_mapped_whole(tmp_path):
    source = datasets.path("orthophoto/port_galejade_50cm.tif")
    image = write_series({"port": source}, tmp_path, SIDE)["port"]
    assert bench._in_child("--map", str(image))["pixels"] == SIDE**2


def test_the_rule_of_colour_finds_the_pools_and_no_roof():
    found = see("règle de couleur")
    assert (found.pools_found, found.pools_invented) == (19, 0)
    assert (found.roofs_found, found.roof_iou) == (0, 0)


def test_the_forest_sees_most_roofs_and_its_grains_are_sieved():
    found = see("forêt, tamisée")
    assert found.roofs_found > 180
    assert found.roofs_invented < 40
    assert 0.8 < found.roof_iou < 0.95
    assert found.seconds > 0


def test_the_networks_grow_as_much_as_their_names_say():
    usual = ImageSegmenter(CLASSES).get_params()
    longer, larger = (usual | ANSWERS[f"U-Net, {more}époques × 4"].keywords for more in ("", "poids × 16, "))
    assert longer["epochs"] == larger["epochs"] == 4 * usual["epochs"]
    weights = [
        sum(
            table.numel()
            for table in UNet(4, len(CLASSES), width=one["width"], depth=one["depth"]).parameters()
        )
        for one in (usual, longer, larger)
    ]
    assert weights[1] == weights[0]
    assert weights[2] / weights[0] == pytest.approx(16, abs=0.5)
    assert weights[2] < 500_000
