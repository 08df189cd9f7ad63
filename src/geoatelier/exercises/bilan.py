"""The table at the end of a sheet: each exercise checked in this kernel, and its state."""

import re
from dataclasses import dataclass
from html import escape

from geoatelier.exercises.french import count, typeset
from geoatelier.exercises.outcome import Outcome, State


@dataclass(frozen=True)
class Bilan:
    """The last outcome of each exercise, by number."""

    outcomes: dict[str, Outcome]

    @property
    def rows(self) -> list[Outcome]:
        """The outcomes in the order of the exercises."""
        return sorted(self.outcomes.values(), key=lambda outcome: _rank(outcome.exercise))

    @property
    def summary(self) -> str:
        """How many exercises are done, in words."""
        if not self.outcomes:
            return typeset("Bilan : aucun exercice n'a encore été vérifié.")
        done = sum(outcome.state is State.PASSED for outcome in self.outcomes.values())
        passed = count(done, "exercice réussi", "exercices réussis")
        return typeset(f"Bilan : {passed} sur {len(self.outcomes)}.")

    def __repr__(self) -> str:
        """Give the plain text face: the summary, then a line an exercise."""
        return "\n".join([self.summary, *(f"  {row.exercise:<7}{row.title}" for row in self.rows)])

    def _repr_html_(self) -> str:
        cells = "".join(
            f'<tr><th scope="row" style="text-align: left">{escape(row.exercise)}</th>'
            f'<td style="text-align: left; border-left: 0.4rem solid {row.state.colour}">'
            f'<span aria-hidden="true">{row.state.sign}</span> {row.state.label}</td></tr>'
            for row in self.rows
        )
        head = '<thead><tr><th scope="col">Exercice</th><th scope="col">État</th></tr></thead>'
        summary = f"<strong>{escape(self.summary)}</strong>"
        caption = f'<caption style="text-align: left; white-space: nowrap">{summary}</caption>'
        return f'<table lang="fr" role="table">{caption}{head if cells else ""}<tbody>{cells}</tbody></table>'


def _rank(number: str) -> tuple[str, int, int]:
    level, lesson, rank = re.fullmatch(r"(\w)(\d+)\.(\d+)", number).groups()
    return level, int(lesson), int(rank)
