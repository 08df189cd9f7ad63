"""The energy meter of NVIDIA cards, read before and after a block.

A card (Volta, 2017, and newer) counts the energy that it has drawn since its driver started: two readings and
no sampling. It counts all that the card does, other people's work included.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

MILLIJOULES_IN_A_WATT_HOUR = 3_600_000


def energy_wh() -> float | None:
    """Return the energy drawn by all cards since their driver started, Wh; None if none has a meter."""
    readings = [reading for card in _cards() if (reading := _ask_energy(card)) is not None]
    return sum(readings) / MILLIJOULES_IN_A_WATT_HOUR if readings else None


def names() -> list[str]:
    """Return the name of each NVIDIA card, and say in French which have no meter."""
    found = []
    for card in _cards():
        name = _ask("nvmlDeviceGetName", card) or "carte NVIDIA"
        found.append(name if _ask_energy(card) is not None else f"{name} (sans compteur d'énergie)")
    return found


@cache
def _cards() -> list[Any]:
    """Handles of the NVIDIA cards; empty without a driver."""
    import pynvml

    try:
        pynvml.nvmlInit()
        return [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
    except pynvml.NVMLError:
        return []


def _ask_energy(card: Any) -> int | None:  # noqa: ANN401 - an opaque handle
    return _ask("nvmlDeviceGetTotalEnergyConsumption", card)


def _ask(question: str, card: Any) -> Any:  # noqa: ANN401
    """Answer of the driver, None if this card cannot tell."""
    import pynvml

    ask: Callable[[Any], Any] = getattr(pynvml, question)
    try:
        return ask(card)
    except pynvml.NVMLError:
        return None
