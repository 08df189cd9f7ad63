"""Write a trained network with its card, and read it back: weights in safetensors, which run no code."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from geoatelier.learning.networks.image_segmenter import ImageSegmenter
from geoatelier.learning.networks.model_card import ModelCard
from geoatelier.learning.networks.series_classifier import SeriesClassifier

_KEY = "geoatelier"
_KINDS = {kind.__name__: kind for kind in (SeriesClassifier, ImageSegmenter)}


def save_network(
    model: SeriesClassifier | ImageSegmenter, path: str | Path, card: ModelCard, *, replace: bool = False
) -> tuple[Path, Path]:
    """Write the weights of a trained network, and its card beside them.

    Parameters
    ----------
    path : of the weights, in `.safetensors`; the card has the same name, in `.md`
    replace : whether files that exist may be replaced

    Returns
    -------
    paths of the weights and of the card

    Raises
    ------
    ValueError
        If the name does not end in `.safetensors`.
    FileExistsError
        If one of the files exists and `replace` is false.
    """
    weights = Path(path)
    if weights.suffix != ".safetensors":
        raise ValueError(f"Le nom doit finir par .safetensors ; « {weights.name} » n'en est pas un.")
    page = weights.with_suffix(".md")
    for file in (weights, page):
        if file.exists() and not replace:
            raise FileExistsError(
                f"« {file.name} » existe déjà. Choisissez un autre nom, ou écrivez replace=True."
            )
    tensors, learnt = model.state()
    description = {"kind": type(model).__name__, "settings": model.get_params(), "learnt": learnt}
    described = json.dumps(description, ensure_ascii=False, default=lambda array: array.tolist())
    text = card.page(file=weights.name, parameters=_parameters(model, learnt))
    weights.parent.mkdir(parents=True, exist_ok=True)
    # Beside the files, hence on the same disk: each is there whole, or not at all.
    with TemporaryDirectory(dir=weights.parent, prefix=".poids-") as folder:
        fresh = Path(folder) / weights.name
        save_file(tensors, fresh, metadata={_KEY: described})
        fresh_page = Path(folder) / page.name
        fresh_page.write_text(text, encoding="utf-8")
        fresh.replace(weights)
        fresh_page.replace(page)
    return weights, page


def load_network(
    path: str | Path,
    *,
    classes: Sequence[Any] | None = None,
    n_bands: int | None = None,
    n_dates: int | None = None,
) -> SeriesClassifier | ImageSegmenter:
    """Read a network that `save_network` wrote, ready to predict.

    Parameters
    ----------
    classes : those that you expect, in order
    n_bands, n_dates : those of your images

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is truncated or of another kind, if its weights do not fit the network that it describes,
        or if it has other classes, bands or dates than you expect.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"Le fichier de poids « {path.name} » n'existe pas dans {path.parent}.")
    tensors, description = _read(path)
    try:
        learnt = description["learnt"]
        model = _KINDS[description["kind"]](**description["settings"]).restore(tensors, learnt)
    except (KeyError, TypeError, RuntimeError) as error:
        raise ValueError(
            f"« {path.name} » : les poids ne vont pas avec le réseau que le fichier décrit. Il a été "
            "modifié, ou écrit par une autre version."
        ) from error
    if classes is not None and list(classes) != learnt["classes"]:
        raise ValueError(
            f"« {path.name} » connaît les classes {_listed(learnt['classes'])} ; "
            f"vous attendez {_listed(classes)}."
        )
    for key, word, expected in (("n_bands", "bandes", n_bands), ("n_dates", "dates", n_dates)):
        if expected is not None and expected != learnt.get(key):
            raise ValueError(
                f"« {path.name} » a appris sur {learnt.get(key, 1)} {word} ; vous en donnez {expected}."
            )
    return model


def _read(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except SafetensorError as error:
        raise ValueError(
            f"« {path.name} » est tronqué, ou n'est pas un fichier safetensors. Copiez-le de nouveau depuis "
            "sa source."
        ) from error
    if _KEY not in metadata:
        raise ValueError(f"« {path.name} » ne décrit aucun réseau : GéoAtelier ne l'a pas écrit.")
    return tensors, json.loads(metadata[_KEY])


def _parameters(model: SeriesClassifier | ImageSegmenter, learnt: dict[str, Any]) -> dict[str, str]:
    """What the network is made of, as its card shows it."""
    sizes = {"Classes": _listed(learnt["classes"]), "Bandes": str(learnt["n_bands"])}
    if "n_dates" in learnt:
        sizes["Dates"] = str(learnt["n_dates"])
    settings = {f"`{name}`": str(value).replace(".", ",") for name, value in model.get_params().items()}
    settings.pop("`class_names`", None)
    count = f"{model.n_parameters_:,}".replace(",", "\u202f")
    return {"Réseau": type(model).__name__, "Poids ajustés": count, **sizes, **settings}


def _listed(classes: Sequence[Any]) -> str:
    return ", ".join(map(str, classes))
