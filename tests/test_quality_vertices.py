"""Controls of vertices find the planted defect at its vertex, and nothing on clean layers."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box

from geoatelier.folders import territory_folder
from geoatelier.quality import check, load_sheet, vertices
from geoatelier.quality.layer import layer_of

X, Y = 893_000.0, 6_195_000.0
CONTROLS = (
    vertices.unreadable_coordinates, vertices.short_segments, vertices.fragile_geometries, vertices.kickbacks,
    vertices.ring_orientation, vertices.illusory_precision, vertices.mixed_altitudes,
)  # fmt: skip


def line(*points):
    return LineString([(X + x, Y + y) for x, y in points])


def layer(*geometries, file="a.gpkg", crs=2154):
    return layer_of(
        gpd.GeoDataFrame({"n": range(len(geometries))}, geometry=list(geometries), crs=crs), file=file
    )


def raw_line(points):
    with np.errstate(invalid="ignore"):
        return shapely.linestrings(points)


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize(
    "geometries",
    [[], [None], [Polygon()], [Point(X, Y)], [line((0, 0), (5, 5))], [box(X, Y, X + 5, Y + 5), None]],
    ids=["no row", "missing", "empty", "a point", "a line", "a polygon and a missing one"],
)
def test_sound_layers_have_no_anomaly(control, geometries):
    assert control(layer(*geometries)).empty


@pytest.mark.parametrize(
    "name", ["batiments", "parcelles_agricoles", "troncons_de_route", "cours_d_eau", "adresses", "communes"]
)
def test_the_clean_territory_has_nothing_but_information(name):
    clean = layer_of(gpd.read_file(territory_folder() / "galejade.gpkg", layer=name), name)
    assert {code for control in CONTROLS for code in control(clean)["code"]} <= {"precision-illusoire"}


def test_each_unreadable_vertex_is_named_and_placed_by_its_neighbour():
    broken = raw_line([[0, 0], [3, 1], [np.nan, 1], [4, -np.inf]])
    first = raw_line([[np.nan, np.nan], [7, 7]])
    anomalies = vertices.unreadable_coordinates(layer(line((0, 0), (1, 1)), broken, first))
    assert list(anomalies["rang"]) == [1, 1, 2]
    assert list(anomalies["valeur"]) == ["3", "4", "1"]
    assert [shape.wkt for shape in anomalies.geometry] == ["POINT (3 1)", "POINT (3 1)", "POINT (7 7)"]
    assert "sommet n° 3" in anomalies["message"][0]


def test_the_closing_vertex_of_a_ring_is_not_counted_twice():
    ring = np.array([[np.inf, 0], [5, 0], [5, np.inf], [np.inf, 0]])
    with np.errstate(invalid="ignore"):
        polygon = shapely.polygons(ring)
    anomalies = vertices.unreadable_coordinates(layer(box(X, Y, X + 1, Y + 1), polygon))
    assert list(anomalies["valeur"]) == ["1", "3"]


def test_a_point_without_position_is_unreadable_and_nowhere():
    anomalies = vertices.unreadable_coordinates(layer(Point(X, Y), shapely.points(np.nan, 2)))
    assert list(anomalies["rang"]) == [1]
    assert anomalies.geometry.isna().all()


def test_a_segment_left_by_a_computation_is_found_with_its_length():
    anomalies = vertices.short_segments(
        layer(line((0, 0), (5, 0)), line((0, 9), (5, 9), (5.0003, 9), (9, 9)))
    )
    assert list(anomalies["rang"]) == [1]
    assert anomalies.geometry[0].distance(Point(X + 5, Y + 9)) < 1e-6
    assert float(anomalies["valeur"][0]) == pytest.approx(0.0003, rel=0.01)
    assert vertices.short_segments(layer(line((0, 0), (5, 0), (5, 0), (6, 0)))).empty
    end_to_start = layer(line((0, 0), (5, 0)), line((5.0003, 0), (9, 0)))
    assert vertices.short_segments(end_to_start).empty


def test_the_tolerance_of_short_segments_is_obeyed():
    assert len(vertices.short_segments(layer(box(X, Y, X + 0.2, Y + 3)), tolerance=0.5)) == 2


def test_a_polygon_that_rounding_would_break_is_found_where_it_is_too_thin():
    pinched = Polygon([(0, 0), (10, 0), (10, 10), (5, 1e-7), (0, 10)])
    anomalies = vertices.fragile_geometries(layer(box(0, 0, 5, 5), pinched))
    assert list(anomalies["rang"]) == [1]
    assert anomalies.geometry[0].distance(Point(5, 0)) < 1e-6


def test_a_sheet_asks_for_outlines_that_rounding_would_break(tmp_path):
    pinched = Polygon([(X, Y), (X + 10, Y), (X + 10, Y + 10), (X + 5, Y + 1e-7), (X, Y + 10)])
    gpd.GeoDataFrame({"n": [1]}, geometry=[pinched], crs=2154).to_file(tmp_path / "ilots.gpkg", layer="ilots")
    sheet = tmp_path / "fiche.yaml"
    sheet.write_text(
        "titre: Îlots\ncouches:\n  - nom: ilots\n    topologie: {contours_fragiles: true}\n", "utf-8"
    )
    asked = check([tmp_path / "ilots.gpkg"], sheet=load_sheet(sheet)).anomalies
    usual = check([tmp_path / "ilots.gpkg"]).anomalies
    assert "geometrie-fragile" in set(asked["code"]) - set(usual["code"])


def test_a_line_that_turns_straight_back_is_found_at_the_turn():
    bent = line((0, 0), (10, 0), (30, 0), (10, 0), (10, 10))
    ring = line((0, 20), (10, 20), (10, 30), (0, 20))
    anomalies = vertices.kickbacks(layer(ring, bent))
    assert list(anomalies["rang"]) == [1]
    assert anomalies.geometry[0].equals(Point(X + 30, Y))
    assert float(anomalies["valeur"][0]) == pytest.approx(20)


def test_rings_against_the_geojson_standard_are_told_of_in_a_geojson_only():
    anticlockwise = shapely.orient_polygons(box(0, 0, 10, 10).difference(box(4, 4, 6, 6)))
    hole = shapely.get_rings(anticlockwise)[1]
    wrong_hole = Polygon(anticlockwise.exterior.coords, [list(hole.coords)[::-1]])
    mixed = [anticlockwise, wrong_hole]
    found = vertices.ring_orientation(layer(*mixed, file="a.geojson"))
    assert list(found["rang"]) == [1]
    assert found["valeur"][0] == "trou"
    assert vertices.ring_orientation(layer(*mixed, file="a.gpkg")).empty


def test_a_geojson_all_the_other_way_has_one_anomaly():
    clockwise = [shapely.orient_polygons(box(i, 0, i + 1, 1), exterior_cw=True) for i in range(9)]
    found = vertices.ring_orientation(layer(*clockwise, file="A.GeoJSON"))
    assert len(found) == 1
    assert found["rang"].isna().all()
    assert set(found["niveau"]) == {"info"}


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.floats(-1e6, 1e7, allow_nan=False), st.integers(0, 3))
def test_coordinates_written_with_few_decimals_are_never_too_precise(value, decimals):
    written = round(value, decimals)
    assert vertices.illusory_precision(layer(LineString([(written, 0), (0, written)]))).empty


def test_computed_coordinates_are_too_precise_once_for_the_layer():
    points = [Point(X + np.sqrt(i + 2), Y + np.pi * i) for i in range(8)]
    assert len(vertices.illusory_precision(layer(*points))) == 1
    in_degrees = [Point(2.1234567 + i / 10, 43.7654321) for i in range(8)]
    assert vertices.illusory_precision(layer(*in_degrees, crs=4326)).empty
    too_fine = [Point(np.sqrt(i + 2), 43 + np.pi / (i + 1)) for i in range(8)]
    assert len(vertices.illusory_precision(layer(*too_fine, crs=4326))) == 1


@pytest.mark.parametrize(
    ("heights", "rows", "value"), [((0, 0, 1), [2], "3D"), ((1, 1, 0), [2], "2D"), ((1, 1, 1), [], None)]
)
def test_objects_of_another_dimension_are_found(heights, rows, value):
    shapes = [Point(X, Y + i, 12) if high else Point(X, Y + i) for i, high in enumerate(heights)]
    anomalies = vertices.mixed_altitudes(layer(*shapes, None))
    assert list(anomalies["rang"]) == rows
    assert set(anomalies["valeur"]) == ({value} if rows else set())


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(2, 9), st.data())
def test_the_number_of_the_unreadable_vertex_is_right(size, data):
    at = data.draw(st.integers(0, size - 1))
    bad = data.draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    points = np.column_stack([np.arange(size), np.arange(size) ** 2]).astype(float)
    points[at, data.draw(st.integers(0, 1))] = bad
    anomalies = vertices.unreadable_coordinates(layer(line((0, 0), (1, 1)), raw_line(points)))
    assert list(anomalies["valeur"]) == [str(at + 1)]
    assert list(anomalies["rang"]) == [1]
