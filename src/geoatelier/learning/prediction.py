"""Predict a whole raster window by window: what is held in memory does not grow with the raster."""

import json
from collections.abc import Hashable, Mapping
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame
from rasterio.windows import transform as transform_of_window
from sklearn.base import BaseEstimator

from geoatelier.learning.areas import area_of, progress_bar, refuse_map_name, within
from geoatelier.learning.class_maps import ABSTENTION, NO_DATA, in_percent, legend_of, new_map
from geoatelier.learning.features import Features
from geoatelier.learning.model_checks import refuse_model
from geoatelier.learning.series import Cube, open_series
from geoatelier.learning.threads import in_threads

# Beyond, what a window takes leaves the processor's cache; below, each call costs more than its work.
_PIXELS_AT_ONCE = 2**16
_ROWS_AT_ONCE = 2**14


def predict_raster(
    model: BaseEstimator,
    images: Mapping[date, str | Path],
    features: Features,
    output: str | Path,
    *,
    masks: Mapping[date, str | Path] | None = None,
    bounds: tuple[float, float, float, float] | None = None,
    abstain_below: float | None = None,
    names: Mapping[Hashable, str] | None = None,
    colours: Mapping[Hashable, str] | None = None,
    overwrite: bool = False,
    threads: int | None = None,
    progress: bool = True,
) -> Path:
    """Predict the class of each pixel of a series and write the map, a cloud-optimised GeoTIFF.

    The first band holds the class: 1 for the first of `model.classes_`, and so on; 0 is an abstention, 255 no
    data. Its metadata and its palette say what each code is (`read_legend` reads them). The second band holds
    the confidence: the highest probability, in percent, rounded down; 255 is no data. There is no data where
    every feature is missing, or any of them if `features` fills gaps.

    Parameters
    ----------
    model : a scikit-learn classifier with `predict_proba`, trained on a table that `features` made; it is
        called from several threads at once
    images : path of the image of each date; those of `features`, others are left out
    features : the object that made the training table
    output : path of the map; its folder exists
    masks : path of the cloud mask of each date (0 clear); give them if they were given in training
    bounds : left, bottom, right, top of the part to predict, in the CRS of the images; all when not given
    abstain_below : probability below which the model abstains, in (0, 1]; it never does when not given
    names : how to call each class in the metadata; its own name when not given
    colours : `#rrggbb` of each class; a palette of `geoatelier.maps` when not given
    overwrite : whether a file that is there may be replaced; an image or a mask of the series never is
    threads : windows predicted at once, each on one core; as many as cores, at most 4, when not given
    progress : whether to show a progress bar, on the error stream, gone at the end

    Returns
    -------
    Path of the map

    Raises
    ------
    ValueError
        If the model is not fitted, has no `predict_proba`, or learnt from other features; if the series lacks
        a date or a band, or does not stand on one grid; if `bounds` is outside the images; if a feature is
        NaN and the model takes none; if names or colours are not those of its classes; or if a parameter is
        out of its range, or `output` no name of a GeoTIFF.
    geoatelier.safely.UnwritableOutput
        If there is a file at `output` and `overwrite` is False, or if it cannot be written.
    """
    output = Path(output)
    refuse_model(model, features.names)
    _refuse_numbers(abstain_below, threads)
    legend = legend_of(model.classes_, names, colours)
    images, masks = features.needed(images), features.needed_masks(masks)
    refuse_map_name(output, [*images.values(), *(masks or {}).values()])
    tags = {"MODELE": type(model).__name__, "VARIABLES": json.dumps(features.names)}
    with open_series(images, masks, features.read_bands) as series:
        area = area_of(series.shape, series.transform, bounds)
        windows = list(series.windows(_PIXELS_AT_ONCE, area))
        predict = partial(_predict, model, features, abstain_below)
        with (
            new_map(
                output,
                (area.height, area.width),
                transform_of_window(area, series.transform),
                series.crs,
                legend,
                tags,
                overwrite=overwrite,
            ) as class_map,
            closing(in_threads(predict, map(series.cube, windows), threads)) as predicted,
            progress_bar(area.height * area.width, shown=progress) as bar,
        ):
            for window, (codes, confidence) in zip(windows, predicted, strict=True):
                class_map.write(within(area, window), codes, confidence)
                bar.update(codes.size)
    return output


def _predict(
    model: BaseEstimator, features: Features, abstain_below: float | None, cube: Cube
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Code and confidence of each pixel of a window, of its shape."""
    table = features.of_cube(cube)
    missing = np.isnan(table.to_numpy())
    known = np.flatnonzero(~(missing.any(axis=1) if features.fill else missing.all(axis=1)))
    codes, confidence = (np.full(len(table), NO_DATA, dtype="uint8") for _ in range(2))
    for start in range(0, known.size, _ROWS_AT_ONCE):
        rows = known[start : start + _ROWS_AT_ONCE]
        probabilities = _probabilities(model, table.iloc[rows])
        highest = probabilities.max(axis=1)
        codes[rows] = probabilities.argmax(axis=1) + 1
        if abstain_below is not None:
            codes[rows[highest < abstain_below]] = ABSTENTION
        confidence[rows] = in_percent(highest)
    shape = cube.reflectances.shape[1:]
    return codes.reshape(shape), confidence.reshape(shape)


def _probabilities(model: BaseEstimator, table: DataFrame) -> NDArray[np.floating]:
    try:
        return model.predict_proba(table)
    except ValueError as error:
        if not table.isna().any(axis=None):
            raise
        raise ValueError(
            f"Des valeurs manquent (NaN) et {type(model).__name__} n'en accepte pas. Demandez à Features de "
            "combler les trous (fill=True) et réentraînez le modèle, ou prenez-en un qui les accepte, comme "
            "une forêt aléatoire."
        ) from error


def _refuse_numbers(abstain_below: float | None, threads: int | None) -> None:
    if abstain_below is not None and not 0 < abstain_below <= 1:
        raise ValueError(
            f"abstain_below est une probabilité, entre 0 et 1 ; {abstain_below} n'en est pas une."
        )
    if threads is not None and threads < 1:
        raise ValueError(f"threads est un nombre de fenêtres, 1 ou plus ; reçu : {threads}.")
