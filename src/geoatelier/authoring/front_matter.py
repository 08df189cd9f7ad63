"""The front matter of a lesson, and of a page such as the welcome notebook."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from geoatelier.authoring.problems import MalformedSourceError, Problem
from geoatelier.authoring.source import Source
from geoatelier.exercises.french import join_words

LEVELS = {"novice": ("N", "Novice"), "sensibilise": ("S", "Sensibilisé"), "expert": ("E", "Expert")}
VERBS = ("produire", "gérer", "exploiter", "valoriser")
_TEXTS = ("code", "level", "title", "summary", "verb", "licence")
_LISTS = ("objectives", "prerequisites", "data", "metiers", "packages")
_MAY_BE_EMPTY = ("prerequisites", "packages")
_OTHERS = ("minutes", "reviewed")
_FOR_JUPYTER = ("jupytext", "kernelspec", "jupyter")
_WANTED = {
    **dict.fromkeys(_TEXTS, "un texte"),
    **dict.fromkeys(_LISTS, "une liste"),
    "minutes": "un nombre entier de minutes",
    "reviewed": "une date (2025-09-30)",
}


@dataclass(frozen=True)
class FrontMatter:
    """What a lesson says of itself."""

    code: str
    level: str
    title: str
    summary: str
    minutes: int
    objectives: tuple[str, ...]
    prerequisites: tuple[str, ...]
    data: tuple[str, ...]
    metiers: tuple[str, ...]
    verb: str
    packages: tuple[str, ...]
    reviewed: dt.date
    licence: str

    @property
    def level_name(self) -> str:
        """The level as a learner reads it."""
        return LEVELS[self.level][1]


def read_front_matter(source: Source) -> FrontMatter:
    """Check the front matter of a lesson and give it typed.

    Raises
    ------
    MalformedSourceError
        With every problem of the front matter, each at its line.
    """
    problems = [*_missing_or_unknown(source), *_wrong_values(source)]
    if problems:
        raise MalformedSourceError(problems)
    values = {key: source.front_matter[key] for key in _WANTED}
    return FrontMatter(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


def read_title(source: Source) -> str:
    """Give the title of a page, whose front matter has nothing else.

    Raises
    ------
    MalformedSourceError
        If there is no title, or a key that a page does not have.
    """
    title = source.front_matter.get("title")
    problems = [
        _problem(source, key, f"clé inconnue `{key}` dans l'en-tête.", "une page n'a qu'un `title`.")
        for key in source.front_matter
        if key not in ("title", *_FOR_JUPYTER)
    ]
    if not isinstance(title, str) or not title.strip():
        problems.append(
            _problem(source, "title", "la page n'a pas de titre.", "ajoutez `title: …` à l'en-tête.")
        )
    if problems:
        raise MalformedSourceError(problems)
    return title


def _missing_or_unknown(source: Source) -> Iterator[Problem]:
    for key in _WANTED:
        if key not in source.front_matter:
            yield _problem(
                source, key, f"il manque `{key}` à l'en-tête.", f"ajoutez `{key}:` suivi d'{_WANTED[key]}."
            )
    for key in source.front_matter:
        if key not in _WANTED and key not in _FOR_JUPYTER:
            known = ", ".join(_WANTED)
            yield _problem(source, key, f"clé inconnue `{key}` dans l'en-tête.", f"les clés sont : {known}.")


def _wrong_values(source: Source) -> Iterator[Problem]:
    values = source.front_matter
    for key, value in values.items():
        if key in _WANTED and not _has_kind(key, value):
            yield _problem(source, key, f"`{key}` n'a pas la forme voulue.", f"écrivez {_WANTED[key]}.")
    level, code, verb = values.get("level"), values.get("code"), values.get("verb")
    if isinstance(level, str) and level not in LEVELS:
        yield _problem(source, "level", f"niveau inconnu `{level}`.", f"choisissez {_choices(LEVELS)}.")
    if isinstance(code, str) and not re.fullmatch(r"[NSE][1-9]\d*", code):
        yield _problem(
            source, "code", f"code inconnu `{code}`.", "un code est N, S ou E suivi d'un numéro : `S3`."
        )
    elif isinstance(code, str) and level in LEVELS and LEVELS[level][0] != code[0]:
        letter = LEVELS[level][0]
        yield _problem(
            source, "code", f"`{code}` n'est pas un code du niveau {level}.", f"il commence par {letter}."
        )
    if isinstance(verb, str) and verb not in VERBS:
        yield _problem(source, "verb", f"verbe inconnu `{verb}`.", f"choisissez {_choices(VERBS)}.")


def _has_kind(key: str, value: object) -> bool:
    if key in _TEXTS:
        return isinstance(value, str) and bool(value.strip())
    if key in _LISTS:
        texts = isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)
        return texts and (bool(value) or key in _MAY_BE_EMPTY)
    if key == "minutes":
        return isinstance(value, int) and not isinstance(value, bool) and value > 0
    return isinstance(value, dt.date)


def _choices(names: object) -> str:
    return join_words([f"`{name}`" for name in names], last="ou")


def _problem(source: Source, key: str, message: str, advice: str) -> Problem:
    return Problem(source.path, source.line_of_key(key), message, advice)
