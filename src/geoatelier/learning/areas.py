"""What every map made window by window needs: where it goes, which part of the image, how far it has come."""

import math
from collections.abc import Iterable
from pathlib import Path

from affine import Affine
from rasterio.transform import array_bounds
from rasterio.windows import Window, from_bounds
from tqdm import tqdm


def refuse_map_name(output: Path, sources: Iterable[str | Path]) -> None:
    """Raise ValueError, in French, if `output` is no name of a GeoTIFF, or is one of the images to map."""
    if output.suffix.lower() not in {".tif", ".tiff"}:
        raise ValueError(f"La carte est un GeoTIFF : donnez un nom en .tif, et non « {output.name} ».")
    if output.resolve() in {Path(source).resolve() for source in sources}:
        raise ValueError(f"{output.name} est une image à cartographier : elle serait perdue. Changez de nom.")


def area_of(
    shape: tuple[int, int], transform: Affine, bounds: tuple[float, float, float, float] | None
) -> Window:
    """Give the whole pixels of an image that bounds touch; all of them where there are no bounds.

    Parameters
    ----------
    shape, transform : of the image; the shape is (rows, columns)
    bounds : left, bottom, right, top, in its CRS

    Raises
    ------
    ValueError
        If the bounds are not four, are empty, or do not touch the image.
    """
    height, width = shape
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
    asked = from_bounds(*bounds, transform=transform)
    first_column, first_row = max(0, math.floor(asked.col_off)), max(0, math.floor(asked.row_off))
    last_column = min(width, math.ceil(asked.col_off + asked.width))
    last_row = min(height, math.ceil(asked.row_off + asked.height))
    if last_column <= first_column or last_row <= first_row:
        extent = array_bounds(height, width, transform)
        raise ValueError(
            f"L'emprise {_listed(bounds)} ne touche pas les images, qui vont de {_listed(extent)} (gauche, "
            "bas, droite, haut). Donnez-la dans leur système de coordonnées."
        )
    return Window(first_column, first_row, last_column - first_column, last_row - first_row)


def within(area: Window, window: Window) -> Window:
    """The window, counted from the corner of the area."""
    return Window(window.col_off - area.col_off, window.row_off - area.row_off, window.width, window.height)


def progress_bar(pixels: int, *, shown: bool) -> tqdm:
    """Make a bar that counts pixels, on the error stream, gone at the end."""
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


def _listed(bounds: Iterable[float]) -> str:
    return "(" + ", ".join(f"{value:.0f}" for value in bounds) + ")"
