"""Run every committed notebook and say what it costs: seconds, memory of its kernel, estimated energy."""

import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil

from geoatelier.authoring.execute import execute
from geoatelier.exercises.french import number
from geoatelier.footprint import Assumptions, Range

FOLDERS = ("notebooks", "solutions")
MAX_MB = 600
MAX_MB_OF = {"S4": 850, "E6": 950}  # torch and its optimisers take 250 MB, most of it code
MAX_SECONDS = 30
MAX_SECONDS_OF = {"E2": 60, "S4": 60, "E6": 60}  # experiments that are repeated, networks that are trained
SAMPLING_SECONDS = 0.05


@dataclass
class Usage:
    """What the child processes of this one used: seconds, processor seconds, most memory held (10⁶ bytes)."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0

    @property
    def energy_wh(self) -> Range:
        """Estimated energy in Wh: low, central, high."""
        return Assumptions().energy(
            seconds=self.seconds, cpu_seconds=self.cpu_seconds, memory_mb=self.peak_mb
        )


def measure(notebook: Path) -> Usage:
    """Run a notebook in its folder, with static faces as when it is built, and measure its kernel.

    Parameters
    ----------
    notebook : an .ipynb file, left as it is

    Raises
    ------
    geoatelier.authoring.execute.RunError
        If a cell fails.
    """
    content = nbformat.read(notebook, as_version=4)
    with watched_children() as usage:
        execute(content, notebook.parent)
    return usage


@contextmanager
def watched_children() -> Iterator[Usage]:
    """Measure the processes that a block starts and ends; the process that runs the block does not count."""
    usage, done = Usage(), threading.Event()
    watcher = threading.Thread(target=_sample_memory, args=(usage, done), daemon=True)
    watcher.start()
    cpu, start = _cpu_seconds_of_children(), time.perf_counter()
    try:
        yield usage
    finally:
        usage.seconds = time.perf_counter() - start
        usage.cpu_seconds = _cpu_seconds_of_children() - cpu
        done.set()
        watcher.join()


def excesses(notebook: Path, usage: Usage) -> list[str]:
    """Say in French which limits a notebook goes over; empty when it keeps within them."""
    code = notebook.stem.partition("_")[0]
    seconds, megabytes = MAX_SECONDS_OF.get(code, MAX_SECONDS), MAX_MB_OF.get(code, MAX_MB)
    found = []
    if usage.seconds > seconds:
        found.append(f"plus de {seconds} s")
    if usage.peak_mb > megabytes:
        found.append(f"plus de {megabytes} Mo")
    return found


def row(notebook: str, usage: Usage, remark: str) -> str:
    """Lay out the line of one notebook."""
    energy = usage.energy_wh
    between = f"{number(energy.low, 3)} à {number(energy.high, 3)}"
    return f"{notebook:<58} {number(usage.seconds, 1):>9} {number(usage.peak_mb):>8} {between:>16}  {remark}"


def main(paths: Iterable[str] = ()) -> int:
    """Print the table, a notebook a row; return 1 if one of them goes over a limit.

    Parameters
    ----------
    paths : notebooks to run; by default all those that are committed executed
    """
    root = Path.cwd()
    chosen = [Path(path) for path in paths] or [
        path.relative_to(root) for folder in FOLDERS for path in sorted((root / folder).rglob("[!.]*.ipynb"))
    ]
    print(f"{'Carnet':<58} {'Secondes':>9} {'Mo':>8} {'Wh (estimation)':>16}", flush=True)
    over = 0
    for notebook in chosen:
        usage = measure(notebook)
        found = excesses(notebook, usage)
        over += bool(found)
        print(row(str(notebook), usage, ", ".join(found)), flush=True)
    print(
        f"\nLimites : {_limit('s', MAX_SECONDS, MAX_SECONDS_OF)} et {_limit('Mo', MAX_MB, MAX_MB_OF)} "
        "pour le noyau."
    )
    return 1 if over else 0


def _limit(unit: str, usual: int, of_lessons: Mapping[str, int]) -> str:
    """Say a limit, then that of the lessons that have their own."""
    others = ", ".join(f"{limit} {unit} pour {code}" for code, limit in of_lessons.items())
    return f"{usual} {unit} ({others})"


def _sample_memory(usage: Usage, done: threading.Event) -> None:
    myself = psutil.Process()
    while not done.wait(SAMPLING_SECONDS):
        held = 0
        for child in myself.children(recursive=True):
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                held += child.memory_info().rss
        usage.peak_mb = max(usage.peak_mb, held / 1e6)


def _cpu_seconds_of_children() -> float:
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
