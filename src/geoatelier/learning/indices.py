"""Spectral indices of a series of reflectances."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame

Values = TypeVar("Values", DataFrame, NDArray[np.float32])
NEAR_INFRARED, RED = "B8", "B4"


def ndvi(series: DataFrame) -> DataFrame:
    """Normalised difference vegetation index of each date, (B8 - B4) / (B8 + B4).

    Parameters
    ----------
    series : reflectances, as `read_series` gives them

    Returns
    -------
    DataFrame
        One column a date, named `MM-JJ`, without unit, between -1 and 1.

    References
    ----------
    Rouse et al. (1974), Monitoring vegetation systems in the Great Plains with ERTS, NASA SP-351.
    """
    return normalised_difference(_band(series, NEAR_INFRARED), _band(series, RED))


def normalised_difference(one: Values, other: Values) -> Values:
    """(one - other) / (one + other), element by element."""
    return (one - other) / (one + other)


def _band(series: DataFrame, band: str) -> DataFrame:
    ending = f"_{band}"
    columns = [name for name in series.columns if name.endswith(ending)]
    return series[columns].rename(columns=lambda name: name.removesuffix(ending))
