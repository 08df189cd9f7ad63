"""Geometries kept on disk while a large layer is controlled, and read back a few at a time."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

import numpy as np
import shapely
from numpy.typing import NDArray

from geoatelier.safely import UnwritableOutput

_GAP = 64 * 1024  # bytes; two geometries nearer than this are read in one go


class Spill:
    """Geometries as WKB in a temporary file without a name; one that is missing takes no room.

    Use it in a `with` statement: the file is gone at its end, and if the process is killed.

    Raises
    ------
    UnwritableOutput
        At any time, if the folder of temporary files is full or cannot be written.
    """

    def __init__(self) -> None:
        with _lack_of_room_told():
            self._file = tempfile.TemporaryFile(prefix="geoatelier-")  # noqa: SIM115 - `__exit__` closes it
        self._starts: list[NDArray[np.int64]] = []
        self._lengths: list[NDArray[np.int64]] = []
        self._size = 0
        self._index: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
        self._one_at_a_time = threading.Lock()

    def __enter__(self) -> "Spill":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What a full disk left unwritten is tried again here; it was told before.
        with suppress(OSError):
            self._file.close()

    def add(self, geometries: NDArray[np.object_]) -> None:
        """Keep `geometries`, of shape (n,), after those that were added before."""
        self.add_encoded(shapely.to_wkb(geometries))

    def add_encoded(self, encoded: NDArray[np.object_]) -> None:
        """Keep geometries given as WKB or None, of shape (n,), after those that were added before."""
        lengths = np.array([0 if data is None else len(data) for data in encoded], dtype=np.int64)
        self._starts.append(self._size + np.append(0, np.cumsum(lengths)[:-1]).astype(np.int64))
        self._lengths.append(lengths)
        self._size += int(lengths.sum())
        with _lack_of_room_told():
            self._file.write(b"".join(data for data in encoded if data is not None))
        self._index = None

    def __getitem__(self, rows: NDArray[np.int64]) -> NDArray[np.object_]:
        """Geometries of these rows, in the order asked for; safe to call from several threads."""
        starts, lengths = self._where()
        rows = np.atleast_1d(np.asarray(rows))
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows
        geometries = np.full(len(rows), None, dtype=object)
        order = np.argsort(starts[rows], kind="stable")
        order = order[lengths[rows[order]] > 0]
        if not len(order):
            return geometries
        sorted_rows = rows[order]
        ends = starts[sorted_rows] + lengths[sorted_rows]
        breaks = np.flatnonzero(starts[sorted_rows][1:] - np.maximum.accumulate(ends)[:-1] > _GAP) + 1
        encoded: list[bytes] = []
        for group in np.split(np.arange(len(order)), breaks):
            first = int(starts[sorted_rows[group[0]]])
            data = self._read(first, int(ends[group].max()) - first)
            encoded += [
                data[start - first : start - first + length]
                for start, length in zip(starts[sorted_rows[group]], lengths[sorted_rows[group]], strict=True)
            ]
        geometries[order] = shapely.from_wkb(np.array(encoded, dtype=object))
        return geometries

    def _read(self, start: int, length: int) -> bytes:
        with self._one_at_a_time:
            self._file.seek(start)
            return self._file.read(length)

    def _where(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if self._index is None:
            with _lack_of_room_told():
                self._file.flush()
            nothing = np.zeros(0, dtype=np.int64)
            self._index = (
                np.concatenate([nothing, *self._starts]),
                np.concatenate([nothing, *self._lengths]),
            )
        return self._index


@contextmanager
def _lack_of_room_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UnwritableOutput(
            "Pendant son contrôle, une grosse couche est gardée dans un fichier de travail, et le dossier "
            "des fichiers temporaires est plein ou ne se laisse pas écrire. Libérez de la place, ou nommez "
            "un autre dossier dans la variable d'environnement TMPDIR (TEMP sous Windows)."
        ) from error
