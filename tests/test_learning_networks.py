"""Small networks: series and images made on the spot, one or two epochs."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, cross_val_score

from geoatelier.learning.networks import SeriesClassifier

DATES, BANDS = 5, 3


def made_series(count=90, seed=0):
    """Series of three crops, each with its peak at another date, in parcels of three."""
    rng = np.random.default_rng(seed)
    crops = np.arange(count) % 3
    peaks = np.exp(-((np.arange(DATES) - (1 + crops)[:, None]) ** 2))
    series = (
        0.2 + 0.4 * peaks[..., None] * np.array([1, -0.3, 0.5]) + rng.normal(0, 0.02, (count, DATES, BANDS))
    )
    return series.astype("float32"), np.array(["BDH", "TRN", "VRC"])[crops], np.arange(count) // 9


def classifier(**settings):
    return SeriesClassifier(**{"epochs": 6, "width": 8, "batch_size": 16, "learning_rate": 0.02} | settings)


def weights(network):
    return torch.cat([values.float().ravel() for values in network.state_dict().values()])


# --- the temporal convolution ---


def test_it_tells_apart_crops_that_peak_at_different_dates():
    X, y, _ = made_series()
    model = classifier().fit(X[:60], y[:60])
    assert model.score(X[60:], y[60:]) > 0.9
    assert list(model.classes_) == ["BDH", "TRN", "VRC"]
    assert model.history_[-1] < model.history_[0]


def test_it_is_validated_by_scikit_learn_with_groups():
    X, y, parcels = made_series()
    scores = cross_val_score(clone(classifier(epochs=4)), X, y, groups=parcels, cv=GroupKFold(2))
    assert scores.min() > 0.8


def test_its_probabilities_sum_to_one_and_its_answers_are_the_most_probable():
    X, y, _ = made_series(30)
    model = classifier(epochs=1).fit(X, y)
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (30, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert list(model.predict(X)) == list(model.classes_[probabilities.argmax(axis=1)])


def test_the_same_seed_gives_the_same_weights_whatever_was_drawn_before():
    X, y, _ = made_series(30)
    first = classifier(epochs=1).fit(X, y).network_
    torch.rand(7)
    assert torch.equal(weights(first), weights(classifier(epochs=1).fit(X, y).network_))
    assert not torch.equal(weights(first), weights(classifier(epochs=1, seed=1).fit(X, y).network_))


def test_training_leaves_torch_as_it_found_it():
    X, y, _ = made_series(30)
    threads = torch.get_num_threads()
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    classifier(epochs=1).fit(X, y)
    assert torch.rand(1) == expected
    assert torch.get_num_threads() == threads


def test_a_hidden_date_is_not_a_value():
    X, y, _ = made_series(60)
    hidden = X.copy()
    hidden[::4, 2] = np.nan
    model = classifier().fit(hidden, y)
    assert np.isfinite(model.predict_proba(hidden)).all()
    assert model.score(hidden, y) > 0.8


def test_a_date_that_training_never_saw_is_refused_by_no_division():
    X, y, _ = made_series(30)
    X[:, 0] = np.nan
    assert np.isfinite(classifier(epochs=1).fit(X, y).predict_proba(X)).all()


def test_by_default_it_stays_small():
    X, y, _ = made_series(12)
    model = SeriesClassifier(epochs=1).fit(np.tile(X, (1, 2, 2)), y)
    assert model.n_parameters_ == sum(weight.numel() for weight in model.network_.parameters()) < 500_000


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda X, y: (X.reshape(len(X), -1), y), "trois dimensions"),
        (lambda X, y: (X[:0], y[:0]), "Aucune valeur à lire"),
        (lambda X, y: (np.where(X > 0.5, np.inf, X), y), "infinie"),
        (
            lambda X, y: (np.concatenate([X[:2] * np.nan, X[2:]]), y),
            "2 série(s) n'ont aucune",
        ),
        (lambda X, y: (X, y[:-1]), "une classe par série"),
        (lambda X, y: (X, np.where(y == "VRC", None, y)), "Une classe manque"),
        (lambda X, y: (X, np.where(y == "VRC", np.nan, 1.0)), "Une classe manque"),
        (lambda X, y: (X, np.full(len(X), "VRC")), "Une seule classe"),
    ],
)
def test_series_that_cannot_teach_are_refused_in_french(spoil, sentence):
    X, y, _ = made_series(12)
    with pytest.raises(ValueError, match=sentence.replace("(", r"\(").replace(")", r"\)")):
        classifier().fit(*spoil(X, y))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"epochs": 0}, "epochs.*au moins 1"),
        ({"batch_size": 1}, "batch_size.*au moins 2"),
        ({"dropout": 1}, "dropout"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"device": "grille-pain"}, "inconnu"),
        pytest.param(
            {"device": "cuda"},
            "carte graphique",
            marks=pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a graphics card"),
        ),
    ],
)
def test_settings_that_make_no_sense_are_refused_in_french(settings, sentence):
    X, y, _ = made_series(12)
    with pytest.raises(ValueError, match=sentence):
        classifier(**settings).fit(X, y)


def test_series_of_another_length_are_refused_in_french():
    X, y, _ = made_series(12)
    model = classifier(epochs=1).fit(X, y)
    with pytest.raises(ValueError, match="5 dates et 3 bandes ; ces séries ont 4 dates"):
        model.predict(X[:, :4])


def test_an_untrained_network_says_so_in_french():
    with pytest.raises(ValueError, match="pas entraîné"):
        classifier().predict(made_series(3)[0])


# --- the room ---


def test_the_room_of_models_does_not_load_torch():
    code = "import geoatelier.learning, sys; print('torch' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"
