"""Read a lesson: its front matter, its introduction, its sections, its exercises."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from geoatelier.authoring.cells import COMMON_TAGS, LESSON_TAGS, cell_problems
from geoatelier.authoring.exercise_sheet import Sheet, read_sheet
from geoatelier.authoring.front_matter import FrontMatter, read_front_matter, read_title
from geoatelier.authoring.names import assigned, has_star_import, needed
from geoatelier.authoring.problems import MalformedSourceError, Problem, stop
from geoatelier.authoring.source import Block, Cell, Source, read_source, split_at_headings

# The minutes of the sections may differ from the total by a tenth: the time of a question or of a breath.
MINUTES_TOLERANCE = 0.10

_HEADING = re.compile(r"(?P<title>\S.*?)\s+·\s+(?P<minutes>\d+)\s+min")
_FOLDER = re.compile(r"(?P<code>[NSE][1-9]\d*)_(?P<slug>[a-z0-9]+(_[a-z0-9]+)*)")


@dataclass(frozen=True)
class Section:
    """A part of a lesson where a late-comer can start."""

    title: str
    minutes: int
    line: int
    cells: tuple[Cell, ...]

    @property
    def code(self) -> tuple[Cell, ...]:
        """The cells that are run."""
        return tuple(cell for cell in self.cells if cell.is_code)


@dataclass(frozen=True)
class Lesson:
    """A whole lesson, read and well formed."""

    source: Source
    front: FrontMatter
    introduction: tuple[Cell, ...]
    sections: tuple[Section, ...]
    sheet: Sheet

    @property
    def path(self) -> Path:
        """The source file."""
        return self.source.path

    @property
    def folder(self) -> Path:
        """The folder of the lesson."""
        return self.source.path.parent


@dataclass(frozen=True)
class Page:
    """A page that is not a lesson, such as the welcome notebook."""

    source: Source
    title: str


def read_lesson(folder: Path) -> Lesson:
    """Read the lesson of a folder.

    Raises
    ------
    MalformedSourceError
        With every problem of its two files, each at its line.
    """
    for name in ("lesson.md", "exercises.md"):
        if not (folder / name).is_file():
            raise stop(
                folder / name, 1, "fichier absent.", "une leçon est faite de `lesson.md` et `exercises.md`."
            )
    source = read_source(folder / "lesson.md")
    front = read_front_matter(source)
    problems = [*_folder_problems(folder, source, front)]
    problems += cell_problems(source.path, source.cells, LESSON_TAGS)
    sheet = None
    try:
        sheet = read_sheet(read_source(folder / "exercises.md"), front.code)
    except MalformedSourceError as error:
        problems += error.problems
    opening, *blocks = split_at_headings(source.cells)
    if not problems:
        problems += _structure_problems(source, front, opening, blocks)
    if problems:
        raise MalformedSourceError(problems)
    return Lesson(source, front, opening.cells, tuple(map(_read_section, blocks)), sheet)


def read_page(path: Path) -> Page:
    """Read a page.

    Raises
    ------
    MalformedSourceError
        With every problem of the file, each at its line.
    """
    source = read_source(path)
    title = read_title(source)
    problems = list(cell_problems(path, source.cells, COMMON_TAGS))
    if problems:
        raise MalformedSourceError(problems)
    return Page(source, title)


def _folder_problems(folder: Path, source: Source, front: FrontMatter) -> Iterator[Problem]:
    match = _FOLDER.fullmatch(folder.name)
    if match is None or match["code"] != front.code:
        advice = f"renommez-le, par exemple `{front.code}_classer_sans_se_mentir`."
        yield Problem(
            source.path, 1, f"le dossier `{folder.name}` ne porte pas le code {front.code}.", advice
        )
    if folder.parent.name != front.level:
        advice = f"déplacez-la dans `lessons/{front.level}/`, ou corrigez `level`."
        line = source.line_of_key("level")
        yield Problem(source.path, line, f"la leçon est rangée dans `{folder.parent.name}`.", advice)


def _structure_problems(
    source: Source, front: FrontMatter, opening: Block, blocks: list[Block]
) -> Iterator[Problem]:
    for cell in opening.cells:
        if cell.is_code:
            advice = "mettez-la dans une section, dont elle sera la cellule `checkpoint`."
            yield Problem(source.path, cell.line, "cellule de code avant la première section.", advice)
    if not blocks:
        yield Problem(source.path, 1, "la leçon n'a pas de section.", "ajoutez `## Titre · 12 min`.")
    for block in blocks:
        yield from _section_problems(source.path, block)
    headings = [_HEADING.fullmatch(block.heading) for block in blocks]
    total = sum(int(heading["minutes"]) for heading in headings if heading)
    if all(headings) and abs(total - front.minutes) > MINUTES_TOLERANCE * front.minutes:
        advice = "accordez-les : l'écart toléré est d'un dixième."
        line = source.line_of_key("minutes")
        message = f"l'en-tête annonce {front.minutes} min, les sections en font {total}."
        yield Problem(source.path, line, message, advice)


def _section_problems(path: Path, block: Block) -> Iterator[Problem]:
    if _HEADING.fullmatch(block.heading) is None:
        advice = "écrivez par exemple `## Le même champ des deux côtés · 12 min`."
        yield Problem(path, block.line, f"section sans durée : `## {block.heading}`.", advice)
    code = [cell for cell in block.cells if cell.is_code]
    for rank, cell in enumerate(code):
        if rank == 0 and "checkpoint" not in cell.tags:
            advice = "ajoutez `:tags: [checkpoint]` ; la cellule rétablit tout ce dont la section a besoin."
            yield Problem(
                path,
                cell.line,
                "la première cellule de code de la section n'est pas un point de reprise.",
                advice,
            )
        if rank > 0 and "checkpoint" in cell.tags:
            advice = "une section n'a qu'un point de reprise, sa première cellule de code."
            yield Problem(path, cell.line, "point de reprise au milieu d'une section.", advice)
    known = set()
    for cell in code:
        if has_star_import(cell.source):
            return
        for name in sorted(needed(cell.source) - known):
            advice = "rétablissez-le dans la cellule `checkpoint` de la section."
            yield Problem(path, cell.line_of(name), f"`{name}` vient d'une autre section.", advice)
        known.update(assigned(cell.source))


def _read_section(block: Block) -> Section:
    heading = _HEADING.fullmatch(block.heading)
    return Section(heading["title"], int(heading["minutes"]), block.line, block.cells)
