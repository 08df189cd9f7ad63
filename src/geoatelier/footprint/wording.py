"""French numbers and amounts, as the lines and tables of this room write them."""

from collections.abc import Sequence

import numpy as np

THIN = "\u202f"
NO_BREAK = "\u00a0"
# Below this many Wh or grams, thousandths are easier to read.
SMALL = 0.1


def number(value: float, *, digits: int = 2) -> str:
    """Write a number with a decimal comma, never with an exponent: « 0,0031 », « 12 345 ».

    Parameters
    ----------
    value : a finite number
    digits : significant digits; a number of more digits is written to the unit
    """
    if abs(value) >= 100:
        decimals = max(0, digits - len(f"{abs(value):.0f}"))
        return f"{value:,.{decimals}f}".replace(",", THIN).replace(".", ",")
    return np.format_float_positional(value, precision=digits, fractional=False, trim="-").replace(".", ",")


def between(values: Sequence[float]) -> str:
    """Write the two ends of a range: « 0,1 à 0,5 »."""
    low, high = number(values[0]), number(values[-1])
    return low if low == high else f"{low} à {high}"


def watt_hours(energy: Sequence[float]) -> str:
    """Write a range of energy given in Wh, in mWh, Wh, kWh or MWh."""
    return _scaled(energy, ((1e6, "MWh"), (1e3, "kWh"), (SMALL, "Wh"), (0, "mWh")))


def grams(carbon: Sequence[float]) -> str:
    """Write a range of greenhouse gases given in gCO2e, in milligrams, grams, kilograms or tonnes."""
    return _scaled(carbon, ((1e6, "tCO2e"), (1e3, "kgCO2e"), (SMALL, "gCO2e"), (0, "mgCO2e")))


def duration(seconds: float) -> str:
    """Write a duration in seconds, minutes, hours or days."""
    for unit, name in ((86_400, "j"), (3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{number(seconds / unit)} {name}"
    return f"{number(seconds)} s"


def _scaled(values: Sequence[float], units: Sequence[tuple[float, str]]) -> str:
    """Write values in the first unit whose limit the last one reaches: (limit, name), largest first."""
    limit, name = next(unit for unit in units if values[-1] >= unit[0])
    size = {SMALL: 1, 0: 1e-3}.get(limit, limit)
    return f"{between([value / size for value in values])} {name}"
