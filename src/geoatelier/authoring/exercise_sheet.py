"""Read `exercises.md`: the given data of the sheet, then each exercise with its parts."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from geoatelier.authoring.cells import EXERCISE_TAGS, cell_problems
from geoatelier.authoring.names import assigned, has_star_import, needed
from geoatelier.authoring.problems import MalformedSourceError, Problem
from geoatelier.authoring.source import Block, Cell, Source, split_at_headings

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
MAX_HINTS, MIN_WRONG_ANSWERS = 3, 2
# What the generated first cell of every sheet imports.
ENGINE_NAMES = ("check", "hint", "progress", "solution")

_HEADING = re.compile(
    r"(?P<number>[NSE]\d+\.\d+)\s+(?P<stars>★{1,3})\s+(?P<title>\S.*?)\s+·\s+(?P<minutes>\d+)\s+min"
)
_HEADING_ADVICE = "écrivez par exemple `## S3.1 ★★ Des adresses à leur place · 8 min`."
_HINT = re.compile(r"<details>\s*<summary>\s*Indice\b.*?</details>", re.DOTALL)


@dataclass(frozen=True)
class Solution:
    """A solution cell: the code that stays on the blank sheet, and the block that does not."""

    cell: Cell
    before: str
    block: str
    after: str

    @property
    def code(self) -> str:
        """The whole code, without the markers."""
        return "\n".join(part for part in (self.before, self.block, self.after) if part.strip())

    @property
    def lines(self) -> tuple[int, ...]:
        """The line of the file of each line of `code`."""
        numbers, line = [], self.cell.line
        for part in (self.before, self.block, self.after):
            length = len(part.splitlines())
            if part.strip():
                numbers += range(line, line + length)
            line += length + 1  # one more for the marker that follows
        return tuple(numbers)

    def blank(self, names: tuple[str, ...]) -> str:
        """Give the code of the blank sheet: each of `names` that the block assigns is to be filled in."""
        to_fill = "\n".join(f"{name} = ..." for name in assigned(self.block) if name in names)
        return "\n".join(part for part in (self.before, to_fill, self.after) if part.strip())


@dataclass(frozen=True)
class Exercise:
    """One exercise, as its author wrote it."""

    number: str
    stars: int
    title: str
    minutes: int
    line: int
    statement: tuple[Cell, ...]
    hints: tuple[str, ...]
    setup: tuple[Cell, ...]
    solution: Solution
    check: Cell
    names: tuple[str, ...]
    wrong_answers: tuple[Cell, ...]

    @property
    def blank(self) -> str:
        """The code of the blank sheet."""
        return self.solution.blank(self.names)


@dataclass(frozen=True)
class Sheet:
    """The exercises of a lesson, and what they are all given."""

    source: Source
    preamble: tuple[Cell, ...]
    exercises: tuple[Exercise, ...]

    @property
    def path(self) -> Path:
        """The source file."""
        return self.source.path

    @property
    def setup(self) -> tuple[Cell, ...]:
        """The cells that load the data given to every exercise."""
        return tuple(cell for cell in self.preamble if cell.is_code)

    @property
    def minutes(self) -> int:
        """The declared minutes of all exercises."""
        return sum(exercise.minutes for exercise in self.exercises)


def read_sheet(source: Source, code: str) -> Sheet:
    """Read the exercises of a lesson.

    Parameters
    ----------
    source : Source
        The cells of `exercises.md`.
    code : str
        The code of the lesson; the exercises are numbered from `<code>.1`.

    Raises
    ------
    MalformedSourceError
        With every problem of the sheet, each at its line.
    """
    problems = list(cell_problems(source.path, source.cells, EXERCISE_TAGS))
    if problems:
        raise MalformedSourceError(problems)
    opening, *blocks = split_at_headings(source.cells)
    problems += _preamble_problems(source.path, opening)
    if not blocks:
        problems.append(Problem(source.path, 1, "la feuille n'a pas d'exercice.", _HEADING_ADVICE))
    given = _names_given(opening.cells)
    exercises = []
    for rank, block in enumerate(blocks, start=1):
        found = list(_block_problems(source.path, block, f"{code}.{rank}", {e.number for e in exercises}))
        problems += found
        if not found:
            exercises.append(_read_exercise(block))
            problems += _exercise_problems(source.path, exercises[-1], given)
    if problems:
        raise MalformedSourceError(problems)
    return Sheet(source, opening.cells, tuple(exercises))


def _preamble_problems(path: Path, opening: Block) -> Iterator[Problem]:
    for cell in opening.cells:
        if cell.is_code and "setup" not in cell.tags:
            advice = "avant le premier exercice viennent du texte et les données communes (`:tags: [setup]`)."
            yield Problem(path, cell.line, "cellule de code sans rôle.", advice)


def _block_problems(path: Path, block: Block, expected: str, seen: set[str]) -> Iterator[Problem]:
    """Give what keeps an exercise from being read: its heading, and the parts it must have, in order."""
    yield from _heading_problems(path, block, expected, seen)
    match = _HEADING.fullmatch(block.heading)
    name = match["number"] if match else "l'exercice"
    roles = [(cell, _role(cell)) for cell in block.cells]
    for cell, role in roles:
        if role == "code":
            advice = f"encadrez la solution de `{BEGIN}` et `{END}`, ou donnez à la cellule son étiquette."
            yield Problem(path, cell.line, "cellule de code sans rôle dans un exercice.", advice)
        if role == "solution":
            yield from _marker_problems(path, cell)
    yield from _count_problems(path, block, name, roles)
    yield from _order_problems(path, roles)
    hints = sum(len(_HINT.findall(cell.source)) for cell, role in roles if role == "text")
    if not 1 <= hints <= MAX_HINTS:
        advice = "chaque indice est un `<details><summary>Indice 1</summary> … </details>`, de un à trois."
        yield Problem(path, block.line, f"{name} a {hints} indice(s).", advice)


def _heading_problems(path: Path, block: Block, expected: str, seen: set[str]) -> Iterator[Problem]:
    match = _HEADING.fullmatch(block.heading)
    if match is None:
        yield Problem(
            path, block.line, f"titre d'exercice mal formé : `## {block.heading}`.", _HEADING_ADVICE
        )
    elif match["number"] in seen:
        yield Problem(
            path, block.line, f"le numéro {match['number']} sert deux fois.", f"celui-ci est {expected}."
        )
    elif match["number"] != expected:
        advice = "les exercices portent le code de la leçon et se suivent depuis 1."
        yield Problem(path, block.line, f"numéro {match['number']} au lieu de {expected}.", advice)


def _role(cell: Cell) -> str:
    if not cell.is_code:
        return "text"
    for tag in ("setup", "check", "wrong-answer"):
        if tag in cell.tags:
            return tag
    return "solution" if BEGIN in cell.source or END in cell.source else "code"


def _marker_problems(path: Path, cell: Cell) -> Iterator[Problem]:
    lines = cell.source.splitlines()
    for marker in (BEGIN, END):
        if lines.count(marker) != 1:
            advice = f"une solution a un `{BEGIN}` et un `{END}`, chacun seul au début de sa ligne."
            yield Problem(path, cell.line, f"`{marker}` figure {lines.count(marker)} fois.", advice)
            return
    if lines.index(END) < lines.index(BEGIN):
        yield Problem(path, cell.line, f"`{END}` vient avant `{BEGIN}`.", "remettez-les dans l'ordre.")


def _count_problems(path: Path, block: Block, name: str, roles: list[tuple[Cell, str]]) -> Iterator[Problem]:
    kinds = [role for _, role in roles]
    if not any(role == "text" and _without_hints(cell).source for cell, role in roles):
        yield Problem(path, block.line, f"{name} n'a pas d'énoncé.", "écrivez-le sous le titre.")
    if kinds.count("solution") != 1:
        advice = f"il en faut une seule, entre `{BEGIN}` et `{END}`."
        yield Problem(path, block.line, f"{name} a {kinds.count('solution')} cellule(s) de solution.", advice)
    if kinds.count("check") != 1:
        advice = "il en faut une seule : une cellule `:tags: [check]` qui appelle `check(…)`."
        yield Problem(
            path, block.line, f"{name} a {kinds.count('check')} cellule(s) de vérification.", advice
        )
    if kinds.count("wrong-answer") < MIN_WRONG_ANSWERS:
        advice = f"il en faut au moins {MIN_WRONG_ANSWERS}, avec `:tags: [wrong-answer]` et `:expects:`."
        yield Problem(
            path, block.line, f"{name} a {kinds.count('wrong-answer')} réponse(s) fausse(s).", advice
        )
    for cell, role in roles:
        expects = cell.metadata.get("expects")
        if role == "wrong-answer" and not (isinstance(expects, str) and expects.strip()):
            advice = (
                "ajoutez `:expects:` et quelques mots, entre guillemets, de la réponse qu'elle doit recevoir."
            )
            yield Problem(path, cell.line, "réponse fausse sans `:expects:`.", advice)


def _order_problems(path: Path, roles: list[tuple[Cell, str]]) -> Iterator[Problem]:
    ranks = {"text": 0, "setup": 0, "code": 0, "solution": 1, "check": 2, "wrong-answer": 3}
    reached = 0
    for cell, role in roles:
        if ranks[role] < reached:
            advice = "l'ordre est : énoncé, indices, données, solution, vérification, réponses fausses."
            yield Problem(path, cell.line, "cet élément de l'exercice vient trop tard.", advice)
            return
        reached = ranks[role]


def _read_exercise(block: Block) -> Exercise:
    heading = _HEADING.fullmatch(block.heading)
    parts = {role: tuple(c for c in block.cells if _role(c) == role) for role in map(_role, block.cells)}
    texts = parts["text"]
    check = parts["check"][0]
    return Exercise(
        number=heading["number"],
        stars=len(heading["stars"]),
        title=heading["title"],
        minutes=int(heading["minutes"]),
        line=block.line,
        statement=tuple(cell for text in texts if (cell := _without_hints(text)).source),
        hints=tuple(hint for text in texts for hint in _HINT.findall(text.source)),
        setup=parts.get("setup", ()),
        solution=_read_solution(parts["solution"][0]),
        check=check,
        names=_checked_names(check),
        wrong_answers=parts["wrong-answer"],
    )


def _without_hints(text: Cell) -> Cell:
    source = re.sub(r"\n{3,}", "\n\n", _HINT.sub("", text.source)).strip()
    return Cell(text.kind, source, text.line, text.metadata)


def _read_solution(cell: Cell) -> Solution:
    lines = cell.source.splitlines()
    begin, end = lines.index(BEGIN), lines.index(END)
    return Solution(
        cell, "\n".join(lines[:begin]), "\n".join(lines[begin + 1 : end]), "\n".join(lines[end + 1 :])
    )


def _checked_names(check: Cell) -> tuple[str, ...]:
    calls = [node for node in ast.walk(ast.parse(check.source)) if isinstance(node, ast.Call)]
    return tuple(keyword.arg for keyword in calls[0].keywords if keyword.arg) if calls else ()


def _exercise_problems(path: Path, exercise: Exercise, given: set[str] | None) -> Iterator[Problem]:
    check, solution = exercise.check, exercise.solution
    if not _is_plain_check(check.source, exercise.number):
        advice = f'elle tient en un appel : `check("{exercise.number}", nom=nom, …)`.'
        yield Problem(path, check.line, "cellule de vérification mal formée.", advice)
        return
    to_fill = [name for name in assigned(solution.block) if name in exercise.names]
    if not to_fill:
        advice = "au moins un des noms vérifiés est affecté entre les deux marqueurs."
        yield Problem(path, solution.cell.line, "la solution n'affecte aucun des noms vérifiés.", advice)
    own = _names_given(exercise.setup)
    if given is None or own is None:
        return
    known = given | own
    for name in exercise.names:
        if name not in known and name not in assigned(solution.code):
            advice = "affectez ce nom dans la solution, ou donnez-le dans une cellule `setup`."
            yield Problem(path, check.line, f"`{name}` n'est ni donné ni affecté dans la solution.", advice)
    for cell in (*exercise.setup, solution.cell, *exercise.wrong_answers):
        for name in sorted(needed(cell.source) - known):
            advice = (
                "chaque exercice part des données de la feuille ou des siennes, jamais d'un autre exercice."
            )
            yield Problem(path, cell.line_of(name), f"`{name}` n'est pas donné à {exercise.number}.", advice)


def _names_given(cells: tuple[Cell, ...]) -> set[str] | None:
    """Give the names that cells bind, or None if a star import keeps them from being known."""
    names = set(ENGINE_NAMES)
    for cell in cells:
        if cell.is_code:
            if has_star_import(cell.source):
                return None
            names.update(assigned(cell.source))
    return names


def _is_plain_check(code: str, number: str) -> bool:
    body = ast.parse(code).body
    if len(body) != 1 or not isinstance(body[0], ast.Expr) or not isinstance(body[0].value, ast.Call):
        return False
    call = body[0].value
    right_call = isinstance(call.func, ast.Name) and call.func.id == "check"
    right_number = [a.value for a in call.args if isinstance(a, ast.Constant)] == [number] and len(
        call.args
    ) == 1
    names = [isinstance(k.value, ast.Name) and k.value.id == k.arg for k in call.keywords]
    return right_call and right_number and bool(names) and all(names)
