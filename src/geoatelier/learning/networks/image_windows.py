"""Square windows of images: drawn and turned to train, laid out without a seam to predict."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoatelier.learning.labels import UNKNOWN


class WindowSampler:
    """Draw windows of labelled images, half of them near a pixel of a rare class, turned and mirrored.

    Parameters
    ----------
    images : arrays of shape (n_bands, rows, columns)
    labels : arrays of shape (rows, columns), codes 0 … n_classes - 1, or `UNKNOWN`
    n_classes : of the labels
    size : side of a window, in pixels
    seed : of the draws
    """

    def __init__(
        self,
        images: Sequence[NDArray],
        labels: Sequence[NDArray[np.uint8]],
        *,
        n_classes: int,
        size: int,
        seed: int,
    ) -> None:
        self._images, self._labels, self._size = images, labels, size
        self._rng = np.random.default_rng(seed)
        areas = np.array([labelled.size for labelled in labels], dtype=float)
        self._shares = areas / areas.sum()
        counts = class_counts(labels, n_classes)
        # For each class but the most frequent: where it is, as (image, row, column).
        self._rare = [_positions(labels, code) for code in range(n_classes) if code != counts.argmax()]

    def draw(self, count: int) -> tuple[NDArray, NDArray[np.uint8]]:
        """Windows of shape (count, n_bands, size, size) and their labels (count, size, size)."""
        windows = [self._window() for _ in range(count)]
        return np.stack([image for image, _ in windows]), np.stack([labels for _, labels in windows])

    def _window(self) -> tuple[NDArray, NDArray[np.uint8]]:
        """Draw a window where at least one class is known."""
        while True:
            which, row, column = self._anywhere() if self._rng.random() < 0.5 else self._near_a_rare_class()
            cut = np.s_[row : row + self._size, column : column + self._size]
            labels = self._labels[which][cut]
            if (labels != UNKNOWN).any():
                return turned(self._images[which][:, *cut], labels, self._rng.integers(8))

    def _anywhere(self) -> tuple[int, int, int]:
        which = self._rng.choice(len(self._shares), p=self._shares)
        row, column = (self._rng.integers(side - self._size + 1) for side in self._labels[which].shape)
        return which, row, column

    def _near_a_rare_class(self) -> tuple[int, int, int]:
        positions = self._rare[self._rng.integers(len(self._rare))]
        which, *place = positions[self._rng.integers(len(positions))]
        row, column = (
            np.clip(at - self._rng.integers(self._size), 0, side - self._size)
            for at, side in zip(place, self._labels[which].shape, strict=True)
        )
        return which, row, column


def turned(image: NDArray, labels: NDArray, way: int) -> tuple[NDArray, NDArray]:
    """Turn an image and its labels together: `way` in 0 … 7 counts the quarter turns, then the mirrors."""
    image, labels = (np.rot90(array, way % 4, axes=(-2, -1)) for array in (image, labels))
    return (np.flip(image, -1), np.flip(labels, -1)) if way >= 4 else (image, labels)


def class_counts(labels: Sequence[NDArray[np.uint8]], n_classes: int) -> NDArray[np.int64]:
    """Pixels of each class in all images, unknown ones left out."""
    return np.array(
        [sum(np.count_nonzero(labelled == code) for labelled in labels) for code in range(n_classes)]
    )


class Tile(NamedTuple):
    """A part of an image to predict at once.

    Parameters
    ----------
    read : what the network must see, (rows, columns)
    write : what it may then tell, in the image
    keep : the same, inside what was read
    """

    read: tuple[slice, slice]
    write: tuple[slice, slice]
    keep: tuple[slice, slice]


def tiles(shape: tuple[int, int], *, size: int, margin: int) -> Iterator[Tile]:
    """Cover an image of (rows, columns) with tiles that each see `margin` pixels more than they tell.

    With a margin as large as the reach of the network, each pixel gets the class that it would get if the
    whole image were seen at once: there is no seam.
    """
    for row in range(0, shape[0], size):
        for column in range(0, shape[1], size):
            spans = [
                (start, min(start + size, side), max(start - margin, 0), min(start + size + margin, side))
                for start, side in zip((row, column), shape, strict=True)
            ]
            yield Tile(
                read=tuple(slice(low, high) for _, _, low, high in spans),
                write=tuple(slice(start, stop) for start, stop, _, _ in spans),
                keep=tuple(slice(start - low, stop - low) for start, stop, low, _ in spans),
            )


def _positions(labels: Sequence[NDArray[np.uint8]], code: int) -> NDArray[np.int32]:
    """Where a class is: array of shape (n, 3) of image, row, column."""
    parts = []
    for which, labelled in enumerate(labels):
        places = np.argwhere(labelled == code)
        parts.append(np.column_stack([np.full(len(places), which), places]))
    return np.concatenate(parts).astype("int32")
