"""Spectral indices of a series of reflectances."""

from pandas import DataFrame


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
    near_infrared = _band(series, "B8")
    red = _band(series, "B4")
    return (near_infrared - red) / (near_infrared + red)


def _band(series: DataFrame, band: str) -> DataFrame:
    ending = f"_{band}"
    columns = [name for name in series.columns if name.endswith(ending)]
    return series[columns].rename(columns=lambda name: name.removesuffix(ending))
