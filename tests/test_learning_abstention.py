"""Calibration, abstention and conformal sets, on cases computed by hand and on simulated promises."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, RidgeClassifier

from geoatelier.learning import (
    AbstainingClassifier,
    AreaOfApplicability,
    ConformalSets,
    error_bound,
    expected_calibration_error,
    reliability_table,
    risk_coverage,
    threshold_for_error,
)

RIGHT = [True, True, False, True, False, False]
SURE = [0.9, 0.8, 0.8, 0.55, 0.5, 0.2]


def test_the_reliability_table_sets_accuracy_against_confidence_in_each_bin():
    table = reliability_table(RIGHT, SURE, bins=2)
    assert table["effectif"].tolist() == [2, 4]
    assert table["confiance"].tolist() == pytest.approx([0.35, 0.7625])
    assert table["exactitude"].tolist() == [0, 0.75]
    assert table["ecart"].tolist() == pytest.approx([-0.35, -0.0125])


def test_the_calibration_error_weighs_each_bin_by_its_size():
    assert expected_calibration_error(RIGHT, SURE, bins=2) == pytest.approx((2 * 0.35 + 4 * 0.0125) / 6)


def test_gaps_of_opposite_signs_do_not_make_up_for_one_another():
    assert expected_calibration_error([0] * 10 + [1] * 10, [0.4] * 10 + [0.6] * 10, bins=2) == pytest.approx(
        0.4
    )


def test_bins_of_equal_size_hold_as_many_rows():
    rng = np.random.default_rng(0)
    sure = rng.beta(8, 1, 200)
    table = reliability_table(rng.random(200) < sure, sure, bins=4, strategy="quantile")
    assert table["effectif"].tolist() == [50, 50, 50, 50]


def test_a_confidence_of_zero_or_one_falls_in_a_bin():
    assert reliability_table([0, 1], [0.0, 1.0])["effectif"].tolist() == [1, 1]


def test_each_threshold_has_its_coverage_and_its_error():
    curve = risk_coverage(RIGHT, SURE)
    assert curve["seuil"].tolist() == [0.9, 0.8, 0.55, 0.5, 0.2]
    assert curve["couverture"].tolist() == pytest.approx([1 / 6, 3 / 6, 4 / 6, 5 / 6, 1])
    assert curve["erreur"].tolist() == pytest.approx([0, 1 / 3, 1 / 4, 2 / 5, 3 / 6])


@pytest.mark.parametrize(("errors", "answered"), [(0, 22), (3, 60), (10, 10)])
def test_the_bound_is_the_rate_under_which_so_few_errors_become_unlikely(errors, answered):
    from scipy.stats import binom

    bound = error_bound(errors, answered, confidence=0.9)
    assert binom.cdf(errors, answered, bound) == pytest.approx(0.1 if errors < answered else 1, abs=1e-6)


def test_without_any_error_it_takes_22_answers_to_promise_10_percent():
    assert threshold_for_error([True] * 21, [1.0] * 21, 0.1) == np.inf
    assert threshold_for_error([True] * 22, [1.0] * 22, 0.1) == 0


def test_the_descent_stops_at_the_first_threshold_that_fails():
    right = [True] * 60 + [False] * 12 + [True] * 400
    sure = [0.92] * 60 + [0.82] * 12 + [0.42] * 400
    assert threshold_for_error(right, sure, 0.1, candidates=[0.9, 0.8, 0.4]) == 0.9
    assert threshold_for_error(right, sure, 0.1, candidates=[0.4]) == 0.4


def simulated(rng, size, shift=0.0):
    """Answers whose chance of being right is their confidence, less a shift."""
    sure = rng.beta(4, 1, size)
    return rng.random(size) < np.clip(sure - shift, 0, 1), sure


def test_the_promise_holds_as_often_as_it_says_and_breaks_elsewhere():
    rng = np.random.default_rng(1)
    found = np.array([threshold_for_error(*simulated(rng, 300), 0.15) for _ in range(200)])
    true_error = {}
    for shift in (0, 0.1):
        right, sure = simulated(np.random.default_rng(99), 50_000, shift)
        true_error[shift] = [1 - right[sure >= threshold].mean() for threshold in found[found < np.inf]]
    assert np.isfinite(found).mean() > 0.9  # it does not hold by keeping silent
    assert np.mean(np.array(true_error[0]) <= 0.15) >= 0.9
    assert np.mean(np.array(true_error[0.1]) <= 0.15) < 0.1


@pytest.mark.parametrize(
    ("right", "sure", "message"),
    [
        ([], [], "aucune réponse"),
        ([1, 0], [0.5], "une valeur par ligne"),
        ([1, 0], [0.5, np.nan], "manquante"),
        ([1, 2], [0.5, 0.5], "booléens"),
        ([1, 0], [0.5, 55.0], "de 0 à 1"),
    ],
)
def test_answers_that_cannot_be_judged_are_refused(right, sure, message):
    for judge in (reliability_table, risk_coverage, lambda *both: threshold_for_error(*both, 0.1)):
        with pytest.raises(ValueError, match=message):
            judge(right, sure)


def test_settings_that_mean_nothing_are_refused():
    with pytest.raises(ValueError, match="classe de confiance"):
        reliability_table(RIGHT, SURE, bins=0)
    with pytest.raises(ValueError, match="façon de découper"):
        reliability_table(RIGHT, SURE, strategy="kmeans")
    with pytest.raises(ValueError, match="parts"):
        threshold_for_error(RIGHT, SURE, 10)
    with pytest.raises(ValueError, match="plus strict"):
        threshold_for_error(RIGHT, SURE, 0.1, candidates=[0.1, 0.9])
    with pytest.raises(ValueError, match="impossibles"):
        error_bound(3, 2)


@pytest.fixture(scope="module")
def two_fields():
    rng = np.random.default_rng(5)
    X = pd.DataFrame(rng.normal(size=(200, 2)), columns=["rouge", "infrarouge"])
    y = np.where(X["infrarouge"] + 0.5 * rng.normal(size=200) > 0, "vigne", "olivier")
    return X, y


def test_it_answers_only_from_its_threshold_on(two_fields):
    X, y = two_fields
    careful = AbstainingClassifier(LogisticRegression(), 0.9).fit(X, y)
    answered = careful.predict(X) != "abstention"
    assert answered.tolist() == (careful.confidence(X) >= 0.9).tolist()
    assert (careful.predict(X)[answered] == y[answered]).mean() > (careful.estimator_.predict(X) == y).mean()
    assert (AbstainingClassifier(LogisticRegression(), np.inf).fit(X, y).predict(X) == "abstention").all()


def test_it_keeps_silent_outside_its_area_however_sure(two_fields):
    X, y = two_fields
    far = pd.DataFrame({"rouge": [0.0, 0.0], "infrarouge": [2.0, 90.0]})
    bold = AbstainingClassifier(LogisticRegression(), 0.5).fit(X, y)
    careful = AbstainingClassifier(LogisticRegression(), 0.5, area=AreaOfApplicability()).fit(X, y)
    assert bold.confidence(far).min() > 0.95
    assert bold.predict(far).tolist() == ["vigne", "vigne"]
    assert careful.predict(far).tolist() == ["vigne", "abstention"]


def test_a_frozen_model_and_area_are_kept_as_they_are(two_fields):
    X, y = two_fields
    model, area = LogisticRegression().fit(X, y), AreaOfApplicability().fit(X[:100])
    wrapped = AbstainingClassifier(FrozenEstimator(model), 0.7, area=FrozenEstimator(area)).fit(
        X[:10], y[:10]
    )
    assert (wrapped.confidence(X) == model.predict_proba(X).max(axis=1)).all()
    assert (wrapped.area_.inside(X) == area.inside(X)).all()


def test_a_model_that_never_doubts_or_a_class_called_silence_are_refused(two_fields):
    X, y = two_fields
    with pytest.raises(ValueError, match="predict_proba"):
        AbstainingClassifier(RidgeClassifier(), 0.9).fit(X, y)
    with pytest.raises(ValueError, match="vigne"):
        AbstainingClassifier(LogisticRegression(), 0.9, silence="vigne").fit(X, y)
    for threshold in (80, -0.1, np.nan):
        with pytest.raises(ValueError, match="de 0 à 1"):
            AbstainingClassifier(LogisticRegression(), threshold).fit(X, y)


def test_the_conformal_threshold_is_the_published_quantile():
    given = np.linspace(0.05, 0.95, 19)
    sets = ConformalSets(["a", "b"], coverage=0.9).fit(np.column_stack([given, 1 - given]), ["a"] * 19)
    assert sets.threshold_ == pytest.approx(0.1)  # the 18th of 19 scores 1 - p, in rising order
    assert sets.sets([[0.95, 0.05], [0.5, 0.5]]).to_numpy().tolist() == [[True, False], [True, True]]


def drawn(rng, size, noise):
    y = rng.integers(0, 3, size)
    scores = np.eye(3)[y] + noise * rng.normal(size=(size, 3))
    return np.exp(2 * scores) / np.exp(2 * scores).sum(axis=1, keepdims=True), y


def test_sets_hold_the_right_class_as_often_as_promised_and_less_elsewhere():
    rng = np.random.default_rng(6)
    held, held_elsewhere = [], []
    for _ in range(60):
        sets = ConformalSets([0, 1, 2], coverage=0.8).fit(*drawn(rng, 80, 0.6))
        for noise, results in ((0.6, held), (1.2, held_elsewhere)):
            probabilities, y = drawn(rng, 300, noise)
            results.append(sets.sets(probabilities).to_numpy()[np.arange(300), y].mean())
    assert np.mean(held) == pytest.approx(0.8, abs=0.02)
    assert np.mean(held_elsewhere) < 0.72


def test_a_class_that_the_model_never_saw_is_named():
    with pytest.raises(ValueError, match="lavande"):
        ConformalSets(["olivier", "vigne"]).fit(np.full((20, 2), 0.5), ["vigne"] * 19 + ["lavande"])


def test_probabilities_that_do_not_fit_are_refused():
    sets = ConformalSets(["olivier", "vigne"])
    with pytest.raises(ValueError, match="au moins 9"):
        sets.fit(np.full((8, 2), 0.5), ["vigne"] * 8)
    with pytest.raises(ValueError, match="2 colonnes"):
        sets.fit(np.full((20, 3), 0.5), ["vigne"] * 20)
    with pytest.raises(ValueError, match="manquent"):
        sets.fit(np.full((20, 2), np.nan), ["vigne"] * 20)
    with pytest.raises(ValueError, match="de 0 à 1"):
        sets.fit(np.full((20, 2), 50.0), ["vigne"] * 20)
    with pytest.raises(NotFittedError, match="appelez d'abord fit"):
        sets.sets(np.full((20, 2), 0.5))
    with pytest.raises(ValueError, match="une part"):
        ConformalSets(["olivier", "vigne"], coverage=90).fit(np.full((20, 2), 0.5), ["vigne"] * 20)
