"""Read an image tile by tile, in constant memory, and count what each tile holds."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.io import DatasetReader
from rasterio.windows import Window

from geoatelier.quality.images_errors import GDAL_ERRORS
from geoatelier.quality.memory import lacks_memory

# Numbers that stand for « no data » in many files that forgot to declare it.
SENTINELS = (-9999.0, -99999.0, -32768.0, -32767.0, float(np.finfo(np.float32).min))
_SMALLEST_BLOCK, _SMALLEST_TILE, _LARGEST_TILE = 16, 256, 1024  # pixels on a side
_READ_AT_ONCE = 4 * 2**20  # bytes of pixels; masks and copies take a few times as much
_GDAL_CACHE = 16  # MB

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Tiles:
    """What the tiles of an image hold. Arrays of shape (tile rows, tile columns) unless said otherwise.

    Parameters
    ----------
    row_edges, col_edges : first pixel row (column) of each row (column) of tiles, and the last edge
    unreadable : True where the tile cannot be read
    missing : pixels without data, in all bands
    not_finite : pixels with NaN or an infinite number in a band, those declared as missing data excepted
    implausible : pixels with a value outside the plausible range in a band
    undeclared : pixels with one of `SENTINELS` in a band, though it is not declared as missing data
    black : pixels at 0 in all bands, counted for three bands or more that declare no missing data
    opacity : True for the band that only says how transparent a pixel is, of shape (bands,)
    low, high : least and greatest value of each band, of shape (bands,); nan for a band without data
    """

    row_edges: NDArray[np.int64]
    col_edges: NDArray[np.int64]
    unreadable: NDArray[np.bool_]
    missing: NDArray[np.int64]
    not_finite: NDArray[np.int64]
    implausible: NDArray[np.int64]
    undeclared: NDArray[np.int64]
    black: NDArray[np.int64]
    opacity: NDArray[np.bool_]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def pixels(self) -> NDArray[np.int64]:
        """Number of pixels of each tile."""
        return np.outer(np.diff(self.row_edges), np.diff(self.col_edges))


_COUNTS = ("missing", "not_finite", "implausible", "undeclared", "black")


def read_tiles(source: DatasetReader, plausible: tuple[float, float] | None = None) -> Tiles:
    """Read the whole image once and count.

    Parameters
    ----------
    source : an open image; real or integer pixels
    plausible : least and greatest value that make sense

    Raises
    ------
    MemoryError
        If a block of the file does not fit in memory.
    """
    row_edges, col_edges = _edges(source)
    declared = declares_missing(source)
    shape = (len(row_edges) - 1, len(col_edges) - 1)
    tiles = Tiles(
        row_edges,
        col_edges,
        np.zeros(shape, dtype=bool),
        *(np.zeros(shape, dtype=np.int64) for _ in _COUNTS),
        opacity=np.array([meaning == ColorInterp.alpha for meaning in ask(lambda: source.colorinterp)]),
        low=np.full(source.count, np.nan),
        high=np.full(source.count, np.nan),
    )
    with rasterio.Env(GDAL_CACHEMAX=_GDAL_CACHE):
        for row in range(shape[0]):
            for first, last in _runs(source, row_edges[row + 1] - row_edges[row], col_edges):
                _count(source, tiles, row, first, last, declared, plausible)
    return tiles


def _edges(source: DatasetReader) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Edges of tiles that follow those of the file, grouped where they are small and cut where too large."""
    height, width = ask(lambda: source.block_shapes)[0]
    pixel = np.dtype(source.dtypes[0]).itemsize * source.count
    most = min(_LARGEST_TILE, max(_SMALLEST_BLOCK, math.isqrt(_READ_AT_ONCE // pixel)))
    return (
        np.append(np.arange(0, source.height, _side(height, most)), source.height),
        np.append(np.arange(0, source.width, _side(width, most)), source.width),
    )


def _side(block: int, most: int) -> int:
    return min(block * -(-_SMALLEST_TILE // block), most)


def _runs(source: DatasetReader, height: int, col_edges: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """First and last (excluded) columns of tiles to read at once."""
    size = np.dtype(source.dtypes[0]).itemsize * source.count * height * int(col_edges[1] - col_edges[0])
    step = max(1, _READ_AT_ONCE // size)
    for first in range(0, len(col_edges) - 1, step):
        yield first, min(first + step, len(col_edges) - 1)


def _count(
    source: DatasetReader,
    tiles: Tiles,
    row: int,
    first: int,
    last: int,
    declared: bool,
    plausible: tuple[float, float] | None,
) -> None:
    """Fill the counts of tiles `first` to `last` of a row; one by one when a part of them cannot be read."""
    top, left = int(tiles.row_edges[row]), int(tiles.col_edges[first])
    window = Window(left, top, int(tiles.col_edges[last]) - left, int(tiles.row_edges[row + 1]) - top)
    try:
        values = source.read(window=window)
        missing = _missing(source, values, window) if declared else np.zeros(values.shape[1:], dtype=bool)
    except GDAL_ERRORS as error:
        if lacks_memory(error):
            raise MemoryError from error
        if last - first == 1:
            tiles.unreadable[row, first] = True
            return
        for tile in range(first, last):
            _count(source, tiles, row, tile, tile + 1, declared, plausible)
        return
    starts = tiles.col_edges[first:last] - left
    for name, marked in _marks(values, missing, declared, source.nodata, plausible):
        getattr(tiles, name)[row, first:last] = np.add.reduceat(marked.sum(axis=0), starts)
    known = np.isfinite(values) & ~missing
    lowest = np.min(values, axis=(1, 2), where=known, initial=_greatest(values))
    highest = np.max(values, axis=(1, 2), where=known, initial=_least(values))
    some = known.any(axis=(1, 2))
    tiles.low[some] = np.fmin(tiles.low, lowest)[some]
    tiles.high[some] = np.fmax(tiles.high, highest)[some]


def _marks(
    values: NDArray,
    missing: NDArray[np.bool_],
    declared: bool,
    nodata: float | None,
    plausible: tuple[float, float] | None,
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Each count of `Tiles` with the pixels that enter it, of shape (height, width)."""
    yield "missing", missing
    present = ~missing
    if values.dtype.kind in "fc":
        yield "not_finite", present & ~np.isfinite(values).all(axis=0)
    if values.dtype.kind in "if":
        sentinels = [value for value in SENTINELS if value != nodata and _fits(value, values.dtype)]
        yield "undeclared", present & np.isin(values, np.array(sentinels, dtype=values.dtype)).any(axis=0)
    if plausible is not None:
        finite = np.isfinite(values)
        outside = finite & ((values < plausible[0]) | (values > plausible[1]))
        yield "implausible", present & outside.any(axis=0)
    if len(values) >= 3 and not declared:
        yield "black", (values == 0).all(axis=0)


def ask(question: Callable[[], Answer]) -> Answer:
    """The answer of GDAL to a question; asked twice, since it may first repeat the error of another one."""
    try:
        return question()
    except GDAL_ERRORS:
        return question()


def declares_missing(source: DatasetReader) -> bool:
    """Whether the image says which of its pixels have no data: by a value, a mask or a transparency band."""
    return any(MaskFlags.all_valid not in flags for flags in ask(lambda: source.mask_flag_enums))


def _missing(source: DatasetReader, values: NDArray, window: Window) -> NDArray[np.bool_]:
    if source.nodata is None:
        return source.dataset_mask(window=window) == 0
    if np.isnan(source.nodata):
        return np.isnan(values).all(axis=0)
    return (values == source.nodata).all(axis=0)


def _fits(value: float, dtype: np.dtype) -> bool:
    return dtype.kind == "f" or np.iinfo(dtype).min <= value <= np.iinfo(dtype).max


def _greatest(values: NDArray) -> float | int:
    return np.inf if values.dtype.kind == "f" else np.iinfo(values.dtype).max


def _least(values: NDArray) -> float | int:
    return -np.inf if values.dtype.kind == "f" else np.iinfo(values.dtype).min
