"""The cross-check: what engines say is compared row by row, and a missing engine is said in French."""

import shutil

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import Point, Polygon, box

from geoatelier import bench_engines
from geoatelier.bench_crosscheck import compare, crosscheck, layers_of
from geoatelier.bench_engines import EngineUnavailableError, Verdict
from geoatelier.quality.layer import layer_of

BOW_TIE = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
SPIKED = Polygon([(20, 0), (30, 0), (30, 10), (35, 10), (30, 10), (20, 10)])
HOLLOW = box(40, 0, 50, 10) - box(44, 4, 46, 6)


@pytest.fixture
def layer():
    """A bow tie, a spike without width, a polygon with a hole, another that covers 3 m² of it, a point."""
    shapes = [BOW_TIE, SPIKED, HOLLOW, box(47, 3, 60, 4), None, Point(0, 0)]
    return layer_of(gpd.GeoDataFrame(geometry=shapes, crs=2154))


def test_our_controls_name_the_invalid_rows_and_the_pairs_that_share_ground(layer):
    ours = bench_engines.geoatelier(layer)
    assert ours.invalid.keys() == {0, 1}
    assert ours.shared == {(2, 3): pytest.approx(3)}


def test_the_same_verdict_has_no_disagreement(layer):
    ours = Verdict("GéoAtelier", invalid={0: "croisé"}, shared={(2, 3): 3.0})
    theirs = Verdict("Autre", invalid={0: "crossed"}, shared={(2, 3): 3.001})
    found = compare(layer, ours, theirs, tolerance=0.002)
    assert (found.polygons, found.pairs) == (4, 1)
    assert not found.disagreements + found.out_of_reach


def test_each_disagreement_gives_the_rows_and_what_each_engine_says(layer):
    ours = Verdict("GéoAtelier", invalid={0: "croisé"}, shared={(2, 3): 3.0})
    theirs = Verdict("Autre", invalid={3: "percé"}, shared={(1, 2): 0.5, (2, 3): 3.1})
    found = compare(layer, ours, theirs, tolerance=0.002)
    assert (found.polygons, found.pairs) == (2, 0)
    assert [sentence.replace("\u00a0", " ") for sentence in found.disagreements] == [
        "ligne 0 : invalide (croisé) pour GéoAtelier, valide pour Autre",
        "ligne 3 : valide pour GéoAtelier, invalide (percé) pour Autre",
        "lignes 1 et 2 : 0,000 m² en commun pour GéoAtelier, 0,500 m² pour Autre",
        "lignes 2 et 3 : 3,000 m² en commun pour GéoAtelier, 3,100 m² pour Autre",
    ]


def test_an_engine_that_knows_areas_only_is_not_held_to_a_spike_but_to_a_crossing(layer):
    ours = Verdict("GéoAtelier", invalid={0: "croisé", 1: "pointe"})
    found = compare(layer, ours, Verdict("Aires", areas_only=True))
    assert [sentence.split("\u00a0")[0] for sentence in found.disagreements] == ["ligne 0"]
    assert [sentence.split("\u00a0")[0] for sentence in found.out_of_reach] == ["ligne 1"]


def test_an_engine_that_is_missing_is_told_once_and_the_others_run(layer, capsys):
    def missing(_):
        raise EngineUnavailableError("Installez-le.")

    def agreeing(layer):
        return bench_engines.geoatelier(layer)

    assert crosscheck([("une", layer), ("deux", layer)], [missing, agreeing])
    printed = capsys.readouterr().out
    assert printed.count("Installez-le.") == 1
    assert printed.count("GéoAtelier (GEOS") == 4


def test_one_disagreement_fails_the_whole(layer, capsys):
    assert not crosscheck([("une", layer)], [lambda _: Verdict("Muet")])
    assert "Désaccord, lignes 2 et 3" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("engine", "advice"),
    [
        (bench_engines.spatialite, "sudo apt install spatialite-bin"),
        (bench_engines.clipper, "pip install pyclipper"),
    ],
)
def test_a_missing_engine_says_how_to_install_it(layer, monkeypatch, engine, advice):
    monkeypatch.setattr(bench_engines.shutil, "which", lambda _: None)
    monkeypatch.setattr(bench_engines, "find_spec", lambda _: None)
    with pytest.raises(EngineUnavailableError, match=advice):
        engine(layer)


def test_pairs_to_compare_are_those_whose_bounds_meet():
    shapes = np.array([box(0, 0, 2, 2), box(1, 1, 3, 3), box(2, 0, 4, 1), box(9, 9, 10, 10)])
    rows = [3, 5, 8, 9]
    assert sorted(bench_engines.near_pairs(shapely.bounds(shapes), rows)) == [(3, 5), (3, 8), (5, 8)]


def test_rings_are_whole_micrometres_the_outer_ones_counterclockwise():
    outer, inner = bench_engines.oriented_rings(HOLLOW.reverse())
    assert shapely.is_ccw(shapely.linearrings(outer))
    assert not shapely.is_ccw(shapely.linearrings(inner))
    assert sorted(inner) == [[x * 10**6, y * 10**6] for x in (44, 46) for y in (4, 6)]


def test_only_polygons_are_given_to_the_engines(tmp_path, layer):
    path = tmp_path / "couches.gpkg"
    layer.frame.iloc[:4].to_file(path, layer="surfaces")
    layer.frame.iloc[5:].to_file(path, layer="points")
    assert [title for title, _ in layers_of(path)] == ["couches.gpkg, surfaces"]


@pytest.mark.parametrize(
    "engine",
    [
        pytest.param(
            bench_engines.spatialite,
            marks=pytest.mark.skipif(not shutil.which("spatialite"), reason="SpatiaLite n'est pas installé"),
        ),
        pytest.param(
            bench_engines.clipper,
            marks=pytest.mark.skipif(
                bench_engines.find_spec("pyclipper") is None, reason="pyclipper n'est pas installé"
            ),
        ),
    ],
)
def test_an_engine_agrees_with_our_controls(layer, engine):
    theirs = engine(layer)
    found = compare(layer, bench_engines.geoatelier(layer), theirs)
    assert not found.disagreements
    assert theirs.shared == {(2, 3): pytest.approx(3)}
    assert len(found.out_of_reach) == int(theirs.areas_only)
