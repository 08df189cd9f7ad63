"""From what is measured (seconds, memory) to what is estimated (Wh, gCO2e): a range, never one number.

Nothing here reads a power meter. The bounds are wide because the machine is not known: a laptop, an office
computer or a shared server. Each assumption carries its source.
"""

from dataclasses import dataclass
from typing import NamedTuple


class Range(NamedTuple):
    """A low, a central and a high value, in the unit of what they measure."""

    low: float
    central: float
    high: float


CORE_WATTS = Range(3.5, 7.5, 12.0)
PUE = Range(1.0, 1.0, 1.46)
FACTOR = Range(21.7, 21.7, 56.039)


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
    source: str = "RTE 2024 : 21,7 gCO2e/kWh ; borne haute : CodeCarbon 3.3, 56,0"

    def energy(self, *, seconds: float, cpu_seconds: float, memory_mb: float) -> Range:
        """Return the energy in Wh.

        `(cpu_seconds × core_watts + seconds × memory watts) × pue / 3600`

        Parameters
        ----------
        seconds : duration
        cpu_seconds : time spent by all cores: two cores busy during one second make two
        memory_mb : memory held, MB (10⁶ bytes)
        """
        held = memory_mb / 1000 * self.memory_watts_per_gb
        memory = Range(held, held, max(held, self.memory_watts_high))
        return Range(
            *(
                (cpu_seconds * core + seconds * ram) * pue / 3600
                for core, ram, pue in zip(self.core_watts, memory, self.pue, strict=True)
            )
        )

    def carbon(self, energy: Range) -> Range:
        """Return the greenhouse gases in gCO2e of an energy in Wh."""
        return Range(*(wh / 1000 * factor for wh, factor in zip(energy, self.factor, strict=True)))
