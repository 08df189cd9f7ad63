"""From what is measured (seconds, memory) to what is estimated (Wh, gCO2e): a range, never one number.

Nothing here reads a power meter, but that of an NVIDIA card where there is one. The bounds are wide because
the machine is not known: a laptop, an office computer or a shared server. Each assumption carries its source.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from geoatelier.footprint.wording import number


class Range(NamedTuple):
    """A low, a central and a high value, in the unit of what they measure."""

    low: float
    central: float
    high: float

    def scaled(self, factor: float) -> "Range":
        """Return the three values times a factor."""
        return Range(*(value * factor for value in self))

    @classmethod
    def total(cls, ranges: Iterable["Range"]) -> "Range":
        """Return the sum of ranges, bound by bound; zero if there is none."""
        return cls(*(sum(values) for values in zip(cls(0.0, 0.0, 0.0), *ranges, strict=True)))


class Parts(NamedTuple):
    """Energy of each part of the machine in Wh, before the building's own (PUE)."""

    processor: Range
    memory: Range
    graphics: Range


CORE_WATTS = Range(3.5, 7.5, 12.0)
PUE = Range(1.0, 1.0, 1.46)
FACTOR = Range(21.7, 21.7, 56.039)
NO_GRAPHICS = Range(0.0, 0.0, 0.0)
# Nothing documents the accuracy of the card's energy counter; NVIDIA gives 5 % for the power of older cards.
GRAPHICS_ACCURACY = 0.05

# Beyond these, a number was surely given in another unit.
_MAX_MEMORY_MB = 1e8
_MAX_CORE_WATTS = 1000
_MAX_PUE = 10
_FACTORS = (1, 5000)


@dataclass(frozen=True)
class Assumptions:
    """What the estimate supposes.

    Parameters
    ----------
    core_watts : power of one busy core, W. Low: mean of a virtual core at full load on AWS, 3.5 (Cloud Carbon
        Footprint, from SPECpower). Central: a server core, 7.5 (Green Algorithms, Xeon Gold 6248). High: any
        core, 12 (Green Algorithms' default)
    memory_watts_per_gb : power of the memory that the program holds, W/GB: 0.392 (Cloud Carbon Footprint)
    memory_watts_high : power of all the memory of the machine, W, for the high bound: 20, the fixed value
        that CodeCarbon 3 supposes when it cannot read a meter
    pue : power usage effectiveness, total energy of the building over that of the machines. 1 at one's desk;
        1.46 in French data centres in 2023 (Arcep), for the high bound
    factor : greenhouse gases of one kWh, gCO2e. 21.7: French production in 2024 (RTE). High: 56.039, the
        factor of CodeCarbon 3.3 for France (2023)
    source : of the factor, in French
    graphics_watts : power of a graphics card without a meter (AMD, Intel, Apple, old NVIDIA) while the block
        runs, W. Zero by default: give it if the block uses such a card

    Raises
    ------
    ValueError
        If bounds are out of order or negative, or if a value is surely in another unit (kg for g, mW for W).

    References
    ----------
    Lannelongue, Grealey, Inouye (2021), Green Algorithms, Advanced Science 8, 2100707.
    Cloud Carbon Footprint, methodology. CodeCarbon 3.3. RTE, bilan électrique 2024. Arcep, enquête 2024.
    """

    core_watts: Range = CORE_WATTS
    memory_watts_per_gb: float = 0.392
    memory_watts_high: float = 20.0
    pue: Range = PUE
    factor: Range = FACTOR
    source: str = "RTE 2024 : 21,7 gCO2e/kWh ; borne haute : CodeCarbon 3.3, 56,0"
    graphics_watts: Range = NO_GRAPHICS

    def __post_init__(self) -> None:
        for name in ("core_watts", "pue", "factor", "graphics_watts"):
            _refuse_disorder(name, getattr(self, name))
        for name in ("memory_watts_per_gb", "memory_watts_high"):
            _refuse_negative(name, getattr(self, name))
        if self.core_watts.high > _MAX_CORE_WATTS:
            raise ValueError(
                f"core_watts se donne en watts par cœur ; {number(self.core_watts.high)} W est trop. "
                "Avez-vous donné des milliwatts ?"
            )
        if not 1 <= self.pue.low <= self.pue.high <= _MAX_PUE:
            raise ValueError(
                f"pue va de {number(self.pue.low)} à {number(self.pue.high)} : c'est l'énergie du bâtiment "
                "divisée par celle des machines, 1 au moins (1,46 pour 46 % en plus)."
            )
        if not _FACTORS[0] <= self.factor.high <= _FACTORS[1]:
            raise ValueError(
                f"factor se donne en grammes d'équivalent CO2 par kWh ; {number(self.factor.high)} est sans "
                "doute dans une autre unité (la France est vers 20 à 60, le charbon vers 1 000)."
            )

    def parts(
        self, *, seconds: float, cpu_seconds: float, memory_mb: float, graphics_wh: float | None = None
    ) -> Parts:
        """Return the energy of each part of the machine in Wh.

        Takes and raises the same as `energy`.
        """
        for name, value in (("seconds", seconds), ("cpu_seconds", cpu_seconds), ("memory_mb", memory_mb)):
            _refuse_negative(name, value)
        if memory_mb > _MAX_MEMORY_MB:
            raise ValueError(
                f"memory_mb se donne en mégaoctets ; {number(memory_mb)} ressemble à des octets. "
                "Divisez par 1 000 000."
            )
        held = self.memory_watts(memory_mb)
        return Parts(
            processor=self.core_watts.scaled(cpu_seconds / 3600),
            memory=held.scaled(seconds / 3600),
            graphics=self._graphics(seconds, graphics_wh),
        )

    def memory_watts(self, memory_mb: float) -> Range:
        """Return the power of the memory in W: what the program holds; for the high bound, all there is."""
        held = memory_mb / 1000 * self.memory_watts_per_gb
        return Range(held, held, max(held, self.memory_watts_high))

    def _graphics(self, seconds: float, graphics_wh: float | None) -> Range:
        if graphics_wh is None:
            return self.graphics_watts.scaled(seconds / 3600)
        _refuse_negative("graphics_wh", graphics_wh)
        return Range(
            graphics_wh * (1 - GRAPHICS_ACCURACY), graphics_wh, graphics_wh * (1 + GRAPHICS_ACCURACY)
        )

    def energy(
        self, *, seconds: float, cpu_seconds: float, memory_mb: float, graphics_wh: float | None = None
    ) -> Range:
        """Return the energy in Wh.

        `((cpu_seconds × core_watts + seconds × memory watts) / 3600 + graphics_wh) × pue`

        Parameters
        ----------
        seconds : duration
        cpu_seconds : time spent by all cores: two cores busy during one second make two
        memory_mb : memory held, MB (10⁶ bytes)
        graphics_wh : energy read on the meter of the graphics cards, Wh; None where there is no such meter,
            and `graphics_watts` is supposed

        Raises
        ------
        ValueError
            If a quantity is negative, infinite or not a number, or if the memory is surely in bytes.
        """
        parts = self.parts(
            seconds=seconds, cpu_seconds=cpu_seconds, memory_mb=memory_mb, graphics_wh=graphics_wh
        )
        return self.with_building(Range.total(parts))

    def with_building(self, machine: Range) -> Range:
        """Return the energy of the machines with that of the building around them, in the same unit."""
        return Range(*(wh * pue for wh, pue in zip(machine, self.pue, strict=True)))

    def carbon(self, energy: Range) -> Range:
        """Return the greenhouse gases in gCO2e of an energy in Wh."""
        return Range(*(wh / 1000 * factor for wh, factor in zip(energy, self.factor, strict=True)))


def _refuse_negative(name: str, value: float) -> None:
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"{name} vaut {value} : il faut un nombre fini, positif ou nul.")


def _refuse_disorder(name: str, values: Range) -> None:
    if len(values) != 3 or not all(math.isfinite(value) and value >= 0 for value in values):
        raise ValueError(
            f"{name} demande trois nombres positifs (bas, central, haut) ; reçu : {tuple(values)}."
        )
    if not values[0] <= values[1] <= values[2]:
        raise ValueError(f"{name} se donne dans l'ordre bas, central, haut ; reçu : {tuple(values)}.")
