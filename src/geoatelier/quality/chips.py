"""Image chips that come twice, or nearly so."""

from collections.abc import Sequence
from hashlib import blake2b

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geoatelier.quality.anomalies import anomalies, together
from geoatelier.quality.layer import Layer
from geoatelier.quality.wording import count, quote

_SIDE = 8  # the hash compares 8 by 8 neighbouring means: 64 bits


def duplicate_chips(images: Sequence[NDArray], layer: Layer, *, most_different: int = 4) -> gpd.GeoDataFrame:
    """Chips whose pixels are those of an earlier one, or that look nearly the same.

    Chips of one even colour are only compared to the pixel: they all look alike.

    Parameters
    ----------
    images : n arrays of shape (height, width) or (height, width, bands)
    layer : a layer of n rows, for their keys and places (`readiness.table_layer` for chips without a place)
    most_different : of the 64 bits of the perceptual hash, how many may differ between two that look alike

    Returns
    -------
    GeoDataFrame of anomalies of codes vignette-identique and vignette-proche, each tied to the earlier chip

    Raises
    ------
    ValueError
        If there are not as many chips as rows.
    """
    if len(images) != len(layer.rows):
        raise ValueError(
            f"Il faut un objet pour chaque vignette : {len(images)} vignettes, {len(layer.rows)} objets."
        )
    digests = np.array([_digest(image) for image in images], dtype=object)
    _, first, group = np.unique(digests.astype(str), return_index=True, return_inverse=True)
    original = first[group] if len(first) else np.zeros(0, dtype=int)
    copies = np.flatnonzero(original != np.arange(len(original)))
    unique = np.sort(first)
    hashes, textured = difference_hashes([images[i] for i in unique])
    unique = unique[textured]
    one, other, bits = near_pairs(hashes[textured], most_different)
    _, nearest = np.unique(other, return_index=True)  # each chip is tied to one earlier chip
    one, other, bits = unique[one[nearest]], unique[other[nearest]], bits[nearest]
    same = anomalies(
        layer,
        "vignette-identique",
        copies,
        [
            f"Mêmes pixels que la vignette {quote(layer.keys[i])}. Gardez-en une seule."
            for i in original[copies]
        ],
        related=layer.keys[original[copies]],
    )
    near = anomalies(
        layer,
        "vignette-proche",
        other,
        [
            f"Ressemble à la vignette {quote(layer.keys[i])} ({count(n, 'différence')} sur 64). "
            "Comparez-les, et gardez-les du même côté du découpage."
            for i, n in zip(one, bits, strict=True)
        ],
        related=layer.keys[one],
        values=bits,
    )
    return together([same, near], layer.frame.crs)


def difference_hashes(images: Sequence[NDArray]) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """64 bits for each image: whether each of 8 by 8 cells is lighter than the one on its left.

    Bands are averaged first. N. Krawetz, « Kind of Like That » (dHash, 2013).

    Returns
    -------
    hashes : of shape (n,)
    textured : False for an image of one even colour, whose hash means nothing; of shape (n,)
    """
    cells = np.array([_cells(image) for image in images]).reshape(-1, _SIDE, _SIDE + 1)
    bits = (np.diff(cells, axis=2) > 0).reshape(len(cells), _SIDE * _SIDE)
    hashes = np.packbits(bits, axis=1).view(np.uint64).ravel()
    return hashes, np.ptp(cells, axis=(1, 2)) > 0


def near_pairs(
    hashes: NDArray[np.uint64], most_different: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of hashes, first < second, of which at most `most_different` bits differ, and how many do.

    Hashes are cut in one slice more than bits may differ: two near ones have a slice in common, so that only
    those are compared.
    """
    slices = np.array_split(np.arange(64, dtype=np.uint64), most_different + 1)
    found = set()
    for bits in slices:
        part = (hashes >> bits[0]) & np.uint64((1 << len(bits)) - 1)
        order = np.argsort(part, kind="stable")
        edges = np.flatnonzero(np.diff(part[order])) + 1
        for alike in np.split(order, edges):
            one, other = np.triu_indices(len(alike), 1)
            near = np.bitwise_count(hashes[alike[one]] ^ hashes[alike[other]]) <= most_different
            found.update(zip(alike[one[near]].tolist(), alike[other[near]].tolist(), strict=True))
    pairs = np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
    different = np.bitwise_count(hashes[pairs[:, 0]] ^ hashes[pairs[:, 1]]).astype(np.int64)
    return pairs[:, 0], pairs[:, 1], different


def _digest(image: NDArray) -> str:
    pixels = np.ascontiguousarray(image)
    return blake2b(f"{pixels.dtype} {pixels.shape} ".encode() + pixels.tobytes(), digest_size=16).hexdigest()


def _cells(image: NDArray) -> NDArray[np.float64]:
    """Mean of each cell of a grid of 8 rows and 9 columns laid on the image; missing pixels count as 0."""
    grey = np.nan_to_num(np.asarray(image, dtype=float))
    grey = grey.mean(axis=2) if grey.ndim == 3 else grey
    rows = np.linspace(0, grey.shape[0], _SIDE + 1)[:-1].astype(int)
    cols = np.linspace(0, grey.shape[1], _SIDE + 2)[:-1].astype(int)
    if grey.shape[0] < _SIDE or grey.shape[1] < _SIDE + 1:
        return grey[np.ix_(rows, cols)]
    sums = np.add.reduceat(np.add.reduceat(grey, rows, axis=0), cols, axis=1)
    return sums / np.outer(np.diff(np.append(rows, grey.shape[0])), np.diff(np.append(cols, grey.shape[1])))
