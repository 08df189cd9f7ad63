"""Hints and solutions, read from the built notebooks with nothing but the standard library."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import geoatelier
from geoatelier.exercises.french import count, typeset

_HINT = re.compile(r"<details>\s*<summary>.*?</summary>\s*(.*?)\s*</details>", re.DOTALL)
_seen: dict[str, int] = {}


@dataclass(frozen=True)
class Note:
    """A short text that Lab shows as Markdown, and that reads well as plain text."""

    markdown: str

    def __repr__(self) -> str:
        """Give the text as it was written."""
        return self.markdown

    def _repr_markdown_(self) -> str:
        return self.markdown


def hint(number: str, rank: int | None = None) -> Note:
    """Show the next hint of an exercise, or the hint of a given rank.

    Parameters
    ----------
    number : str
        The number of the exercise, such as "S3.1".
    rank : int, optional
        1 for the first hint; without it, each call shows the next one.

    Returns
    -------
    Note
        The hint, or what is wrong (no such exercise, sheet not found), in French.
    """
    try:
        hints = _HINT.findall(_cell_text("exercises", number, "hints"))
    except SheetError as problem:
        return _note(str(problem))
    if rank is None:
        rank = _seen.get(number, 0) + 1
        if rank > len(hints):
            _seen.pop(number, None)
            return _note(
                f"**{number}** : vous avez vu {count(len(hints), 'indice')} sur {len(hints)}. "
                f'`solution("{number}")` montre une façon de faire.'
            )
        _seen[number] = rank
    if not isinstance(rank, int) or not 1 <= rank <= len(hints):
        return _note(f"**{number}** a {count(len(hints), 'indice')} : demandez un rang de 1 à {len(hints)}.")
    return _note(f"**{number}, indice {rank} sur {len(hints)}.** {hints[rank - 1]}")


def solution(number: str) -> Note:
    """Show one way to solve an exercise, as it is in the sheet of solutions.

    Parameters
    ----------
    number : str
        The number of the exercise, such as "S3.1".
    """
    try:
        code = _cell_text("solutions", number, "solution")
    except SheetError as problem:
        return _note(str(problem))
    title = typeset(
        f"**{number}, une solution.** D'autres conviennent : la vérification ne regarde que le résultat."
    )
    return Note(f"{title}\n\n```python\n{code}\n```")


class SheetError(LookupError):
    """A sheet or an exercise could not be found; the message says so in French."""


def _note(text: str) -> Note:
    return Note(typeset(text))


def _cell_text(kind: str, number: str, part: str) -> str:
    match = re.fullmatch(r"([NSE]\d+)\.\d+", number) if isinstance(number, str) else None
    if match is None:
        raise SheetError(f"`{number!r}` n'est pas un numéro d'exercice. Un numéro s'écrit comme `\"S3.1\"`.")
    sheet = _find_sheet(kind, match[1])
    try:
        cells = json.loads(sheet.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError) as error:
        raise SheetError(f"La feuille `{kind}/{sheet.name}` ne se lit pas : le fichier est abîmé.") from error
    for cell in cells:
        mark = cell.get("metadata", {}).get("geoatelier", {})
        if mark.get("exercise") == number and mark.get("part") == part:
            return "".join(cell["source"])
    raise SheetError(f"La feuille `{kind}/{sheet.name}` n'a pas d'exercice `{number}`.")


def _find_sheet(kind: str, code: str) -> Path:
    """Look beside the notebook that asks, then where the package was installed from."""
    here = Path.cwd().resolve()
    for root in (here, *here.parents, *Path(geoatelier.__file__).resolve().parents):
        if found := sorted(root.glob(f"{kind}/*/{code}_*.ipynb")):
            return found[0]
    raise SheetError(
        f"La feuille de la leçon `{code}` est introuvable : pas de fichier `{kind}/*/{code}_*.ipynb` "
        "autour de ce carnet. Ouvrez le carnet depuis le dossier de l'atelier."
    )
