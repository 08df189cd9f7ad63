"""The cost of a block of code: what was measured, and what is estimated from it."""

import html
from dataclasses import dataclass, field
from datetime import datetime

from geoatelier.footprint.arithmetic import Arithmetic
from geoatelier.footprint.estimate import Assumptions, Range
from geoatelier.footprint.wording import grams, number, watt_hours


@dataclass(eq=False)
class Cost:
    """The cost of a block of code; filled when the block ends.

    Parameters
    ----------
    name : what was done
    assumptions : what the estimate of energy supposes
    seconds : duration
    cpu_seconds : time spent by all cores, child processes included
    peak_mb : most memory held by the process and its children, MB (10⁶ bytes), sampled
    hardware : the machine
    graphics_wh : energy read on the meter of the graphics cards, Wh; None where there is no such meter
    meter_seconds : processor time that the meter itself took
    started : when the block began, with its time zone
    error : the exception that ended the block, empty if none did
    inside : the cost of the block that this block is part of, None if it stands alone

    Raises
    ------
    ValueError
        If the name is empty, or if a quantity is negative, infinite or not a number.
    """

    name: str
    assumptions: Assumptions = field(default_factory=Assumptions)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0
    hardware: str = ""
    graphics_wh: float | None = None
    meter_seconds: float = 0.0
    started: datetime | None = None
    error: str = ""
    inside: "Cost | None" = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("Donnez un nom à ce qui est mesuré, par exemple « Forêt, 40 arbres ».")
        self.assumptions.parts(**self.measured)  # refuses impossible quantities

    @property
    def measured(self) -> dict[str, float | None]:
        """What the estimate starts from, named as the arguments of `Assumptions.energy`."""
        return {
            "seconds": self.seconds,
            "cpu_seconds": self.cpu_seconds,
            "memory_mb": self.peak_mb,
            "graphics_wh": self.graphics_wh,
        }

    @property
    def energy_wh(self) -> Range:
        """Energy in Wh: low, central, high."""
        return self.assumptions.energy(**self.measured)

    @property
    def carbon_g(self) -> Range:
        """Greenhouse gases in gCO2e: low, central, high."""
        return self.assumptions.carbon(self.energy_wh)

    def arithmetic(self) -> Arithmetic:
        """Lay the estimate out line by line, to be done again by hand."""
        return Arithmetic(self.name, self.assumptions, **self.measured)

    def line(self) -> str:
        """Return the cost in one French line; every cost line of a lesson starts with « Coût »."""
        if self.started is not None and not self.seconds:
            return f"Coût · {self.name} : la mesure est en cours. Lisez-la après le bloc « with »."
        graphics = "" if self.graphics_wh is None else f"carte graphique {watt_hours([self.graphics_wh])} · "
        stopped = f" · interrompu par {self.error}" if self.error else ""
        return (
            f"Coût · {self.name} : {number(self.seconds)} s · {number(self.peak_mb)} Mo · {graphics}"
            f"{watt_hours(self.energy_wh)} · {grams(self.carbon_g)}{stopped} "
            f"(estimation ; {self.assumptions.source})"
        )

    def _repr_html_(self) -> str:
        return (
            f'<div class="geoatelier-cout">{html.escape(self.line())}<br>{html.escape(self.hardware)}</div>'
        )

    def __repr__(self) -> str:
        return self.line()
