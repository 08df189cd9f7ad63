"""Cut a raster into windows that follow its blocks, so that no block is read twice."""

import math
from collections.abc import Iterator

from rasterio.windows import Window


def aligned_windows(
    shape: tuple[int, int], block: tuple[int, int], pixels: int, area: Window | None = None
) -> Iterator[Window]:
    """Give windows of at most `pixels` pixels, row by row, which cover an area once and only once.

    Parameters
    ----------
    shape : rows and columns of the raster
    block : rows and columns of a block of its file; a block of more than `pixels` pixels is cut
    pixels : most pixels in a window, at least 1
    area : the part of the raster to cover, in whole pixels; all of it when not given
    """
    area = area or Window(0, 0, shape[1], shape[0])
    # A file by rows has blocks as wide as itself: its windows too, or each row would be read many times.
    columns = _side(block[1], shape[1], max(math.isqrt(pixels), min(block[1], pixels)))
    rows = _side(block[0], shape[0], max(1, pixels // columns))
    bottom, right = area.row_off + area.height, area.col_off + area.width
    for top in range(area.row_off // rows * rows, bottom, rows):
        for left in range(area.col_off // columns * columns, right, columns):
            first_row, first_column = max(top, area.row_off), max(left, area.col_off)
            yield Window(
                first_column,
                first_row,
                min(left + columns, right) - first_column,
                min(top + rows, bottom) - first_row,
            )


def _side(block: int, length: int, most: int) -> int:
    """As many whole blocks as `most` pixels hold, or a part of one."""
    return min(length, block * (most // block) if block <= most else most)
