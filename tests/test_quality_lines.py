"""Controls of lines and of networks find the planted defect where it is, and nothing on a clean network."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point

from geoatelier.folders import territory_folder
from geoatelier.quality.layer import layer_of
from geoatelier.quality.lines import find_self_contacts, non_simple_lines, overlapping_lines
from geoatelier.quality.network import network_faults

X, Y = 893_000.0, 6_195_000.0
CONTROLS = (non_simple_lines, overlapping_lines, network_faults)


def line(*points):
    return LineString([(X + x, Y + y) for x, y in points])


def layer(*geometries, **columns):
    columns = columns or {"nature": [f"voie {i}" for i in range(len(geometries))]}
    return layer_of(gpd.GeoDataFrame(columns, geometry=list(geometries), crs=2154))


def grid(n=4, side=100.0):
    """Streets of n blocks by n, each street from a crossing to the next."""
    streets = []
    for i in range(n + 1):
        for j in range(n):
            streets.append(line((side * j, side * i), (side * (j + 1), side * i)))
            streets.append(line((side * i, side * j), (side * i, side * (j + 1))))
    return streets


def codes(anomalies):
    return anomalies.groupby("code").size().to_dict()


def places(anomalies, code):
    found = anomalies[anomalies["code"] == code]
    return sorted((round(p.x - X, 3), round(p.y - Y, 3)) for p in found.geometry)


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize(
    "geometries",
    [[], [None], [LineString()], [line((0, 0), (5, 5))], [Point(X, Y)], [shapely.box(0, 0, 1, 1)]],
    ids=["no row", "missing", "empty", "one line", "a point", "a polygon"],
)
def test_layers_with_nothing_to_compare_have_no_anomaly(control, geometries):
    assert control(layer(*geometries)).empty


def test_unreadable_coordinates_are_left_to_their_own_control():
    with np.errstate(invalid="ignore"):
        broken = shapely.linestrings([[0, 0], [np.inf, 1], [2, 2]])
    for control in CONTROLS:
        assert control(layer(broken, *grid(1))).empty


@pytest.mark.parametrize("name", ["troncons_de_route", "cours_d_eau"])
def test_the_clean_networks_of_the_territory_have_no_error(name):
    clean = layer_of(gpd.read_file(territory_folder() / "galejade.gpkg", layer=name), name)
    assert non_simple_lines(clean).empty
    assert overlapping_lines(clean).empty
    levels = network_faults(clean)["niveau"].value_counts()
    assert levels.get("erreur", 0) == 0
    assert levels.get("avertissement", 0) <= 2  # two real stubs of 22 and 51 cm among the roads


# Lines that meet themselves


def test_every_self_crossing_of_a_line_is_found_at_its_place():
    zigzag = line((0, 0), (10, 0), (10, 5), (2, 5), (2, -5), (8, -5), (8, 10))
    anomalies = non_simple_lines(layer(zigzag, line((0, 50), (9, 50))))
    assert places(anomalies, "ligne-recoupee") == [(2, 0), (8, 0), (8, 5)]
    assert set(anomalies["rang"]) == {0}


def test_a_crossing_at_a_vertex_counts_once():
    bow = line((0, 0), (5, 5), (10, 10), (10, 0), (5, 5), (0, 10))
    assert places(non_simple_lines(layer(bow)), "ligne-recoupee") == [(5, 5)]


def test_a_line_that_touches_itself_is_found_and_a_closed_ring_is_not():
    lollipop = line((0, 0), (10, 0), (10, 5), (5, 5), (5, 0))
    ring = line((0, 20), (10, 20), (10, 30), (0, 20))
    assert places(non_simple_lines(layer(lollipop, ring)), "ligne-recoupee") == [(5, 0)]


def test_neither_the_place_where_a_ring_closes_nor_a_joint_between_pieces_is_a_crossing():
    eight = line((0, 0), (10, 0), (0, 10), (10, 10), (0, 0))
    pieces = MultiLineString(
        [line((0, 20), (10, 20)), line((10, 20), (10, 30)), line((5, 15), (5, 25)), line((40, 15), (45, 15))]
    )
    anomalies = non_simple_lines(layer(eight, pieces))
    assert places(anomalies, "ligne-recoupee") == [(5, 5), (5, 20)]


def test_a_stretch_followed_twice_is_given_whole():
    back = line((0, 0), (10, 0), (20, 0), (20, 5), (15, 5), (15, 0), (5, 0), (5, 8))
    anomalies = non_simple_lines(layer(back))
    stretch = anomalies[anomalies["code"] == "ligne-repliee"]
    assert len(stretch) == 1
    assert stretch.geometry.iloc[0].equals(line((5, 0), (15, 0)))
    assert float(stretch["valeur"].iloc[0]) == pytest.approx(10)


def test_pieces_of_one_object_may_join_end_to_end_but_not_cross():
    joined = MultiLineString([line((0, 0), (5, 0)), line((5, 0), (5, 5))])
    crossed = MultiLineString([line((0, 20), (10, 20)), line((5, 15), (5, 25))])
    anomalies = non_simple_lines(layer(joined, crossed))
    assert places(anomalies, "ligne-recoupee") == [(5, 20)]
    assert set(anomalies["rang"]) == {1}


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=2, max_size=9))
def test_self_contacts_exist_exactly_when_geos_says_that_a_line_is_not_simple(points):
    walk = shapely.remove_repeated_points(LineString(points))
    turned_back = any(a == c for a, c in zip(walk.coords[:-2], walk.coords[2:], strict=True))
    folded = any(
        np.linalg.det([np.subtract(b, a), np.subtract(c, b)]) == 0
        and np.dot(np.subtract(b, a), np.subtract(c, b)) < 0
        for a, b, c in zip(walk.coords[:-2], walk.coords[1:-1], walk.coords[2:], strict=True)
    )
    if shapely.length(walk) == 0 or turned_back or folded:
        return
    found = find_self_contacts(np.array([walk]))
    assert (len(found.points) + len(found.stretches) > 0) == (not shapely.is_simple(walk))
    if len(found.points):
        assert shapely.dwithin(walk, found.points, 1e-6).all()


# Lines on one another


def test_a_stretch_that_two_lines_share_is_found_once():
    anomalies = overlapping_lines(
        layer(line((0, 0), (10, 0)), line((4, 0), (9, 0), (9, 7)), line((4, 0), (4, 9)), line((0, 0), (0, 9)))
    )
    assert codes(anomalies) == {"ligne-superposee": 1}
    assert anomalies.geometry.iloc[0].equals(line((4, 0), (9, 0)))
    assert (anomalies["rang"].iloc[0], anomalies["objet_lie"].iloc[0]) == (0, "1")


def test_exact_duplicates_and_crossings_are_not_overlaps():
    same = line((0, 0), (10, 0))
    assert overlapping_lines(layer(same, same.reverse(), line((5, -5), (5, 5)))).empty


# Networks


def test_a_clean_grid_has_no_fault():
    assert network_faults(layer(*grid())).empty


def test_an_end_that_stops_short_is_an_error_at_that_end():
    short = line((50, 60), (50, 0.4))
    anomalies = network_faults(layer(*grid(), short))
    errors = anomalies[anomalies["niveau"] == "erreur"]
    assert codes(errors) == {"raccord-trop-court": 1}
    assert places(errors, "raccord-trop-court") == [(50, 0.4)]
    assert float(errors["valeur"].iloc[0]) == pytest.approx(0.4)
    assert errors["rang"].iloc[0] == 40
    assert places(anomalies, "extremite-libre") == [(50, 60)]


def test_beyond_the_tolerance_an_end_is_merely_free():
    anomalies = network_faults(layer(*grid(), line((50, 60), (50, 1.4)), line((150, 0), (150, 70))))
    assert codes(anomalies) == {"extremite-libre": 1, "ligne-isolee": 1}
    assert places(anomalies, "extremite-libre") == [(150, 70)]


def test_an_end_that_goes_past_a_line_is_an_error_at_that_end():
    anomalies = network_faults(layer(*grid(), line((50, 60), (50, -0.3))))
    errors = anomalies[anomalies["niveau"] == "erreur"]
    assert codes(errors) == {"raccord-depasse": 1}
    assert places(errors, "raccord-depasse") == [(50, -0.3)]
    assert float(errors["valeur"].iloc[0]) == pytest.approx(0.3)


def test_a_stub_cut_at_the_crossing_is_a_warning():
    anomalies = network_faults(layer(*grid(), line((400, 400), (400.3, 400.2))))
    assert codes(anomalies) == {"raccord-depasse": 1}
    assert anomalies["niveau"].iloc[0] == "avertissement"


def test_two_ends_that_nearly_meet_are_one_missing_connection():
    anomalies = network_faults(layer(line((0, 0), (10, 0)), line((10, 0.5), (20, 1)), line((20, 1), (30, 1))))
    assert codes(anomalies)["raccord-manquant"] == 1
    assert "raccord-trop-court" not in codes(anomalies)
    assert places(anomalies, "raccord-manquant") == [(10, 0)]


def test_an_end_on_the_middle_of_a_line_is_connected():
    anomalies = network_faults(layer(*grid(), line((50, 0), (50, 40))))
    assert places(anomalies, "extremite-libre") == [(50, 40)]


def test_the_end_of_a_loop_that_comes_back_on_its_own_line_is_connected():
    lollipop = line((100, 0), (100, -50), (120, -50), (120, -20), (100, -20))
    assert network_faults(layer(*grid(), lollipop)).empty


def test_a_line_far_from_all_others_is_isolated():
    anomalies = network_faults(layer(*grid(), line((900, 900), (950, 900))))
    assert codes(anomalies) == {"ligne-isolee": 1}
    assert anomalies["rang"].iloc[0] == 40


def test_contour_lines_are_no_network():
    contours = [line((0, 20 * i), (50, 20 * i + 3), (100, 20 * i)) for i in range(6)]
    assert network_faults(layer(*contours)).empty


def test_a_needless_cut_is_told_of_where_attributes_agree():
    lines = [line((0, 0), (10, 0)), line((10, 0), (20, 0)), line((20, 0), (30, 0))]
    anomalies = network_faults(layer(*lines, nature=["rue", "rue", "chemin"]))
    assert places(anomalies, "pseudo-noeud") == [(10, 0)]


def test_a_cut_where_a_third_line_passes_is_a_crossing():
    lines = [line((0, 0), (10, 0)), line((10, 0), (20, 0)), line((10, -9), (10, 9))]
    anomalies = network_faults(layer(*lines, nature=["rue", "rue", "rue"]))
    assert "pseudo-noeud" not in codes(anomalies)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 39), st.floats(0.01, 0.95), st.floats(0.1, 0.9), st.booleans())
def test_a_planted_miss_is_found_whatever_the_street(street, miss, along, past):
    streets = grid()
    start, end = np.array(streets[street].coords)
    aim = start + along * (end - start)
    side = np.array([[0, -1], [1, 0]]) @ ((end - start) / 100)
    tip = aim + (-side if past else side) * miss
    anomalies = network_faults(layer(*streets, LineString([aim + 30 * side, tip])))
    errors = anomalies[anomalies["niveau"] == "erreur"]
    assert codes(errors) == {"raccord-depasse" if past else "raccord-trop-court": 1}
    assert errors.geometry.iloc[0].distance(Point(tip)) < 1e-6
    assert float(errors["valeur"].iloc[0]) == pytest.approx(miss, abs=0.001)
