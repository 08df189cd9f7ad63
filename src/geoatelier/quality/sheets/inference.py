"""What the values of a column let one guess of its rules: type, list of values, pattern, uniqueness."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd

from geoatelier.quality.attributes import as_text
from geoatelier.quality.dates import date_columns, parse_dates
from geoatelier.quality.layer import Layer, is_number, is_text, missing
from geoatelier.quality.profiles import ValueType
from geoatelier.quality.schema import of_type
from geoatelier.quality.text import repair

_MOST_VALUES = 20  # in a list
_LONGEST = 60  # characters, of a value in a list
_ENOUGH = 10  # different values, to guess a pattern or uniqueness
_SIGNS = {"d": r"\d", "A": "[A-Z]", "a": "[a-z]"}


@dataclass(frozen=True)
class Guess:
    """The rules that all values of a column hold.

    Parameters
    ----------
    type : None when values are of several types
    filled : no value is missing
    unique : no value comes twice
    values : the list of values, when there are few and each comes twice or more
    pattern : an expression that every value follows; `width` its number of characters when it is always the
        same
    """

    type: ValueType | None
    filled: bool
    unique: bool = False
    values: tuple[str, ...] = ()
    pattern: str | None = None
    width: int | None = None


def guess(layer: Layer, name: str) -> Guess:
    """What can be guessed of the column `name` of `layer`."""
    values = layer.frame[name]
    known = values[~missing(values)]
    filled = len(known) == len(values) and len(values) > 0
    if known.empty:
        return Guess(None, False)
    kind = _type(layer, name, known)
    if kind not in ("texte", "code", "entier"):
        return Guess(kind, filled)
    texts = as_text(values)[~missing(values)]
    counts = texts.map(repair).value_counts()
    if len(counts) <= _MOST_VALUES and (counts >= 2).all() and (counts.index.str.len() <= _LONGEST).all():
        return Guess(kind, filled, values=tuple(sorted(map(str, counts.index))) if kind != "entier" else ())
    unique = not known.duplicated().any() and len(known) >= _ENOUGH
    if kind == "entier" or texts.nunique() < _ENOUGH:
        return Guess(kind, filled, unique=unique)
    pattern, width = common_pattern(texts.unique())
    return Guess("code" if pattern else kind, filled, unique, pattern=pattern, width=width)


def common_pattern(texts: Iterable[str]) -> tuple[str | None, int | None]:
    """An expression that all `texts` follow, and their length when it is the same for all.

    Digits and plain letters are counted, other signs kept as they are. None when texts are not built alike,
    or hold no digit: then they are words.
    """
    texts = list(texts)
    shapes = {tuple((sign, len(list(run))) for sign, run in groupby(map(_sign, text))) for text in texts}
    signs = {tuple(sign for sign, _ in shape) for shape in shapes}
    if len(signs) != 1 or not {"d"} & set(*signs):
        return None, None
    runs = np.array([[length for _, length in shape] for shape in shapes])
    pattern = "".join(
        (_SIGNS.get(sign) or re.escape(sign[1:])) + _times(low, high)
        for sign, low, high in zip(*signs, runs.min(axis=0), runs.max(axis=0), strict=True)
    )
    lengths = {len(text) for text in texts}
    return pattern, lengths.pop() if len(lengths) == 1 else None


def _sign(character: str) -> str:
    """The family of a character; a character of none is a family of its own."""
    if character.isdecimal():
        return "d"
    if character.isascii() and character.isalpha():
        return "A" if character.isupper() else "a"
    return f"={character}"


def _times(low: int, high: int) -> str:
    if low == high:
        return "" if low == 1 else f"{{{low}}}"
    return f"{{{low},{high}}}"


def _type(layer: Layer, name: str, known: pd.Series) -> ValueType | None:
    values = layer.frame[name]
    if pd.api.types.is_bool_dtype(values):
        return "booléen"
    if pd.api.types.is_datetime64_any_dtype(values):
        return "date"
    if is_number(values):
        return "entier" if of_type(values, "entier").all() and _counts(values) else "décimal"
    if not is_text(values):
        return None
    if name in date_columns(layer) and parse_dates(known).notna().all():
        return "date"
    return "texte" if known.map(lambda value: isinstance(value, str)).all() else None


def _counts(values: pd.Series) -> bool:
    """Whether whole numbers are stored as such, or as decimals only because some are missing."""
    return pd.api.types.is_integer_dtype(values) or bool(values.isna().any())
