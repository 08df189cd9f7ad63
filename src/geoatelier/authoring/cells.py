"""Rules that hold for every cell of every file: known tags, plain Markdown, code that is Python."""

import ast
from collections.abc import Iterator
from pathlib import Path

from geoatelier.authoring.plain_markdown import markdown_problems
from geoatelier.authoring.problems import Problem
from geoatelier.authoring.source import Cell

# What each tag is for. The first two may be put on any code cell that is run in a committed notebook.
COMMON_TAGS = {
    "nbval-ignore-output": "sortie qui change d'une machine à l'autre",
    "hide-input": "code replié dans Lab",
}
LESSON_TAGS = {"checkpoint": "première cellule de code d'une section", **COMMON_TAGS}
EXERCISE_TAGS = {
    "setup": "données fournies à l'exercice",
    "check": "vérification de l'exercice",
    "wrong-answer": "erreur d'apprenant, avec la réponse qu'elle doit recevoir",
    **COMMON_TAGS,
}


def cell_problems(path: Path, cells: tuple[Cell, ...], tags: dict[str, str]) -> Iterator[Problem]:
    """Give what is wrong with cells taken one by one.

    Parameters
    ----------
    path : Path
        The source file.
    cells : tuple of Cell
        Its cells.
    tags : dict
        The tags that this kind of file knows, and what each is for.
    """
    for cell in cells:
        if cell.kind == "raw":
            yield Problem(path, cell.line, "cellule brute (`raw-cell`).", "écrivez un texte ou du code.")
        elif cell.is_code:
            yield from _option_problems(path, cell, tags)
            yield from _python_problems(path, cell)
        else:
            yield from markdown_problems(path, cell)


def _option_problems(path: Path, cell: Cell, tags: dict[str, str]) -> Iterator[Problem]:
    for tag in cell.tags:
        if tag not in tags:
            known = " ; ".join(f"`{name}`, {use}" for name, use in tags.items())
            advice = f"retirez-la, ou choisissez parmi : {known}."
            yield Problem(path, cell.line, f"étiquette inconnue `{tag}`.", advice)
    for key in cell.metadata:
        if key not in ("tags", "expects"):
            advice = "une cellule n'a que `:tags: [...]`, et `:expects:` si c'est une réponse fausse."
            yield Problem(path, cell.line, f"option de cellule inconnue `{key}`.", advice)
    if "expects" in cell.metadata and "wrong-answer" not in cell.tags:
        advice = "ajoutez `:tags: [wrong-answer]`, ou retirez `:expects:`."
        yield Problem(
            path, cell.line, "`:expects:` sur une cellule qui n'est pas une réponse fausse.", advice
        )


def _python_problems(path: Path, cell: Cell) -> Iterator[Problem]:
    if not cell.source.strip():
        yield Problem(path, cell.line, "cellule de code vide.", "écrivez-y du code ou retirez-la.")
        return
    try:
        ast.parse(cell.source)
    except SyntaxError as error:
        number = error.lineno or 1
        text = cell.source.splitlines()[min(number, len(cell.source.splitlines())) - 1].strip()
        if text.startswith(("%", "!")) or text.endswith("?"):
            message, advice = (
                f"commande de carnet `{text}`.",
                "écrivez du Python : les tests rejouent la cellule.",
            )
        else:
            message, advice = f"ce code n'est pas du Python : {error.msg}.", f"corrigez la ligne `{text}`."
        yield Problem(path, cell.line + number - 1, message, advice)
