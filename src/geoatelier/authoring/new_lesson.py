"""Lay down a lesson that builds and passes its tests, for its author to fill in."""

import datetime as dt
import re
import unicodedata
from importlib.resources import files
from pathlib import Path
from string import Template

from geoatelier.authoring.front_matter import LEVELS
from geoatelier.authoring.places import Places

_TEMPLATES = files("geoatelier.authoring") / "templates"


class RefusedError(ValueError):
    """The lesson cannot be laid down; the message says why, in French."""


def new_lesson(root: Path, code: str, title: str) -> tuple[Path, ...]:
    """Write the two sources and the check module of a new lesson.

    Parameters
    ----------
    root : Path
        The folder that holds `lessons`.
    code : str
        N, S or E and a number, such as "S6"; the letter gives the level.
    title : str
        Title in French; it gives the folder its name.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    RefusedError
        If the code is malformed or taken, or the title is empty or has no letter.
    """
    places = Places(root)
    level = next((level for level, (letter, _) in LEVELS.items() if letter == code[:1]), None)
    if level is None or not re.fullmatch(r"[NSE][1-9]\d*", code):
        raise RefusedError(f"« {code} » n'est pas un code de leçon : N, S ou E, puis un numéro, comme S6.")
    slug = slug_of(title)
    if not slug:
        raise RefusedError('Il faut un titre : geoatelier new-lesson S6 --title "Un titre"')
    checks = places.checks / f"{code.lower()}.py"
    folder = places.lessons / level / f"{code}_{slug}"
    for taken in (checks, *places.lessons.glob(f"*/{code}_*")):
        if taken.exists():
            raise RefusedError(f"Le code {code} est déjà pris : {taken.relative_to(root)}")
    values = {
        "code": code,
        "module": code.lower(),
        "level": level,
        "title": _yaml_text(title),
        "today": dt.date.today().isoformat(),
    }
    written = {
        folder / "lesson.md": "lesson.md",
        folder / "exercises.md": "exercises.md",
        checks: "checks.py.txt",
    }
    for path, template in written.items():
        text = Template((_TEMPLATES / template).read_text(encoding="utf-8")).substitute(values)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tuple(written)


def slug_of(title: str) -> str:
    """Give a title as a file name: « Classer sans se mentir » becomes classer_sans_se_mentir."""
    plain = unicodedata.normalize("NFKD", title.replace("œ", "oe").replace("æ", "ae"))
    ascii_only = plain.encode("ascii", "ignore").decode()
    return "_".join(re.findall(r"[a-z0-9]+", ascii_only.lower()))


def _yaml_text(title: str) -> str:
    return '"' + title.strip().replace("\\", "\\\\").replace('"', '\\"') + '"'
