"""Geometries taken apart: what counts as a run of vertices, and whose it is."""

import numpy as np
import pytest
import shapely
from shapely import wkt

from geoatelier.quality.rings import pieces_of, runs_of

SQUARE = wkt.loads("POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))")
HOLED = wkt.loads("POLYGON ((10 0, 14 0, 14 4, 10 4, 10 0), (11 1, 12 1, 12 2, 11 1))")
LINE = wkt.loads("LINESTRING (0 0, 1 1)")
POINT = wkt.loads("POINT (5 5)")
TWO = shapely.MultiPolygon([SQUARE, HOLED])
NESTED = shapely.GeometryCollection([POINT, TWO, LINE])


def as_array(*geometries):
    return np.array(geometries, dtype=object)


def test_geometries_of_one_run_are_given_back_as_they_are():
    given = as_array(SQUARE, LINE, POINT, None)
    shapes, owner, hole = runs_of(given)
    assert list(shapes) == list(given)
    assert owner.tolist() == [0, 1, 2, 3]
    assert not hole.any()


def test_a_polygon_with_a_hole_gives_its_shell_then_its_hole():
    shapes, owner, hole = runs_of(as_array(SQUARE, HOLED, LINE))
    assert owner.tolist() == [0, 1, 1, 2]
    assert hole.tolist() == [False, False, True, False]
    assert shapely.get_num_coordinates(shapes).tolist() == [5, 5, 4, 2]


def test_a_collection_is_taken_apart_however_deep_and_in_order():
    pieces, owner = pieces_of(as_array(LINE, NESTED, SQUARE))
    assert [piece.geom_type for piece in pieces] == [
        "LineString", "Point", "Polygon", "Polygon", "LineString", "Polygon",
    ]  # fmt: skip
    assert owner.tolist() == [0, 1, 1, 1, 1, 2]


@pytest.mark.parametrize("geometry", [TWO, NESTED, HOLED, SQUARE])
def test_no_vertex_is_lost_nor_added(geometry):
    runs = runs_of(as_array(geometry)).shapes
    assert shapely.get_num_coordinates(runs).sum() == shapely.get_num_coordinates(geometry)


@pytest.mark.parametrize("empty", ["POLYGON EMPTY", "MULTIPOLYGON EMPTY", "GEOMETRYCOLLECTION EMPTY"])
def test_an_empty_geometry_has_no_vertex(empty):
    shapes, _, _ = runs_of(as_array(wkt.loads(empty), SQUARE))
    assert shapely.get_num_coordinates(shapes).sum() == 5
