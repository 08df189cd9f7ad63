"""Short fingerprints of geometries and of rows, to compare a million objects in little memory."""

from hashlib import blake2b

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray


def shape_hashes(geometries: NDArray[np.object_]) -> NDArray[np.uint64]:
    """128 bits a geometry, of shape (n, 2): equal for the same shape, wherever its outline starts or turns.

    Heights are left out. Missing geometries are all alike.
    """
    encoded = shapely.to_wkb(shapely.normalize(shapely.force_2d(geometries)))
    digests = b"".join(blake2b(data or b"", digest_size=16).digest() for data in encoded)
    return np.frombuffer(digests, dtype=np.uint64).reshape(-1, 2)


def value_hashes(values: pd.DataFrame) -> NDArray[np.uint64]:
    """64 bits a row, of shape (n,): equal for the same values."""
    if not len(values.columns):
        return np.zeros(len(values), dtype=np.uint64)
    objects = values.select_dtypes("object").columns  # lists and the like have no hash of their own
    return pd.util.hash_pandas_object(values.astype(dict.fromkeys(objects, "str")), index=False).to_numpy()
