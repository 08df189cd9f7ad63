"""Repairs: a new frame, a log of everything, clean objects left alone, and nothing done twice."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box

from geoatelier import datasets, quality
from geoatelier.quality import repair as repairs
from geoatelier.quality import text
from geoatelier.quality.outputs import UnwritableOutput
from geoatelier.quality.repair import repair, suggest
from geoatelier.quality.repair.log import COLUMNS, TITLES
from geoatelier.territory.defects import buildings, parcels

LEFT, BOTTOM = 893_000.0, 6_195_000.0


def at(geometry, x=LEFT, y=BOTTOM):
    return shapely.transform(geometry, lambda points: points + np.array([x, y]))


def layer(*shapes, crs=2154, **columns):
    columns = columns or {"nom": [f"objet {i}" for i in range(len(shapes))]}
    return gpd.GeoDataFrame(columns, geometry=[shape and at(shape) for shape in shapes], crs=crs)


def grid(n=4, side=100):
    return [box(side * i, side * j, side * (i + 1), side * (j + 1)) for j in range(n) for i in range(n)]


def bow_tie():
    return Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])


def dirty():
    """A layer with one of each thing that an operation mends."""
    shapes = [
        bow_tie(),
        box(20, 0, 30, 10),
        box(20, 0, 30, 10),
        box(40, 0, 50, 10),
        box(49, 0, 60, 10),
        box(60, 0, 60.2, 10),
        box(62, 0, 70, 10),
        Polygon([(80, 0), (90, 0), (90, 5), (120, 5.1), (90, 5.2), (90, 10), (80, 10)]),
        Polygon([(0, 20), (0, 20), (10, 20), (10, 30), (0, 30)]),
        None,
    ]
    names = ["RÃ©sidentiel", "Annexe", "Annexe", " Annexe", *["annexe"] * 5, "Annexe"]
    return layer(*shapes, usage=names, code_insee=["1001", *["01001"] * 9])


# The log


def test_every_operation_gives_a_new_frame_and_leaves_the_source_as_it_was():
    source = dirty()
    for operation in repairs.OPERATIONS.values():
        before = source.copy(deep=True)
        repaired = operation(source)
        assert_geodataframe_equal(source, before)
        assert repaired.frame is not source
        assert list(repaired.log.columns) == list(COLUMNS)
        assert repaired.frame.crs == source.crs


def test_what_the_log_says_changed_is_what_changed():
    source = dirty()
    repaired = repair(source, [*list(repairs.OPERATIONS)[:-1]])
    ranks = set(repaired.changes["rang"].dropna())
    kept = source.loc[repaired.frame.index]
    geometry = ~shapely.equals_identical(repaired.frame.geometry.to_numpy(), kept.geometry.to_numpy())
    geometry &= kept.geometry.notna().to_numpy()
    other = (repaired.frame[["usage", "code_insee"]] != kept[["usage", "code_insee"]]).any(axis=1).to_numpy()
    changed = set(repaired.frame.index[geometry | other])
    assert changed <= ranks
    gone = set(repaired.log.loc[repaired.log["etat"] == "retiré", "rang"])
    assert gone == set(source.index) - set(repaired.frame.index)
    assert ranks == changed | gone


def test_the_summary_says_what_how_many_and_the_area_changed():
    flat = Polygon([(20, 0), (30, 10), (40, 20)])
    repaired = repairs.make_valid(layer(bow_tie(), box(20, 0, 30, 10), flat))
    (row,) = repaired.summary().to_dict("records")
    assert row["opération"] == "Géométries rendues valides"
    assert (row["changements"], row["objets"], row["dont à vérifier"], row["à décider"]) == (1, 1, 1, 1)
    assert row["surface ajoutée (m²)"] == pytest.approx(50)
    assert "1\xa0changement" in repaired.line()
    assert "Géométries rendues valides" in repaired._repr_html_()


def test_a_layer_with_nothing_to_mend_says_so():
    repaired = repairs.make_valid(layer(box(0, 0, 1, 1)))
    assert repaired.line() == "1\xa0objet : rien à réparer."
    assert repaired.summary().empty


def test_logs_join_and_are_written_for_a_french_spreadsheet(tmp_path):
    source = layer(bow_tie(), box(20, 0, 30, 10), nom=["=1+1 ", "ok"])
    log = repairs.joined([repairs.make_valid(source).log, repairs.fix_spaces_and_case(source).log])
    path = repairs.write_log(log, tmp_path / "journal.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(path, sep=";", decimal=",", encoding="utf-8-sig")
    assert list(read.columns) == list(COLUMNS)
    assert read["surface_apres"][0] == pytest.approx(50)
    assert read["apres"][1] == "'=1+1"
    with pytest.raises(UnwritableOutput, match="existe déjà"):
        repairs.write_log(log, path)


@pytest.mark.parametrize(
    ("frame", "error", "words"),
    [
        (pd.DataFrame({"a": [1]}), TypeError, "GeoDataFrame"),
        (gpd.GeoDataFrame({"a": [1]}), ValueError, "géométrie active"),
        (layer(box(0, 0, 1, 1)).set_axis(["un"]), ValueError, "reset_index"),
    ],
)
def test_what_is_not_a_layer_is_refused_in_french(frame, error, words):
    with pytest.raises(error, match=words):
        repairs.make_valid(frame)


def test_the_package_does_not_hide_the_function_that_mends_a_text():
    assert text.repair("RÃ©sidentiel") == "Résidentiel"
    assert repairs.repair is repair


# Validity


def test_both_lobes_of_a_bow_tie_are_kept_and_marked_for_review():
    repaired = repairs.make_valid(layer(bow_tie()))
    assert repaired.frame.geometry.is_valid.all()
    assert repaired.frame.geometry[0].geom_type == "MultiPolygon"
    (row,) = repaired.log.to_dict("records")
    assert row["etat"] == "à vérifier"
    assert "2\xa0lobes" in row["note"]
    assert (row["surface_avant"], row["surface_apres"]) == (pytest.approx(0), pytest.approx(50))


def test_a_layer_of_polygons_gets_neither_line_nor_point():
    back = Polygon([(0, 0), (10, 0), (10, 5), (15, 5), (10, 5), (10, 10), (0, 10)])
    flat = Polygon([(20, 0), (30, 10), (40, 20)])
    source = layer(back, flat)
    repaired = repairs.make_valid(source)
    assert repaired.frame.geometry.geom_type.tolist() == ["Polygon", "Polygon"]
    assert repaired.frame.geometry[0].equals(at(box(0, 0, 10, 10)))
    assert repaired.frame.geometry[1].equals_exact(source.geometry[1])
    assert repaired.log["etat"].tolist() == ["modifié", "à décider"]
    assert repaired.log["surface_apres"][0] == pytest.approx(100)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_altitudes_and_coordinates_that_are_no_numbers_survive():
    high = Polygon([(0, 0, 5), (10, 10, 5), (10, 0, 5), (0, 10, 5)])
    broken = gpd.GeoDataFrame(geometry=[high, shapely.from_wkt("POLYGON ((0 0, NaN 1, 1 1, 0 0))")], crs=2154)
    repaired = repairs.make_valid(broken)
    assert repaired.frame.geometry.has_z[0]
    assert repaired.log["etat"].tolist() == ["à vérifier", "à décider"]


def test_areas_are_not_said_in_metres_when_they_are_degrees():
    repaired = repairs.make_valid(gpd.GeoDataFrame(geometry=[bow_tie()], crs=4326))
    assert repaired.log["surface_apres"].isna().all()


# Outlines


def test_repeated_vertices_go_and_the_shape_stays():
    source = layer(
        Polygon([(0, 0), (0, 0), (10, 0), (10, 10), (0, 10), (0, 0)]), LineString([(0, 0), (0, 0), (5, 5)])
    )
    repaired = repairs.remove_repeated_vertices(source)
    assert shapely.get_num_coordinates(repaired.frame.geometry.to_numpy()).tolist() == [5, 2]
    assert shapely.equals(repaired.frame.geometry.to_numpy(), source.geometry.to_numpy()).all()
    assert repaired.log["avant"].tolist() == ["6\xa0sommets", "3\xa0sommets"]


def test_a_spike_goes_unless_a_neighbour_shares_it():
    spiked = Polygon([(0, 0), (10, 0), (10, 5), (40, 5.1), (10, 5.2), (10, 10), (0, 10)])
    alone = repairs.remove_spikes(layer(spiked))
    assert shapely.symmetric_difference(alone.frame.geometry[0], at(box(0, 0, 10, 10))).area < 1e-6
    assert alone.log["surface_avant"][0] - alone.log["surface_apres"][0] == pytest.approx(3)
    around = shapely.difference(box(0, -10, 50, 20), spiked)
    shared = repairs.remove_spikes(layer(spiked, around))
    assert shared.changes.empty
    assert shared.log["etat"].tolist() == ["à décider"] * len(shared.log)
    assert 0 in set(shared.log["rang"])


def test_the_sharp_corner_of_a_thin_object_is_no_spike():
    thin = Polygon([(0, 0), (100, 0), (0, 1)])
    repaired = repairs.remove_spikes(layer(thin))
    assert repaired.frame.geometry[0].equals_exact(at(thin))
    assert repaired.log["etat"].tolist() == ["à décider"]


def test_the_sharp_corner_of_an_outline_that_crosses_itself_is_no_spike():
    crossed = Polygon([(0, 0), (100, 0), (100, 100), (50, 99), (60, 99), (0, 105)])
    repaired = repairs.remove_spikes(layer(crossed))
    assert repaired.frame.geometry[0].equals_exact(at(crossed))
    assert repaired.log["etat"].tolist() == ["à décider"]


def test_spikes_of_a_hole_and_of_one_piece_among_several_go():
    hole = [(2, 2), (2, 5), (2, 5.05), (2, 8), (8, 8), (8, 2)]
    spiked_hole = [(2, 2), (2, 5), (0.5, 5.01), (2, 5.02), (2, 8), (8, 8), (8, 2)]
    pieces = MultiPolygon([box(20, 0, 30, 10), Polygon(box(0, 0, 10, 10).exterior, [spiked_hole])])
    repaired = repairs.remove_spikes(layer(pieces))
    expected = MultiPolygon([box(20, 0, 30, 10), Polygon(box(0, 0, 10, 10).exterior, [hole])])
    assert shapely.symmetric_difference(repaired.frame.geometry[0], at(expected)).area < 1e-6
    assert len(repaired.changes) == 1


def test_rings_turn_the_way_that_is_asked():
    source = layer(
        Polygon([(0, 0), (0, 10), (10, 10), (10, 0)], [[(2, 2), (4, 2), (4, 4)]]), box(20, 0, 30, 10)
    )
    repaired = repairs.orient(source)
    assert all(shape.exterior.is_ccw for shape in repaired.frame.geometry)
    assert not repaired.frame.geometry[0].interiors[0].is_ccw
    assert repaired.changes["rang"].tolist() == [0]
    clockwise = repairs.orient(source, exterior_cw=True)
    assert not any(shape.exterior.is_ccw for shape in clockwise.frame.geometry)


# Duplicates


def test_an_exact_duplicate_goes_wherever_its_outline_starts():
    turned = Polygon([(10, 10), (0, 10), (0, 0), (10, 0)])
    source = layer(
        box(0, 0, 10, 10), turned, box(20, 0, 30, 10), nom=["a", "a", "a"], vide=[None, None, None]
    )
    repaired = repairs.drop_duplicates(source)
    assert repaired.frame.index.tolist() == [0, 2]
    assert repaired.log[["rang", "etat"]].to_numpy().tolist() == [[1, "retiré"]]
    assert repairs.drop_duplicates(source, keep="last").frame.index.tolist() == [1, 2]


def test_the_same_shape_with_other_attributes_waits_for_a_rule():
    shape = box(0, 0, 10, 10)
    source = layer(shape, shape, shape, nom=["a", "b", "c"], date=[2, 3, 1], lieu=[None, None, "x"])
    waiting = repairs.drop_duplicates(source)
    assert len(waiting.frame) == 3
    assert waiting.log["etat"].tolist() == ["à décider", "à décider"]
    assert "nom, date" in waiting.log["note"][0]
    rules = {"first": 0, "last": 2, "fullest": 2, ("date", "max"): 1, ("date", "min"): 2}
    for rule, kept in rules.items():
        assert repairs.drop_duplicates(source, rule=rule).frame.index.tolist() == [kept]


def test_a_near_duplicate_is_listed_with_its_twin_and_dropped_on_demand():
    source = layer(box(0, 0, 10, 10), box(0, 0, 10, 9), box(0, 0, 10, 5), nom=["a", "b", "c"])
    listed = repairs.drop_duplicates(source)
    assert listed.log[["rang", "etat"]].to_numpy().tolist() == [[1, "à décider"]]
    assert "90\xa0%" in listed.log["note"][0].replace(" ", "\xa0")
    dropped = repairs.drop_duplicates(source, near=True)
    assert dropped.frame.index.tolist() == [0, 2]
    assert dropped.log["surface_avant"].tolist() == [pytest.approx(90)]


def test_near_duplicates_are_found_in_degrees_too():
    shapes = [box(5, 43, 5.001, 43.001), box(5, 43, 5.001, 43.0009)]
    source = gpd.GeoDataFrame({"nom": ["a", "b"]}, geometry=shapes, crs=4326)
    assert repairs.drop_duplicates(source, near=True).frame.index.tolist() == [0]


def test_two_addresses_at_one_door_are_no_duplicates():
    source = layer(Point(0, 0), Point(0, 0), Point(0, 0), nom=["a", "b", "a"])
    repaired = repairs.drop_duplicates(source)
    assert repaired.frame.index.tolist() == [0, 1]
    assert len(repaired.log) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"key": "absente"}, "absente"),
        ({"rule": ("absente", "max")}, "absente"),
        ({"rule": "best"}, "Règle inconnue"),
    ],
)
def test_a_wrong_rule_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        repairs.drop_duplicates(dirty(), **options)


# Encoding


def test_accents_come_back_in_values_and_names_even_when_broken_twice():
    twice = "é".encode().decode("cp1252").encode().decode("cp1252")
    source = layer(
        Point(0, 0), Point(1, 1), Point(2, 2), **{"cafÃ©": ["RÃ©sidentiel", twice, "Forêt"], "n": [1, 2, 3]}
    )
    repaired = repairs.fix_encoding(source)
    assert repaired.frame["café"].tolist() == ["Résidentiel", "é", "Forêt"]
    assert repaired.log["apres"].tolist() == ["Résidentiel", "é", "café"]


def test_lost_accents_and_a_name_already_taken_are_left_and_listed():
    source = layer(Point(0, 0), **{"cafÃ©": ["R?sidence"], "café": ["ok"]})
    repaired = repairs.fix_encoding(source)
    assert_geodataframe_equal(repaired.frame, source)
    assert repaired.log["etat"].tolist() == ["à décider", "à décider"]


def test_a_column_of_categories_stays_one():
    source = layer(Point(0, 0), Point(1, 1), nature=pd.Categorical(["RÃ©sidentiel", "Résidentiel"]))
    repaired = repairs.fix_encoding(source)
    assert isinstance(repaired.frame["nature"].dtype, pd.CategoricalDtype)
    assert repaired.frame["nature"].tolist() == ["Résidentiel", "Résidentiel"]


# Systems


def test_objects_in_another_system_or_with_swapped_axes_come_back():
    shapes = grid()
    source = layer(*shapes)
    astray = source.copy()
    utm = source.geometry.to_crs(32631).iloc[3]
    swapped = shapely.transform(source.geometry.iloc[5], lambda x, y: (y, x), interleaved=False)
    astray.geometry = [utm if i == 3 else swapped if i == 5 else g for i, g in enumerate(source.geometry)]
    repaired = repairs.set_right_crs(astray)
    apart = shapely.hausdorff_distance(repaired.frame.geometry.to_numpy(), source.geometry.to_numpy())
    assert apart.max() < 0.01
    assert sorted(repaired.changes["rang"]) == [3, 5]
    assert repaired.frame.geometry.drop([3, 5]).geom_equals(source.geometry.drop([3, 5])).all()


def test_an_object_that_nothing_explains_is_left_and_listed():
    source = layer(*grid())
    source.geometry = [Point(0, 0), *source.geometry.centroid[1:]]
    repaired = repairs.set_right_crs(source)
    assert_geodataframe_equal(repaired.frame, source)
    assert repaired.log[["rang", "etat"]].to_numpy().tolist() == [[0, "à décider"]]


def test_a_missing_system_is_given_or_guessed_only_on_demand():
    source = layer(*grid(), crs=None)
    left = repairs.set_right_crs(source)
    assert left.frame.crs is None
    assert left.log["etat"].tolist() == ["à décider"]
    assert "Lambert-93" in left.log["note"][0]
    assert repairs.set_right_crs(source, crs=2154).frame.crs == "EPSG:2154"
    guessed = repairs.set_right_crs(source, accept_guess=True)
    assert guessed.frame.crs == "EPSG:2154"
    assert guessed.log["etat"].tolist() == ["à vérifier"]


def test_a_wrong_label_is_replaced_and_a_right_one_is_not():
    mislabelled = layer(*grid(), crs=32631)
    assert repairs.set_right_crs(mislabelled).frame.crs == "EPSG:32631"
    assert repairs.set_right_crs(mislabelled, crs=2154).frame.crs == "EPSG:2154"
    with pytest.raises(ValueError, match="to_crs"):
        repairs.set_right_crs(layer(*grid()), crs=32631)


def test_a_whole_layer_written_latitude_first_is_turned_round():
    true = layer(*grid()).to_crs(4326)
    swapped = true.set_geometry(
        shapely.transform(true.geometry.to_numpy(), lambda x, y: (y, x), interleaved=False)
    )
    swapped = swapped.set_crs(4326, allow_override=True)
    around = (-6, 41, 10, 52)
    assert repairs.set_right_crs(swapped, where=around).changes.empty
    repaired = repairs.set_right_crs(swapped, where=around, accept_guess=True)
    assert repaired.frame.geometry.geom_equals_exact(true.geometry, 1e-12).all()


def test_altitudes_follow_a_swap_of_axes():
    points = [Point(x, y, 7) for x, y in np.random.default_rng(0).uniform(0, 500, (12, 2)).tolist()]
    source = gpd.GeoDataFrame(geometry=[at_altitude(point) for point in points], crs=2154)
    first = source.geometry[0]
    astray = source.copy()
    astray.geometry = [Point(first.y, first.x, first.z), *source.geometry[1:]]
    repaired = repairs.set_right_crs(astray).frame.geometry[0]
    assert (repaired.x, repaired.y, repaired.z) == pytest.approx((first.x, first.y, 7))


def at_altitude(point):
    return Point(point.x + LEFT, point.y + BOTTOM, point.z)


# Ground given to neighbours


def test_slivers_go_to_the_longest_border_and_the_total_area_is_kept():
    source = layer(
        box(0, 0, 100, 100), box(100.2, 0, 200, 100), box(100, 0, 100.1, 100), box(100.1, 0, 100.2, 100),
        box(0, 100, 3, 100.2), nom=list("abcde"),
    )  # fmt: skip
    repaired = repairs.merge_slivers(source)
    assert repaired.frame.index.tolist() == [0, 1]
    assert repaired.frame.area.sum() == pytest.approx(source.area.sum(), abs=1e-6)
    assert (repaired.frame.geometry.geom_type == "Polygon").all()
    gone = repaired.log[repaired.log["etat"] == "retiré"]
    assert gone["rang"].tolist() == [2, 3, 4]
    assert gone["apres"].tolist() == ["0", "1", "0"]
    assert repaired.log["surface_avant"].sum() == pytest.approx(repaired.log["surface_apres"].sum(), abs=1e-6)


def test_a_sliver_behind_another_one_follows_it_and_a_lonely_one_is_listed():
    source = layer(
        box(0, 0, 100, 100), box(100, 0, 100.2, 100), box(100.2, 0, 100.4, 100), box(300, 0, 300.2, 9)
    )
    repaired = repairs.merge_slivers(source)
    assert repaired.frame.index.tolist() == [0, 3]
    assert repaired.frame.geometry[0].equals(at(box(0, 0, 100.4, 100)))
    assert repaired.log[repaired.log["etat"] == "à décider"]["rang"].tolist() == [3]


def test_a_hairline_between_a_sliver_and_its_neighbour_leaves_no_crack():
    repaired = repairs.merge_slivers(layer(box(0, 0, 100, 100), box(100.004, 0, 100.2, 100)))
    assert repaired.frame.geometry[0].geom_type == "Polygon"
    assert repaired.frame.area[0] == pytest.approx(10_020, abs=0.1)


def test_an_overlap_is_taken_from_the_smaller_object_or_the_one_of_lower_priority():
    source = layer(box(0, 0, 100, 100), box(98, 0, 150, 100), rang_admis=[1, 2])
    larger = repairs.cut_overlaps(source)
    assert larger.frame.area.tolist() == [pytest.approx(10_000), pytest.approx(5_000)]
    by_column = repairs.cut_overlaps(source, priority="rang_admis")
    assert by_column.frame.area.tolist() == [pytest.approx(9_800), pytest.approx(5_200)]
    assert by_column.log["surface_avant"][0] - by_column.log["surface_apres"][0] == pytest.approx(200)
    with pytest.raises(ValueError, match="n'a pas de colonne"):
        repairs.cut_overlaps(source, priority="absente")


def test_three_objects_on_the_same_ground_no_longer_share_any():
    source = layer(box(0, 0, 100, 100), box(90, 0, 180, 100), box(80, 90, 160, 170))
    repaired = repairs.cut_overlaps(source)
    assert len(quality.find_overlaps(repaired.frame.geometry.to_numpy()).area) == 0
    assert repaired.frame.union_all().area == pytest.approx(source.union_all().area, abs=0.1)


def test_an_object_that_would_be_lost_or_torn_is_left_and_listed():
    inside = layer(box(0, 0, 100, 100), box(10, 10, 20, 20))
    torn = layer(box(0, 0, 100, 10), box(40, -20, 45, 40))
    twin = layer(box(0, 0, 100, 100), box(0, 0, 100, 95))
    for source in (inside, torn, twin):
        repaired = repairs.cut_overlaps(source)
        assert_geodataframe_equal(repaired.frame, source)
        assert repaired.log["etat"].tolist() == ["à décider"]


def test_a_gap_goes_to_the_neighbour_with_the_longest_border_and_no_overlap_appears():
    source = layer(box(0, 0, 100, 100), box(102, 0, 200, 60), box(102, 60, 200, 100))
    repaired = repairs.fill_gaps(source)
    assert repaired.frame.area.tolist() == [
        pytest.approx(10_200, abs=0.1),
        pytest.approx(5_880),
        pytest.approx(3_920),
    ]
    assert repaired.log["etat"].tolist() == ["à vérifier"]
    geometries = repaired.frame.geometry.to_numpy()
    assert len(quality.find_gaps(geometries).surfaces) == 0
    assert len(quality.find_overlaps(geometries, 1e-6).area) == 0


def test_a_wide_lane_is_no_gap_and_buildings_have_none():
    assert repairs.fill_gaps(layer(box(0, 0, 100, 100), box(105, 0, 200, 100))).log.empty
    houses = layer(
        box(0, 0, 10, 10), box(11, 0, 20, 10), cleabs=["a", "b"], usage_1=["Annexe"] * 2, hauteur=[3, 4]
    )
    with pytest.raises(ValueError, match="n'ont pas à se toucher"):
        repairs.fill_gaps(houses)


@pytest.mark.parametrize("name", ["merge_slivers", "cut_overlaps", "fill_gaps", "remove_spikes"])
def test_what_measures_refuses_degrees_and_an_unknown_system(name):
    with pytest.raises(ValueError, match="Reprojetez"):
        repairs.OPERATIONS[name](layer(box(0, 0, 1, 1)).to_crs(4326))
    with pytest.raises(ValueError, match="set_right_crs"):
        repairs.OPERATIONS[name](layer(box(0, 0, 1, 1), crs=None))


# Values


def test_leading_zeros_come_back_and_a_column_of_numbers_becomes_text():
    points = [Point(i, 0) for i in range(3)]
    written = repairs.fix_decimal_and_zero(layer(*points, code_insee=["1001", "01001", "2A004"]))
    assert written.frame["code_insee"].tolist() == ["01001", "01001", "2A004"]
    assert written.log["etat"].tolist() == ["modifié"]
    numbers = repairs.fix_decimal_and_zero(layer(*points, code_postal=[1000.0, np.nan, 13100.0]))
    assert numbers.frame["code_postal"].tolist()[::2] == ["01000", "13100"]
    assert numbers.frame["code_postal"].isna()[1]
    assert numbers.log["etat"].tolist() == ["modifié", "à vérifier"]


def test_a_code_without_a_lost_zero_is_left():
    source = layer(Point(0, 0), Point(1, 1), code_insee=["13001", "139"], code_postal=[13100, 13200])
    repaired = repairs.fix_decimal_and_zero(source)
    assert_geodataframe_equal(repaired.frame, source)
    assert repaired.log[["rang", "etat"]].to_numpy().tolist() == [[1, "à décider"]]


def test_decimal_commas_become_numbers_when_all_is_a_number():
    points = [Point(i, 0) for i in range(6)]
    repaired = repairs.fix_decimal_and_zero(layer(*points, haut=["1,5", "2", None, "3.25", "-4,0", "5"]))
    assert repaired.frame["haut"].dtype == float
    assert repaired.frame["haut"].fillna(-1).tolist() == [1.5, 2, -1, 3.25, -4, 5]
    assert repaired.log["rang"].dropna().tolist() == [0, 4]
    source = layer(*points, haut=["1,5", "2", "3", "4", "5", "6 m"], ref=["01", "1,5", "2", "3", "4", "5"])
    left = repairs.fix_decimal_and_zero(source)
    assert_geodataframe_equal(left.frame, source)
    assert left.log[["rang", "etat"]].to_numpy().tolist() == [[5, "à décider"]]


def test_spaces_and_case_are_put_right_against_the_domain():
    usage = [" Annexe", "annexe ", "RELIGIEUX", "Autre", None, " ", "Ete"]
    points = [Point(i, 0) for i in range(7)]
    repaired = repairs.fix_spaces_and_case(
        layer(*points, usage=usage), domains={"usage": ["Annexe", "Religieux", "Eté", "Été"]}
    )
    assert repaired.frame["usage"].fillna("?").tolist() == [
        "Annexe",
        "Annexe",
        "Religieux",
        "Autre",
        "?",
        " ",
        "Ete",
    ]
    assert repaired.log[repaired.log["etat"] == "à décider"]["rang"].tolist() == [6]
    assert sorted(repaired.changes["rang"]) == [0, 1, 1, 2]


def test_a_code_is_written_in_capitals():
    repaired = repairs.fix_spaces_and_case(layer(Point(0, 0), Point(1, 1), code_insee=["2a004", "13001"]))
    assert repaired.frame["code_insee"].tolist() == ["2A004", "13001"]


# The plan


def test_operations_run_in_the_safe_order_whatever_order_they_are_given_in():
    source = dirty()
    names = list(repairs.OPERATIONS)
    forward, backward = repair(source, names), repair(source, names[::-1])
    assert_geodataframe_equal(forward.frame, backward.frame)
    order = [TITLES[name] for name in names]
    seen = forward.changes["operation"].drop_duplicates().map(order.index).tolist()
    assert seen == sorted(seen)
    assert len(seen) >= 8


def test_what_an_operation_lays_bare_is_mended_in_turn():
    source = layer(box(0, 0, 100, 100), box(99.6, 0, 100.45, 100))
    repaired = repair(source, ["merge_slivers", "cut_overlaps"])
    assert repaired.frame.area.tolist() == [pytest.approx(10_045, abs=0.1)]
    assert repaired.changes["etat"].tolist() == ["modifié", "retiré", "modifié"]


@pytest.mark.parametrize(
    ("operations", "words"),
    [
        (["polish"], "Réparation inconnue"),
        (["make_valid", "make_valid"], "deux fois"),
        ([("make_valid", {"colour": 1})], "Option inconnue"),
    ],
)
def test_a_wrong_plan_is_refused(operations, words):
    with pytest.raises(ValueError, match=words):
        repair(dirty(), operations)


def test_the_report_suggests_what_mends_it_and_choices_only_on_demand():
    source = layer(bow_tie(), *grid()[1:], box(398, 0, 500, 100))
    report = quality.inspect(source)
    assert suggest(report) == ["make_valid"]
    assert suggest(report, choices=True) == ["make_valid", "cut_overlaps"]
    assert suggest(report, layer="autre") == []


rings = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=3, max_size=7, unique=False)
words = st.sampled_from(["Annexe", " annexe", "RÃ©sidentiel", "R?sidence", None, "", "13,5", "0"])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(rings, words), min_size=1, max_size=6))
def test_a_repaired_layer_is_not_repaired_again(rows):
    source = layer(*[Polygon(ring) for ring, _ in rows], usage_1=[word for _, word in rows])
    repaired = repair(source, list(repairs.OPERATIONS))
    again = repair(repaired.frame, list(repairs.OPERATIONS))
    assert again.changes.empty
    assert again.frame.drop(columns="geometry").equals(repaired.frame.drop(columns="geometry"))
    assert shapely.equals_identical(again.frame.geometry.to_numpy(), repaired.frame.geometry.to_numpy()).all()


# Writing


def test_the_layer_and_its_log_are_written_and_nothing_is_overwritten(tmp_path):
    repaired = repairs.make_valid(dirty())
    path, log = repairs.save(repaired, tmp_path / "propre.gpkg")
    assert len(gpd.read_file(path)) == len(repaired.frame)
    assert log.name == "propre_journal.csv"
    assert sorted(item.name for item in tmp_path.iterdir()) == ["propre.gpkg", "propre_journal.csv"]
    before = path.read_bytes()
    log.rename(tmp_path / "ailleurs.csv")
    with pytest.raises(UnwritableOutput, match="existe déjà"):
        repairs.save(repaired, path)
    assert path.read_bytes() == before
    path.unlink()
    (tmp_path / "ailleurs.csv").rename(log)
    with pytest.raises(UnwritableOutput, match="journal"):
        repairs.save(repaired, path)
    assert [item.name for item in tmp_path.iterdir()] == ["propre_journal.csv"]


@pytest.mark.parametrize("name", ["propre.geojson", "propre.fgb", "propre.parquet"])
def test_other_formats_are_written(tmp_path, name):
    path, _ = repairs.save(repairs.make_valid(layer(box(0, 0, 1, 1))), tmp_path / name)
    assert path.stat().st_size > 0


def test_an_object_without_geometry_is_written_in_every_format(tmp_path):
    frame = layer(box(0, 0, 1, 1), None)
    for suffix in (".gpkg", ".fgb", ".geojson", ".parquet"):
        path, _ = repairs.save(repairs.make_valid(frame), tmp_path / f"propre_{suffix[1:]}{suffix}")
        written = gpd.read_parquet(path) if suffix == ".parquet" else gpd.read_file(path)
        assert written.geometry.isna().sum() == 1


def test_a_shapefile_is_refused_since_it_would_cut_names(tmp_path):
    with pytest.raises(ValueError, match="Shapefile"):
        repairs.save(repairs.make_valid(dirty()), tmp_path / "propre.shp")


# The delivery, its ledger and the truth

ADDED = {"doublon-exact", "doublon-de-geometrie", "quasi-doublon", "eclat", "micro-surface", "objet-en-trop"}
DELIVERED = {
    "parcelles_2025.gpkg": ("parcelles_agricoles", parcels, "id_parcel"),
    "batiments.shp": ("batiments", buildings, "ID"),
}
MENDED = {
    "parcelles_2025.gpkg": {
        "auto-intersection", "sommet-repete", "systeme-melange", "espaces-en-trop", "casse-differente",
    },
    "batiments.shp": {
        "auto-intersection", "systeme-melange", "systeme-absent", "texte-illisible", "casse-differente",
    },
}  # fmt: skip


@pytest.fixture(scope="module", params=list(DELIVERED))
def delivery(request):
    """A damaged file, what it should be, its ledger, its report, and its repair without any choice."""
    file = request.param
    name, spoiler, key = DELIVERED[file]
    ledger = gpd.read_file(datasets.path("livraison/registre_defauts.gpkg"), layer="defauts")
    ledger = ledger[(ledger["fichier"] == file) & ledger["rang"].notna()].astype({"rang": int})
    truth = spoiler.transcribe(gpd.read_file(datasets.path("galejade.gpkg"), layer=name))
    frame = gpd.read_file(datasets.path(f"livraison/{file}"))
    keys = frame[key].astype(object)
    renamed = ledger[ledger["type_defaut"] == "identifiant-duplique"].set_index("rang")["valeur_vraie"]
    keys.loc[renamed.index] = renamed
    report = quality.inspect(frame, domains={"code_cultu": parcels.BAD_CODES})
    plan = [
        (name, {"crs": 2154}) if name == "set_right_crs" and frame.crs is None else name
        for name in suggest(report)
    ]
    return file, frame, truth.set_index(key, drop=False), keys, ledger, report, plan, repair(frame, plan)


def as_true(frame, truth, keys):
    """Whether each row is in its true place and shape, and whether each has its true values."""
    right = truth.geometry.reindex(keys).to_numpy()
    drawn = frame.geometry.to_numpy()
    both = (
        shapely.is_valid(right)
        & shapely.is_valid(drawn)
        & ~shapely.is_empty(drawn)
        & ~shapely.is_empty(right)
    )
    placed = np.zeros(len(frame), dtype=bool)
    apart = shapely.area(shapely.symmetric_difference(right[both], drawn[both]))
    placed[both] = apart < 0.001 * shapely.length(right[both])  # a millimetre all along
    valued = np.ones(len(frame), dtype=bool)
    for name in truth.columns.drop("geometry"):
        given, true = frame[name].reset_index(drop=True), truth[name].reindex(keys).reset_index(drop=True)
        if pd.api.types.is_numeric_dtype(given):
            same = np.isclose(given.astype(float), true.astype(float), equal_nan=True)
        elif pd.api.types.is_datetime64_any_dtype(given):
            same = (given == true) | (given.isna() & true.isna())
        else:
            same = given.astype(object).where(given.notna(), "") == true.astype(object).where(
                true.notna(), ""
            )
        valued &= np.asarray(same)
    return pd.DataFrame({"placed": placed, "valued": valued}, index=frame.index)


def test_no_clean_object_is_changed_nor_lost(delivery):
    _, frame, truth, keys, ledger, _, _, repaired = delivery
    clean = frame.index.difference(ledger["rang"])
    assert len(clean) > 600
    after = as_true(repaired.frame, truth, keys[repaired.frame.index])
    before = as_true(frame, truth, keys).loc[after.index]
    assert not (before["placed"] & ~after["placed"]).loc[after.index.intersection(clean)].any()
    assert after.loc[after.index.intersection(clean)].all(axis=None)
    assert set(keys[clean]) <= set(keys[after.index])


def test_what_can_be_put_right_is_as_the_truth(delivery):
    file, _, truth, keys, ledger, _, _, repaired = delivery
    after = as_true(repaired.frame, truth, keys[repaired.frame.index]).all(axis=1)
    kinds = ledger.set_index("rang")["type_defaut"]
    mended = after.groupby(kinds.reindex(after.index)).sum()
    whole = {
        "casse-du-code",
        "espaces-parasites",
        "sommets-repetes",
        "retour-arriere",
        "systeme-de-coordonnees",
    }
    for kind in whole & set(mended.index):
        assert mended[kind] == (kinds == kind).sum(), kind
    if file == "parcelles_2025.gpkg":
        assert mended["pointe"] >= 9


def test_exact_copies_are_dropped_and_no_other_row(delivery):
    _, frame, _, keys, ledger, _, _, repaired = delivery
    copies = keys[ledger.loc[ledger["type_defaut"] == "doublon-exact", "rang"]]
    gone = frame.index.difference(repaired.frame.index)
    assert sorted(keys[gone]) == sorted(copies)


def test_with_a_rule_the_planted_copies_go_and_nothing_else(delivery):
    _, frame, truth, _, ledger, _, plan, repaired = delivery
    rule = {"rule": (truth.index.name, "min"), "near": True}
    settled = repair(
        frame, [*(step for step in plan if step != "drop_duplicates"), ("drop_duplicates", rule)]
    )
    renamed = ledger.loc[ledger["type_defaut"].isin(["doublon-de-geometrie", "quasi-doublon"]), "rang"]
    assert set(repaired.frame.index) - set(settled.frame.index) == set(renamed)


def test_what_was_mended_is_no_longer_found_and_a_second_repair_changes_nothing(delivery):
    file, _, _, _, _, report, plan, repaired = delivery
    assert set(report.anomalies["code"]) >= MENDED[file]
    found = quality.inspect(repaired.frame, domains={"code_cultu": parcels.BAD_CODES})
    assert not set(found.anomalies["code"]) & MENDED[file]
    assert repair(repaired.frame, plan).changes.empty


def test_with_choices_overlaps_slivers_and_gaps_are_settled(delivery):
    _, frame, _, _, ledger, report, plan, _ = delivery
    chosen = [name for name in suggest(report, choices=True) if name not in suggest(report)]
    repaired = repair(frame, [*plan, *chosen])
    found = quality.inspect(repaired.frame, domains={"code_cultu": parcels.BAD_CODES}).anomalies
    assert not found["code"].isin(["chevauchement", "trou"]).any()
    ranks = repaired.frame.index[found.loc[found["code"] == "micro-surface", "rang"].astype(int)]
    lonely = ledger.loc[ledger["type_defaut"] == "micro-surface", "rang"]
    lobes = ledger.loc[ledger["type_defaut"] == "auto-intersection", "rang"]
    assert set(lonely) <= set(ranks) <= {*lonely, *lobes}
    listed = repaired.log.query("etat == 'à décider' and operation == @TITLES['merge_slivers']")["rang"]
    assert set(listed) == set(lonely)
    assert repair(repaired.frame, [*plan, *chosen]).changes.empty
