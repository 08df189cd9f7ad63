"""What a lesson becomes: the notebook, the blank sheet and the solutions, cell by cell, before any run."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from geoatelier.authoring.exercise_sheet import ENGINE_NAMES, Exercise
from geoatelier.authoring.lesson import Lesson, Page
from geoatelier.authoring.places import OUTPUTS, Places
from geoatelier.authoring.plain_markdown import move_links, relative_link
from geoatelier.authoring.source import Cell, lines_outside_fences
from geoatelier.authoring.table import lesson_table
from geoatelier.authoring.workshop import Workshop, card_of
from geoatelier.exercises.french import count, typeset

LESSON_TABLE_PLACEHOLDER = "{{lecons}}"
RESTART_COMMENT = "# Point de reprise : pour commencer ici, exécutez cette cellule."
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
STARS = {1: "une étape", 2: "plusieurs étapes", 3: "un problème ouvert, à faire chez soi"}


@dataclass(frozen=True)
class Origin:
    """Where the text of a cell comes from: its file, and the line there of each of its lines."""

    path: Path
    lines: Sequence[int]

    def line(self, number: int = 1) -> int:
        """Give the line of the file for a line of the cell, counted from 1."""
        return self.lines[min(number, len(self.lines)) - 1]


@dataclass(frozen=True)
class BuiltCell:
    """A cell of a notebook to be, with the place that it comes from (None if it was generated)."""

    kind: str
    source: str
    metadata: dict = field(default_factory=dict)
    origin: Origin | None = None


@dataclass(frozen=True)
class Draft:
    """A notebook to be: where it goes, its cells, and whether it is committed executed."""

    path: Path
    title: str
    cells: tuple[BuiltCell, ...]
    executed: bool


def lesson_drafts(workshop: Workshop, lesson: Lesson) -> tuple[Draft, ...]:
    """Give the three notebooks of a lesson: the lesson itself, the blank sheet, the solutions."""
    places, title = workshop.places, f"{lesson.front.code} · {lesson.front.title}"
    paths = {kind: places.built(kind, lesson.folder) for kind in OUTPUTS}
    return (
        Draft(paths["notebooks"], title, tuple(_lesson_cells(workshop, lesson, paths)), executed=True),
        Draft(
            paths["exercises"],
            f"{title} : exercices",
            tuple(_blank_cells(places, lesson, paths)),
            executed=False,
        ),
        Draft(
            paths["solutions"],
            f"{title} : solutions",
            tuple(_solved_cells(places, lesson, paths)),
            executed=True,
        ),
    )


def page_draft(workshop: Workshop, page: Page) -> Draft:
    """Give the notebook of a page."""
    path = workshop.places.built_page(page.source.path)
    table = lesson_table(workshop, path.parent)
    cells = [_text(f"# {page.title}")]
    for cell in page.source.cells:
        built = _from_source(workshop.places, page.source.path, cell, path)
        cells.append(_replaced(built, LESSON_TABLE_PLACEHOLDER, table))
    return Draft(path, page.title, tuple(cells), executed=True)


def _lesson_cells(workshop: Workshop, lesson: Lesson, paths: dict[str, Path]) -> Iterator[BuiltCell]:
    places, path = workshop.places, paths["notebooks"]
    yield _text(_lesson_header(workshop, lesson, paths))
    yield from _moved(places, lesson.path, lesson.introduction, path)
    for section in lesson.sections:
        heading = f"## {section.title} · {section.minutes} min"
        yield from _with_heading(heading, section.line, _moved(places, lesson.path, section.cells, path))
    sheet = relative_link(paths["exercises"], path.parent)
    yield _text(
        f"**À vous** : {count(len(lesson.sheet.exercises), 'exercice')}, {lesson.sheet.minutes} min, "
        f"sur la [feuille d'exercices]({sheet})."
    )


def _lesson_header(workshop: Workshop, lesson: Lesson, paths: dict[str, Path]) -> str:
    front, folder = lesson.front, paths["notebooks"].parent
    sheet = relative_link(paths["exercises"], folder)
    date = f"{'1er' if front.reviewed.day == 1 else front.reviewed.day} {MONTHS[front.reviewed.month - 1]}"
    objectives = "\n".join(f"- {objective}" for objective in front.objectives)
    exercises = f"{lesson.sheet.minutes} min d'exercices sur la [feuille d'exercices]({sheet})"
    facts = {
        "Niveau": f"{front.level_name.lower()} ; {front.minutes} min, puis {exercises}",
        "Avant": _prerequisites(workshop, lesson, folder),
        "Données": ", ".join(_card_link(workshop.places, name, folder) for name in front.data),
        "Métiers": ", ".join(front.metiers),
        "Dans la vie de la donnée": front.verb,
        "Outils": ", ".join(front.packages) or "aucun à connaître",
        "Relu le": f"{date} {front.reviewed.year} ; texte sous {front.licence}, code sous MIT",
    }
    lines = "\n".join(f"- **{name}** : {value}" for name, value in facts.items() if value)
    return (
        f"# {front.code} · {front.title}\n\n{front.summary}\n\n"
        f"**Ce que vous saurez faire**\n\n{objectives}\n\n**En bref**\n\n{lines}"
    )


def _prerequisites(workshop: Workshop, lesson: Lesson, folder: Path) -> str:
    links = []
    for code in lesson.front.prerequisites:
        other = workshop.catalogue[code]
        target = relative_link(workshop.places.built("notebooks", other.folder), folder)
        links.append(f"[{code} · {other.front.title}]({target})")
    return ", ".join(links) or "aucun prérequis"


def _card_link(places: Places, name: str, folder: Path) -> str:
    card = card_of(places, name)
    lines = card.read_text(encoding="utf-8").splitlines() if card.is_file() else []
    title = next((line.removeprefix("# ").strip() for line in lines if line.startswith("# ")), name)
    return f"[{title}]({relative_link(card, folder)})"


def _blank_cells(places: Places, lesson: Lesson, paths: dict[str, Path]) -> Iterator[BuiltCell]:
    path = paths["exercises"]
    yield _text(_sheet_header(lesson, paths))
    yield from _sheet_opening(places, lesson, path)
    for exercise in lesson.sheet.exercises:
        yield from _statement(places, lesson, exercise, path)
        hints = "\n\n".join(exercise.hints)
        moved = _from_source(places, lesson.sheet.path, Cell("markdown", hints, exercise.line), path)
        yield BuiltCell("markdown", moved.source, _part(exercise, "hints"), moved.origin)
        yield BuiltCell("code", exercise.blank, {}, Origin(lesson.sheet.path, exercise.solution.lines))
        yield _from_source(places, lesson.sheet.path, exercise.check, path)
    yield from _sheet_closing()


def _solved_cells(places: Places, lesson: Lesson, paths: dict[str, Path]) -> Iterator[BuiltCell]:
    path = paths["solutions"]
    yield _text(_solutions_header(lesson, paths))
    yield from _sheet_opening(places, lesson, path)
    for exercise in lesson.sheet.exercises:
        yield from _statement(places, lesson, exercise, path)
        tags = [tag for tag in exercise.solution.cell.tags if tag.startswith("nbval")]
        metadata = {**_part(exercise, "solution"), **({"tags": tags} if tags else {})}
        origin = Origin(lesson.sheet.path, exercise.solution.lines)
        yield BuiltCell("code", exercise.solution.code, metadata, origin)
        yield _from_source(places, lesson.sheet.path, exercise.check, path)
    yield from _sheet_closing()


def _sheet_header(lesson: Lesson, paths: dict[str, Path]) -> str:
    folder = paths["exercises"].parent
    first = lesson.sheet.exercises[0].number
    notebook = f"[{lesson.front.code} · {lesson.front.title}]({relative_link(paths['notebooks'], folder)})"
    solutions = f"[solutions]({relative_link(paths['solutions'], folder)})"
    stars = ", ".join(f"{'★' * n} {meaning}" for n, meaning in STARS.items())
    return (
        f"# {lesson.front.code} · {lesson.front.title} : exercices\n\n"
        f"{count(len(lesson.sheet.exercises), 'exercice')}, {lesson.sheet.minutes} min. "
        f"La leçon : {notebook}.\n\n"
        "- Remplacez chaque `...` par votre réponse, exécutez la cellule, puis la vérification qui la suit.\n"
        "- La vérification répond ✅ Réussi, 🔎 À revoir (elle dit quoi) ou ⬜ À faire. "
        "Recommencez autant que vous voulez.\n"
        f'- Un indice : dépliez-le, ou écrivez `hint("{first}")` dans une cellule. '
        f'Une façon de faire : `solution("{first}")`, ou les {solutions}.\n'
        "- Chaque exercice part de données fournies : vous pouvez en sauter un.\n"
        f"- Difficulté : {stars}."
    )


def _solutions_header(lesson: Lesson, paths: dict[str, Path]) -> str:
    folder = paths["solutions"].parent
    return (
        f"# {lesson.front.code} · {lesson.front.title} : solutions\n\n"
        "Une façon de faire pour chaque exercice ; d'autres conviennent. "
        f"La [feuille à remplir]({relative_link(paths['exercises'], folder)}), "
        f"la [leçon]({relative_link(paths['notebooks'], folder)})."
    )


def _sheet_opening(places: Places, lesson: Lesson, path: Path) -> Iterator[BuiltCell]:
    yield BuiltCell("code", f"from geoatelier.exercises import {', '.join(ENGINE_NAMES)}")
    yield from _moved(places, lesson.sheet.path, lesson.sheet.preamble, path)


def _statement(places: Places, lesson: Lesson, exercise: Exercise, path: Path) -> Iterator[BuiltCell]:
    heading = f"## {exercise.number} {'★' * exercise.stars} {exercise.title} · {exercise.minutes} min"
    cells = (*exercise.statement, *exercise.setup)
    yield from _with_heading(heading, exercise.line, _moved(places, lesson.sheet.path, cells, path))


def _sheet_closing() -> Iterator[BuiltCell]:
    yield _text("## Bilan")
    yield BuiltCell("code", "progress()")


def _part(exercise: Exercise, part: str) -> dict:
    """Mark a cell for `hint` and `solution`, which find it in the built sheet by this."""
    return {"geoatelier": {"exercise": exercise.number, "part": part}}


def _with_heading(heading: str, line: int, cells: Iterable[BuiltCell]) -> Iterator[BuiltCell]:
    """Put a heading in the text cell that follows it, or in a cell of its own before code."""
    heading, cells = typeset(heading), list(cells)
    if cells and cells[0].kind == "markdown":
        first = cells.pop(0)
        yield BuiltCell("markdown", f"{heading}\n\n{first.source}", first.metadata, first.origin)
    else:
        yield BuiltCell("markdown", heading)
    yield from cells


def _moved(places: Places, source: Path, cells: Iterable[Cell], path: Path) -> Iterator[BuiltCell]:
    for cell in cells:
        yield _from_source(places, source, cell, path)


def _from_source(places: Places, source: Path, cell: Cell, path: Path) -> BuiltCell:
    if not cell.is_code:
        text = move_links(cell.source, source.parent, path.parent, places.reader_target)
        return BuiltCell("markdown", typeset_lines(text), {}, Origin(source, (cell.line,)))
    lines = range(cell.line, cell.line + len(cell.source.splitlines()))
    metadata = {"tags": list(cell.tags)} if cell.tags else {}
    if "hide-input" in cell.tags:
        metadata["jupyter"] = {"source_hidden": True}
    if "checkpoint" in cell.tags:
        origin = Origin(source, (cell.line, *lines))
        return BuiltCell("code", f"{RESTART_COMMENT}\n{cell.source}", metadata, origin)
    return BuiltCell("code", cell.source, metadata, Origin(source, lines))


def _replaced(cell: BuiltCell, old: str, new: str) -> BuiltCell:
    if cell.kind != "markdown" or old not in cell.source:
        return cell
    return BuiltCell(cell.kind, cell.source.replace(old, new), cell.metadata, cell.origin)


def _text(source: str) -> BuiltCell:
    return BuiltCell("markdown", typeset_lines(source))


def typeset_lines(text: str) -> str:
    """Typeset the French of a Markdown text, leaving its fenced blocks as they are."""
    lines = text.splitlines()
    for number, line in lines_outside_fences(text):
        lines[number] = typeset(line)
    return "\n".join(lines)
