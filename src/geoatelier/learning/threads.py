"""Do the same work on many items, in a few threads, while only a few items are held."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from threadpoolctl import threadpool_limits

_MOST_THREADS = 4

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def in_threads(
    work: Callable[[Item], Answer], items: Iterable[Item], threads: int | None = None
) -> Iterator[Answer]:
    """Give the answer to each item, in order; one item a thread, and one more, are held at once.

    Each thread keeps to one core: those that OpenMP or BLAS would add inside the work wait for one another
    more than they work, on small items.

    Parameters
    ----------
    work : called in threads, which help if it lets the interpreter go, as numpy and the trees of
        scikit-learn do
    items : read in the calling thread
    threads : as many as cores, at most 4, when not given
    """
    threads = threads or min(_cores(), _MOST_THREADS)
    waiting: deque[Future[Answer]] = deque()
    one_core = partial(threadpool_limits, 1)
    with one_core(), ThreadPoolExecutor(threads, initializer=one_core) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                del item
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
