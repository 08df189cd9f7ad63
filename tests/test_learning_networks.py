"""Small networks: series and images made on the spot, one or two epochs."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from sklearn.base import clone
from sklearn.metrics import jaccard_score
from sklearn.model_selection import GroupKFold, cross_val_score
from small_images import NAMES, made_image, segmenter

from geoatelier.learning import UNKNOWN
from geoatelier.learning.networks import (
    ModelCard,
    SeriesClassifier,
    UNet,
    image_segmenter,
    load_network,
    save_network,
)
from geoatelier.learning.networks.image_windows import WindowSampler, turned

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
        (lambda X, y: ([*X.astype(str).astype(object).tolist()[:-1], "?"], y), "doivent être des nombres"),
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


# --- the U-Net ---


EPOCHS = 14


@pytest.fixture(scope="module")
def trained():
    image, labels = made_image(96)
    return segmenter(epochs=EPOCHS).fit(
        [image], [labels], validation=[[part] for part in made_image(64, seed=5)]
    )


def test_it_maps_ground_that_it_has_not_seen(trained):
    image, truth = made_image(70, seed=1)
    found = trained.predict(image)
    assert found.shape == (70, 70)
    scores = jaccard_score(truth.ravel(), found.ravel(), average=None)
    assert scores.min() > 0.5
    assert trained.n_parameters_ < 500_000


def test_its_probabilities_sum_to_one_and_its_map_is_the_most_probable(trained):
    image, _ = made_image(70, seed=1)
    probabilities = trained.predict_proba(image)
    assert probabilities.shape == (3, 70, 70)
    np.testing.assert_allclose(probabilities.sum(axis=0), 1, rtol=1e-5)
    np.testing.assert_array_equal(probabilities.argmax(axis=0), trained.predict(image))


def test_an_image_seen_by_parts_has_no_seam(trained, monkeypatch):
    image, _ = made_image(150, seed=2)
    whole = trained.predict_proba(image)
    monkeypatch.setattr(image_segmenter, "_TILE", 32)
    np.testing.assert_allclose(trained.predict_proba(image), whole, atol=1e-4)


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_a_pixel_is_not_changed_from_beyond_its_reach(depth):
    torch.manual_seed(0)
    network = UNet(1, 2, width=2, depth=depth).eval()
    side = 4 * network.reach
    image = torch.randn(1, 1, network.step, side)
    seen = torch.zeros(side, dtype=bool)
    for place in range(side // 2, side // 2 + network.step):
        touched = image.clone()
        touched[..., place] += 10
        with torch.inference_mode():
            changed = (network(touched) != network(image))[0].any(0).any(0)
        distances = (torch.arange(side)[changed] - place).abs()
        assert distances.max() <= network.reach
        seen |= changed
    assert seen.any() and not seen.all()


def test_it_follows_the_loss_of_ground_that_teaches_it_nothing(trained):
    image, labels = made_image(96)
    assert [set(entry) for entry in trained.history_] == [{"entraînement", "validation"}] * EPOCHS
    assert trained.history_[-1]["validation"] < trained.history_[0]["validation"]
    alone = segmenter(epochs=EPOCHS).fit([image], [labels])
    assert torch.equal(weights(alone.network_), weights(trained.network_))


def test_the_same_seed_gives_the_same_map_weights():
    image, labels = made_image()
    first, again, other = (
        weights(segmenter(seed=seed).fit([image], [labels]).network_) for seed in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_pixel_of_unknown_class_teaches_nothing():
    image, labels = made_image()
    labels[:, 40:] = UNKNOWN
    nothing_known = [[image], [np.full_like(labels, UNKNOWN)]]
    model = segmenter().fit([image], [labels], validation=nothing_known)
    assert weights(model.network_).isfinite().all()
    assert model.history_[0]["validation"] == 0


def test_no_window_is_drawn_where_nothing_is_known():
    image, labels = np.zeros((1, 300, 300), "uint8"), np.full((300, 300), UNKNOWN, "uint8")
    labels[100:104, 100:104] = [0, 1, 0, 1]
    _, drawn = WindowSampler([image], [labels], n_classes=2, size=32, seed=0).draw(60)
    assert (drawn != UNKNOWN).any(axis=(1, 2)).all()


def test_half_of_the_windows_are_drawn_near_a_rare_class():
    image, labels = np.zeros((1, 400, 400), "uint8"), np.zeros((400, 400), "uint8")
    labels[200:204, 300:304] = 1
    windows, drawn = WindowSampler([image], [labels], n_classes=2, size=32, seed=0).draw(200)
    assert windows.shape == (200, 1, 32, 32)
    assert 0.4 < (drawn == 1).any(axis=(1, 2)).mean() < 0.65


def test_windows_stand_on_their_labels_in_the_eight_ways_of_turning_them():
    image = np.arange(16).reshape(1, 4, 4)
    ways = [turned(image, image[0], way) for way in range(8)]
    assert len({turned_image.tobytes() for turned_image, _ in ways}) == 8
    for turned_image, turned_labels in ways:
        np.testing.assert_array_equal(turned_image[0], turned_labels)


def spoilt_image(image, labels):
    image = image.astype("float32")
    image[0, 3, 4] = np.nan
    return [image], [labels]


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda image, labels: ([], []), "Aucune image"),
        (lambda image, labels: (image, labels), "Donnez une liste"),
        (lambda image, labels: ([image], []), "une étiquette par image"),
        (lambda image, labels: ([image[0]], [labels]), "trois dimensions"),
        (lambda image, labels: ([image[:, :0]], [labels[:0]]), "L'image est vide"),
        (spoilt_image, "1 pixel"),
        (lambda image, labels: ([image], [labels[:-2]]), "ne se superposent pas"),
        (lambda image, labels: ([image, image[:2]], [labels, labels]), "Il faut 3 bandes"),
        (lambda image, labels: ([image[:, :20]], [labels[:20]]), "moins qu'une fenêtre de 32"),
        (lambda image, labels: ([image], [labels + 3]), "codes sans classe.*3, 4, 5"),
        (lambda image, labels: ([image], [np.where(labels == 2, np.nan, labels)]), "codes sans classe.*nan"),
        (lambda image, labels: ([image], [np.minimum(labels, 1)]), "« piscine » n'a aucun pixel"),
    ],
)
def test_images_that_cannot_teach_are_refused_in_french(spoil, sentence):
    with pytest.raises(ValueError, match=sentence):
        segmenter().fit(*spoil(*made_image()))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"class_names": ["toit"]}, "au moins deux classes"),
        ({"class_names": ["toit", "toit", "piscine"]}, "le même nom"),
        ({"class_names": "toit"}, "une liste de noms"),
        ({"epochs": 0}, "epochs"),
        ({"depth": -1}, "depth"),
        ({"window": 33}, "doit se diviser par 2"),
        ({"balance": 2}, "balance"),
        ({"learning_rate": -1}, "learning_rate"),
    ],
)
def test_settings_of_a_map_that_make_no_sense_are_refused_in_french(settings, sentence):
    image, labels = made_image()
    with pytest.raises(ValueError, match=sentence):
        segmenter(**settings).fit([image], [labels])


def test_a_validation_that_is_no_pair_is_refused_in_french():
    image, labels = made_image()
    with pytest.raises(ValueError, match="validation est une paire"):
        segmenter().fit([image], [labels], validation=[image])


def test_a_path_in_place_of_an_image_is_refused_in_french(trained):
    with pytest.raises(ValueError, match=r"rasterio\.open"):
        trained.predict("orthophoto.tif")


def test_a_training_that_diverges_stops_and_says_so():
    X, y, _ = made_series(12)
    with pytest.raises(ValueError, match=r"a divergé.*learning_rate"):
        classifier(learning_rate=1e30).fit(X, y)
    image, labels = made_image()
    with pytest.raises(ValueError, match=r"a divergé.*learning_rate"):
        segmenter(learning_rate=1e30).fit([image], [labels])


def test_an_image_with_other_bands_is_refused_in_french(trained):
    with pytest.raises(ValueError, match="Il faut 3 bandes"):
        trained.predict(made_image()[0][:2])
    with pytest.raises(ValueError, match="pas entraîné"):
        segmenter().predict(made_image()[0])


# --- weights on disk ---


def card(**changes):
    told = {
        "title": "toits et piscines",
        "task": "Donner sa classe à chaque pixel d'une orthophoto à 50 cm.",
        "data": "Une image faite pour ce test.",
        "metrics": {"IoU des piscines": 0.71234},
        "limits": ["N'a vu qu'une image."],
        "cost": "Coût · entraînement : 1 s",
        "licence": "Licence Ouverte 2.0",
    }
    return ModelCard(**told | changes)


@pytest.fixture
def saved(trained, tmp_path):
    weights_file, _ = save_network(trained, tmp_path / "toits.safetensors", card())
    return weights_file


def test_a_network_read_back_gives_the_same_map(trained, saved):
    image, _ = made_image(50, seed=3)
    read = load_network(saved, classes=NAMES, n_bands=3)
    np.testing.assert_array_equal(read.predict_proba(image), trained.predict_proba(image))
    assert (read.n_parameters_, read.history_) == (trained.n_parameters_, trained.history_)


def test_a_classifier_of_series_read_back_gives_the_same_answers(tmp_path):
    X, y, _ = made_series(30)
    model = classifier(epochs=1).fit(X, y)
    save_network(model, tmp_path / "cultures.safetensors", card())
    read = load_network(tmp_path / "cultures.safetensors", n_dates=DATES)
    np.testing.assert_array_equal(read.predict_proba(X), model.predict_proba(X))
    assert list(read.predict(X)) == list(model.predict(X))
    with pytest.raises(ValueError, match="a appris sur 5 dates ; vous en donnez 8"):
        load_network(tmp_path / "cultures.safetensors", n_dates=8)


def test_its_card_says_what_one_must_know_before_using_it(trained, saved):
    page = saved.with_suffix(".md").read_text(encoding="utf-8")
    headings = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    assert headings == [
        "Tâche", "Données d'entraînement", "Résultats", "Limites", "Coût", "Licence", "Paramètres",
    ]  # fmt: skip
    assert "| IoU des piscines | 0,712 |" in page
    assert "| Classes | sol, toit, piscine |" in page
    assert "| `learning_rate` | 0,02 |" in page
    assert f"{trained.n_parameters_:,}".replace(",", "\u202f") in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"limits": []}, "au moins une limite"),
        ({"licence": "", "cost": ""}, "le coût de l'entraînement, la licence"),
        ({"limits": "Aucune."}, "en liste"),
        ({"metrics": {"IoU": float("nan")}}, "IoU"),
    ],
)
def test_a_card_with_a_hole_is_refused(changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        card(**changes)


def test_weights_that_exist_are_not_overwritten_unless_asked(trained, saved):
    before = saved.read_bytes()
    with pytest.raises(FileExistsError, match="existe déjà"):
        save_network(trained, saved, card())
    assert saved.read_bytes() == before
    save_network(trained, saved, card(title="autre"), replace=True)
    assert "autre" in saved.with_suffix(".md").read_text(encoding="utf-8")
    assert sorted(file.name for file in saved.parent.iterdir()) == ["toits.md", "toits.safetensors"]


def test_weights_of_another_name_are_refused(trained, tmp_path):
    with pytest.raises(ValueError, match=r"\.safetensors"):
        save_network(trained, tmp_path / "toits.pt", card())


def test_a_truncated_file_is_refused_in_french(saved):
    saved.write_bytes(saved.read_bytes()[:-100])
    with pytest.raises(ValueError, match="tronqué"):
        load_network(saved)


def test_a_file_of_something_else_is_refused_in_french(tmp_path):
    with pytest.raises(FileNotFoundError, match="n'existe pas"):
        load_network(tmp_path / "absent.safetensors")
    save_file({"a": torch.zeros(1)}, tmp_path / "autre.safetensors")
    with pytest.raises(ValueError, match="ne décrit aucun réseau"):
        load_network(tmp_path / "autre.safetensors")


def test_other_classes_or_bands_than_expected_are_refused_in_french(saved):
    with pytest.raises(ValueError, match="classes sol, toit, piscine ; vous attendez sol, piscine"):
        load_network(saved, classes=["sol", "piscine"])
    with pytest.raises(ValueError, match="a appris sur 3 bandes ; vous en donnez 4"):
        load_network(saved, n_bands=4)


def test_weights_that_do_not_fit_their_network_are_refused_in_french(saved):
    with safe_open(saved, framework="pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    tensors["network.head.weight"] = torch.zeros(3, 7, 1, 1)
    save_file(tensors, saved, metadata=metadata)
    with pytest.raises(ValueError, match="ne vont pas avec le réseau"):
        load_network(saved)


# --- the room ---


def test_the_room_of_models_does_not_load_torch():
    code = "import geoatelier.learning, sys; print('torch' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"
