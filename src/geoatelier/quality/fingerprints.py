"""Numbers that tell places, shapes and rows apart, computed on whole arrays."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoatelier.quality.rings import runs_of

_SEED = np.uint64(0x9E3779B97F4A7C15)


def place_hashes(places: NDArray[np.float64]) -> NDArray[np.uint64]:
    """64 bits for each place of an array of shape (n, 2); 0.0 and -0.0 are one."""
    bits = (places + 0.0).view(np.uint64)
    return _mixed(_mixed(bits[:, 0] + _SEED) + bits[:, 1])


def shape_fingerprints(geometries: NDArray[np.object_]) -> NDArray[np.uint64]:
    """64 bits a geometry, of shape (n,): equal for the same shape, wherever its outline starts or turns.

    The sum, over the edges of the geometry (its vertices, for points), of a hash of both ends that does not
    depend on their order; the type of the geometry goes in too. Heights are left out. Missing geometries are
    all alike. Among a million geometries, two that differ are held to be alike with a probability of 3e-8.
    """
    outlines, owner, _ = runs_of(geometries)
    places, outline = shapely.get_coordinates(outlines, return_index=True)
    ids = place_hashes(places)
    goes_on = outline[:-1] == outline[1:]
    ends = np.where(goes_on, _mixed(ids[:-1] + ids[1:]), np.uint64(0))
    pointlike = shapely.get_dimensions(outlines) == 0
    if pointlike.any():
        ends = np.append(ends, ids[:1] * 0) + np.where(pointlike[outline], ids, np.uint64(0))
    first = np.flatnonzero(np.append(True, ~goes_on)[: len(ids)])
    sums = _mixed(shapely.get_type_id(geometries).astype(np.int64).view(np.uint64))
    if len(first):
        np.add.at(sums, owner[outline[first]], np.add.reduceat(ends, first))
    return sums


def value_hashes(values: pd.DataFrame) -> NDArray[np.uint64]:
    """64 bits a row, of shape (n,): equal for the same values."""
    if not len(values.columns):
        return np.zeros(len(values), dtype=np.uint64)
    objects = [
        name for name in values.columns if values[name].dtype == object
    ]  # lists and the like have no hash of their own
    return pd.util.hash_pandas_object(values.astype(dict.fromkeys(objects, "str")), index=False).to_numpy()


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finishing steps of SplitMix64 (Steele, Lea, Flood, 2014): each bit depends on all those given."""
    mixed = bits ^ (bits >> np.uint64(30))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed
