"""The table of lessons, written from their front matter between two markers of the README."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from geoatelier.authoring.plain_markdown import relative_link
from geoatelier.authoring.problems import stop
from geoatelier.exercises.french import count, typeset

if TYPE_CHECKING:
    from geoatelier.authoring.workshop import Workshop

START, END = "<!-- lecons:debut -->", "<!-- lecons:fin -->"


def lesson_table(workshop: "Workshop", folder: Path) -> str:
    """Give the table of lessons in Markdown, with links as seen from a file of `folder`."""
    rows = [
        "| Leçon | Niveau | Durée | Vous saurez | Exercices |",
        "|---|---|---|---|---|",
    ]
    for lesson in workshop.lessons:
        front, places = lesson.front, workshop.places
        notebook = relative_link(places.built("notebooks", lesson.folder), folder)
        sheet = relative_link(places.built("exercises", lesson.folder), folder)
        exercises = count(len(lesson.sheet.exercises), "exercice")
        rows.append(
            f"| [{front.code} · {front.title}]({notebook}) | {front.level_name} | {front.minutes} min "
            f"| {front.summary} | [{exercises}, {lesson.sheet.minutes} min]({sheet}) |"
        )
    return typeset("\n".join(rows))


def with_table(path: Path, workshop: "Workshop") -> str:
    """Give the text of a file with the table of lessons put between its markers.

    Raises
    ------
    MalformedSourceError
        If the markers are not there.
    """
    text = path.read_text(encoding="utf-8")
    pattern = re.compile(rf"(?<={re.escape(START)}\n).*?(?={re.escape(END)})", re.DOTALL)
    if not pattern.search(text):
        advice = f"mettez une ligne `{START}` et une ligne `{END}` là où le tableau doit venir."
        raise stop(path, 1, "le tableau des leçons n'a pas de place dans ce fichier.", advice)
    table = f"\n{lesson_table(workshop, path.parent)}\n\n"
    return pattern.sub(lambda _: table, text)
