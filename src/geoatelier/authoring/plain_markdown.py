"""Text cells hold only the Markdown that JupyterLab and GitHub both show, and links that lead somewhere."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from geoatelier.authoring.problems import Problem
from geoatelier.authoring.source import Cell, lines_outside_fences, opening_fences

_CODE_SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_ROLE = re.compile(r"\{[a-zA-Z][\w:-]*\}`")
_IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\(")
_HTML_IMAGE = re.compile(r"<img\b(?P<attributes>[^>]*)>", re.IGNORECASE)
_ALT = re.compile(r"""\balt\s*=\s*(["'])\s*\S.*?\1""")
_LINK = re.compile(r"(?P<open>\]\()(?P<target>[^)\s]+)(?P<close>(?:\s+\"[^\"]*\")?\))")
_HTML_LINK = re.compile(r"""(?P<open>\b(?:href|src)=["'])(?P<target>[^"']+)(?P<close>["'])""")
_ABSOLUTE = re.compile(r"^([a-z][a-z0-9+.-]*:|#|/)", re.IGNORECASE)

_ADVICE = (
    "du Markdown simple seulement : une note est une citation (`> 💡 …`), un texte replié un `<details>`."
)


def markdown_problems(path: Path, cell: Cell) -> Iterator[Problem]:
    """Give what Lab would show as raw text in a text cell, and the images that have no alternative text."""
    for number, info in opening_fences(cell.source):
        if info.startswith("{"):
            yield Problem(path, cell.line + number, f"directive MyST `{info}` dans un texte.", _ADVICE)
    for number, line in lines_outside_fences(cell.source):
        yield from _line_problems(path, cell.line + number, line)


def _line_problems(path: Path, number: int, line: str) -> Iterator[Problem]:
    if _ROLE.search(line):
        yield Problem(path, number, "rôle MyST dans un texte.", _ADVICE)
    text = _CODE_SPAN.sub("", line)
    if re.match(r"\s*:{3,}", text):
        yield Problem(path, number, "directive MyST `:::` dans un texte.", _ADVICE)
    if re.match(r"\(\S+\)=\s*$", text):
        yield Problem(path, number, "étiquette MyST dans un texte.", _ADVICE)
    if text.startswith("# "):
        advice = "le titre vient de l'en-tête du fichier ; commencez à `##`."
        yield Problem(path, number, "titre de premier niveau dans un texte.", advice)
    for image in _IMAGE.finditer(text):
        if not image["alt"].strip():
            yield Problem(
                path, number, "image sans texte de remplacement.", "décrivez-la : `![ce qu'on y voit](…)`."
            )
    if lacks_alt(text):
        yield Problem(path, number, "image sans texte de remplacement.", 'ajoutez `alt="ce qu\'on y voit"`.')


def lacks_alt(html: str) -> bool:
    """Tell whether an HTML image has no alternative text."""
    return any(not _ALT.search(image["attributes"]) for image in _HTML_IMAGE.finditer(html))


def relative_targets(cell: Cell) -> Iterator[tuple[int, str]]:
    """Give the line and target of each relative link or image of a text cell."""
    for number, line in lines_outside_fences(cell.source):
        for pattern in (_LINK, _HTML_LINK):
            for match in pattern.finditer(_CODE_SPAN.sub("", line)):
                if not _ABSOLUTE.match(match["target"]):
                    yield cell.line + number, match["target"]


def move_links(text: str, source_folder: Path, built_folder: Path, built_for: Callable[[Path], Path]) -> str:
    """Rewrite the relative links of a text, written as seen from its source, as seen from the built file.

    Parameters
    ----------
    text : str
        Markdown.
    source_folder, built_folder : Path
        Folders of the source and of the built file.
    built_for : callable
        Gives the file that a reader should be sent to, for a file that a source links to.
    """

    def moved(match: re.Match) -> str:
        target = match["target"]
        if _ABSOLUTE.match(target):
            return match[0]
        path, mark, anchor = target.partition("#")
        goal = built_for(Path(os.path.normpath(source_folder / path)))
        return f"{match['open']}{relative_link(goal, built_folder)}{mark}{anchor}{match['close']}"

    lines = text.splitlines()
    for number, line in lines_outside_fences(text):
        lines[number] = _HTML_LINK.sub(moved, _LINK.sub(moved, line))
    return "\n".join(lines)


def relative_link(target: Path, folder: Path) -> str:
    """Give the path of a file as a link written in a file of `folder`."""
    return Path(os.path.relpath(target, folder)).as_posix()
