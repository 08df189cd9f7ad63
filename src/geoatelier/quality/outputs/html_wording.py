"""How the report writes levels, dates, values and French punctuation."""

import datetime as dt
import re
from dataclasses import dataclass

from geoatelier.quality.kinds import Level
from geoatelier.quality.measure import Measure
from geoatelier.quality.wording import SPACE, count, in_unit

# An attribute can hold a whole book: the report shows how it begins.
LONGEST_TEXT = 400
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_CODE = re.compile(r"`([\w.]+(?:\([^`]*\))?)`")
_BEFORE_PUNCTUATION = re.compile(r"(?<=\S) (?=[:;?!»%])")


@dataclass(frozen=True)
class LevelName:
    """A level, for one anomaly and for several."""

    singular: str
    plural: str


LEVEL_NAMES: dict[Level, LevelName] = {
    "bloquant": LevelName("Bloquante", "Bloquantes"),
    "erreur": LevelName("Erreur", "Erreurs"),
    "avertissement": LevelName("Avertissement", "Avertissements"),
    "info": LevelName("Information", "Informations"),
}


def long_date(day: dt.date) -> str:
    """« 26 novembre 2026 »."""
    first = "1er" if day.day == 1 else str(day.day)
    return f"{first}{SPACE}{_MONTHS[day.month - 1]}{SPACE}{day.year}"


def typeset(text: str) -> str:
    """The no-break spaces of French where ordinary ones were typed, and code without its backquotes."""
    text = _CODE.sub(r"\1", text)
    return _BEFORE_PUNCTUATION.sub(SPACE, text).replace("« ", f"«{SPACE}")


def shortened(text: str) -> str:
    """The beginning of a long text, and how long it is."""
    if len(text) <= LONGEST_TEXT:
        return text
    return f"{text[:LONGEST_TEXT]}… ({count(len(text), 'caractère')})"


def threshold(measure: Measure) -> str:
    """The threshold of a measure and its sense, such as « au plus 2 % »; empty when there is none."""
    if measure.threshold is None:
        return ""
    return f"au {'plus' if measure.at_most else 'moins'}{SPACE}{in_unit(measure.threshold, measure.unit)}"
