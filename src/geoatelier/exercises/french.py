"""French typography and counting for the messages that learners read."""

import re
from collections.abc import Iterable, Sequence

NO_BREAK = "\u00a0"
THIN_NO_BREAK = "\u202f"

_CODE_SPAN = re.compile(r"(`+[^`]*`+)")
_BEFORE_PUNCTUATION = re.compile(r"(?<=[^\s|]) (?=[:;?!»%€](?:[\s\"'*_).…,:;?!»]|$))")
_AFTER_OPENING_QUOTE = re.compile(r"« ")


def typeset(text: str) -> str:
    """Put the no-break spaces of French typography where plain ones were typed, code spans left aside."""
    pieces = _CODE_SPAN.split(text)
    for i in range(0, len(pieces), 2):
        after = f"\x00{pieces[i]}" if i else pieces[i]  # a code span counts as a word before the punctuation
        after = _BEFORE_PUNCTUATION.sub(NO_BREAK, after)
        pieces[i] = _AFTER_OPENING_QUOTE.sub(f"«{NO_BREAK}", after).replace("\x00", "")
    return "".join(pieces)


def plain_spaces(text: str) -> str:
    """Give the text with plain single spaces and straight apostrophes, to compare two wordings."""
    return " ".join(text.replace("’", "'").split())


def number(value: float, digits: int = 0) -> str:
    """Write a number the French way: « 12 345,6 », with no-break thin spaces.

    Parameters
    ----------
    value : float
        A finite number.
    digits : int
        Digits after the comma.
    """
    return f"{value:,.{digits}f}".replace(",", THIN_NO_BREAK).replace(".", ",").replace("-", "−")


def percent(share: float, digits: int = 0) -> str:
    """Write a share as a percentage: « 12,5 % »; `share` is between 0 and 1."""
    return f"{number(100 * share, digits)}{NO_BREAK}%"


def count(n: int, singular: str, plural: str | None = None) -> str:
    """Write a count with its noun: « 1 parcelle », « 3 parcelles » (French: zero is singular)."""
    noun = singular if abs(n) < 2 else plural or f"{singular}s"
    return f"{number(n)}{NO_BREAK}{noun}"


def join_words(words: Sequence[str], last: str = "et") -> str:
    """Join words as a sentence does: « a, b et c »."""
    *head, tail = words
    return f"{', '.join(head)} {last} {tail}" if head else tail


def listing(items: Iterable[object], limit: int = 5) -> str:
    """Name the first items and count the rest: « `a`, `b` et 3 autres »."""
    names = [f"`{item}`" for item in items]
    if len(names) <= limit:
        return join_words(names) if names else "aucun"
    return f"{', '.join(names[:limit])} et {count(len(names) - limit, 'autre')}"
