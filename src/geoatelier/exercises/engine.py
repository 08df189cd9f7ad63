"""Find the check of an exercise, run it on anything at all, and remember what it answered."""

import inspect
import os
import re
import sys
import traceback
import typing
import warnings
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Annotated

import pandas as pd

from geoatelier.exercises.bilan import Bilan
from geoatelier.exercises.french import join_words
from geoatelier.exercises.guards import Needs, unmet
from geoatelier.exercises.kinds import KindError, fit
from geoatelier.exercises.outcome import Outcome, revise, todo

CHECKS_PACKAGE = "geoatelier.exercises.checks"
TRACE_VARIABLE = "GEOATELIER_TRACE"

_NUMBER = re.compile(r"([NSE]\d+)\.(\d+)")
_outcomes: dict[str, Outcome] = {}


class UnknownExerciseError(LookupError):
    """There is no check of this number; the message says in French what to look at."""


def check(number: str, /, **answers: object) -> Outcome:
    """Judge the answers to an exercise: réussi, à revoir or à faire, never a traceback.

    Parameters
    ----------
    number : str
        The number of the exercise, such as "S3.1".
    **answers : object
        The learner's variables, under the names that the exercise gives them.

    Returns
    -------
    Outcome
        Shown as a card in Lab; `progress()` remembers the last one of each exercise.
    """
    try:
        function = find_check(number)
    except UnknownExerciseError as problem:
        return revise(str(problem))
    outcome = judge(function, answers).of(number)
    _outcomes[number] = outcome
    return outcome


def progress() -> Bilan:
    """Give the table of the exercises checked since the kernel started, with their state."""
    return Bilan(dict(_outcomes))


def forget() -> None:
    """Forget every outcome, as a fresh kernel would."""
    _outcomes.clear()


def find_check(number: str) -> Callable[..., Outcome]:
    """Give the check function of an exercise: `s3_1` of the module `checks.s3` for "S3.1".

    Raises
    ------
    UnknownExerciseError
        If the number is malformed, or no such module or function exists.
    """
    match = _NUMBER.fullmatch(number) if isinstance(number, str) else None
    if match is None:
        raise UnknownExerciseError(
            f"`{number!r}` n'est pas un numéro d'exercice. Un numéro s'écrit comme `\"S3.1\"`."
        )
    module = _check_module(match[1])
    if module is None:
        raise UnknownExerciseError(f"Aucune leçon `{match[1]}` n'a d'exercices.")
    function = getattr(module, f"{match[1].lower()}_{match[2]}", None)
    if function is None:
        raise UnknownExerciseError(f"La leçon `{match[1]}` n'a pas d'exercice `{number}`.")
    return function


def numbers_checked(code: str) -> set[str]:
    """Give the numbers of the exercises of a lesson that have a check function, none if it has no module."""
    names = vars(_check_module(code) or object).keys()
    ranks = (re.fullmatch(rf"{code.lower()}_(\d+)", name) for name in names)
    return {f"{code}.{rank[1]}" for rank in ranks if rank}


def _check_module(code: str) -> ModuleType | None:
    name = f"{CHECKS_PACKAGE}.{code.lower()}"
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None


def names_taken(function: Callable[..., Outcome]) -> tuple[str, ...]:
    """Give the names of the answers that a check takes, in order."""
    return tuple(inspect.signature(function).parameters)


def judge(function: Callable[..., Outcome], answers: dict[str, object]) -> Outcome:
    """Run a check behind its guards: names, untouched answers, kinds, declared needs, last-resort catch."""
    expected = names_taken(function)
    if set(expected) != set(answers):
        return revise(_name_mismatch(expected, tuple(answers)))
    untouched = [name for name in expected if answers[name] is ...]
    if untouched:
        names = join_words([f"`{name}`" for name in untouched])
        return todo(f"Remplacez les points de suspension par votre réponse : il reste {names}.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning raised by reading an answer is not the learner's
        try:
            return _read_and_run(function, {name: answers[name] for name in expected})
        except (Exception, SystemExit) as error:  # a learner's function may also call exit()
            if os.environ.get(TRACE_VARIABLE):
                traceback.print_exc(file=sys.stderr)
            return revise(_unreadable(error))


def _read_and_run(function: Callable[..., Outcome], answers: dict[str, object]) -> Outcome:
    kinds = typing.get_type_hints(function, include_extras=True)
    read = {}
    for name, value in answers.items():
        kind = kinds.get(name, object)
        try:
            read[name] = fit(value, kind)
        except KindError as problem:
            return revise(f"`{name}` {problem}")
        if found := unmet(name, read[name], _declared_needs(kind)):
            return found
    return function(**{name: _own_copy(value) for name, value in read.items()})


def _declared_needs(kind: object) -> Needs:
    if typing.get_origin(kind) is Annotated:
        for extra in typing.get_args(kind)[1:]:
            if isinstance(extra, Needs):
                return extra
    return Needs()


def _own_copy(value: object) -> object:
    """Give a frame that the check may change without changing the learner's (copy-on-write makes it free)."""
    return value.copy(deep=False) if isinstance(value, pd.DataFrame | pd.Series) else value


def _name_mismatch(expected: tuple[str, ...], given: tuple[str, ...]) -> str:
    def quoted(names: tuple[str, ...]) -> str:
        return join_words([f"`{name}`" for name in names]) if names else "rien"

    return (
        f"La cellule de vérification attend {quoted(expected)} et reçoit {quoted(given)}. "
        "Rétablissez-la telle qu'elle était sur la feuille."
    )


def _unreadable(error: BaseException) -> str:
    try:
        first_line = (str(error).strip().splitlines() or [""])[0][:200].replace("`", "'")
    except Exception:  # the error's own text may depend on a hostile answer
        first_line = "…"
    if isinstance(error, KeyError):
        return (
            f"La vérification a cherché `{first_line}` dans votre réponse et ne l'a pas trouvé. "
            "Affichez votre résultat : a-t-il gardé toutes les colonnes que demande l'énoncé ?"
        )
    return (
        "La vérification n'a pas pu lire votre réponse : sa forme n'est pas celle que demande l'énoncé. "
        f"Affichez-la et comparez. (Python dit : `{type(error).__name__}: {first_line}`)"
    )
