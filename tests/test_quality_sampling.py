"""Sampling plans against enumeration, simulation and textbook values; draws; decisions."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.stats import beta, binom, hypergeom

from geoatelier import datasets
from geoatelier.quality.drawing import draw
from geoatelier.quality.layer import layer_of
from geoatelier.quality.sampling import Plan, decide, plan

LARGE = 10**7


def objects(n, **columns):
    """A lot of n points on a square grid, row after row."""
    side = int(np.ceil(np.sqrt(n)))
    places = shapely.points(np.arange(n) % side * 10.0, np.arange(n) // side * 10.0)
    return gpd.GeoDataFrame({"id": np.arange(n)} | columns, geometry=places, crs=2154)


def by_enumeration(lot, aql, limit, producer, consumer):
    """The smallest plan, every sample size and acceptance number tried in turn."""
    good, bad = int(np.floor(aql * lot + 1e-9)), int(np.ceil(limit * lot - 1e-9))
    for size in range(1, lot + 1):
        for acceptance in range(size):
            kept = hypergeom.cdf(acceptance, lot, good, size)
            missed = hypergeom.cdf(acceptance, lot, bad, size)
            if kept >= 1 - producer and missed <= consumer:
                return size, acceptance
    return None


# Plans


@pytest.mark.parametrize(
    ("lot", "aql", "limit", "producer", "consumer"),
    [
        (20, 0.05, 0.3, 0.05, 0.10),
        (50, 0.05, 0.3, 0.05, 0.10),
        (60, 0.10, 0.25, 0.10, 0.10),
        (80, 0.01, 0.20, 0.01, 0.05),
        (97, 0.02, 0.11, 0.05, 0.05),
        (150, 0.04, 0.12, 0.05, 0.10),
        (10, 0.01, 0.02, 0.05, 0.10),
        (5, 0.20, 0.40, 0.05, 0.05),
    ],
)
def test_the_plan_is_the_smallest_that_enumeration_finds(lot, aql, limit, producer, consumer):
    found = plan(lot, aql, limit, producer, consumer)
    size, acceptance = by_enumeration(lot, aql, limit, producer, consumer)
    assert found.size == size
    assert hypergeom.cdf(found.acceptance_number, lot, np.floor(aql * lot + 1e-9), size) >= 1 - producer
    assert hypergeom.cdf(found.acceptance_number, lot, np.ceil(limit * lot - 1e-9), size) <= consumer
    assert found.acceptance_number == acceptance


def test_both_risks_hold_for_many_lots():
    random = np.random.default_rng(0)
    for _ in range(60):
        lot = int(random.integers(20, 50_000))
        aql = random.uniform(0.005, 0.1)
        limit = aql + random.uniform(0.05, 0.2)
        found = plan(lot, aql, limit)
        assert found.acceptance_probability(np.floor(aql * lot) / lot) >= 0.95
        assert found.acceptance_probability(np.ceil(limit * lot) / lot) <= 0.10


def test_plans_for_a_very_large_lot_are_those_of_the_binomial_law():
    found = plan(LARGE, 0.01, 0.05)
    assert (found.size, found.acceptance_number) == (132, 3)
    assert binom.cdf(3, 132, 0.01) >= 0.95 and binom.cdf(3, 132, 0.05) <= 0.10
    assert binom.cdf(3, 131, 0.05) > 0.10
    success_run = plan(LARGE, 1e-4, 0.05, consumer_risk=0.05)
    assert (success_run.size, success_run.acceptance_number) == (59, 0)  # 1 - 0.95 ** 59 > 0.95


def test_the_characteristic_of_80_and_3_is_that_of_iso_2859():
    # ISO 2859-1, code letter J, AQL 1.5: quality of lots accepted 99, 95, 90, 50 and 10 times in 100.
    found = Plan(LARGE, 80, 3).acceptance_probability([0.0105, 0.0173, 0.0220, 0.0457, 0.0816])
    assert found == pytest.approx([0.99, 0.95, 0.90, 0.50, 0.10], abs=0.001)


def test_lots_are_accepted_as_often_as_the_characteristic_says():
    random = np.random.default_rng(1)
    chosen = plan(500, 0.02, 0.10)
    for rate in (0.02, 0.05, 0.10):
        lot = np.arange(500) < round(rate * 500)
        drawn = np.array([random.permutation(lot)[: chosen.size].sum() for _ in range(3000)])
        accepted = (drawn <= chosen.acceptance_number).mean()
        assert accepted == pytest.approx(chosen.acceptance_probability(rate), abs=0.03)


def test_the_characteristic_falls_from_certainty_to_nothing():
    curve = Plan(1000, 80, 3).acceptance_probability(np.linspace(0, 1, 200))
    assert curve[0] == 1 and curve[-1] == 0
    assert (np.diff(curve) <= 1e-12).all()
    assert isinstance(Plan(1000, 80, 3).acceptance_probability(0.05), float)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((1000, 0.0, 0.1), "Le niveau de qualité acceptable est un taux"),
        ((1000, 0.01, 1.0), "Le taux limite est un taux"),
        ((1000, 0.01, 0.05, 5), "Le risque du producteur est un taux"),
        ((1000, 0.01, 0.05, 0.05, -1), "Le risque du client est un taux"),
        ((1000, float("nan"), 0.05), "est un taux"),
        ((1000, 0.05, 0.01), "doit dépasser le niveau de qualité acceptable"),
        ((0, 0.01, 0.05), "au moins un objet"),
        ((100, 0.1, 0.1 + 1e-13), "Aucun plan possible"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        plan(*arguments)


def test_a_sample_larger_than_its_lot_is_refused():
    with pytest.raises(ValueError, match="au plus tout le lot"):
        Plan(50, 51, 0)
    with pytest.raises(ValueError, match="au moins un objet"):
        Plan(50, 0, 0)
    with pytest.raises(ValueError, match="défauts admis est entre 0 et 9"):
        Plan(50, 10, 10)
    with pytest.raises(ValueError, match="entre 0 et 1"):
        Plan(50, 10, 1).acceptance_probability(1.2)


def test_a_plan_says_what_to_do():
    assert Plan(944, 95, 4).sentence() == (
        "Contrôlez 95\u00a0objets tirés au hasard parmi 944. Le lot est accepté jusqu'à 4\u00a0défauts."
    )


# Decisions


def test_a_verdict_is_one_french_sentence():
    accepted = decide(Plan(800, 80, 3), 2)
    assert accepted.accepted
    assert accepted.sentence() == (
        "Lot accepté\u00a0: 2\u00a0défauts sur 80\u00a0objets contrôlés, 3 admis. "
        "Le taux réel est sous 7,5\u00a0% avec 95\u00a0% de confiance."
    )
    refused = decide(Plan(800, 80, 3), 5)
    assert not refused.accepted
    assert refused.sentence() == (
        "Lot refusé\u00a0: 5\u00a0défauts sur 80\u00a0objets contrôlés, 3 admis. "
        "Le taux réel dépasse 2,6\u00a0% avec 95\u00a0% de confiance."
    )
    assert "le taux réel est 2,5\u00a0%" in decide(Plan(80, 80, 3), 2).sentence()


@pytest.mark.parametrize("defects", [0, 1, 2, 5, 12])
def test_bounds_are_those_that_enumeration_finds(defects):
    lot, size = 120, 12
    possible = np.arange(defects, lot - size + defects + 1)
    few = hypergeom.sf(defects - 1, lot, possible, size) > 0.05
    many = hypergeom.cdf(defects, lot, possible, size) > 0.05
    found = decide(Plan(lot, size, 3), defects)
    assert round(found.lower * lot) == possible[few].min()
    assert round(found.upper * lot) == possible[many].max()


def test_bounds_of_a_very_large_lot_are_those_of_clopper_and_pearson():
    found = decide(Plan(LARGE, 80, 3), 2)
    assert found.upper == pytest.approx(beta.ppf(0.95, 3, 78), abs=1e-6)
    assert found.lower == pytest.approx(beta.ppf(0.05, 2, 79), abs=1e-6)


def test_a_bound_covers_the_true_rate_at_least_as_often_as_it_says():
    lot, size, chosen = 300, 40, Plan(300, 40, 2)
    bounds = [decide(chosen, defects) for defects in range(size + 1)]
    for bad in (3, 10, 30, 90):
        chance = hypergeom.pmf(np.arange(size + 1), lot, bad, size)
        under = sum(p for p, bound in zip(chance, bounds, strict=True) if bad / lot <= bound.upper + 1e-12)
        over = sum(p for p, bound in zip(chance, bounds, strict=True) if bad / lot >= bound.lower - 1e-12)
        assert under >= 0.95 and over >= 0.95


def test_the_sentence_never_excludes_a_rate_that_the_bounds_allow():
    for lot in (100, 800, 1000, 12_345):
        for defects in range(9):
            found = decide(Plan(lot, 80, 3), defects)
            said = float(found.sentence().split("\u00a0%")[0].split()[-1].replace(",", ".")) / 100
            assert said > found.upper if found.accepted else said < found.lower


def test_a_census_leaves_no_doubt():
    found = decide(Plan(60, 60, 2), 3)
    assert found.lower == found.upper == pytest.approx(3 / 60)


def test_more_defects_than_objects_are_refused():
    for defects in (-1, 81):
        with pytest.raises(ValueError, match="ne peuvent pas donner"):
            decide(Plan(800, 80, 3), defects)


# Draws


def test_a_draw_has_the_size_of_its_plan_no_object_twice_and_comes_back_with_its_seed():
    lot, chosen = objects(400), Plan(400, 50, 2)
    for options in ({}, {"spread": True}):
        drawn = draw(lot, chosen, 3, **options)
        assert len(drawn) == 50 and drawn.index.is_unique and drawn.index.is_monotonic_increasing
        assert drawn.equals(lot.loc[drawn.index])
        assert drawn.index.equals(draw(lot, chosen, 3, **options).index)
        assert not drawn.index.equals(draw(lot, chosen, 4, **options).index)


def test_every_object_is_drawn_as_often_as_another():
    lot, chosen = objects(40, sorte=["a"] * 10 + ["b"] * 30), Plan(40, 8, 1)
    for options in ({}, {"spread": True}, {"strata": "sorte"}):
        drawn = np.concatenate([draw(lot, chosen, seed, **options).index for seed in range(600)])
        assert np.bincount(drawn, minlength=40) == pytest.approx(120, abs=45)


def test_strata_get_their_share_within_one_object():
    sorte = ["a"] * 200 + ["b"] * 150 + ["c"] * 47 + [None] * 3
    lot = objects(400, sorte=sorte)
    for size in (10, 50, 399, 400):
        for spread in (False, True):
            drawn = draw(lot, Plan(400, size, 2), 0, strata="sorte", spread=spread)
            counts = drawn["sorte"].value_counts(dropna=False)
            assert counts.sum() == size
            exact = lot["sorte"].value_counts(dropna=False) * size / 400
            assert (exact - counts.reindex(exact.index, fill_value=0)).abs().max() < 1


def test_a_spread_draw_leaves_no_part_of_the_map_aside():
    lot, chosen = objects(1600), Plan(1600, 64, 2)

    def counts(drawn):
        column, row = drawn.geometry.x // 100, drawn.geometry.y // 100
        return np.bincount((4 * row + column).astype(int), minlength=16)

    spread = np.array([counts(draw(lot, chosen, seed, spread=True)) for seed in range(20)])
    chance = np.array([counts(draw(lot, chosen, seed)) for seed in range(20)])
    assert spread.min() >= 2
    assert spread.std() < chance.std() / 2


def test_objects_without_a_geometry_may_be_drawn_too():
    lot = objects(100)
    lot.loc[:49, "geometry"] = None
    drawn = draw(lot, Plan(100, 20, 1), 0, spread=True)
    assert drawn.geometry.isna().sum() == 10


def test_a_layer_or_a_plain_table_is_a_lot_too():
    table = pd.DataFrame({"id": range(30)}, index=[f"ligne {i}" for i in range(30)])
    drawn = draw(table, Plan(30, 5, 0), 0)
    assert set(drawn.index) <= set(table.index)
    assert len(draw(layer_of(objects(30)), Plan(30, 5, 0), 0)) == 5


def test_a_draw_that_cannot_be_made_is_refused():
    with pytest.raises(ValueError, match="Refaites le plan pour ce lot"):
        draw(objects(30), Plan(40, 5, 0), 0)
    with pytest.raises(ValueError, match="La colonne «\u00a0sorte\u00a0» n'existe pas"):
        draw(objects(30), Plan(30, 5, 0), 0, strata="sorte")
    with pytest.raises(ValueError, match="Sans géométrie"):
        draw(pd.DataFrame({"id": range(30)}), Plan(30, 5, 0), 0, spread=True)


# From plan to verdict on the delivery


def test_the_delivery_is_judged_on_a_sample_as_its_ledger_says():
    delivered = gpd.read_file(datasets.path("livraison/parcelles_2025.gpkg"))
    ledger = gpd.read_file(datasets.path("livraison/registre_defauts.gpkg"), layer="defauts")
    faulty = set(ledger.loc[ledger["fichier"] == "parcelles_2025.gpkg", "rang"].dropna().astype(int))
    true_rate = len(faulty) / len(delivered)
    chosen = plan(len(delivered), 0.02, 0.08)
    covered = 0
    for seed in range(40):
        drawn = draw(delivered, chosen, seed, strata="code_insee")
        found = decide(chosen, sum(row in faulty for row in drawn.index))
        assert not found.accepted
        covered += found.lower <= true_rate <= found.upper
    assert covered >= 34
