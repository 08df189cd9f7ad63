"""Overlaps, gaps and duplicates of large layers: found tile by tile, they are those of the whole."""

import itertools
import threading
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPoint, MultiPolygon, Point, Polygon, box

from geoatelier import datasets
from geoatelier.bench_layer import write_layer
from geoatelier.quality.duplicates import duplicated_geometries
from geoatelier.quality.fingerprints import shape_fingerprints
from geoatelier.quality.layer import Layer, layer_of
from geoatelier.quality.neighbours import Search, repaired, search
from geoatelier.quality.outline import edges_of
from geoatelier.quality.tiles import over_tiles, tiles_of
from geoatelier.quality.topology import find_gaps, find_overlaps, micro_areas, neighbours

SIDE = 40.0


def coverage(rng, columns=8, lines=7):
    """Quadrilaterals edge to edge, whose corners were moved about."""
    corners = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(lines + 1)), axis=-1) * SIDE
    corners = np.round(corners + rng.uniform(-12, 12, corners.shape), 2)
    rings = np.stack([corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]], axis=2)
    return shapely.polygons(rings.reshape(-1, 4, 2))


def damaged(rng):
    """A coverage of which some objects were moved, shrunk, merged, removed, doubled or made invalid."""
    sound = coverage(rng)
    polygons = sound.copy()
    for i in rng.choice(len(polygons), 14, replace=False):
        shape = sound[i]
        polygons[i] = [
            shapely.transform(shape, lambda xy: xy + rng.uniform(-3, 3, 2)),
            shapely.buffer(shape, rng.uniform(-2, 1.5), join_style="mitre"),
            shapely.union(shape, sound[(i + 1) % len(sound)]),
            None,
            shapely.difference(shape, shapely.buffer(shapely.centroid(shape), 4)),
            Polygon(shapely.get_coordinates(shape)[[0, 2, 1, 3]]),
            shapely.segmentize(shape, 9.0),
        ][rng.integers(7)]
    return np.append(polygons, polygons[rng.integers(len(polygons), size=2)])


def pairs_of(found):
    return list(zip(found.first.tolist(), found.second.tolist(), strict=True))


def brute_force(polygons, min_area=0.01):
    valid = repaired(polygons)
    return [
        (i, j)
        for i, j in itertools.combinations(range(len(valid)), 2)
        if shapely.get_dimensions(valid[i]) == shapely.get_dimensions(valid[j]) == 2
        and shapely.area(shapely.intersection(valid[i], valid[j])) > min_area
    ]


def closing(polygons, width):
    """What a closing of the whole fills, with its holes of 200 at most: slow, and right."""
    covered = shapely.union_all(repaired(polygons))
    grown = shapely.buffer(covered, width / 2, join_style="mitre")
    closed = shapely.buffer(grown, -width / 2, join_style="mitre")
    ground = shapely.buffer(shapely.envelope(covered), 10)
    holes = shapely.get_parts(shapely.difference(ground, covered))
    slots = shapely.get_parts(shapely.difference(closed, covered, grid_size=0.001))
    return shapely.union_all(np.append(slots, holes[shapely.area(holes) <= 200]))


def in_tiles(polygons, asked, size):
    return search(shapely.bounds(polygons), polygons.__getitem__, asked, size=size)


# Overlaps


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 4, 15, 60]))
@settings(max_examples=25, deadline=None)
def test_overlaps_are_those_of_brute_force_whatever_the_tiles(seed, size):
    polygons = damaged(np.random.default_rng(seed))
    found, _ = in_tiles(polygons, Search(max_width=0.0), size)
    assert pairs_of(found) == brute_force(polygons)
    assert found.area == pytest.approx(shapely.area(found.common))


def test_two_coverages_laid_one_on_the_other_overlap_inside_too():
    """There, neighbours answer every edge: GEOS's coverage check flags the rim only."""
    rng = np.random.default_rng(3)
    both = np.concatenate([coverage(rng), coverage(rng)])
    assert pairs_of(find_overlaps(both)) == brute_force(both)


def test_a_polygon_inside_another_one_or_in_its_hole_is_told_apart():
    ring = Polygon(box(0, 0, 90, 90).exterior, [box(30, 30, 60, 60).exterior])
    shapes = np.array([ring, box(30, 30, 60, 60), box(2, 2, 9, 9), MultiPolygon([box(-9, 0, 0, 9)])])
    assert pairs_of(find_overlaps(shapes)) == [(0, 2)]


def test_exact_copies_overlap_though_their_edges_are_the_same():
    shapes = np.array([box(0, 0, 9, 9), box(9, 0, 18, 9), shapely.reverse(box(0, 0, 9, 9))])
    assert pairs_of(find_overlaps(shapes)) == [(0, 2)]


def test_a_crumb_overlaps_but_is_no_neighbour_of_a_gap():
    shapes = np.array([box(0, 0, 50, 50), box(52, 0, 99, 50), box(49, 20, 51, 22)])
    crumbs = np.array([False, False, True])
    found, empty = search(shapely.bounds(shapes), shapes.__getitem__, Search(), crumbs=crumbs)
    assert pairs_of(found) == [(0, 2)]
    assert [rows.tolist() for rows in empty.neighbours] == [[0, 1]]
    assert shapely.area(empty.surfaces) == pytest.approx([100])


# Gaps


@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 7, 30]))
@settings(max_examples=20, deadline=None)
def test_gaps_are_the_same_whatever_the_tiles(seed, size):
    polygons = damaged(np.random.default_rng(seed))
    whole = find_gaps(polygons, max_area=60.0)
    _, tiled = in_tiles(polygons, Search(max_area=60.0), size)
    assert [rows.tolist() for rows in tiled.neighbours] == [rows.tolist() for rows in whole.neighbours]
    apart = shapely.symmetric_difference(tiled.surfaces, whole.surfaces)
    # Both are written to the millimetre: they may differ by one along their outline.
    assert (shapely.area(apart) <= 0.002 * shapely.length(whole.surfaces)).all()


@given(st.integers(0, 2**32 - 1), st.sampled_from([1.0, 3.0, 6.0]))
@settings(max_examples=25, deadline=None)
def test_gaps_are_those_that_a_closing_of_the_whole_fills(seed, width):
    polygons = damaged(np.random.default_rng(seed))
    expected = closing(polygons, width)
    found = shapely.union_all(find_gaps(polygons, width).surfaces)
    assert shapely.area(shapely.difference(found, shapely.buffer(expected, 0.01))) < 0.01
    for missed in shapely.get_parts(shapely.difference(expected, shapely.buffer(found, 0.01))):
        touched = shapely.dwithin(repaired(polygons), missed, 0.01).sum()
        assert touched < 2 or shapely.area(missed) < 1.0 or _wedge(missed, width)


def _wedge(surface, width):
    """A corner that a mitred buffer bevels: no two of its sides face each other."""
    radius = shapely.length(shapely.maximum_inscribed_circle(surface, tolerance=0.01))
    return radius < max(0.6, width / 8) and shapely.area(surface) < 4.0


@pytest.mark.parametrize("degrees", [5, 10, 15])
def test_a_slot_that_widens_is_filled_as_far_as_it_is_narrow(degrees):
    along = np.array([np.tan(np.radians(degrees)), 1]) * 60
    shapes = np.array([box(-50, 0, 0, 60), Polygon([(0, 0), along, (90, 60), (90, 0)])])
    expected = shapely.area(closing(shapes, 3.0))
    assert expected > 2
    assert shapely.area(find_gaps(shapes).surfaces) == pytest.approx([expected], rel=0.01)


def test_a_slot_longer_than_a_tile_is_one_gap():
    left = shapely.box(0, np.arange(40) * 50, 100, np.arange(1, 41) * 50)
    right = shapely.box(102, np.arange(40) * 50, 200, np.arange(1, 41) * 50)
    polygons = np.concatenate([left, right])
    _, empty = in_tiles(polygons, Search(), 5)
    assert shapely.area(empty.surfaces) == pytest.approx([4000], rel=1e-4)
    assert empty.neighbours[0].tolist() == list(range(80))


def test_a_hole_cut_by_the_side_of_a_tile_is_one_gap_of_its_whole_area():
    around = [box(-50, 0, 0, 14), box(14, 0, 60, 14), box(-50, -50, 60, 0), box(-50, 14, 60, 60)]
    _, empty = in_tiles(np.array(around), Search(), 1)
    assert shapely.area(empty.surfaces) == pytest.approx([196])
    assert empty.neighbours[0].tolist() == [0, 1, 2, 3]


def test_a_hole_with_an_edge_that_its_neighbours_cut_differently_is_found():
    shapes = np.array([box(0, 0, 50, 90), box(50, 0, 90, 40), box(50, 53, 90, 90), box(62, 40, 90, 53)])
    assert shapely.area(find_gaps(shapes, max_width=1).surfaces) == pytest.approx([12 * 13])


def test_a_line_that_a_repair_left_beside_its_surface_says_nothing_of_the_ground():
    with_line = shapely.GeometryCollection([box(0, 0, 50, 50), LineString([(50, 10), (50.5, 10)])])
    polygons = np.array([with_line, box(51, 0, 100, 50), box(49, 60, 99, 90)], dtype=object)
    gaps = find_gaps(polygons, max_width=3)
    assert [around.tolist() for around in gaps.neighbours] == [[0, 1]]
    assert shapely.area(gaps.surfaces) == pytest.approx([50])


def test_no_gap_is_looked_for_where_neighbours_need_not_touch():
    frame = gpd.GeoDataFrame(
        {"cleabs": list("ab"), "usage_1": ["Annexe"] * 2, "hauteur": [3.0] * 2},
        geometry=[box(0, 0, 9, 9), box(10, 0, 19, 9)],
        crs=2154,
    )
    assert neighbours(layer_of(frame)).empty


@pytest.mark.parametrize("name", ["parcelles_agricoles", "occupation_du_sol", "batiments"])
def test_the_territory_gives_the_same_in_tiles(name):
    polygons = gpd.read_file(datasets.path("galejade.gpkg"), layer=name).geometry.to_numpy()
    asked = Search(max_width=4.0)
    whole = in_tiles(polygons, asked, len(polygons))
    tiled = in_tiles(polygons, asked, 500)
    assert pairs_of(tiled[0]) == pairs_of(whole[0])
    assert [a.tolist() for a in tiled[1].neighbours] == [a.tolist() for a in whole[1].neighbours]
    areas = [shapely.area(found.surfaces) for found in (tiled[1], whole[1])]
    assert areas[0] == pytest.approx(areas[1], rel=1e-3, abs=0.1)


def test_a_crumb_beside_a_broken_piece_of_the_same_object_is_seen():
    bow_tie = Polygon([(0, 0), (40, 40), (40, 0), (0, 40)])
    frame = gpd.GeoDataFrame(
        {"nom": ["a"]}, geometry=[MultiPolygon([bow_tie, box(90, 0, 90.5, 0.5)])], crs=2154
    )
    assert micro_areas(layer_of(frame))["valeur"].tolist() == ["0.25"]


# Edges


def test_a_valid_coverage_leaves_its_rim_only():
    polygons = coverage(np.random.default_rng(5))
    outline = edges_of(polygons).outline()
    rim = shapely.length(shapely.coverage_union_all(polygons))
    assert len(outline) == 2 * (8 + 7)
    assert shapely.length(outline.lines).sum() == pytest.approx(rim)


def test_no_polygon_at_all_is_no_trouble():
    nothing = np.array([None, Polygon(), Point(1, 2), LineString([(0, 0), (1, 1)])])
    for shapes in (nothing, nothing[:0]):
        assert len(find_overlaps(shapes).first) == len(find_gaps(shapes).surfaces) == 0


# Tiles


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.floats(0, 30))
@settings(max_examples=50, deadline=None)
def test_close_objects_share_a_tile_and_each_place_is_in_one_cell(seed, size, margin):
    rng = np.random.default_rng(seed)
    corner, extent = rng.integers(0, 60, (60, 2)), rng.integers(0, 12, (60, 2))
    bounds = np.concatenate([corner, corner + extent], axis=1).astype(float)
    bounds[::9] = np.nan
    tiles = tiles_of(bounds, margin, size)
    places = rng.uniform(np.nanmin(bounds[:, :2], axis=0), np.nanmax(bounds[:, 2:], axis=0), (50, 2)).round()
    assert (sum(tile.holds(places).astype(int) for tile in tiles) == 1).all()
    seen = {pair for tile in tiles for pair in itertools.combinations(tile.rows.tolist(), 2)}
    boxes = shapely.box(*bounds.T)
    for i, j in itertools.combinations(np.flatnonzero(~np.isnan(bounds[:, 0])).tolist(), 2):
        if shapely.distance(boxes[i], boxes[j]) <= margin:
            assert (i, j) in seen
    assert not any(np.isnan(bounds[tile.rows]).any() for tile in tiles)


def test_objects_at_one_place_make_one_tile_and_spread_ones_make_even_tiles():
    assert len(tiles_of(np.ones((100, 4)), size=10)) == 1
    corner = np.random.default_rng(1).uniform(0, 1000, (1000, 2))
    counts = [len(tile.rows) for tile in tiles_of(np.tile(corner, 2), size=100)]
    assert len(counts) == 16
    assert max(counts) <= 100


def test_results_come_in_the_order_of_the_tiles_and_few_are_in_memory():
    bounds = np.tile(np.random.default_rng(2).uniform(0, 100, (64, 2)), 2)
    held, most, lock = set(), [0], threading.Lock()

    def load(rows):
        with lock:
            held.add(rows[0])
            most[0] = max(most[0], len(held))
        return rows

    def work(tile, rows):
        time.sleep(0.001 * (rows[0] % 3))
        with lock:
            held.discard(rows[0])
        return rows

    tiles = tiles_of(bounds, size=4)
    results = list(over_tiles(tiles, load, work, threads=2))
    assert [rows.tolist() for rows in results] == [tile.rows.tolist() for tile in tiles]
    assert most[0] <= 2


def test_an_error_in_a_tile_is_raised():
    def fail(tile, rows):
        raise ValueError("tuile illisible")

    with pytest.raises(ValueError, match="tuile illisible"):
        list(over_tiles(tiles_of(np.ones((3, 4))), lambda rows: rows, fail))


# Duplicates


def test_a_fingerprint_knows_a_shape_wherever_its_outline_starts_or_turns():
    rng = np.random.default_rng(8)
    holed = Polygon(box(0, 0, 9, 9).exterior, [box(2, 2, 3, 3).exterior, box(5, 5, 6, 7).exterior])
    shapes = np.append(coverage(rng), [holed, MultiPolygon([holed, box(20, 0, 30, 9)]), Point(1, 2)])
    lines = np.array([LineString([(0, 0), (1, 5), (3, 3)]), MultiPoint([(0, 0), (1, 5)])])
    shapes = np.concatenate([shapes, lines])
    others = shapely.normalize(shapely.reverse(shapely.force_3d(shapes, 7.0)))
    assert (shape_fingerprints(shapes) == shape_fingerprints(others)).all()
    assert len(np.unique(shape_fingerprints(shapes))) == len(shapes)
    moved = shapely.transform(shapes, lambda xy: xy + np.array([0, 1e-9]))
    assert not np.isin(shape_fingerprints(moved), shape_fingerprints(shapes)).any()


def test_missing_and_empty_geometries_have_a_fingerprint():
    assert len(np.unique(shape_fingerprints(np.array([None, None, Polygon(), Point()])))) == 3
    assert len(shape_fingerprints(np.empty(0, dtype=object))) == 0


def test_two_shapes_with_one_fingerprint_are_not_duplicates(monkeypatch):
    frame = gpd.GeoDataFrame(
        {"nom": list("abc")}, geometry=[box(0, 0, 1, 1), box(0, 0, 2, 2), box(0, 0, 1, 1)]
    )
    monkeypatch.setattr(Layer, "shape_hashes", np.zeros((3, 2), dtype=np.uint64))
    assert duplicated_geometries(layer_of(frame))["rang"].tolist() == [2]


# The layer of the benchmark


@pytest.fixture(scope="module")
def parcels(tmp_path_factory):
    path = tmp_path_factory.mktemp("banc") / "parcelles.gpkg"
    return write_layer(path, 3_000), pyogrio.read_dataframe(path)


def test_the_benchmark_plants_what_its_ledger_says(parcels):
    ledger, frame = parcels
    planted = ledger.groupby("code").size().to_dict()
    assert planted.pop("trou") == 6
    assert set(planted.values()) == {3} and len(planted) == 8
    assert len(frame) == 3_006
    assert frame.crs.to_epsg() == 2154
    rows = ledger.groupby("code")["rang"].agg(list)
    assert np.flatnonzero(frame.geometry.isna()).tolist() == rows["geometrie-absente"]
    assert np.flatnonzero(frame["code_cultu"].isna()).tolist() == rows["valeur-absente"]
    given = frame.geometry.dropna()
    assert given.index[~given.is_valid].tolist() == sorted(rows["auto-intersection"])
    vertices = shapely.get_num_coordinates(frame.geometry.to_numpy())
    assert np.bincount(vertices)[21] > 0.99 * 3_000
    pd.testing.assert_frame_equal(frame[["id_parcel"]].drop_duplicates(), frame[["id_parcel"]])


def test_what_the_benchmark_does_not_damage_is_a_valid_coverage(parcels):
    ledger, frame = parcels
    sound = frame.drop(index=ledger["rang"]).geometry.to_numpy()
    assert shapely.coverage_is_valid(sound)
    assert find_gaps(sound).neighbours == []


def test_all_that_the_benchmark_plants_between_neighbours_is_found(parcels):
    ledger, frame = parcels
    polygons = frame.geometry.to_numpy()
    overlaps, gaps = in_tiles(polygons, Search(min_overlap=1.0), 200)
    planted = ledger[ledger["code"] == "chevauchement"]
    assert {tuple(sorted(pair)) for pair in planted[["rang", "autre"]].to_numpy().tolist()} <= set(
        pairs_of(overlaps)
    )
    around = [set(rows.tolist()) for rows in gaps.neighbours]
    for row, other in ledger.loc[ledger["code"] == "trou", ["rang", "autre"]].to_numpy():
        assert any({row, other} <= rows for rows in around)
    assert pairs_of(overlaps) == pairs_of(find_overlaps(polygons, 1.0))
