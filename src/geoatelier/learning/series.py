"""Read a series of images: at some pixels, as a table; as a cube; or window by window."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from pandas import DataFrame
from rasterio.crs import CRS
from rasterio.io import DatasetReader
from rasterio.windows import Window
from rasterio.windows import transform as transform_of_window

from geoatelier.learning.opening import GDAL_CACHE, open_image, read_bands
from geoatelier.learning.windows import aligned_windows

REFLECTANCE_SCALE = 10_000
_PIXELS_AT_ONCE = 2**20  # of one date


@dataclass(frozen=True)
class Cube:
    """A series in memory: the whole of it, or a window.

    Parameters
    ----------
    reflectances : float32 (n_dates × n_bands, rows, columns), without unit, NaN where there is no data
    names : name of each layer, `MM-JJ_bande`
    transform : from (column, row) to coordinates
    crs : of the images
    """

    reflectances: NDArray[np.float32]
    names: list[str]
    transform: Affine
    crs: CRS


class OpenSeries:
    """The images of a series, open, known to stand on one grid and to hold the same bands.

    Attributes
    ----------
    names : list of str
        Name of each layer, `MM-JJ_bande`, date by date.
    transform, crs, shape
        Of every image; the shape is (rows, columns).
    """

    def __init__(
        self,
        images: Mapping[date, DatasetReader],
        masks: Mapping[date, DatasetReader],
        bands: Sequence[str],
    ) -> None:
        first = next(iter(images.values()))
        self.names = [layer_name(day, band) for day in images for band in bands]
        self.transform, self.crs, self.shape = first.transform, first.crs, first.shape
        self._block = first.block_shapes[0]
        self._n_bands = len(bands)
        self._dates = [
            (image, [image.descriptions.index(band) + 1 for band in bands], masks.get(day))
            for day, image in images.items()
        ]

    def windows(self, pixels: int | None = None, area: Window | None = None) -> Iterator[Window]:
        """Give windows that follow the blocks of the images, of a million pixels at most by default."""
        return aligned_windows(self.shape, self._block, pixels or _PIXELS_AT_ONCE, area)

    def dates(self, window: Window) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """Read a window date by date.

        Yields
        ------
        layers : slice
            Their places in `names`.
        reflectances : float32 array of shape (n_bands, rows, columns)
            NaN where there is no data, or where the mask is not clear.
        """
        for rank, (image, indexes, mask) in enumerate(self._dates):
            values = read_bands(image, indexes, window, dtype="float32")
            if image.nodata is not None:
                values[values == np.float32(image.nodata)] = np.nan
            values /= REFLECTANCE_SCALE
            if mask is not None:
                values[:, read_bands(mask, [1], window, dtype=mask.dtypes[0])[0] != 0] = np.nan
            yield slice(rank * self._n_bands, (rank + 1) * self._n_bands), values

    def cube(self, window: Window | None = None) -> Cube:
        """Read a window of every date, or the whole."""
        window = window or Window(0, 0, self.shape[1], self.shape[0])
        reflectances = np.empty((len(self.names), window.height, window.width), dtype="float32")
        for layers, values in self.dates(window):
            reflectances[layers] = values
        return Cube(reflectances, self.names, transform_of_window(window, self.transform), self.crs)


@contextmanager
def open_series(
    images: Mapping[date, str | Path],
    masks: Mapping[date, str | Path] | None = None,
    bands: Sequence[str] | None = None,
) -> Iterator[OpenSeries]:
    """Open every image of a series, and its mask, after checking that they go together.

    Parameters
    ----------
    images : path of the image of each date; each band has its name as description
    masks : path of the cloud mask of each date (0 clear); what is not clear becomes NaN
    bands : names of the bands to read, in this order; those of the first image when not given

    Raises
    ------
    ValueError
        If there is no image, if images or masks differ in CRS, transform or shape, if a band has no name or
        is missing, if two dates have the same month and day, or if a mask is missing.
    UnreadableImageError
        If a file cannot be opened, or read.
    """
    refuse_no_mapping(images=images, masks=masks)
    if not images:
        raise ValueError("La série ne contient aucune image. Donnez un chemin par date.")
    days = sorted(images)
    _refuse_same_day(days)
    _refuse_missing_mask(days, masks)
    with rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE), ExitStack() as opened:
        readers = {day: opened.enter_context(open_image(images[day])) for day in days}
        reference = readers[days[0]]
        bands = _band_names(reference) if bands is None else bands
        for image in readers.values():
            _refuse_other_grid(reference, image, "L'image")
            _refuse_missing_band(bands, image)
        mask_readers = {day: opened.enter_context(open_image(masks[day])) for day in days if masks}
        for mask in mask_readers.values():
            _refuse_other_grid(reference, mask, "Le masque")
        yield OpenSeries(readers, mask_readers, bands)


def read_series(
    pixels: DataFrame,
    images: Mapping[date, str | Path],
    masks: Mapping[date, str | Path] | None = None,
    *,
    bands: Sequence[str] | None = None,
) -> DataFrame:
    """Read the bands of every image at the given pixels, window by window.

    Parameters
    ----------
    pixels : table with columns `ligne` and `colonne`, as `draw_pixels` gives it
    images : path of the image of each date; all on one grid
    masks : path of the cloud mask of each date (0 clear); what is not clear becomes NaN
    bands : names of the bands to read; those of the first image when not given

    Returns
    -------
    DataFrame of float32, shape (n_pixels, n_dates × n_bands)
        Reflectances (no unit, about 0 to 1), NaN where there is no data. Columns are named `MM-JJ_bande`, for
        instance `06-18_B8`. The index is that of `pixels`.

    Raises
    ------
    ValueError
        If the images do not go together (see `open_series`), or if a pixel is outside them.
    """
    _refuse_no_place(pixels)
    rows, columns = pixels["ligne"].to_numpy(), pixels["colonne"].to_numpy()
    with open_series(images, masks, bands) as series:
        _refuse_outside(rows, columns, series.shape)
        table = np.empty((len(series.names), len(pixels)), dtype="float32")
        for window in series.windows():
            row, column = rows - window.row_off, columns - window.col_off
            inside = np.flatnonzero(
                (row >= 0) & (row < window.height) & (column >= 0) & (column < window.width)
            )
            if inside.size == 0:
                continue
            for layers, values in series.dates(window):
                table[layers, inside] = values[:, row[inside], column[inside]]
    return DataFrame(table.T, columns=series.names, index=pixels.index)


def read_cube(images: Mapping[date, str | Path], masks: Mapping[date, str | Path] | None = None) -> Cube:
    """Read a whole series once, to measure many versions of the same parcels on it.

    Takes and raises the same as `open_series`. Eight dates of 900 × 700 pixels take 120 MB.
    """
    with open_series(images, masks) as series:
        return series.cube()


def layer_name(day: date, band: str) -> str:
    """Name of one band on one date, such as `06-18_B8`."""
    return f"{day:%m-%d}_{band}"


def _band_names(image: DatasetReader) -> list[str]:
    if None in image.descriptions:
        raise ValueError(
            f"Les bandes de l'image {Path(image.name).name} n'ont pas de nom. Écrivez-les dans le fichier : "
            'image.descriptions = ("B4", "B8"), par exemple, sur une image ouverte en mode "r+".'
        )
    return list(image.descriptions)


def _refuse_missing_band(bands: Sequence[str], image: DatasetReader) -> None:
    missing = [band for band in bands if band not in image.descriptions]
    if missing:
        known = ", ".join(_band_names(image))
        raise ValueError(
            f"L'image {Path(image.name).name} n'a pas la bande {', '.join(missing)}. Ses bandes : {known}. "
            "Toutes les dates doivent avoir les mêmes."
        )


def refuse_no_mapping(**given: object) -> None:
    """Raise TypeError, with what to do in French, for images or masks that are not given date by date."""
    for what, paths in given.items():
        if paths is not None and not isinstance(paths, Mapping):
            raise TypeError(f"{what} est un chemin par date : {{date(2025, 6, 18): chemin}}, par exemple.")


def _refuse_same_day(days: Sequence[date]) -> None:
    counts = Counter(f"{day:%d/%m}" for day in days)
    repeated = [day for day, count in counts.items() if count > 1]
    if repeated:
        raise ValueError(
            f"Plusieurs images sont du {', '.join(repeated)} : leurs colonnes auraient le même nom. "
            "Lisez une année à la fois."
        )


def _refuse_missing_mask(days: Sequence[date], masks: Mapping[date, str | Path] | None) -> None:
    missing = [day for day in days if masks is not None and day not in masks]
    if missing:
        raise ValueError(
            f"Il manque le masque de nuages du {', '.join(f'{day:%d/%m/%Y}' for day in missing)}. "
            "Ajoutez-le, ou retirez l'image de cette date."
        )


def _refuse_other_grid(reference: DatasetReader, image: DatasetReader, what: str) -> None:
    ours, theirs = ((raster.crs, raster.transform.to_gdal(), raster.shape) for raster in (reference, image))
    differences = [
        name
        for name, one, other in zip(
            ("le système de coordonnées", "l'origine ou le pas", "la taille"), ours, theirs, strict=True
        )
        if one != other
    ]
    if differences:
        raise ValueError(
            f"{what} {Path(image.name).name} n'est pas sur la même grille que {Path(reference.name).name} : "
            f"{', '.join(differences)} diffère. Rééchantillonnez-la avec rasterio.warp.reproject."
        )


def _refuse_no_place(pixels: DataFrame) -> None:
    missing = [name for name in ("ligne", "colonne") if name not in pixels.columns]
    if missing:
        raise ValueError(
            f"La table n'a pas de colonne {' ni '.join(missing)} : rien ne dit où sont ses pixels dans "
            "l'image. Passez la table que rend draw_pixels."
        )


def _refuse_outside(rows: NDArray, columns: NDArray, shape: tuple[int, int]) -> None:
    outside = (rows < 0) | (rows >= shape[0]) | (columns < 0) | (columns >= shape[1])
    if outside.any():
        raise ValueError(
            f"Des pixels sont hors de l'image, de {shape[0]} lignes et {shape[1]} colonnes : {outside.sum()} "
            f"sur {outside.size}. Tirez-les sur la même image, ou sur une image de la même grille."
        )
