"""Each control finds the defect planted for it, and stays silent on the clean layer."""

import datetime as dt
from fnmatch import fnmatchcase

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely import MultiPolygon, Point, Polygon, box
from shapely.affinity import translate

from geoatelier import quality
from geoatelier.quality.attributes import out_of_domain
from geoatelier.quality.kinds import KINDS
from geoatelier.quality.layer import layer_of
from geoatelier.quality.topology import find_gaps, find_overlaps

LEFT, BOTTOM, SIDE = 893_000.0, 6_195_000.0, 100.0
TODAY = dt.date(2025, 12, 31)
CROPS = ["VRC", "OLI", "BDH"]
GROUPS = {"VRC": 21, "OLI": 23, "BDH": 4}


def square(column, row, side=SIDE):
    x, y = LEFT + column * SIDE, BOTTOM + row * SIDE
    return box(x, y, x + side, y + side)


def clean_parcels(crs=2154):
    """Twenty-four squares of one hectare, edge to edge, whose every value is right."""
    places = [(column, row) for row in range(4) for column in range(6)]
    crops = [CROPS[i % 3] for i in range(24)]
    table = pd.DataFrame(
        {
            "id_parcel": [f"{1000 + i}" for i in range(24)],
            "code_cultu": crops,
            "code_group": [GROUPS[crop] for crop in crops],
            "surf_parc": [1.0] * 24,
            "code_insee": ["13902"] * 24,
            "date_releve": ["2025-06-18"] * 24,
            "millesime": [2025] * 24,
        }
    )
    parcels = gpd.GeoDataFrame(table, geometry=[square(*place) for place in places], crs=2154)
    return parcels if crs == 2154 else parcels.to_crs(crs)


def clean_buildings():
    table = pd.DataFrame(
        {
            "cleabs": [f"BATIMENT{i}" for i in range(12)],
            "nature": ["Indifférenciée"] * 12,
            "usage_1": ["Résidentiel"] * 12,
            "hauteur": np.linspace(4, 12, 12).round(1),
            "nombre_d_etages": [1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3],
            "date_creation": pd.date_range("2012-01-01", periods=12, freq="90D"),
            "date_modification": pd.date_range("2020-01-01", periods=12, freq="90D"),
        }
    )
    shapes = [translate(box(0, 0, 10, 8), LEFT + 30 * i, BOTTOM) for i in range(12)]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=2154)


def codes(layer, **options):
    report = quality.inspect(layer, today=TODAY, **options)
    return report.anomalies.groupby("code").size().to_dict()


def found(layer, code, **options):
    return quality.inspect(layer, today=TODAY, **options).of(code)


def moved(geometry, shift):
    return shapely.transform(geometry, lambda points: points + shift)


def test_a_clean_layer_has_no_anomaly():
    assert codes(clean_parcels()) == {}
    assert codes(clean_buildings()) == {}


def test_every_anomaly_has_the_columns_that_a_report_promises():
    parcels = clean_parcels()
    parcels.loc[3, "code_cultu"] = None
    anomalies = quality.inspect(parcels).anomalies
    assert list(anomalies.columns) == [
        "fichier", "code", "niveau", "couche", "rang", "objet", "objet_lie", "attribut", "valeur", "message",
        "element_iso", "mesure_iso", "quadogeo", "geometry",
    ]  # fmt: skip
    anomaly = anomalies.iloc[0]
    assert (anomaly["code"], anomaly["rang"], anomaly["objet"]) == ("valeur-absente", 3, "1003")
    assert (anomaly["mesure_iso"], anomaly["quadogeo"]) == (6, "txEx")
    assert anomaly.geometry.equals(parcels.geometry[3])


# Coordinate reference system


def test_a_layer_without_a_system_is_told_the_one_its_coordinates_look_like():
    anomaly = found(clean_parcels().set_crs(None, allow_override=True), "systeme-absent").iloc[0]
    assert anomaly["niveau"] == "bloquant"
    assert anomaly["valeur"] == "EPSG:2154"


def test_degrees_are_reported_and_still_measured_in_metres():
    parcels = clean_parcels(4326)
    # Coordinates that were just computed have more digits than anyone measured.
    assert codes(parcels) == {"systeme-geographique": 1, "precision-illusoire": 1}
    parcels.loc[0, "surf_parc"] = 5.0
    assert codes(parcels)["surface-discordante"] == 1


@pytest.mark.parametrize(("label", "true"), [(4326, 2154), (2154, 4326), (2154, 27572), (27572, 32631)])
def test_a_wrong_label_on_the_whole_layer_is_found_with_the_right_one(label, true):
    wrong = clean_parcels(true).set_crs(label, allow_override=True)
    anomaly = found(wrong, "systeme-invraisemblable").iloc[0]
    assert anomaly["niveau"] == "bloquant"
    assert anomaly["valeur"] == f"EPSG:{true}"


def test_a_reference_betrays_a_label_that_looks_plausible():
    wrong = clean_parcels().set_crs(3857, allow_override=True)
    assert found(wrong, "systeme-invraisemblable").empty
    anomaly = found(wrong, "systeme-invraisemblable", reference=clean_parcels()).iloc[0]
    assert anomaly["valeur"] == "EPSG:2154"


@pytest.mark.parametrize("other", [4326, 3943, 27563, 27573, 32631, 3857])
def test_objects_in_another_system_are_found_with_the_system_that_brings_them_home(other):
    parcels = clean_parcels()
    parcels.loc[[2, 7], "geometry"] = parcels.geometry[[2, 7]].to_crs(other).to_numpy()
    anomalies = found(parcels, "systeme-melange")
    assert anomalies["rang"].tolist() == [2, 7]
    assert set(anomalies["valeur"]) == {f"EPSG:{other}"}
    assert "surface-discordante" not in codes(parcels), "a misplaced object is not measured"


def test_two_other_systems_in_one_layer_are_told_apart():
    parcels = clean_parcels()
    parcels.loc[[2, 7, 9], "geometry"] = parcels.geometry[[2, 7, 9]].to_crs(32631).to_numpy()
    parcels.loc[[4, 5], "geometry"] = parcels.geometry[[4, 5]].to_crs(27573).to_numpy()
    by_row = found(parcels, "systeme-melange").set_index("rang")["valeur"]
    assert by_row.to_dict() == {
        2: "EPSG:32631",
        7: "EPSG:32631",
        9: "EPSG:32631",
        4: "EPSG:27573",
        5: "EPSG:27573",
    }


@pytest.mark.parametrize("crs", [2154, 4326])
def test_swapped_coordinates_are_found(crs):
    parcels = clean_parcels(crs)
    parcels.loc[5, "geometry"] = shapely.transform(parcels.geometry[5], lambda points: points[:, ::-1])
    assert found(parcels, "axes-echanges")["rang"].tolist() == [5]


def test_objects_at_zero_are_out_of_the_extent():
    parcels = clean_parcels()
    parcels.loc[5, "geometry"] = box(0, 0, 100, 100)
    anomaly = found(parcels, "hors-emprise").iloc[0]
    assert anomaly["rang"] == 5


def test_a_layer_spread_over_france_has_no_outlier():
    rng = np.random.default_rng(1)
    east, north = rng.uniform(200_000, 1_000_000, 60).round(2), rng.uniform(6_200_000, 7_000_000, 60).round(2)
    points = gpd.points_from_xy(east, north)
    assert codes(gpd.GeoDataFrame({"id": np.arange(60)}, geometry=points, crs=2154)) == {}


def test_two_positions_that_contradict_each_other_are_found():
    x, y = LEFT + np.arange(5) * 10, BOTTOM + np.arange(5) * 10
    points = gpd.GeoSeries(gpd.points_from_xy(x, y), crs=2154)
    degrees = points.to_crs(4326)
    table = pd.DataFrame({"id": list("abcde"), "x": x, "y": y, "lon": degrees.x, "lat": degrees.y})
    layer = gpd.GeoDataFrame(table, geometry=points)
    assert codes(layer) == {}
    layer.loc[3, ["lon", "lat"]] = layer.loc[3, ["lat", "lon"]].to_numpy()
    assert found(layer, "positions-discordantes")["rang"].tolist() == [3]


# One geometry at a time


def test_null_and_empty_geometries_are_found():
    parcels = clean_parcels()
    parcels.loc[1, "geometry"] = None
    parcels.loc[8, "geometry"] = Polygon()
    anomalies = found(parcels, "geometrie-absente").sort_values("rang")
    assert anomalies["rang"].tolist() == [1, 8]
    assert anomalies["valeur"].fillna("").tolist() == ["", "vide"]


def test_a_bow_tie_is_reported_where_it_crosses():
    parcels = clean_parcels()
    x, y = LEFT, BOTTOM
    parcels.loc[0, "geometry"] = Polygon([(x, y), (x + 100, y + 100), (x + 100, y), (x, y + 100)])
    anomaly = found(parcels, "auto-intersection").iloc[0]
    assert anomaly.geometry.equals_exact(Point(x + 50, y + 50), 0.01)


def test_every_crossing_of_an_outline_is_reported_and_not_the_first_only():
    zigzag = [(0, 0), (0, 40), (20, 40), (-10, 30), (20, 20), (-10, 10), (20, 0)]
    parcels = clean_parcels()
    parcels.loc[0, "geometry"] = moved(Polygon(zigzag), [LEFT, BOTTOM])
    anomalies = found(parcels, "auto-intersection")
    assert len(anomalies) == 4
    assert set(shapely.get_type_id(anomalies.geometry)) == {shapely.GeometryType.POINT}
    assert (shapely.get_x(anomalies.geometry) == LEFT).all()


def test_a_hole_outside_its_shell_is_invalid_and_says_so():
    parcels = clean_parcels()
    hole = [(LEFT + 200, BOTTOM + 200), (LEFT + 210, BOTTOM + 200), (LEFT + 210, BOTTOM + 210)]
    parcels.loc[0, "geometry"] = Polygon(square(0, 0).exterior, [hole])
    anomaly = found(parcels, "geometrie-invalide").iloc[0]
    assert "trou est hors du contour" in anomaly["message"]


def test_an_object_in_two_pieces_is_reported_unless_the_layer_is_made_of_such():
    parcels = clean_parcels()
    halves = MultiPolygon([square(0, 0, 40), moved(square(0, 0, 40), [50, 50])])
    parcels.loc[0, ["geometry", "surf_parc"]] = [halves, 0.32]
    assert found(parcels, "multi-parties")["rang"].tolist() == [0]
    islands = gpd.GeoDataFrame({"nom": list("ab")}, geometry=[halves, moved(halves, [500, 0])], crs=2154)
    assert found(islands, "multi-parties").empty


def test_a_repeated_vertex_is_reported_at_the_vertex():
    parcels = clean_parcels()
    ring = list(square(0, 0).exterior.coords)
    parcels.loc[0, "geometry"] = Polygon([ring[0], ring[1], ring[1], ring[1], *ring[2:]])
    [place] = found(parcels, "sommet-repete").geometry
    assert place.coords[0] == ring[1]


def test_a_spike_is_reported_at_its_tip():
    parcels = clean_parcels()
    x, y = LEFT, BOTTOM
    spiked = Polygon(
        [(x, y), (x, y + 100), (x + 100, y + 100), (x + 100, y + 0.4), (x + 140, y), (x + 100, y)]
    )
    parcels.loc[0, "geometry"] = spiked
    anomaly = found(parcels, "pointe").iloc[0]
    assert anomaly.geometry.coords[0] == (x + 140, y)


def test_points_among_polygons_are_of_another_type():
    parcels = clean_parcels()
    parcels.loc[4, "geometry"] = Point(LEFT, BOTTOM)
    assert found(parcels, "type-melange")["rang"].tolist() == [4]


# Polygons and their neighbours


def test_an_overlap_gives_its_surface_and_both_objects():
    parcels = clean_parcels()
    parcels.loc[0, "geometry"] = box(LEFT, BOTTOM, LEFT + 105, BOTTOM + 100)
    anomaly = found(parcels, "chevauchement").iloc[0]
    assert {anomaly["objet"], anomaly["objet_lie"]} == {"1000", "1001"}
    assert anomaly.geometry.area == pytest.approx(500)
    assert float(anomaly["valeur"]) == pytest.approx(500)


def test_a_polygon_inside_another_one_overlaps_it():
    parcels = clean_parcels().iloc[:1]
    inside = parcels.assign(id_parcel="2000", surf_parc=0.04, geometry=moved(square(0, 0, 20), [40, 40]))
    both = pd.concat([parcels, inside], ignore_index=True)
    assert codes(both)["chevauchement"] == 1


def test_overlaps_are_those_of_brute_force():
    rng = np.random.default_rng(7)
    corners = rng.uniform(0, 300, (150, 2))
    sizes = rng.uniform(2, 60, (150, 2))
    polygons = shapely.box(*corners.T, *(corners + sizes).T)
    polygons[:10] = shapely.buffer(shapely.points(corners[:10]), 15)
    polygons[10:14] = polygons[20:24]  # exact copies overlap too
    polygons[14] = Polygon([(0, 0), (50, 50), (50, 0), (0, 50)])  # invalid
    polygons[15:17] = None, Point(10, 10)
    valid = shapely.make_valid(polygons)
    brute = {
        (i, j)
        for i in range(150)
        for j in range(i + 1, 150)
        if shapely.get_dimensions(polygons[i]) == shapely.get_dimensions(polygons[j]) == 2
        and shapely.area(shapely.intersection(valid[i], valid[j])) > 0.01
    }
    result = find_overlaps(polygons)
    assert len(brute) > 100
    assert set(zip(result.first.tolist(), result.second.tolist(), strict=True)) == brute


def test_neighbours_that_only_touch_do_not_overlap():
    layer = clean_parcels()
    # The neighbour on the right has a vertex in the middle of the common edge, the left one does not.
    right = Polygon([*square(1, 0).exterior.coords[:4], (LEFT + 100, BOTTOM + 50)])
    layer.loc[1, "geometry"] = Polygon(right.exterior)
    assert len(find_overlaps(layer.geometry.to_numpy()).first) == 0


def test_a_slot_between_two_parcels_is_a_gap_even_when_it_opens_outside():
    parcels = clean_parcels()
    parcels.loc[0, "geometry"] = box(LEFT, BOTTOM, LEFT + 97, BOTTOM + 100)
    anomaly = found(parcels, "trou").iloc[0]
    assert {anomaly["objet"], anomaly["objet_lie"]} == {"1000", "1001"}
    assert anomaly.geometry.area == pytest.approx(300, rel=0.02)


def test_a_small_enclosed_hole_is_a_gap_and_a_road_between_parcels_is_not():
    parcels = clean_parcels()
    parcels.loc[7, "geometry"] = square(1, 1).difference(moved(square(1, 1, 10), [0, 0]))
    assert found(parcels, "trou").geometry.area.tolist() == pytest.approx([100])
    apart = clean_parcels()
    east = apart.geometry.centroid.x > LEFT + 300
    apart.loc[east, "geometry"] = apart.geometry[east].translate(8, 0)
    assert found(apart, "trou").empty


def test_a_pond_inside_one_parcel_is_not_a_gap():
    parcel = square(0, 0).difference(moved(square(0, 0, 10), [40, 40]))
    assert len(find_gaps(np.array([parcel, square(1, 0)])).surfaces) == 0


def test_a_sliver_and_a_crumb_are_micro_areas():
    parcels = clean_parcels()
    sliver = box(LEFT, BOTTOM - 10, LEFT + 60, BOTTOM - 9.7)
    crumb = box(LEFT, BOTTOM - 20, LEFT + 2, BOTTOM - 18)
    extra = parcels.iloc[:2].assign(
        id_parcel=["2000", "2001"], surf_parc=[0.0, 0.0], geometry=[sliver, crumb]
    )
    both = pd.concat([parcels, extra], ignore_index=True)
    assert sorted(found(both, "micro-surface")["objet"]) == ["2000", "2001"]


# Twice the same


def test_an_exact_copy_is_found_once_whatever_its_first_vertex():
    parcels = clean_parcels()
    turned = Polygon(np.roll(np.array(square(2, 0).exterior.coords)[:4], 2, axis=0)[::-1])
    copy = parcels.iloc[[2]].assign(id_parcel="2000", geometry=[turned])
    both = pd.concat([parcels, copy], ignore_index=True)
    anomaly = found(both, "doublon-geometrie")
    assert anomaly[["rang", "objet", "objet_lie"]].to_numpy().tolist() == [[24, "2000", "1002"]]
    assert "chevauchement" not in codes(both)


def test_three_copies_are_two_in_excess():
    parcels = clean_parcels()
    thrice = pd.concat([parcels, parcels.iloc[[0, 0]]], ignore_index=True)
    assert codes(thrice) == {"doublon-geometrie": 2, "cle-dupliquee": 2}


def test_the_same_parcel_drawn_again_is_a_near_duplicate():
    parcels = clean_parcels()
    again = parcels.iloc[[0]].assign(id_parcel="2000", geometry=[shapely.buffer(square(0, 0), -0.5)])
    both = pd.concat([parcels, again], ignore_index=True)
    assert found(both, "doublon-approche")["objet"].tolist() == ["2000"]


def test_a_bow_tie_over_a_parcel_is_not_its_near_duplicate():
    parcels = clean_parcels()
    x, y = LEFT, BOTTOM
    bow_tie = Polygon([(x, y), (x + 100, y + 100), (x + 100, y), (x, y + 100)])
    both = pd.concat(
        [parcels, parcels.iloc[[0]].assign(id_parcel="2000", geometry=[bow_tie])], ignore_index=True
    )
    assert found(both, "doublon-approche").empty
    assert len(found(both, "chevauchement")) == 1


@pytest.mark.parametrize(
    "odd",
    [
        [None, None, None],
        [Polygon(), Polygon(), Polygon()],
        [Point(float("nan"), 1), Point(LEFT, BOTTOM), Point(LEFT + 9, BOTTOM)],
        [shapely.force_3d(square(0, 0)), square(1, 0), square(2, 0)],
        [shapely.GeometryCollection([square(0, 0), Point(LEFT, BOTTOM)]), square(1, 0), square(2, 0)],
        [Polygon([(LEFT, BOTTOM), (LEFT + 9, BOTTOM + 9), (LEFT, BOTTOM)]), square(1, 0), square(2, 0)],
    ],
)
@pytest.mark.parametrize(
    "crs", [2154, 4326, None, "+proj=lcc +lat_1=49 +lat_2=44 +lat_0=46.5 +lon_0=3 +ellps=GRS80"]
)
def test_odd_geometries_and_odd_columns_never_raise(odd, crs):
    columns = {
        "liste": [[1], {"a": 2}, None],
        "melange": [1, "x", None],
        "heure": pd.to_datetime(["2020-01-01", "2030-01-01", None], utc=True),
        "categorie": pd.Categorical(["a", None, "b"]),
        0: [True, False, True],
    }
    report = quality.inspect(gpd.GeoDataFrame(columns, geometry=odd, crs=crs), today=TODAY)
    assert report.line() and report._repr_html_()


def test_two_addresses_at_one_door_are_not_duplicates_but_a_copied_one_is():
    table = pd.DataFrame({"id": ["1", "2", "3"], "numero": [1, 3, 3], "rue": ["A", "A", "A"]})
    doors = gpd.GeoDataFrame(table, geometry=[Point(LEFT, BOTTOM)] * 3, crs=2154)
    assert found(doors, "doublon-geometrie")["objet"].tolist() == ["3"]


def test_one_address_at_two_places_is_found():
    table = pd.DataFrame(
        {
            "id": ["1", "2", "3"],
            "numero": [1, 1, 3],
            "nom_voie": ["Rue du Port", "rue du port", "Rue du Port"],
            "code_insee": ["13901"] * 3,
        }
    )
    points = [Point(LEFT + 10 * i, BOTTOM) for i in range(3)]
    addresses = gpd.GeoDataFrame(table, geometry=points, crs=2154)
    assert found(addresses, "doublon-attributs")["rang"].tolist() == [1]


def test_a_key_given_to_two_objects_is_found():
    parcels = clean_parcels()
    parcels.loc[9, "id_parcel"] = "1000"
    anomaly = found(parcels, "cle-dupliquee").iloc[0]
    assert (anomaly["rang"], anomaly["objet_lie"]) == (9, "1000")


# Attributes


def test_holes_are_counted_by_column_and_indispensable_values_by_object():
    parcels = clean_parcels().assign(culture_d1=[""] * 20 + ["TRN"] * 4, commentaire=None)
    parcels.loc[[4, 5], "code_cultu"] = None
    report = quality.inspect(parcels, today=TODAY)
    assert report.of("attribut-incomplet")[["attribut", "valeur"]].to_numpy().tolist() == [
        ["culture_d1", "20"]
    ]
    assert report.of("attribut-vide")["attribut"].tolist() == ["commentaire"]
    assert report.of("valeur-absente")["rang"].tolist() == [4, 5]


def test_values_out_of_a_given_domain_are_found_and_case_is_told_apart():
    parcels = clean_parcels()
    parcels.loc[1, "code_cultu"] = "ZZZ"
    anomalies = quality.inspect(parcels, today=TODAY, domains={"code_cultu": CROPS}).anomalies
    assert anomalies[["code", "rang", "valeur"]].to_numpy().tolist() == [["hors-domaine", 1, "ZZZ"]]
    buildings = clean_buildings()
    buildings.loc[1, "usage_1"] = "RÉSIDENTIEL"
    buildings.loc[2, "usage_1"] = "Garage"
    assert codes(buildings) == {"casse-differente": 1, "hors-domaine": 1}


@pytest.mark.parametrize(
    ("values", "listed"),
    [([2.0, 1.5], [2, 1.5]), ([2.0, 1.5], [2.0, 1.5]), (["2.0", "1.5"], [2.0, 1.5]), ([2.0, np.nan], ["2"])],
)
def test_a_number_is_in_a_list_whatever_is_beside_it_in_the_column(values, listed):
    layer = layer_of(gpd.GeoDataFrame({"pente": values}, geometry=[Point(0, 0)] * 2))
    assert out_of_domain(layer, {"pente": listed}).empty


@pytest.mark.parametrize(
    ("value", "listed", "said"),
    [
        ("01", 1, '« 01 » est un texte, et la liste donne le nombre 1. * entre guillemets : "01".'),
        ("2025,0", 2025, "« 2025,0 » est un texte, et la liste donne le nombre 2025."),
        (1.5, "1,5", "« 1.5 » est un nombre, et la liste donne le texte « 1,5 ». * sans guillemets : 1.5."),
        ("02", "2", "« 02 » n'est pas dans la liste admise (2)."),
        ("03", 2, "« 03 » n'est pas dans la liste admise (2)."),
        (np.inf, "a", "« inf » n'est pas dans la liste admise (a)."),
    ],
)
def test_a_list_of_numbers_for_a_column_of_text_says_which_is_which(value, listed, said):
    layer = layer_of(gpd.GeoDataFrame({"code": [value]}, geometry=[Point(0, 0)]))
    [told] = out_of_domain(layer, {"code": [listed]})["message"]
    assert fnmatchcase(told.replace("\u00a0", " "), f"{said}*")


def test_a_code_that_is_not_written_as_a_code_is_found():
    parcels = clean_parcels()
    parcels.loc[[1, 2], "code_cultu"] = ["LAVANDE", "vrc"]
    assert codes(parcels) == {"code-mal-forme": 1, "casse-differente": 1}


def test_a_lost_leading_zero_is_found_in_text_and_in_numbers():
    parcels = clean_parcels().assign(code_insee="01004", code_postal=1500)
    parcels.loc[3, "code_insee"] = "1004"
    by_column = found(parcels, "zero-perdu").groupby("attribut").size().to_dict()
    assert by_column == {"code_insee": 1, "code_postal": 24}


def test_stray_spaces_are_found():
    parcels = clean_parcels()
    parcels.loc[6, "code_cultu"] = "VRC "
    assert codes(parcels) == {"espaces-en-trop": 1}


def test_a_crop_in_the_group_of_another_is_a_contradiction():
    parcels = clean_parcels()
    parcels.loc[0, "code_group"] = 4
    assert found(parcels, "valeurs-contradictoires")["rang"].tolist() == [0]


@pytest.mark.parametrize(
    ("height", "code"),
    [
        (-3.0, "valeur-negative"),
        (0.0, "valeur-aberrante"),
        (800.0, "valeur-aberrante"),
        (9999.0, "valeur-sentinelle"),
    ],
)
def test_impossible_heights_are_found(height, code):
    buildings = clean_buildings()
    buildings.loc[5, "hauteur"] = height
    assert codes(buildings) == {code: 1}


def test_more_storeys_than_the_height_can_hold_is_a_contradiction():
    buildings = clean_buildings()
    buildings.loc[0, "nombre_d_etages"] = 12
    assert codes(buildings) == {"valeurs-contradictoires": 1}


def test_words_in_a_column_of_numbers_are_found():
    parcels = clean_parcels().assign(mesure=["1,5"] * 23 + ["2,5 ha"])
    assert found(parcels, "nombre-illisible")["rang"].tolist() == [23]


def test_a_declared_area_is_compared_with_the_drawing():
    parcels = clean_parcels()
    parcels.loc[[3, 4, 5], "surf_parc"] = [2.0, 10_000.0, 1.005]
    assert codes(parcels) == {"surface-discordante": 1, "unite-confondue": 1}


def test_an_area_column_that_measures_something_else_is_reported_once():
    assert codes(clean_parcels().assign(surf_parc=1279.0)) == {"surface-etrangere": 1}


# Dates


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2025-02-30", "date-impossible"),
        ("31/04/2025", "date-impossible"),
        ("bientôt", "date-impossible"),
        ("2052-06-18", "date-future"),
        ("1900-01-01", "date-ancienne"),
        ("1025-06-18", "date-ancienne"),
    ],
)
def test_dates_that_cannot_be_are_found(written, code):
    parcels = clean_parcels()
    parcels.loc[2, "date_releve"] = written
    assert codes(parcels) == {code: 1}


def test_french_dates_and_times_are_read():
    parcels = clean_parcels()
    parcels.loc[:3, "date_releve"] = [
        "18/06/2025",
        "18/06/2025 10:30",
        "2025-06-18T10:30:00Z",
        "2025-06-18 10:30:00",
    ]
    assert codes(parcels) == {}


def test_a_vintage_from_another_year_is_found():
    parcels = clean_parcels()
    parcels.loc[[1, 2], "millesime"] = [2052, 2024]
    assert codes(parcels) == {"date-future": 1, "millesime-isole": 1}


def test_a_change_before_the_creation_is_found():
    buildings = clean_buildings()
    buildings.loc[3, "date_modification"] = pd.Timestamp("2001-01-01")
    assert found(buildings, "dates-inversees")["rang"].tolist() == [3]


# Text


def test_broken_accents_are_found_and_put_right_in_the_message():
    buildings = clean_buildings()
    buildings.loc[4, "nature"] = "IndiffÃ©renciÃ©e"
    anomaly = found(buildings, "texte-illisible").iloc[0]
    assert "Indifférenciée" in anomaly["message"]
    assert codes(buildings) == {"texte-illisible": 1}, "a broken accent is not also a wrong value"


def test_a_broken_column_name_is_found():
    assert found(clean_parcels().assign(**{"qualitÃ©": 1}), "colonne-illisible")["attribut"].tolist() == [
        "qualitÃ©"
    ]


@pytest.mark.parametrize(
    "text", ["Résidentiel", "Âne", "Île d'Yeu", "Ça ?", "https://exemple.fr/?a=b", "ÂGE D'OR"]
)
def test_right_accents_are_left_alone(text):
    assert codes(clean_buildings().assign(nom=text)) == {}


# Against a reference


def test_a_reference_tells_missing_excess_moved_and_changed_objects():
    reference, delivered = clean_parcels(), clean_parcels()
    delivered = delivered.drop(index=10).reset_index(drop=True)
    delivered.loc[0, "id_parcel"] = "9999"
    delivered.loc[1, "code_cultu"], delivered.loc[1, "code_group"] = "VRC", 21
    delivered.loc[22, "geometry"] = moved(delivered.geometry[22], [0, 12])
    report = quality.inspect(delivered, reference=reference, today=TODAY)
    missing = report.of("objet-manquant")
    assert missing["objet"].tolist() == ["1000", "1010"]
    assert missing["rang"].isna().all()
    assert missing.geometry.notna().all()
    assert report.of("objet-en-trop")["objet"].tolist() == ["9999"]
    assert report.of("position-decalee")["valeur"].tolist() == ["12.0"]
    assert report.of("valeur-differente")["attribut"].tolist() == ["code_cultu", "code_group"]


def test_a_layer_equal_to_its_reference_has_no_anomaly():
    assert codes(clean_parcels(), reference=clean_parcels(4326)) == {}


# The report


def test_the_summary_goes_from_the_gravest_to_the_lightest():
    parcels = clean_parcels().set_crs(None, allow_override=True)
    parcels.loc[[1, 3], "code_cultu"] = [None, "VRC "]
    summary = quality.inspect(parcels, today=TODAY).summary()
    assert summary["niveau"].tolist() == ["bloquant", "erreur", "avertissement"]
    assert summary.columns.tolist() == ["niveau", "anomalie", "nombre", "ce que cela empêche"]


def test_the_line_counts_objects_and_anomalies():
    parcels = clean_parcels()
    assert (
        quality.inspect(parcels, today=TODAY).line()
        == "GeoDataFrame\u00a0: 24\u00a0objets, aucune anomalie trouvée."
    )
    parcels.loc[1, "code_cultu"] = None
    assert quality.inspect(parcels, today=TODAY).line().endswith("1\u00a0anomalie (1\u00a0erreur).")


def test_the_page_of_a_report_escapes_what_a_file_holds():
    parcels = clean_parcels().rename(columns={"date_releve": "date<script>"})
    parcels["x<b>"] = None
    assert "<script>" not in quality.inspect(parcels, today=TODAY)._repr_html_()


def test_anomalies_can_be_saved_for_a_gis(tmp_path):
    parcels = clean_parcels()
    parcels.loc[0, "geometry"] = box(LEFT, BOTTOM, LEFT + 105, BOTTOM + 100)
    parcels["note"] = None
    report = quality.inspect(parcels, today=TODAY)
    path = report.save(tmp_path / "anomalies.gpkg")
    layers = [name for name, _ in pyogrio.list_layers(path) if name.startswith("anomalies_")]
    saved = pd.concat([pyogrio.read_dataframe(path, layer=name) for name in layers])
    assert sorted(saved["code"]) == sorted(report.anomalies["code"])
    with pytest.raises(OSError, match="existe déjà"):
        report.save(path)
    with pytest.raises(ValueError, match="gpkg"):
        report.save(tmp_path / "anomalies.xlsx")


def test_an_unknown_code_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="chevauchement"):
        quality.inspect(clean_parcels()).of("chevauchements")


def test_every_kind_is_described_in_full():
    for code, kind in KINDS.items():
        assert code == kind.code
        assert kind.title and kind.prevents.endswith(".") and kind.element


def test_a_readable_table_puts_words_on_the_left_and_escapes_them():
    table = quality.readable(
        pd.DataFrame({"code": ["a<b>", None]}, index=pd.Index(["x", "y"], name="objet")), "Titre"
    )
    page = table._repr_html_()
    assert "text-align:left" in page and "a&lt;b&gt;" in page and "<caption" in page
    assert "nan" not in page.lower() and "None" not in page
    assert "objet" in repr(table)
