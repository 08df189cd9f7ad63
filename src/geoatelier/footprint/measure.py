"""Measure a block of code: its duration, its processor time, the memory it holds, its graphics card."""

import os
import platform
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache

import psutil

from geoatelier.footprint import graphics
from geoatelier.footprint.cost import Cost
from geoatelier.footprint.estimate import Assumptions

SAMPLING_SECONDS = 0.04
# After a look at the memory, or for new child processes, the meter rests for this many times what it took: it
# looks less often where a look is dear, as on a machine with thousands of processes. The limits are there for
# systems whose clock of threads is coarse.
_REST = 500
_LONGEST_REST_OF_MEMORY = 0.2
_LONGEST_REST_OF_SEARCH = 5.0
# A process that was just forked seems to hold the memory of its parent, until it runs a program of its own.
_SETTLED_AFTER = 0.1


class _Running(threading.local):
    """The meters that run in this thread, outermost first."""

    def __init__(self) -> None:
        self.costs: list[Cost] = []


_running = _Running()


@contextmanager
def measure(name: str, *, assumptions: Assumptions | None = None) -> Iterator[Cost]:
    """Measure what a block of code costs.

    What was measured is kept when the block fails, and the error goes on. A block measured inside another is
    part of it: the outer cost includes the inner one, and a table counts it once. The meters count the whole
    process: two threads that measure at once both count the work of both.

    Parameters
    ----------
    name : what the block does, in French
    assumptions : what the estimate of energy supposes; by default those of the enclosing meter, or of
        `Assumptions`

    Raises
    ------
    ValueError
        If the name is empty.

    Examples
    --------
    >>> with measure("Forêt") as cost:
    ...     forest.fit(X, y)
    >>> cost
    """
    waking = time.thread_time()
    inside = _running.costs[-1] if _running.costs else None
    cost = Cost(
        name,
        assumptions or (inside.assumptions if inside else Assumptions()),
        hardware=hardware(),
        started=datetime.now().astimezone(),
        inside=inside,
    )
    process = psutil.Process()
    done = threading.Event()
    sampler = threading.Thread(target=_sample_memory, args=(process, cost, done), daemon=True)
    sampler.start()
    _running.costs.append(cost)
    drawn, cpu, start = graphics.energy_wh(), _cpu_seconds(process), time.perf_counter()
    cost.meter_seconds = time.thread_time() - waking
    try:
        yield cost
    except BaseException as error:
        cost.error = type(error).__name__
        raise
    finally:
        cost.seconds = time.perf_counter() - start
        waking = time.thread_time()
        cost.cpu_seconds = max(0.0, _cpu_seconds(process) - cpu)
        if drawn is not None:
            cost.graphics_wh = max(0.0, (graphics.energy_wh() or drawn) - drawn)
        _running.costs.remove(cost)
        done.set()
        sampler.join()
        cost.meter_seconds += time.thread_time() - waking


def hardware() -> str:
    """Return the machine in one French line: processor, cores, graphics cards, memory, system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    gigabytes = psutil.virtual_memory().total / 1e9
    cards = "".join(f"{name}, " for name in graphics.names())
    return f"{_processor()}, {cores} cœurs, {cards}{gigabytes:.0f} Go de mémoire, {platform.system()}"


@cache
def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123 - a kernel file, not a path to join
            names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
            first = next(names, "")
    except OSError:
        first = ""
    return first or platform.processor() or platform.machine() or "processeur inconnu"


def _sample_memory(process: psutil.Process, cost: Cost, done: threading.Event) -> None:
    """Keep the most memory that the process and its children hold, until `done`."""
    tree, next_search, finished = [process], 0.0, False
    while True:
        start = time.thread_time()
        if time.perf_counter() >= next_search:
            tree = [process, *filter(_settled, _tree(process)[1:])]
            next_search = time.perf_counter() + _rest_after(start, _LONGEST_REST_OF_SEARCH)
        start = time.thread_time()
        cost.peak_mb = max(cost.peak_mb, sum(_ask(tree, lambda one: one.memory_info().rss)) / 1e6)
        if finished:
            break
        finished = done.wait(_rest_after(start, _LONGEST_REST_OF_MEMORY))
    cost.meter_seconds += time.thread_time()


def _settled(child: psutil.Process) -> bool:
    try:
        return time.time() - child.create_time() > _SETTLED_AFTER
    except psutil.Error:
        return False


def _rest_after(start: float, longest: float) -> float:
    """Seconds to rest after a look that began at `start`, on the clock of this thread."""
    return min(max(SAMPLING_SECONDS, _REST * (time.thread_time() - start)), longest)


def _cpu_seconds(process: psutil.Process) -> float:
    """Processor time of this process, of its children, and of those that have ended."""

    def spent(one: psutil.Process) -> float:
        times = one.cpu_times()
        # Children that have ended are counted by their parent; on Windows these fields are 0.
        ended = times.children_user + times.children_system
        # Of its own process the system knows more than hundredths of a second.
        return ended + (time.process_time() if one is process else times.user + times.system)

    return sum(_ask(_tree(process), spent))


def _tree(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _ask(tree: list[psutil.Process], question: Callable[[psutil.Process], float]) -> list[float]:
    answers = []
    for one in tree:
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            answers.append(question(one))
    return answers
