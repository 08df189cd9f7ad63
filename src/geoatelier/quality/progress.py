"""What is being done, told to the person who waits."""

from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Told of each layer and of the rows done; this one keeps quiet."""

    def start(self, label: str, rows: int | None) -> None:
        """Begin a layer of so many rows, None when the format does not say."""

    def advance(self, rows: int) -> None:
        """So many rows more were read and controlled."""

    def stage(self, what: str) -> None:
        """All rows were read; what is done now."""


class _Bar(Progress):
    def __init__(self) -> None:
        from tqdm import tqdm

        self._bar = tqdm(
            unit=" objet",
            unit_scale=True,
            leave=False,
            dynamic_ncols=True,
            bar_format="{desc} {percentage:3.0f} % {bar} {n_fmt}/{total_fmt} [{elapsed}]",
        )

    def start(self, label: str, rows: int | None) -> None:
        self._bar.reset(total=rows)
        self._bar.set_description_str(label)

    def advance(self, rows: int) -> None:
        self._bar.update(rows)

    def stage(self, what: str) -> None:
        self._bar.set_postfix_str(what)
        self._bar.refresh()

    def close(self) -> None:
        self._bar.close()


@contextmanager
def bar(*, shown: bool = True) -> Iterator[Progress]:
    """A progress bar on the error stream, gone at the end; a quiet one when it is not to be shown."""
    if not shown:
        yield Progress()
        return
    drawn = _Bar()
    try:
        yield drawn
    finally:
        drawn.close()
