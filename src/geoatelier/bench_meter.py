"""What the meter of `geoatelier.footprint` costs: the same work with and without it."""

import sys
import time
from dataclasses import dataclass
from statistics import median

import numpy as np

from geoatelier.exercises.french import number, percent
from geoatelier.footprint import measure

SECONDS = 10.0
REPEATS = 3
MAX_SHARE = 0.01


@dataclass(frozen=True)
class Overhead:
    """Processor time that the meter adds to a block.

    Parameters
    ----------
    seconds : how long the block lasted, with the meter, s
    own : processor time that the meter says it took, s
    added : processor time of the block with the meter, less that without it, s; it may be negative, since the
        same work never takes quite the same time
    """

    seconds: float
    own: float
    added: float

    @property
    def share(self) -> float:
        """Own processor time of the meter over the duration of the block."""
        return self.own / self.seconds

    def line(self) -> str:
        """Return one French line for a benchmark."""
        verdict = "" if self.share < MAX_SHARE else f", au-dessus de {percent(MAX_SHARE)}"
        return (
            f"Compteur d'empreinte : {number(1000 * self.own)} ms de processeur pour un bloc de "
            f"{number(self.seconds, 1)} s, soit {percent(self.share, 2)}{verdict} "
            f"(écart de processeur avec et sans : {number(1000 * self.added)} ms)"
        )


def overhead(seconds: float = SECONDS, repeats: int = REPEATS) -> Overhead:
    """Do the same work without and with the meter, in turn, and give the medians.

    Parameters
    ----------
    seconds : processor time of the work, about
    repeats : how many times each
    """
    rounds = _rounds_in(seconds)
    lasted, own, added = [], [], []
    for _ in range(repeats):
        start = time.process_time()
        _work(rounds)
        without = time.process_time() - start
        start = time.process_time()
        with measure("Travail") as cost:
            _work(rounds)
        added.append(time.process_time() - start - without)
        lasted.append(cost.seconds)
        own.append(cost.meter_seconds)
    return Overhead(median(lasted), median(own), median(added))


def _work(rounds: int) -> None:
    """Half Python, which holds the interpreter, half numpy, which lets it go."""
    random = np.random.default_rng(0)
    for _ in range(rounds):
        sum(i * i for i in range(100_000))
        np.sort(random.random(100_000))


def _rounds_in(seconds: float) -> int:
    start = time.process_time()
    _work(20)
    return max(1, round(20 * seconds / (time.process_time() - start)))


def main() -> int:
    """Print the line; return 1 if the meter takes more than a hundredth of the block."""
    found = overhead()
    print(found.line())
    return int(found.share >= MAX_SHARE)


if __name__ == "__main__":
    sys.exit(main())
