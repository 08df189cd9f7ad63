"""Where a network computes, and how the same seed gives the same weights."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

# These networks are too small for more threads to pay; and where two kernels share two cores, threads that
# wait on one another made a training of 4 s last 60.
THREADS = 1


def device_named(name: str) -> torch.device:
    """Return the device that `name` asks for.

    Parameters
    ----------
    name : `auto` (the graphics card when there is one, else the processor), or a torch device, such as `cpu`

    Raises
    ------
    ValueError
        If torch knows no such device, or if there is no graphics card to use.
    """
    found = torch.cuda.is_available()
    if name == "auto":
        return torch.device("cuda" if found else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise ValueError(f"L'appareil « {name} » est inconnu : écrivez auto, cpu ou cuda.") from None
    if device.type == "cuda" and not found:
        raise ValueError("Aucune carte graphique utilisable par torch : écrivez auto ou cpu.")
    return device


@contextmanager
def fixed_threads() -> Iterator[None]:
    """Fix the number of threads of torch for a block of code: sums in another order round otherwise."""
    threads = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@contextmanager
def reproducible(seed: int) -> Iterator[torch.Generator]:
    """Seed torch for a block of code, and give the generator of its draws; what torch had is put back after.

    On a processor the same seed, data and version of torch give the same weights, to the last bit. On a
    graphics card torch only comes close: some of its sums have no fixed order.
    """
    cudnn = torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic
    with torch.random.fork_rng(), fixed_threads():
        torch.manual_seed(seed)
        torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic = False, True
        try:
            yield torch.Generator().manual_seed(seed)
        finally:
            torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic = cudnn
