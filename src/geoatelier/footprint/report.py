"""What each run cost and what it brought, for a report of experience (« retour d'expérience ») to compare.

AFNOR SPEC 2314 is cited as the frame of frugal AI; the lines are ours, none of its text is here.
"""

import csv
import html
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from geoatelier.footprint.comparison import CostTable
from geoatelier.footprint.cost import Cost
from geoatelier.footprint.estimate import Assumptions, Range
from geoatelier.footprint.wording import grams, number, watt_hours
from geoatelier.safely import new_file

REFERENCE = "AFNOR SPEC 2314, Référentiel général pour l'IA frugale (2024, mise à jour 2025)"
WARNING = (
    "Énergie et gaz sont estimés, non mesurés au compteur, dans un intervalle qui dépend des hypothèses. "
    "La fabrication du matériel et le réseau ne sont pas comptés."
)


@dataclass(frozen=True)
class Run:
    """One run: what it cost, what it scored, what it was compared with.

    Parameters
    ----------
    cost : of the run, trials included, or the table of the costs that make it
    score : of the run, in the unit of its metric
    baseline : score, same metric, of what is done without it: a rule, the most frequent class
    metric : what the score is, in French; say how it was validated
    parameters : number of parameters that the run adjusts; None if it cannot be told
    trainings : how many times a model was trained, trials included; 0 for a rule
    name : by default that of the cost

    Raises
    ------
    ValueError
        If a score is not a number, if a count is negative, or if a table has no name.
    """

    cost: Cost | CostTable
    score: float
    baseline: float
    metric: str = "exactitude"
    parameters: int | None = None
    trainings: int = 1
    name: str = ""

    def __post_init__(self) -> None:
        for label, value in (("score", self.score), ("baseline", self.baseline)):
            if not math.isfinite(value):
                raise ValueError(f"{label} vaut {value} : il faut un nombre.")
        for label, count in (("parameters", self.parameters), ("trainings", self.trainings)):
            if count is not None and (count < 0 or count != int(count)):
                raise ValueError(f"{label} vaut {count} : il faut un nombre entier, positif ou nul.")
        if not self.metric.strip():
            raise ValueError(
                "metric est vide : dites ce que mesure le score, par exemple « exactitude, par parcelle »."
            )
        if not self.title:
            raise ValueError("Donnez un nom à l'essai : name=…")
        if any(cost.assumptions != self.costs[0].assumptions for cost in self.costs):
            raise ValueError(
                "Les coûts de cet essai reposent sur des hypothèses différentes. Mesurez-les avec les mêmes."
            )

    @property
    def title(self) -> str:
        """The name of the run."""
        return self.name.strip() or (self.cost.name if isinstance(self.cost, Cost) else "")

    @property
    def gain(self) -> float:
        """Score less that of the baseline."""
        return self.score - self.baseline

    @property
    def costs(self) -> list[Cost]:
        """The costs that make the run."""
        return [self.cost] if isinstance(self.cost, Cost) else self.cost.alone

    def row(self) -> dict[str, Any]:
        """Return the line of the run: French names with their units, plain numbers and texts."""
        costs, assumed = self.costs, self.costs[0].assumptions
        energy, carbon = self.cost.energy_wh, self.cost.carbon_g
        started = min((cost.started for cost in costs if cost.started), default=None)
        return {
            "essai": self.title,
            "date": started.isoformat(timespec="seconds") if started else None,
            "matériel": " ; ".join(dict.fromkeys(cost.hardware for cost in costs)),
            "durée (s)": sum(cost.seconds for cost in costs),
            "temps processeur (s)": sum(cost.cpu_seconds for cost in costs),
            "mémoire (Mo)": max(cost.peak_mb for cost in costs),
            "énergie basse (Wh)": energy.low,
            "énergie centrale (Wh)": energy.central,
            "énergie haute (Wh)": energy.high,
            **_spread("facteur {} (gCO2e/kWh)", assumed.factor),
            "source du facteur": assumed.source,
            **_spread("gCO2e {}", carbon),
            "paramètres": self.parameters,
            "entraînements": self.trainings,
            "mesure du score": self.metric,
            "score": self.score,
            "score de référence": self.baseline,
            "gain": self.gain,
            "interrompu par": " ; ".join(dict.fromkeys(cost.error for cost in costs if cost.error)) or None,
        }

    def line(self) -> str:
        """Return the run in one French line."""
        trained = "sans entraînement" if self.trainings == 0 else _count(self.trainings, "entraînement")
        parameters = "" if self.parameters is None else f"{_count(self.parameters, 'paramètre')} · "
        return (
            f"{self.title} : {self.metric} {_score(self.score)} "
            f"(gain {_score(self.gain, sign=True)}) · {trained} · {parameters}"
            f"{watt_hours(self.cost.energy_wh)} · {grams(self.cost.carbon_g)}"
        )


class Report:
    """Runs side by side, shown as a table and saved as CSV or JSON.

    Parameters
    ----------
    runs : one or more

    Raises
    ------
    ValueError
        If there is no run.
    """

    def __init__(self, runs: Iterable[Run]) -> None:
        self.runs = list(runs)
        if not self.runs:
            raise ValueError(
                "Le compte rendu est vide : donnez au moins un essai, Run(coût, score, référence)."
            )

    def frame(self) -> pd.DataFrame:
        """Return one row a run, all that `Run.row` gives."""
        return pd.DataFrame([run.row() for run in self.runs]).astype({"paramètres": "Int64"})

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the runs to a file: `.csv` for a spreadsheet in French, `.json` with all assumptions.

        Parameters
        ----------
        path : file to make, ending in `.csv` (`;`, decimal comma, UTF-8 with its mark) or `.json`
        overwrite : whether a file that is there may be replaced

        Raises
        ------
        ValueError
            If the ending is another.
        UnwritableOutput
            If there is a file and `overwrite` is False (it is left as it is), or if the folder cannot be
            written to; see `geoatelier.safely.new_file`.
        """
        path = Path(path)
        writers = {".csv": self._csv, ".json": self._json}
        if path.suffix.lower() not in writers:
            raise ValueError(f"« {path.name} » : donnez un nom qui se termine par .csv ou par .json.")
        content = writers[path.suffix.lower()]()
        with new_file(path, overwrite=overwrite) as temporary:
            temporary.write_text(content, encoding="utf-8", newline="")
        return path

    def _csv(self) -> str:
        rows = self.frame().assign(cadre=REFERENCE)
        return "\ufeff" + rows.to_csv(
            sep=";", decimal=",", index=False, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n"
        )

    def _json(self) -> str:
        content = {
            "cadre": REFERENCE,
            "avertissement": WARNING,
            "essais": [run.row() | {"hypothèses": _assumed(run.costs[0].assumptions)} for run in self.runs],
        }
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"

    def _repr_html_(self) -> str:
        titles = ("Essai", "Score", "Gain", "Entraînements", "Énergie", "Gaz à effet de serre")
        head = "".join(f'<th scope="col">{title}</th>' for title in titles)
        rows = "".join(
            f'<tr><th scope="row">{html.escape(run.title)}</th>'
            f"<td>{_score(run.score)} ({html.escape(run.metric)})</td>"
            f"<td>{_score(run.gain, sign=True)}</td><td>{number(run.trainings)}</td>"
            f"<td>{watt_hours(run.cost.energy_wh)}</td><td>{grams(run.cost.carbon_g)}</td></tr>"
            for run in self.runs
        )
        machines = " ; ".join(dict.fromkeys(cost.hardware for run in self.runs for cost in run.costs))
        return (
            f'<div class="geoatelier-cout"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
            f"<p>{html.escape(machines)}. {html.escape(WARNING)} Cadre : {html.escape(REFERENCE)}.</p></div>"
        )

    def __repr__(self) -> str:
        return "\n".join([*(run.line() for run in self.runs), WARNING])


def report(runs: Iterable[Run]) -> Report:
    """Lay runs side by side; `.save("rex.csv")` or `.save("rex.json")` writes them."""
    return Report(runs)


def _spread(title: str, values: Range) -> dict[str, float]:
    return {
        title.format(bound): value for bound, value in zip(("bas", "central", "haut"), values, strict=True)
    }


def _assumed(assumptions: Assumptions) -> dict[str, Any]:
    return {
        "puissance d'un cœur occupé (W)": list(assumptions.core_watts),
        "mémoire tenue (W/Go)": assumptions.memory_watts_per_gb,
        "mémoire de la machine, borne haute (W)": assumptions.memory_watts_high,
        "carte graphique sans compteur (W)": list(assumptions.graphics_watts),
        "PUE": list(assumptions.pue),
        "facteur (gCO2e/kWh)": list(assumptions.factor),
        "source du facteur": assumptions.source,
        "autres sources": "Green Algorithms (2021) ; Cloud Carbon Footprint ; CodeCarbon 3 ; Arcep (2023)",
    }


def _score(value: float, *, sign: bool = False) -> str:
    text = f"{value:+.3f}" if sign else f"{value:.3f}"
    return text.replace(".", ",").replace("-", "\u2212")


def _count(n: int, noun: str) -> str:
    return f"{number(n)} {noun}{'s' if n > 1 else ''}"
