"""Controls of what the pixels of an image hold: unreadable, missing, constant or impossible ones."""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from geoatelier.quality.images_reading import Tiles
from geoatelier.quality.images_subject import Image, places_of
from geoatelier.quality.wording import SPACE, count, number

_LARGE = 2**26  # bytes of pixels, below which reading costs little
_MOST_SQUEEZED = 2000  # bytes of pixels in one byte of file; DEFLATE reaches 1032 on an even colour


def is_credible(image: Image) -> bool:
    """Whether the file can hold the pixels that its header announces; if not, it is told.

    A header with one wrong byte may announce thousands of bands, and days of reading.
    """
    source, size = image.source, image.path.stat().st_size if image.path.is_file() else 0
    announced = source.width * source.height * source.count * np.dtype(source.dtypes[0]).itemsize
    if source.driver not in ("GTiff", "COG") or announced < _LARGE or announced < _MOST_SQUEEZED * size:
        return True
    image.tell(
        "fichier-abime",
        f"L'image annonce {number(source.width)} × {number(source.height)} pixels sur "
        f"{count(source.count, 'bande')} et son fichier ne fait que {number(size)} octets : son en-tête est "
        "abîmé, ou presque tous ses blocs manquent. Ses pixels n'ont pas été lus. Redemandez-la.",
        value=size,
    )
    return False


def unreadable_blocks(image: Image, tiles: Tiles) -> None:
    places, _ = _zones(image, tiles, tiles.unreadable, tiles.pixels)
    image.show(
        "bloc-illisible",
        places,
        ["Ces pixels ne se lisent pas : le fichier est coupé ou abîmé. Redemandez-le."] * len(places),
    )


def missing_pixels(image: Image, tiles: Tiles) -> None:
    readable = tiles.pixels * ~tiles.unreadable
    absent = tiles.missing.sum() / max(readable.sum(), 1)
    if readable.any() and absent == 1:
        image.tell("image-vide", "Aucun pixel de l'image n'a de donnée. Redemandez-la.")
        return
    most = image.rules.most_missing
    if most is not None and absent > most:
        image.tell(
            "absence-excessive",
            f"{number(100 * absent, 1)}{SPACE}% des pixels n'ont pas de donnée, alors qu'on en admet "
            f"{number(100 * most, 1)}{SPACE}%. Complétez avec une autre date, ou écartez l'image.",
            value=f"{absent:.4f}",
        )
    empty = np.maximum(tiles.missing, tiles.black) == tiles.pixels
    places, pixels = _zones(image, tiles, empty & _surrounded(~empty & ~tiles.unreadable), tiles.pixels)
    image.show(
        "tuile-manquante",
        places,
        [f"{count(n, 'pixel')} sans donnée au milieu de l'image. Redemandez la tuile." for n in pixels],
        pixels,
    )


def _surrounded(full: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tiles with a full one on both sides in their row, and on both sides in their column."""

    def between(axis: int) -> NDArray[np.bool_]:
        before = np.logical_or.accumulate(full, axis=axis)
        after = np.flip(np.logical_or.accumulate(np.flip(full, axis), axis=axis), axis)
        return before & after

    return between(0) & between(1)


def odd_values(image: Image, tiles: Tiles) -> None:
    for band, (low, high) in enumerate(zip(tiles.low, tiles.high, strict=True), start=1):
        if low == high and tiles.pixels.sum() > 1 and not tiles.opacity[band - 1]:
            flat_mask = image.source.count == 1 and image.source.dtypes[0] in ("uint8", "int8")
            image.tell(
                "bande-constante",
                f"Tous les pixels de la bande {band} valent {number(low, 4)}. "
                "Vérifiez qu'elle n'a pas été mal écrite.",
                value=f"{low:g}",
                level="info" if flat_mask else None,  # a mask of clouds on a fine day is like that
            )
    _show_pixels(
        image, tiles, "absence-non-declaree", tiles.undeclared,
        "portent un code comme -9999, qui veut sans doute dire « pas de donnée » mais n'est pas déclaré. "
        "Déclarez-le (`gdal_edit -a_nodata`).",
    )  # fmt: skip
    _show_pixels(
        image, tiles, "valeur-non-finie", tiles.not_finite,
        "valent NaN ou l'infini. Déclarez-les sans donnée, ou refaites le calcul qui les a produits.",
    )  # fmt: skip
    if image.rules.plausible is not None:
        least, greatest = (number(bound, 6) for bound in image.rules.plausible)
        _show_pixels(
            image, tiles, "valeur-hors-plage", tiles.implausible,
            f"sortent des valeurs plausibles, de {least} à {greatest}. Vérifiez l'unité et l'échelle.",
        )  # fmt: skip


def _show_pixels(image: Image, tiles: Tiles, code: str, marked: NDArray[np.int64], what: str) -> None:
    """One anomaly for each zone of tiles that hold marked pixels."""
    places, pixels = _zones(image, tiles, marked > 0, marked)
    image.show(code, places, [f"Dans ce bloc, {count(n, 'pixel')} {what}" for n in pixels], pixels)


def _zones(
    image: Image, tiles: Tiles, marked: NDArray[np.bool_], weights: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Outlines of the groups of `marked` tiles that share a side, and the sum of `weights` in each."""
    label, n = ndimage.label(marked)
    rows, cols = np.nonzero(marked)
    right, down = np.array([0, 1, 1, 0]), np.array([0, 0, 1, 1])
    corners = tiles.col_edges[cols[:, None] + right], tiles.row_edges[rows[:, None] + down]
    boxes = shapely.polygons(places_of(image.source, *corners))
    groups = label[rows, cols]
    outlines = [shapely.union_all(boxes[groups == group]) for group in range(1, n + 1)]
    totals = np.bincount(groups, weights=weights[rows, cols], minlength=n + 1)[1:]
    return np.array(outlines, dtype=object), totals.astype(np.int64)
