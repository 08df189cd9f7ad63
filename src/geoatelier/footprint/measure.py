"""Measure a block of code, and say its cost in French."""

import html
import os
import platform
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import psutil

from geoatelier.footprint.estimate import Assumptions, Range

SAMPLING_SECONDS = 0.02
CHILDREN_EVERY = 12


@dataclass
class Cost:
    """The cost of a block of code; filled when the block ends.

    Parameters
    ----------
    name : what was done
    assumptions : what the estimate of energy supposes
    seconds : duration
    cpu_seconds : time spent by all cores, child processes included
    peak_mb : most memory held by the process and its children, MB (10⁶ bytes), sampled every 20 ms
    hardware : the machine
    """

    name: str
    assumptions: Assumptions = field(default_factory=Assumptions)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0
    hardware: str = ""

    @property
    def energy_wh(self) -> Range:
        """Energy in Wh: low, central, high."""
        return self.assumptions.energy(
            seconds=self.seconds, cpu_seconds=self.cpu_seconds, memory_mb=self.peak_mb
        )

    @property
    def carbon_g(self) -> Range:
        """Greenhouse gases in gCO2e: low, central, high."""
        return self.assumptions.carbon(self.energy_wh)

    def line(self) -> str:
        """Return the cost in one French line; every cost line of a lesson starts with « Coût »."""
        energy, carbon = self.energy_wh, self.carbon_g
        return (
            f"Coût · {self.name} : {_number(self.seconds)} s · {_number(self.peak_mb)} Mo · "
            f"{_between(energy)} Wh · {_grams(carbon)} (estimation ; {self.assumptions.source})"
        )

    def _repr_html_(self) -> str:
        return (
            f'<div class="geoatelier-cout">{html.escape(self.line())}<br>{html.escape(self.hardware)}</div>'
        )

    def __repr__(self) -> str:
        return self.line()


class CostTable:
    """Several costs side by side."""

    def __init__(self, costs: Iterable[Cost]) -> None:
        self.costs = list(costs)

    def frame(self) -> pd.DataFrame:
        """Return one row a cost, numbers as measured and estimated, columns in French with their units."""
        return pd.DataFrame(
            {
                "étape": cost.name,
                "durée (s)": cost.seconds,
                "temps processeur (s)": cost.cpu_seconds,
                "mémoire (Mo)": cost.peak_mb,
                "énergie basse (Wh)": cost.energy_wh.low,
                "énergie centrale (Wh)": cost.energy_wh.central,
                "énergie haute (Wh)": cost.energy_wh.high,
                "gCO2e bas": cost.carbon_g.low,
                "gCO2e haut": cost.carbon_g.high,
            }
            for cost in self.costs
        )

    def _repr_html_(self) -> str:
        head = "".join(
            f'<th scope="col">{title}</th>'
            for title in ("Étape", "Durée", "Mémoire", "Énergie", "Gaz à effet de serre")
        )
        rows = "".join(
            f'<tr><th scope="row">{html.escape(cost.name)}</th><td>{_number(cost.seconds)} s</td>'
            f"<td>{_number(cost.peak_mb)} Mo</td><td>{_between(cost.energy_wh)} Wh</td>"
            f"<td>{_grams(cost.carbon_g)}</td></tr>"
            for cost in self.costs
        )
        sources = "".join(
            f"<p>Estimation ; {html.escape(source)}.</p>"
            for source in dict.fromkeys(f"{cost.assumptions.source}. {cost.hardware}" for cost in self.costs)
        )
        return (
            f'<div class="geoatelier-cout"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
            f"{sources}</div>"
        )

    def __repr__(self) -> str:
        return "\n".join(cost.line() for cost in self.costs)


@contextmanager
def measure(name: str, *, assumptions: Assumptions | None = None) -> Iterator[Cost]:
    """Measure what a block of code costs.

    Parameters
    ----------
    name : what the block does, in French
    assumptions : what the estimate of energy supposes; by default those of `Assumptions`

    Examples
    --------
    >>> with measure("Forêt") as cost:
    ...     forest.fit(X, y)
    >>> cost
    """
    cost = Cost(name, assumptions or Assumptions(), hardware=hardware())
    process = psutil.Process()
    done = threading.Event()
    sampler = threading.Thread(target=_sample_memory, args=(process, cost, done), daemon=True)
    sampler.start()
    cpu, start = _cpu_seconds(process), time.perf_counter()
    try:
        yield cost
    finally:
        cost.seconds = time.perf_counter() - start
        cost.cpu_seconds = _cpu_seconds(process) - cpu
        done.set()
        sampler.join()


def table(costs: Iterable[Cost]) -> CostTable:
    """Lay several costs side by side; `.frame()` gives the numbers."""
    return CostTable(costs)


def hardware() -> str:
    """Return the machine in one French line: processor, cores, memory, system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    gigabytes = psutil.virtual_memory().total / 1e9
    return f"{_processor()}, {cores} cœurs, {gigabytes:.0f} Go de mémoire, {platform.system()}"


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123 - a kernel file, not a path to join
            names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return next(iter(names), "") or platform.processor() or platform.machine() or "processeur inconnu"


def _sample_memory(process: psutil.Process, cost: Cost, done: threading.Event) -> None:
    tree, finished, samples = _tree(process), False, 0
    while not finished:
        finished = done.wait(SAMPLING_SECONDS)
        samples += 1
        # Looking for children reads the table of all processes: too dear to do at each sample.
        if samples % CHILDREN_EVERY == 0:
            tree = _tree(process)
        cost.peak_mb = max(cost.peak_mb, sum(_ask(tree, lambda one: one.memory_info().rss)) / 1e6)


def _cpu_seconds(process: psutil.Process) -> float:
    def spent(one: psutil.Process) -> float:
        times = one.cpu_times()
        # Children that have ended are counted by their parent; on Windows these fields are 0.
        return times.user + times.system + times.children_user + times.children_system

    return sum(_ask(_tree(process), spent))


def _tree(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _ask(tree: list[psutil.Process], question: Callable[[psutil.Process], float]) -> list[float]:
    answers = []
    for one in tree:
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            answers.append(question(one))
    return answers


def _grams(carbon: Range) -> str:
    if carbon.high < 0.1:
        return f"{_between(Range(*(value * 1000 for value in carbon)))} mgCO2e"
    return f"{_between(carbon)} gCO2e"


def _between(values: Range) -> str:
    return f"{_number(values.low)} à {_number(values.high)}"


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:.0f}"
    return np.format_float_positional(value, precision=2, fractional=False, trim="-").replace(".", ",")
