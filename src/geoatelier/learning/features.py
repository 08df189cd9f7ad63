"""What a model is told of a pixel or of a parcel: the same in training and in prediction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pandas import DataFrame

from geoatelier.learning.gaps import fill_gaps
from geoatelier.learning.indices import NEAR_INFRARED, RED, normalised_difference
from geoatelier.learning.series import Cube, layer_name, read_series, refuse_no_mapping
from geoatelier.learning.zones import read_parcel_series

NDVI = "NDVI"


def _mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
    known = np.isfinite(values)
    return np.sum(values, axis=0, where=known) / known.sum(axis=0, dtype="float32")


def _standard_deviation(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.sqrt(_mean((values - _mean(values)) ** 2))


# Each takes (n_dates, …) and gives (…), NaN where no date is known.
STATISTICS: Mapping[str, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "moyenne": _mean,
    "minimum": np.fmin.reduce,
    "maximum": np.fmax.reduce,
    "ecart_type": _standard_deviation,
}


@dataclass(frozen=True)
class Features:
    """The features of a series, made the same way from a table of pixels, of parcels, or from a window.

    Their order is: for each date, the bands, then the NDVI; then each statistic over the dates, of each band
    and of the NDVI. Parcels have the features of their mean reflectances.

    Parameters
    ----------
    dates : of the images that the model learns from; their month and day are what names them
    bands : bands that are features as they are; may be empty when `ndvi` is True
    ndvi : whether the NDVI of each date is a feature
    statistics : names among "moyenne", "minimum", "maximum", "ecart_type"
    fill : whether a date that is hidden is interpolated linearly between its clear neighbours, before all the
        rest; else it stays NaN

    Raises
    ------
    ValueError
        If there is no date, no feature, an unknown statistic, or twice the same name.

    Examples
    --------
    >>> features = Features(datasets.dates(), bands=("B4", "B8"), ndvi=True, statistics=("maximum",))
    >>> X = features.of_pixels(pixels, datasets.images(), datasets.masks())
    >>> X.columns
    Index(['02-18_B4', '02-18_B8', '02-18_NDVI', …, 'maximum_B4', 'maximum_B8', 'maximum_NDVI'])
    """

    dates: Sequence[date]
    bands: Sequence[str]
    ndvi: bool = False
    statistics: Sequence[str] = ()
    fill: bool = True

    def __post_init__(self) -> None:
        for field in ("bands", "statistics"):
            if isinstance(getattr(self, field), str):
                raise ValueError(f'Donnez une liste pour {field}, par exemple ("{getattr(self, field)}",).')
            object.__setattr__(self, field, tuple(getattr(self, field)))
        days = tuple(self.dates)
        wrong = [day for day in days if not isinstance(day, date)]
        if wrong:
            raise ValueError(f"Une date s'écrit date(2025, 6, 18), de datetime ; reçu : {wrong[0]!r}.")
        object.__setattr__(self, "dates", tuple(sorted(days)))
        if not self.dates:
            raise ValueError("Donnez au moins une date.")
        if not self.bands and not self.ndvi:
            raise ValueError("Aucune variable n'est demandée : donnez des bandes, ou ndvi=True.")
        unknown = [name for name in self.statistics if name not in STATISTICS]
        if unknown:
            raise ValueError(
                f"Statistique inconnue : {', '.join(unknown)}. Sont connues : {', '.join(STATISTICS)}."
            )
        if len(set(self.names)) < len(self.names):
            raise ValueError(
                "Deux variables auraient le même nom : une bande, une statistique, ou le même jour de deux "
                "années, est demandé deux fois."
            )

    @cached_property
    def names(self) -> list[str]:
        """Name of each feature, in order, such as `06-18_B8`, `06-18_NDVI` or `maximum_NDVI`."""
        measured = [*self.bands, *([NDVI] if self.ndvi else [])]
        return [
            *(layer_name(day, name) for day in self.dates for name in measured),
            *(f"{statistic}_{name}" for statistic in self.statistics for name in measured),
        ]

    @cached_property
    def read_bands(self) -> list[str]:
        """Bands to read in the images: those that are features, and those of the NDVI."""
        return list(dict.fromkeys([*self.bands, *((NEAR_INFRARED, RED) if self.ndvi else ())]))

    @cached_property
    def layers(self) -> list[str]:
        """Name of each layer to read, date by date: `06-18_B8`."""
        return [layer_name(day, band) for day in self.dates for band in self.read_bands]

    def of_pixels(
        self,
        pixels: DataFrame,
        images: Mapping[date, str | Path],
        masks: Mapping[date, str | Path] | None = None,
    ) -> DataFrame:
        """Features of the pixels that `draw_pixels` gives, read window by window.

        Returns
        -------
        DataFrame of float32, shape (n_pixels, n_features), index of `pixels`

        Raises
        ------
        ValueError
            If a date or a band is missing, and as `read_series`.
        """
        return self.of_table(
            read_series(pixels, self.needed(images), self.needed_masks(masks), bands=self.read_bands)
        )

    def of_parcels(
        self,
        parcels: GeoDataFrame,
        images: Mapping[date, str | Path],
        masks: Mapping[date, str | Path] | None = None,
    ) -> DataFrame:
        """Features of the mean reflectances of each parcel, read window by window.

        Returns
        -------
        DataFrame of float32, shape (n_parcels, n_features), index of `parcels`

        Raises
        ------
        ValueError
            If a date or a band is missing, and as `read_parcel_series`.
        """
        return self.of_table(
            read_parcel_series(parcels, self.needed(images), self.needed_masks(masks), bands=self.read_bands)
        )

    def of_table(self, series: DataFrame) -> DataFrame:
        """Features of a table of reflectances that was read already.

        Parameters
        ----------
        series : as `read_series`, `read_parcel_series`, `zonal_means` or `parcel_means` give it; its other
            columns are left out

        Returns
        -------
        DataFrame of float32, shape (n_rows, n_features), same index

        Raises
        ------
        ValueError
            If a date or a band is missing.
        """
        self._refuse_missing_layers(series.columns)
        values = self._made_from(series[self.layers].to_numpy("float32").T)
        return DataFrame(values.T, columns=self.names, index=series.index)

    def of_cube(self, cube: Cube) -> DataFrame:
        """Features of each pixel of a cube, or of a window of a series, row by row.

        Returns
        -------
        DataFrame of float32, shape (rows × columns, n_features), index 0 … n - 1

        Raises
        ------
        ValueError
            If a date or a band is missing.
        """
        self._refuse_missing_layers(cube.names)
        layers = cube.reflectances.reshape(len(cube.names), -1)
        if cube.names != self.layers:
            layers = layers[[cube.names.index(name) for name in self.layers]]
        # No copy: pandas keeps columns as rows, and so do the features.
        return DataFrame(self._made_from(layers).T, columns=self.names, copy=False)

    def as_series(self, table: DataFrame) -> NDArray[np.float32]:
        """Fold a table of these features into series, for a model that reads along time.

        Returns
        -------
        float32 array of shape (n_rows, n_dates, n_measures): the bands, then the NDVI

        Raises
        ------
        ValueError
            If there are statistics, which have no date, or if the columns are not those of these features.
        """
        if self.statistics:
            raise ValueError(
                f"Une statistique n'a pas de date : {', '.join(self.statistics)}. Faites des variables sans "
                "statistics pour un modèle qui lit des séries."
            )
        if list(table.columns) != self.names:
            raise ValueError("Les colonnes ne sont pas ces variables. Repliez la table que rend cet objet.")
        return table.to_numpy("float32").reshape(len(table), len(self.dates), -1)

    def needed(self, images: Mapping[date, str | Path]) -> dict[date, str | Path]:
        """Return the images of the dates that make the features; the others are left out.

        Raises
        ------
        ValueError
            If a date is missing; the message names all those that are.
        """
        refuse_no_mapping(images=images)
        wanted = {_day(day) for day in self.dates}
        self._refuse_missing_dates({_day(day) for day in images})
        return {day: path for day, path in images.items() if _day(day) in wanted}

    def needed_masks(self, masks: Mapping[date, str | Path] | None) -> dict[date, str | Path] | None:
        """Return the masks of these dates; `open_series` says which are missing."""
        wanted = {_day(day) for day in self.dates}
        return masks if masks is None else {day: path for day, path in masks.items() if _day(day) in wanted}

    def _made_from(self, layers: NDArray[np.float32]) -> NDArray[np.float32]:
        """Features of shape (n_features, n) from the layers, of shape (n_layers, n), which are left as is."""
        n_dates, n = len(self.dates), layers.shape[1]
        values = layers.reshape(n_dates, -1, n)
        if self.fill:
            values = values.copy()
            days = np.array([day.toordinal() for day in self.dates])
            fill_gaps(values, days)
        made = np.empty((len(self.names), n), dtype="float32")
        n_measured = len(self.bands) + self.ndvi
        measured = made[: n_dates * n_measured].reshape(n_dates, n_measured, n)
        measured[:, : len(self.bands)] = values[:, : len(self.bands)]
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.ndvi:
                near, red = (values[:, self.read_bands.index(band)] for band in (NEAR_INFRARED, RED))
                index = normalised_difference(near, red)
                measured[:, -1] = np.where(np.isfinite(index), index, np.nan)
            for rank, statistic in enumerate(self.statistics, start=n_dates):
                made[rank * n_measured : (rank + 1) * n_measured] = STATISTICS[statistic](measured)
        return made

    def _refuse_missing_layers(self, names: Sequence[str]) -> None:
        missing = [name for name in self.layers if name not in set(names)]
        if not missing:
            return
        self._refuse_missing_dates({name.partition("_")[0] for name in names})
        raise ValueError(
            f"Il manque à la série : {', '.join(missing)}. Lisez-la avec les bandes "
            f"{', '.join(self.read_bands)} de chaque date."
        )

    def _refuse_missing_dates(self, present: set[str]) -> None:
        missing = [f"{day:%d/%m}" for day in self.dates if _day(day) not in present]
        if missing:
            raise ValueError(
                f"Il manque à la série, sur {len(self.dates)} dates attendues : {', '.join(missing)}. "
                "Ajoutez ces images, ou entraînez un modèle sur les dates que vous avez."
            )


def _day(day: date) -> str:
    """Month and day, which name the layers of a date."""
    return f"{day:%m-%d}"
