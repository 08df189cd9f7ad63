"""Predict a whole raster window by window: what is held in memory does not grow with the raster."""

import json
import math
from collections.abc import Hashable, Iterable, Mapping
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame
from rasterio.transform import array_bounds
from rasterio.windows import Window, from_bounds
from rasterio.windows import transform as transform_of_window
from sklearn.base import BaseEstimator
from tqdm import tqdm

from geoatelier.learning.class_maps import ABSTENTION, NO_DATA, legend_of, new_map
from geoatelier.learning.features import Features
from geoatelier.learning.model_checks import refuse_model
from geoatelier.learning.series import Cube, OpenSeries, open_series
from geoatelier.learning.threads import in_threads

# Beyond, what a window takes leaves the processor's cache; below, each call costs more than its work.
_PIXELS_AT_ONCE = 2**16
_ROWS_AT_ONCE = 2**14
_ROUNDING = 1e-6  # percent: 0.57 × 100 is a little less than 57


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
    _refuse_output(output, [*images.values(), *(masks or {}).values()])
    tags = {"MODELE": type(model).__name__, "VARIABLES": json.dumps(features.names)}
    with open_series(images, masks, features.read_bands) as series:
        area = _area(series, bounds)
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
            _progress_bar(area.height * area.width, shown=progress) as bar,
        ):
            for window, (codes, confidence) in zip(windows, predicted, strict=True):
                class_map.write(_within(area, window), codes, confidence)
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
        confidence[rows] = np.floor(100 * highest + _ROUNDING)
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


def _progress_bar(pixels: int, *, shown: bool) -> tqdm:
    return tqdm(
        total=pixels,
        desc="Prédiction",
        unit=" pixel",
        unit_scale=True,
        leave=False,
        dynamic_ncols=True,
        bar_format="{desc} {percentage:3.0f} % {bar} {n_fmt}/{total_fmt} [{elapsed}, reste {remaining}]",
        # Left unsaid when it is shown, so that TQDM_DISABLE silences it where nobody watches.
        **({} if shown else {"disable": True}),
    )


def _area(series: OpenSeries, bounds: tuple[float, float, float, float] | None) -> Window:
    """The whole pixels that bounds touch, within the images."""
    height, width = series.shape
    if bounds is None:
        return Window(0, 0, width, height)
    if len(bounds) != 4:
        raise ValueError(
            f"L'emprise a {len(bounds)} nombres ; il en faut quatre : gauche, bas, droite, haut."
        )
    left, bottom, right, top = bounds
    if not (left < right and bottom < top):
        raise ValueError(
            f"L'emprise {_listed(bounds)} est vide : donnez, dans cet ordre, gauche, bas, droite, haut."
        )
    asked = from_bounds(*bounds, transform=series.transform)
    first_column, first_row = max(0, math.floor(asked.col_off)), max(0, math.floor(asked.row_off))
    last_column = min(width, math.ceil(asked.col_off + asked.width))
    last_row = min(height, math.ceil(asked.row_off + asked.height))
    if last_column <= first_column or last_row <= first_row:
        extent = array_bounds(height, width, series.transform)
        raise ValueError(
            f"L'emprise {_listed(bounds)} ne touche pas les images, qui vont de {_listed(extent)} (gauche, "
            "bas, droite, haut). Donnez-la dans leur système de coordonnées."
        )
    return Window(first_column, first_row, last_column - first_column, last_row - first_row)


def _within(area: Window, window: Window) -> Window:
    """The window, counted from the corner of the area."""
    return Window(window.col_off - area.col_off, window.row_off - area.row_off, window.width, window.height)


def _listed(bounds: Iterable[float]) -> str:
    return "(" + ", ".join(f"{value:.0f}" for value in bounds) + ")"


def _refuse_numbers(abstain_below: float | None, threads: int | None) -> None:
    if abstain_below is not None and not 0 < abstain_below <= 1:
        raise ValueError(
            f"abstain_below est une probabilité, entre 0 et 1 ; {abstain_below} n'en est pas une."
        )
    if threads is not None and threads < 1:
        raise ValueError(f"threads est un nombre de fenêtres, 1 ou plus ; reçu : {threads}.")


def _refuse_output(output: Path, sources: Iterable[str | Path]) -> None:
    if output.suffix.lower() not in {".tif", ".tiff"}:
        raise ValueError(f"La carte est un GeoTIFF : donnez un nom en .tif, et non « {output.name} ».")
    if output.resolve() in {Path(source).resolve() for source in sources}:
        raise ValueError(f"{output.name} est une image de la série : elle serait perdue. Changez de nom.")
