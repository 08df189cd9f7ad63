"""The card of a model: what one must know before using it, in one page of French."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ModelCard:
    """What a model was made from and for, and where it fails.

    Parameters
    ----------
    title : a few words
    task : what it answers, on what kind of input
    data : what it learnt on: source, date, place, how the labels were made, how the test was kept apart
    metrics : name and value of each score, on ground that taught it nothing
    limits : where not to use it, what it misses; at least one
    cost : the cost of its training, such as `footprint.Cost.line()`
    licence : of the weights

    References
    ----------
    Mitchell et al. (2019), Model cards for model reporting, arXiv:1810.03993.
    """

    title: str
    task: str
    data: str
    metrics: Mapping[str, float]
    limits: Sequence[str]
    cost: str
    licence: str

    def __post_init__(self) -> None:
        parts = {
            "title": "le titre",
            "task": "la tâche",
            "data": "les données d'entraînement",
            "metrics": "au moins un score",
            "limits": "au moins une limite",
            "cost": "le coût de l'entraînement",
            "licence": "la licence",
        }
        missing = [said for name, said in parts.items() if not getattr(self, name)]
        if missing:
            raise ValueError(f"La fiche du modèle est incomplète. Il manque : {', '.join(missing)}.")
        if isinstance(self.limits, str):
            raise ValueError("Donnez les limites en liste, une phrase chacune.")
        unknown = [name for name, value in self.metrics.items() if not np.isfinite(value)]
        if unknown:
            raise ValueError(f"Un score n'a pas de valeur : {', '.join(unknown)}.")

    def page(self, *, file: str, parameters: Mapping[str, str]) -> str:
        """Return the card as Markdown.

        Parameters
        ----------
        file : name of the file of the weights
        parameters : name and value of what the network is made of
        """
        scores = _table("score", "valeur", {name: _decimal(value) for name, value in self.metrics.items()})
        limits = "\n".join(f"- {limit}" for limit in self.limits)
        return f"""\
# Fiche du modèle : {self.title}

Poids : `{file}` (format safetensors : les lire n'exécute aucun code).

## Tâche

{self.task}

## Données d'entraînement

{self.data}

## Résultats

{scores}

## Limites

{limits}

## Coût

{self.cost}

## Licence

{self.licence}

## Paramètres

{_table("paramètre", "valeur", parameters)}
"""


def _decimal(value: float) -> str:
    return f"{value:.3f}".replace(".", ",")


def _table(left: str, right: str, rows: Mapping[str, str]) -> str:
    lines = [f"| {left} | {right} |", "| --- | --- |"]
    return "\n".join([*lines, *(f"| {name} | {value} |" for name, value in rows.items())])
