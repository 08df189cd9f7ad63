"""Read a MyST Markdown notebook into cells that remember their line in the file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import yaml
from jupytext.myst import MystMetadataParsingError, myst_to_notebook

from geoatelier.authoring.problems import stop

_FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})(.*)$")
_LINE_IN_MESSAGE = re.compile(r"\bat line (\d+)")


@dataclass(frozen=True)
class Cell:
    """A cell of a source: its text, its tags, and the line of the file where its text starts."""

    kind: str
    source: str
    line: int
    metadata: dict = field(default_factory=dict)

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags, in the order in which they were written."""
        tags = self.metadata.get("tags", [])
        return tuple(map(str, tags)) if isinstance(tags, list) else (str(tags),)

    @property
    def is_code(self) -> bool:
        """Whether the cell is run."""
        return self.kind == "code"

    def line_of(self, name: str) -> int:
        """Give the line of the file where a name first appears in the code, the first line if it does not."""
        for number, line in enumerate(self.source.splitlines()):
            if re.search(rf"\b{re.escape(name)}\b", line.partition("#")[0]):
                return self.line + number
        return self.line


@dataclass(frozen=True)
class Source:
    """A source file: its front matter as read (unchecked) and its cells."""

    path: Path
    front_matter: dict
    cells: tuple[Cell, ...]
    lines: tuple[str, ...]

    def line_of_key(self, key: str) -> int:
        """Give the line of a key of the front matter, 1 if it is not there."""
        for number, line in enumerate(self.lines, start=1):
            if re.match(rf"{re.escape(key)}\s*:", line):
                return number
            if number > 1 and line.rstrip() == "---":
                break
        return 1


@dataclass(frozen=True)
class Block:
    """What follows a `##` heading, up to the next one; `heading` is None for what comes before the first."""

    heading: str | None
    line: int
    cells: tuple[Cell, ...]


def read_source(path: Path) -> Source:
    """Read a source file.

    Raises
    ------
    MalformedSourceError
        If the front matter or a cell's options are not YAML, or a code cell is not closed.
    """
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    try:
        notebook = myst_to_notebook(text, add_source_map=True)
    except (MystMetadataParsingError, yaml.YAMLError) as error:
        raise _not_yaml(path, error) from error
    front_matter = dict(notebook.metadata)
    starts = front_matter.pop("source_map")
    cells = []
    for cell, start in zip(notebook.cells, starts, strict=True):
        body = (
            _code_body_line(lines, start) if cell.cell_type != "markdown" else _first_text_line(lines, start)
        )
        cells.append(Cell(cell.cell_type, cell.source, body, dict(cell.metadata)))
        _check_closed(path, cells[-1])
    return Source(path, front_matter, tuple(cells), tuple(lines))


def split_at_headings(cells: tuple[Cell, ...]) -> list[Block]:
    """Cut cells at their `##` headings, wherever these stand in a text cell."""
    heading, line, gathered, blocks = None, 1, [], []
    for cell in cells:
        if cell.is_code:
            gathered.append(cell)
            continue
        for title, piece in _cut(cell):
            if title is not None:
                blocks.append(Block(heading, line, tuple(gathered)))
                heading, line, gathered = title, piece.line, []
                piece = _without_first_line(piece)
            if piece.source.strip():
                gathered.append(piece)
    return [*blocks, Block(heading, line, tuple(gathered))]


def lines_outside_fences(text: str) -> Iterator[tuple[int, str]]:
    """Give the lines of a text (counted from 0) that are neither in a fenced block nor a fence."""
    fence = None
    for number, line in enumerate(text.splitlines()):
        match = _FENCE.match(line)
        if fence is None and match:
            fence = match[1]
        elif fence and match and match[1].startswith(fence) and not match[2].strip():
            fence = None
        elif fence is None:
            yield number, line


def opening_fences(text: str) -> Iterator[tuple[int, str]]:
    """Give the line and the info string of each fenced block of a text."""
    fence = None
    for number, line in enumerate(text.splitlines()):
        match = _FENCE.match(line)
        if fence is None and match:
            fence = match[1]
            yield number, match[2].strip()
        elif fence and match and match[1].startswith(fence) and not match[2].strip():
            fence = None


def _cut(cell: Cell) -> Iterator[tuple[str | None, Cell]]:
    """Cut a text cell before each of its `##` headings; give each piece with the heading it starts with."""
    lines = cell.source.splitlines()
    cuts = [(n, line[3:].strip()) for n, line in lines_outside_fences(cell.source) if line.startswith("## ")]
    bounds = [*cuts, (len(lines), None)]
    if bounds[0][0] > 0:
        yield None, Cell(cell.kind, "\n".join(lines[: bounds[0][0]]), cell.line, cell.metadata)
    for (start, title), (end, _) in pairwise(bounds):
        yield title, Cell(cell.kind, "\n".join(lines[start:end]), cell.line + start, cell.metadata)


def _without_first_line(cell: Cell) -> Cell:
    rest = cell.source.partition("\n")[2]
    skipped = len(rest) - len(rest.lstrip("\n"))
    return Cell(cell.kind, rest.strip("\n"), cell.line + 1 + skipped, cell.metadata)


def _first_text_line(lines: list[str], start: int) -> int:
    while start < len(lines) and not lines[start].strip():
        start += 1
    return start + 1


def _code_body_line(lines: list[str], start: int) -> int:
    """Give the line (from 1) of the first line of code, past the options of the cell."""
    index = start
    if index < len(lines) and lines[index].startswith("---"):
        index += 1
        while index < len(lines) and not lines[index].startswith("---"):
            index += 1
        index += 1
    while index < len(lines) and lines[index].lstrip().startswith(":"):
        index += 1
    if index < len(lines) and not lines[index].strip():
        index += 1
    return index + 1


def _check_closed(path: Path, cell: Cell) -> None:
    if not cell.is_code:
        return
    for number, line in enumerate(cell.source.splitlines()):
        if re.match(r"\s*(`{3,}|~{3,})\{", line):
            raise stop(
                path,
                cell.line - 1,
                f"la cellule de code qui commence ici n'est pas fermée avant la ligne {cell.line + number}.",
                "ajoutez une ligne de trois accents graves (```) à la fin de la cellule.",
            )


def _not_yaml(path: Path, error: Exception) -> Exception:
    text = str(error)
    in_message = _LINE_IN_MESSAGE.search(text)
    if in_message:
        line, what = int(in_message[1]), "les options de la cellule ne se lisent pas"
    else:
        marked = error if isinstance(error, yaml.MarkedYAMLError) else error.__context__
        mark = getattr(marked, "context_mark", None) or getattr(marked, "problem_mark", None)
        line, what = (mark.line + 2 if mark else 1), "l'en-tête ne se lit pas"
    return stop(
        path,
        line,
        f"{what} comme du YAML.",
        "un texte qui contient « : » ou commence par un signe se met entre guillemets : "
        '`:expects: "Le CRS manque : ajoutez-le"`.',
    )
