"""A want of memory, which each engine says in its own words, and what to say of it in French."""

import re

_SAID = re.compile(
    r"bad_alloc|OutOfMemory|out of memory|no space for|(cannot|failed to|unable to) alloc|alloc of size",
    re.IGNORECASE,
)


def lacks_memory(error: BaseException | None) -> bool:
    """Whether `error`, or one of its causes, is a want of memory; the last often says only that it failed."""
    while error is not None:
        if isinstance(error, MemoryError) or _SAID.search(f"{type(error).__name__}: {error}"):
            return True
        error = error.__cause__
    return False


def too_large(what: str) -> str:
    """The sentence for `what`, as « Le fichier X », when it needs more memory than there is."""
    return (
        f"{what} ne tient pas dans la mémoire de cette machine. "
        "Découpez ce fichier, ou essayez sur une machine qui a plus de mémoire."
    )
