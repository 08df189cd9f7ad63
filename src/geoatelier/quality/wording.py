"""How numbers and lists are written in French messages."""

import math
from collections.abc import Iterable

NARROW_SPACE = "\u202f"
SPACE = "\u00a0"


def number(value: float, digits: int = 0) -> str:
    """`value` with a decimal comma, thousands apart, and no useless zero: 1234.50 gives « 1 234,5 »."""
    if not math.isfinite(value):
        return "inconnu" if math.isnan(value) else "infini"
    text = f"{value:,.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    text = text.replace(",", NARROW_SPACE).replace(".", ",")
    return "0" if text == "-0" else text


def count(n: int, singular: str, plural: str | None = None) -> str:
    """`n` followed by its noun, which takes an s, or `plural`, from two on: « 2 objets », « 0 objet »."""
    noun = singular if n < 2 else plural or f"{singular}s"
    return f"{number(n)}{SPACE}{noun}"


def area(square_metres: float) -> str:
    """A surface in the unit that reads best: cm², m² or ha."""
    if square_metres < 0.1:
        return f"{number(square_metres * 1e4)}{SPACE}cm²"
    if square_metres < 10_000:
        return f"{number(square_metres, 1)}{SPACE}m²"
    return f"{number(square_metres / 1e4, 2)}{SPACE}ha"


def in_unit(value: float, unit: str) -> str:
    """A measured value with its unit, « non mesuré » where there is none: 3.18 and « % » give « 3,18 % »."""
    if math.isnan(value):
        return "non mesuré"
    return number(value, 2 if abs(value) >= 0.1 else 4) + (f"{SPACE}{unit}" if unit else "")


def quote(text: object) -> str:
    """`text` in French quotation marks."""
    return f"«{SPACE}{text}{SPACE}»"


def some(items: Iterable[object], limit: int = 4) -> str:
    """The first `limit` items, separated by commas, and how many were left out."""
    items = list(items)
    shown = ", ".join(str(item) for item in items[:limit])
    left = len(items) - limit
    return shown if left <= 0 else f"{shown} et {count(left, 'autre')}"
