"""Pairs, position, theme and completeness against a reference: known figures, brute force, the ledger."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import scipy.stats
import shapely
from scipy.optimize import linear_sum_assignment

from geoatelier import datasets
from geoatelier.quality.accuracy import position_accuracy
from geoatelier.quality.completeness import Completeness, completeness_by_place
from geoatelier.quality.layer import layer_of
from geoatelier.quality.precision_class import allowed_excesses, check_class, smallest_class
from geoatelier.quality.reference_pairs import (
    Pairs,
    middles,
    pair_by_key,
    pair_nearest,
    pair_overlapping,
)
from geoatelier.quality.reference_systems import outliers
from geoatelier.quality.thematic import ClassAccuracy, class_accuracy, value_accuracy


def points(coordinates, crs=2154, **columns):
    coordinates = np.atleast_2d(coordinates)
    table = columns or {"id": [f"P{i}" for i in range(len(coordinates))]}
    return layer_of(gpd.GeoDataFrame(table, geometry=shapely.points(coordinates), crs=crs), "points")


def surfaces(shapes, crs=2154, **columns):
    table = columns or {"id": [f"S{i}" for i in range(len(shapes))]}
    return layer_of(gpd.GeoDataFrame(table, geometry=list(shapes), crs=crs), "surfaces", file="surfaces.gpkg")


def same_rows(n):
    return Pairs(np.arange(n), np.arange(n))


def scattered(n, seed=0):
    return np.random.default_rng(seed).uniform(0, 1000, (n, 2))


# Pairs


def test_pairs_by_distance_are_the_best_of_all_assignments():
    random = np.random.default_rng(1)
    for _ in range(60):
        here, there = (random.uniform(0, 30, (random.integers(1, 14), 2)) for _ in range(2))
        apart = np.hypot(*(here[:, None] - there[None]).transpose(2, 0, 1))
        pairs = pair_nearest(points(here), points(there), 6.0)
        cost = np.where(apart <= 6, apart, 1e4)
        rows, twins = linear_sum_assignment(cost)
        near = cost[rows, twins] < 1e4
        assert len(pairs) == near.sum()
        assert apart[pairs.rows, pairs.twins].sum() == pytest.approx(cost[rows, twins][near].sum(), abs=1e-4)
        assert len(set(pairs.rows)) == len(set(pairs.twins)) == len(pairs)


def test_an_object_gives_up_its_nearest_so_that_both_find_a_twin():
    here, there = points([[0, 0], [3, 0]]), points([[2, 0], [5, 0]])
    assert pair_nearest(here, there, 2.0).twins.tolist() == [0, 1]


def test_surfaces_are_paired_by_what_they_share():
    reference = surfaces([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10), shapely.box(50, 0, 60, 10)])
    moved = [shapely.box(12, 0, 22, 10), shapely.box(1, 0, 11, 10), shapely.box(56, 0, 66, 10)]
    pairs = pair_overlapping(surfaces(moved), reference)
    assert list(zip(pairs.rows, pairs.twins, strict=True)) == [(0, 1), (1, 0)]


def test_of_two_exact_copies_the_first_is_paired():
    square = shapely.box(0, 0, 10, 10)
    assert pair_overlapping(surfaces([square] * 3), surfaces([square])).rows.tolist() == [0]


def test_an_invalid_surface_is_paired_by_the_ground_it_covers():
    bowtie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    assert len(pair_overlapping(surfaces([bowtie]), surfaces([shapely.box(0, 0, 10, 10)]), 0.4)) == 1


def test_of_objects_with_one_key_the_nearest_is_paired():
    here = points([[900, 0], [1, 0], [5, 5], [7, 7]], id=["A", "A", None, "C"])
    there = points([[7, 8], [0, 0], [5, 5]], id=["C", "A", "B"])
    pairs = pair_by_key(here, there, "id")
    assert list(zip(pairs.rows, pairs.twins, strict=True)) == [(1, 1), (3, 0)]


def test_keys_may_have_another_name_in_the_reference():
    here, there = points([[0, 0]], cle=["A"]), points([[0, 1]], cleabs=["A"])
    assert len(pair_by_key(here, there, "cle", "cleabs")) == 1
    with pytest.raises(ValueError, match="La colonne «\u00a0cle\u00a0» n'est pas dans la référence"):
        pair_by_key(here, there, "cle")


def test_without_a_key_one_is_asked_for():
    here = points([[0, 0]], valeur=["A"])
    with pytest.raises(ValueError, match="Donnez-en une"):
        pair_by_key(here, here)


def test_coordinates_that_cannot_be_compared_are_refused():
    metres, degrees = points([[0, 0]]), points([[5, 43]], crs=4326)
    with pytest.raises(ValueError, match="Reprojetez l'une des deux"):
        pair_nearest(metres, degrees, 5)
    with pytest.raises(ValueError, match="en degrés"):
        pair_nearest(degrees, degrees, 5)
    with pytest.raises(ValueError, match="doivent dire leur système"):
        pair_overlapping(points([[0, 0]], crs=None), metres)
    with pytest.raises(ValueError, match="doit être positive"):
        pair_nearest(metres, metres, 0)
    with pytest.raises(ValueError, match="entre 0 et 1"):
        pair_overlapping(metres, metres, 1.5)


def test_nothing_to_pair_gives_no_pair():
    nothing = points([[0, 0]]).keep(np.array([False]))
    assert len(pair_nearest(nothing, points([[0, 0]]), 5)) == 0
    assert len(pair_overlapping(points([[0, 0]]), points([[0, 0]]))) == 0


def test_the_middle_of_a_line_is_on_it_and_an_invalid_surface_has_none():
    shapes = [
        shapely.LineString([(0, 0), (10, 0), (10, 10)]),
        shapely.MultiLineString([[(0, 0), (4, 0)], [(4, 0), (10, 0)]]),
        shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]),
        None,
    ]
    found = middles(surfaces(shapes))
    assert shapely.get_coordinates(found[:2]).tolist() == [[10, 0], [5, 0]]
    assert found[2] is None and found[3] is None


# Position


def test_a_shift_of_the_whole_layer_is_found_with_its_direction():
    places = scattered(60)
    noise = np.random.default_rng(2).normal(0, 0.3, places.shape)
    found = position_accuracy(points(places + np.array([-9.7, -4.0]) + noise), points(places), same_rows(60))
    assert found.bias == pytest.approx((-9.7, -4.0), abs=0.15)
    assert found.systematic
    assert found.bias_share > 0.98
    # Neighbours agree with each other: what is left is the noise of two, Rayleigh at 90 %.
    assert np.quantile(found.relative, 0.9) == pytest.approx(0.3 * np.sqrt(2) * 2.146, rel=0.15)
    assert "vers l'ouest" in found.sentence() and "vers le sud" in found.sentence()


def test_the_very_same_shift_everywhere_is_systematic():
    places = scattered(12)
    found = position_accuracy(points(places + np.array([3.0, 4.0])), points(places), same_rows(12))
    assert (
        found.mean == pytest.approx(5) and found.rmse == pytest.approx(5) and found.ce95 == pytest.approx(5)
    )
    assert found.bias_p_value < 1e-12 and found.systematic
    assert found.relative.max() < 1e-6
    assert found.hausdorff == pytest.approx(5)


def test_two_neighbours_moved_apart_are_relatively_wrong():
    found = position_accuracy(points([[-1, 0], [11, 0]]), points([[0, 0], [10, 0]]), same_rows(2))
    assert found.relative.tolist() == [2]
    assert found.bias == (0, 0) and np.isnan(found.bias_p_value) and not found.systematic


def test_perfect_positions_have_no_error_and_no_bias():
    places = scattered(12)
    found = position_accuracy(points(places), points(places), same_rows(12))
    assert (found.mean, found.rmse, found.maximum, found.bias_share) == (0, 0, 0, 0)
    assert found.bias_p_value == pytest.approx(1) and not found.systematic
    assert "Pas de décalage d'ensemble" in found.sentence()


def test_the_test_of_bias_is_wrong_as_often_as_it_says():
    random = np.random.default_rng(3)
    places = scattered(5)
    reference = points(places)
    p_values = [
        position_accuracy(
            points(places + random.normal(0, [1, 3], places.shape)), reference, same_rows(5)
        ).bias_p_value
        for _ in range(400)
    ]
    assert scipy.stats.kstest(p_values, "uniform").pvalue > 0.01


def test_circular_error_by_the_normal_law_is_that_of_nssda_and_of_a_normal_sample():
    places = scattered(20_000)
    errors = np.random.default_rng(4).normal(0, 2, places.shape)
    found = position_accuracy(points(places + errors), points(places), same_rows(20_000))
    assert found.normal_ce95 == pytest.approx(1.7308 * found.rmse, rel=1e-4)
    assert found.normal_ce95 == pytest.approx(2.4477 * 2, rel=0.02)
    assert found.ce95 == pytest.approx(found.normal_ce95, rel=0.02)
    assert found.mean == pytest.approx(2 * np.sqrt(np.pi / 2), rel=0.02)


def test_a_gross_error_breaks_the_normal_law_and_not_what_is_observed():
    places = scattered(100)
    moved = places.copy()
    moved[0] += 1000
    found = position_accuracy(points(moved), points(places), same_rows(100))
    assert found.ce95 == pytest.approx(0, abs=1e-6)
    assert found.normal_ce95 > 200
    assert not found.systematic


def test_hausdorff_sees_a_corner_that_a_middle_does_not():
    square = shapely.box(0, 0, 10, 10)
    spiked = shapely.Polygon([(0, 0), (5, -6), (10, 0), (10, 10), (5, 16), (0, 10)])
    found = position_accuracy(surfaces([spiked]), surfaces([square]), same_rows(1))
    assert found.mean == pytest.approx(0, abs=1e-9)
    assert found.hausdorff == pytest.approx([6])


def test_pairs_without_a_middle_are_left_out():
    bowtie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    square = shapely.box(0, 0, 10, 10)
    found = position_accuracy(surfaces([bowtie, square]), surfaces([square, square]), same_rows(2))
    assert (len(found.distances), found.left_out, found.rows.tolist()) == (1, 1, [1])


def test_position_measures_are_in_metres_and_nan_without_a_pair():
    places = scattered(50)
    errors = np.random.default_rng(5).normal(0, 1, places.shape)
    found = position_accuracy(points(places + errors), points(places), same_rows(50))
    taken = {one.code: one for one in found.measures("f.gpkg", "points")}
    assert taken["ecart-moyen"].value == pytest.approx(np.hypot(*errors.T).mean())
    assert taken["ecart-moyen"].unit == "m" and taken["ecart-moyen"].population == 50
    assert taken["biais-position"].value == pytest.approx(np.hypot(*errors.mean(axis=0)))
    assert taken["ecart-maximal"].value == pytest.approx(np.hypot(*errors.T).max())
    assert taken["classe-precision"].value == pytest.approx(smallest_class(found.distances))
    assert taken["erreur-relative-90"].value == pytest.approx(np.quantile(found.relative, 0.9))
    nobody = position_accuracy(points(places), points(places), Pairs(np.zeros(0, int), np.zeros(0, int)))
    assert all(np.isnan(one.value) for one in nobody.measures("f.gpkg", "points"))
    assert "n'a pas pu être mesurée" in nobody.sentence()


# Classes of the order of 16 September 2003


@pytest.mark.parametrize(
    ("points_controlled", "allowed"),
    [(1, 0), (4, 0), (5, 1), (13, 1), (14, 2), (44, 2), (45, 3), (85, 3), (86, 4), (132, 4), (133, 5)],
)
def test_excesses_allowed_are_those_of_the_table_of_the_order(points_controlled, allowed):
    assert allowed_excesses(points_controlled) == allowed


def test_the_mean_may_reach_the_class_widened_by_the_precision_of_the_control():
    assert check_class([0.01], 0.02, safety=2).mean_limit == pytest.approx(0.0225)
    assert check_class([0.01], 0.02, safety=10).mean_limit == pytest.approx(0.0201)


@pytest.mark.parametrize("coordinates", [1, 2, 3])
def test_thresholds_come_from_the_normal_law(coordinates):
    length = scipy.stats.chi(coordinates)
    checked = check_class([0.1], 1.0, coordinates=coordinates)
    assert checked.threshold / checked.mean_limit == pytest.approx(
        length.ppf(0.99) / length.mean(), abs=0.005
    )


def test_each_condition_alone_breaks_a_class():
    assert check_class([1.0] * 20, 1.0).held
    assert not check_class([1.13] * 20, 1.0).held
    two_far, three_far = [0.2] * 18 + [3.0] * 2, [0.2] * 17 + [3.0] * 3
    assert check_class(two_far, 1.0).held and check_class(two_far, 1.0).beyond == 2
    assert not check_class(three_far, 1.0).held and check_class(three_far, 1.0).mean < 1
    too_far = check_class([0.2] * 19 + [4.2], 1.0)
    assert not too_far.held and too_far.beyond_second == 1 and too_far.beyond <= too_far.allowed


def test_the_smallest_class_is_held_and_nothing_smaller_is():
    random = np.random.default_rng(6)
    for n in (1, 3, 5, 20, 200):
        lengths = random.standard_t(2, size=(n, 2))
        lengths = np.hypot(*lengths.T)
        found = smallest_class(lengths)
        assert check_class(lengths, found * (1 + 1e-9)).held
        assert not check_class(lengths, found * (1 - 1e-6)).held


def test_the_verdict_on_a_class_says_its_three_figures():
    sentence = check_class([0.01, 0.02, 0.03, 0.04, 0.2], 0.05).sentence()
    assert sentence.startswith(
        "Non conforme à la classe 5\u00a0cm (arrêté du 16 septembre 2003), sur 5\u00a0points"
    )
    assert "écart moyen 6\u00a0cm pour 5,6\u00a0cm admis" in sentence
    assert "1\u00a0écart au-delà de 13,6\u00a0cm pour 1 admis" in sentence


def test_a_class_that_makes_no_sense_is_refused():
    for call, words in (
        (lambda: check_class([], 1.0), "aucun écart"),
        (lambda: check_class([1.0], 0.0), "doit être positive"),
        (lambda: check_class([1.0], 1.0, safety=1.5), "au moins 2"),
        (lambda: smallest_class([1.0], coordinates=4), "1, 2 ou 3"),
    ):
        with pytest.raises(ValueError, match=words):
            call()


# Theme


def classes(counts):
    """Labels from a matrix of counts: rows are true classes, columns given ones."""
    labels = ["oui", "non", "autre"]
    pairs = [
        (labels[j], labels[i]) for i, row in enumerate(counts) for j, n in enumerate(row) for _ in range(n)
    ]
    given, true = zip(*pairs, strict=True)
    return ClassAccuracy("classe", np.array(given, dtype=object), np.array(true, dtype=object))


def test_kappa_and_matrices_are_those_of_the_textbook():
    found = classes([[20, 5], [10, 15]])  # po = 0.7, pe = 0.5
    assert found.kappa == pytest.approx(0.4)
    assert found.rate == pytest.approx(0.7) and found.wrong == 15
    assert found.matrix.loc["oui"].to_dict() == {"non": 5, "oui": 20}
    assert found.relative_matrix.loc["non"].to_dict() == pytest.approx({"non": 0.6, "oui": 0.4})


def test_the_interval_is_that_of_wilson():
    found = classes([[81, 182], [0, 0]])  # 81 of 263: Newcombe (1998), Statistics in Medicine 17, 857-872
    assert found.interval == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_kappa_of_a_single_class_is_not_measured():
    assert np.isnan(classes([[5]]).kappa)
    assert "Kappa" not in classes([[5]]).sentence()


def test_a_missing_value_is_an_omission_and_not_an_error():
    here = points(scattered(4), classe=["A", "B", None, ""])
    there = points(scattered(4), classe=["A", "A", "A", "A"])
    found = class_accuracy(here, there, same_rows(4), "classe")
    assert (found.wrong, len(found.true), found.left_out) == (1, 2, 2)


def test_numbers_are_compared_as_numbers_and_garbled_accents_as_meant():
    here = points(scattered(2), groupe=[21, 4], usage=["RÃ©sidentiel", "Agricole"])
    there = points(scattered(2), groupe=[21.0, 5.0], usage=["Résidentiel", "Agricole"])
    assert class_accuracy(here, there, same_rows(2), "groupe").wrong == 1
    assert class_accuracy(here, there, same_rows(2), "usage").wrong == 0


def test_measures_of_a_column_say_which_and_are_nan_without_a_value():
    found = classes([[20, 5], [10, 15]])
    taken = {one.code: one for one in found.measures("f", "l")}
    assert taken["taux-valeur-juste"].value == pytest.approx(70)
    assert taken["taux-valeur-fausse"].value == pytest.approx(30)
    assert taken["nombre-mal-classe"].value == 15
    assert taken["kappa"].title.endswith("(classe)")
    empty = ClassAccuracy("classe", np.array([], dtype=object), np.array([], dtype=object))
    assert all(np.isnan(one.value) for one in empty.measures("f", "l"))
    assert empty.matrix.empty and "n'a pu être comparée" in empty.sentence()


def test_the_sentence_on_a_column_gives_its_interval():
    assert classes([[20, 5], [10, 15]]).sentence() == (
        "«\u00a0classe\u00a0»\u00a0: 70\u00a0% de valeurs justes sur 50 comparées, entre 56,2\u00a0% et "
        "80,9\u00a0% avec 95\u00a0% de confiance. Kappa\u00a0: 0,4."
    )


def test_uncertainty_of_numbers_is_the_half_width_that_holds_95_percent():
    errors = np.random.default_rng(7).normal(0, 2, 4000)
    places = scattered(4000)
    here, there = points(places, hauteur=10 + errors), points(places, hauteur=np.full(4000, 10.0))
    found = value_accuracy(here, there, same_rows(4000), "hauteur")
    assert found.uncertainty == pytest.approx(1.96 * 2, rel=0.05)
    assert found.normal_uncertainty == pytest.approx(found.uncertainty, rel=0.05)
    (taken,) = found.measures("f", "l")
    assert (taken.code, taken.iso, taken.value) == ("incertitude-valeur-95", 71, found.uncertainty)


def test_dates_are_compared_in_days():
    here = points(scattered(3), date=["2025-06-20", "2025-06-18", "jamais"])
    there = points(scattered(3), date=pd.to_datetime(["2025-06-18", "2025-06-18", "2025-06-18"]))
    found = value_accuracy(here, there, same_rows(3), "date")
    assert found.errors.tolist() == [2, 0] and found.left_out == 1
    (taken,) = found.measures("f", "l")
    assert (taken.code, taken.unit) == ("exactitude-temps-95", "jours")
    assert "jour" in found.sentence()


def test_a_column_that_cannot_be_compared_is_refused():
    here = points(scattered(2), nom=["a", "b"], hauteur=[1.0, 2.0])
    with pytest.raises(ValueError, match="ni nombres ni dates"):
        value_accuracy(here, here, same_rows(2), "nom")
    with pytest.raises(ValueError, match="n'est pas dans la couche"):
        class_accuracy(here, here, same_rows(2), "inconnue")
    with pytest.raises(ValueError, match="n'est pas dans la référence"):
        class_accuracy(here, here, same_rows(2), "nom", "inconnue")


# Completeness


def test_missing_and_excess_objects_are_found_at_their_place():
    reference = surfaces([shapely.box(20 * i, 0, 20 * i + 10, 10) for i in range(10)])
    kept = [shapely.box(20 * i + 0.5, 0, 20 * i + 10.5, 10) for i in range(2, 10)]
    layer = surfaces([*kept, kept[0], shapely.box(500, 0, 510, 10), None], nom=list("ABCDEFGHIJK"))
    found = completeness_by_place(layer, reference)
    assert found.missing.tolist() == [0, 1] and found.excess.tolist() == [8, 9]
    taken = {one.code: one.value for one in found.measures("f", "l")}
    assert taken == {"nombre-excedent": 2, "taux-excedent": 20, "nombre-omission": 2, "taux-omission": 20}
    table = found.anomalies()
    absent = table[table["code"] == "objet-manquant"]
    assert absent["objet"].tolist() == ["S0", "S1"] and absent["rang"].isna().all()
    assert absent["couche"].unique().tolist() == ["surfaces"]
    assert absent.geometry.geom_equals(gpd.GeoSeries(reference.geometries[:2], crs=2154), align=False).all()
    assert table.loc[table["code"] == "objet-en-trop", "rang"].tolist() == [8, 9]
    assert "10\u00a0objets attendus" in found.sentence() and "2\u00a0objets (20\u00a0%)" in found.sentence()


def test_points_are_complete_within_a_distance():
    reference, layer = points([[0, 0], [100, 0], [200, 0]]), points([[3, 0], [106, 0]])
    assert len(completeness_by_place(layer, reference, radius=5).missing) == 2
    assert len(completeness_by_place(layer, reference, radius=10).missing) == 1


def test_completeness_by_key_counts_the_same_way():
    reference, layer = points(scattered(4)), points(scattered(5), id=["P0", "P1", "P1", "P2", "X"])
    found = Completeness(layer, reference, pair_by_key(layer, reference, "id"))
    assert reference.keys[found.missing].tolist() == ["P3"]
    assert len(found.excess) == 2


def test_an_empty_reference_measures_nothing():
    layer = points(scattered(3))
    found = completeness_by_place(layer, points([[0, 0]]).keep(np.array([False])))
    assert all(np.isnan(one.value) for one in found.measures("f", "l"))
    assert "n'a pas pu être mesurée" in found.sentence()


def test_nothing_missing_gives_no_anomaly():
    layer = points(scattered(3))
    assert completeness_by_place(layer, layer).anomalies().empty


# The delivery against the island


@pytest.fixture(scope="module")
def ledger():
    return gpd.read_file(datasets.path("livraison/registre_defauts.gpkg"), layer="defauts")


def delivery(file, layer_name):
    delivered = gpd.read_file(datasets.path(f"livraison/{file}"))
    if delivered.crs is None:
        delivered = delivered.set_crs(2154)
    layer = layer_of(delivered, file)
    reference = layer_of(gpd.read_file(datasets.path("galejade.gpkg"), layer=layer_name), layer_name)
    return layer.keep(layer.present & ~outliers(layer)), reference


@pytest.fixture(scope="module")
def parcels():
    return delivery("parcelles_2025.gpkg", "parcelles_agricoles")


@pytest.fixture(scope="module")
def buildings():
    return delivery("batiments.shp", "batiments")


def test_moved_objects_of_the_delivery_are_those_of_the_ledger(ledger, parcels, buildings):
    reshaped = {"chevauchement", "lacune"}  # their outline moved, and their middle with it
    for (layer, reference), keys in ((parcels, ("id_parcel", None)), (buildings, ("ID", "cleabs"))):
        found = position_accuracy(layer, reference, pair_by_key(layer, reference, *keys))
        moved = set(layer.rows[found.rows[found.distances > 1]])
        planted = ledger[ledger["fichier"] == layer.name]
        displaced = planted[planted["type_defaut"].isin(["decalage-de-lot", "decalage-isole"])]
        assert set(displaced["rang"].astype(int)) <= moved
        others = planted[planted["rang"].isin(moved) & ~planted["rang"].isin(displaced["rang"])]
        assert set(others["type_defaut"]) <= reshaped
        assert len(moved) == len(displaced) + others["rang"].nunique()
        batch = np.isin(layer.rows[found.rows], planted.query("type_defaut == 'decalage-de-lot'")["rang"])
        assert found.shifts[batch].std(axis=0).max() < 1e-6


def test_missing_objects_of_the_delivery_are_found_without_a_key(ledger, parcels, buildings):
    for layer, reference in (parcels, buildings):
        found = completeness_by_place(layer, reference)
        planted = ledger[ledger["fichier"] == layer.name]
        absent = set(planted.query("type_defaut == 'objet-manquant'")["objet"])
        assert len(absent) > 5 and absent <= set(reference.keys[found.missing])
        excess = set(layer.rows[found.excess])
        useless = planted[
            planted["type_defaut"].isin(["objet-en-trop", "micro-surface", "eclat", "quasi-doublon"])
        ]
        assert set(useless["rang"].astype(int)) <= excess


def test_wrong_codes_of_the_delivery_are_exactly_those_of_the_ledger(ledger, parcels):
    layer, reference = parcels
    found = class_accuracy(layer, reference, pair_by_key(layer, reference), "code_cultu")
    about = ledger["attribut"].str.contains("code_cultu", na=False)
    planted = ledger[(ledger["fichier"] == layer.name) & about]
    kinds = ["etiquette-fausse", "code-hors-domaine", "casse-du-code", "espaces-parasites"]
    assert found.wrong == planted["type_defaut"].isin(kinds).sum()
    assert found.left_out == (planted["type_defaut"] == "valeur-manquante").sum()
