"""What a check answers: réussi, à revoir or à faire, as a card in Lab and as plain text elsewhere."""

import re
from dataclasses import dataclass, replace
from enum import Enum
from html import escape

from geoatelier.exercises.french import typeset


class State(Enum):
    """The three outcomes, with the sign and the colour of their card (blue, amber, grey)."""

    PASSED = ("Réussi", "✅", "#0072B2")
    REVISE = ("À revoir", "🔎", "#E69F00")
    TODO = ("À faire", "⬜", "#767676")

    def __init__(self, label: str, sign: str, colour: str) -> None:
        self.label = label
        self.sign = sign
        self.colour = colour


@dataclass(frozen=True)
class Outcome:
    """The answer of a check: a state, a message in French and, where one helps, a lead to follow."""

    state: State
    message: str
    hint: str | None = None
    exercise: str = ""

    @property
    def title(self) -> str:
        """The sign and the state in words, so that neither is carried by colour alone."""
        return f"{self.state.sign} {self.state.label}"

    @property
    def lead(self) -> str | None:
        """Where to look next: the hint of the check, or the sheet's own hints."""
        if self.hint:
            return typeset(f"Piste : {self.hint}")
        if self.state is State.REVISE and self.exercise:
            return typeset(f'Besoin d\'un indice : `hint("{self.exercise}")`')
        return None

    def of(self, exercise: str) -> "Outcome":
        """Give the same outcome, signed with the number of its exercise."""
        return replace(self, exercise=exercise)

    def __repr__(self) -> str:
        """Give the plain text face: the state, the message, and the lead on a line of its own."""
        text = f"{self.title} — {self.message}"
        return f"{text}\n   {self.lead}" if self.lead else text

    def _repr_html_(self) -> str:
        style = (
            f"border-left: 0.5rem solid {self.state.colour}; padding: 0.6rem 1rem; margin: 0.3rem 0; "
            "background: var(--jp-layout-color2, #f5f5f5); color: var(--jp-ui-font-color1, #1f1f1f); "
            "max-width: 52rem; line-height: 1.5"
        )
        title = f'<span aria-hidden="true">{self.state.sign}</span> {self.state.label}'
        number = f" · {escape(self.exercise)}" if self.exercise else ""
        lead = f"<br><small>{inline_html(self.lead)}</small>" if self.lead else ""
        return (
            f'<div role="status" lang="fr" style="{style}"><strong>{title}{number}</strong><br>'
            f"{inline_html(self.message)}{lead}</div>"
        )


def passed(message: str) -> Outcome:
    """Answer « réussi », with a message that says what the result means.

    Parameters
    ----------
    message : str
        One or two sentences in French; `code` and **bold** are understood.
    """
    return Outcome(State.PASSED, typeset(message))


def revise(message: str, hint: str | None = None) -> Outcome:
    """Answer « à revoir », with a message that says what is wrong with this very answer.

    Parameters
    ----------
    message : str
        What was found, in French, with figures taken from the answer; `code` and **bold** are understood.
    hint : str, optional
        A lead to follow, shown instead of the pointer to the sheet's own hints.
    """
    return Outcome(State.REVISE, typeset(message), hint)


def todo(message: str) -> Outcome:
    """Answer « à faire »: the blank sheet was left as it was."""
    return Outcome(State.TODO, typeset(message))


def inline_html(text: str) -> str:
    """Render the inline Markdown of a message (`code`, **bold**, *emphasis*, line breaks) as safe HTML."""
    pieces = re.split(r"`([^`]+)`", text)
    for i, piece in enumerate(pieces):
        safe = escape(piece)
        if i % 2:
            pieces[i] = f"<code>{safe}</code>"
        else:
            safe = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", safe)
            safe = re.sub(r"(?<!\w)\*([^*\s][^*]*?)\*(?!\w)", r"<em>\1</em>", safe)
            pieces[i] = safe.replace("\n", "<br>")
    return "".join(pieces)
