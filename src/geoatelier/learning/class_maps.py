"""A map of classes: their codes, names and colours, written as a cloud-optimised GeoTIFF and read back."""

import errno
import json
import math
import os
import re
import tempfile
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from affine import Affine
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.errors import RasterioIOError
from rasterio.windows import Window

from geoatelier.learning.opening import open_image
from geoatelier.safely import full_disk_told, new_file

ABSTENTION, NO_DATA = 0, 255
MOST_CLASSES = NO_DATA - 1
_ABSTENTION_NAME, _ABSTENTION_COLOUR = "abstention", "#bdbdbd"
_BANDS = ("classe", "confiance (%)")
_ROUNDING = 1e-6  # percent: 0.57 × 100 is a little less than 57
_NAMES_TAG = "CLASSES"
_COLOUR = re.compile("#[0-9A-Fa-f]{6}")
_WORKING = {
    "driver": "GTiff",
    "tiled": True,
    "blockxsize": 256,
    "blockysize": 256,
    "compress": "DEFLATE",
    "zlevel": 1,
    "bigtiff": "IF_SAFER",
    "alpha": "NO",
}
# GDAL's COG driver takes the second band of a palette for a transparency, and so does the plain driver unless
# told that the photometry is grey; it keeps the palette, and with these options the layout is the same.
_FINAL = {
    "driver": "GTiff",
    "COPY_SRC_OVERVIEWS": "YES",
    "TILED": "YES",
    "BLOCKXSIZE": 512,
    "BLOCKYSIZE": 512,
    "COMPRESS": "DEFLATE",
    "BIGTIFF": "IF_SAFER",
    "PHOTOMETRIC": "MINISBLACK",
    "ALPHA": "NO",
}
_SMALLEST_OVERVIEW = 512  # pixels on the longest side


@dataclass(frozen=True)
class Legend:
    """What each code of a map of classes means.

    Parameters
    ----------
    names : name of each code, from 1; 0 is an abstention
    colours : colour of each code, `#rrggbb`
    """

    names: Mapping[int, str]
    colours: Mapping[int, str]


def legend_of(
    classes: Sequence[Hashable],
    names: Mapping[Hashable, str] | None = None,
    colours: Mapping[Hashable, str] | None = None,
) -> Legend:
    """Number classes from 1 and give each its name and colour.

    Parameters
    ----------
    classes : those that a model knows, in its order
    names : how to call each one; as it is when not given
    colours : `#rrggbb` of each one; those of `geoatelier.maps.palette` when not given, or of viridis where
        there are more classes than colours that an eye tells apart

    Raises
    ------
    ValueError
        If there are more than 254 classes, if names or colours speak of a class that the model never saw, or
        lack one, or if a colour is not written `#rrggbb`.
    """
    if len(classes) > MOST_CLASSES:
        raise ValueError(
            f"{len(classes)} classes : une carte en compte au plus {MOST_CLASSES}. Regroupez-en."
        )
    for what, given in (("un nom", names), ("une couleur", colours)):
        if given is not None:
            _refuse_other_classes(what, set(given), set(classes))
    names = names or {name: str(name) for name in classes}
    colours = colours or _colours(classes)
    _refuse_other_notation(colours.values())
    return Legend(
        {ABSTENTION: _ABSTENTION_NAME, **{code: names[name] for code, name in enumerate(classes, start=1)}},
        {
            ABSTENTION: _ABSTENTION_COLOUR,
            **{code: colours[name] for code, name in enumerate(classes, start=1)},
        },
    )


def read_legend(path: str | Path) -> Legend:
    """Read what the codes of a map of classes mean.

    Raises
    ------
    ValueError
        If the file was not written by `predict_raster`.
    UnreadableImageError
        If it cannot be opened.
    """
    with open_image(path) as raster:
        written = raster.tags(1).get(_NAMES_TAG)
        if written is None:
            raise ValueError(
                f"{Path(path).name} ne dit pas ce que valent ses codes : ce n'est pas une carte écrite par "
                "predict_raster."
            )
        names = {int(code): name for code, name in json.loads(written).items()}
        shades = raster.colormap(1)
    return Legend(names, {code: "#{:02x}{:02x}{:02x}".format(*shades[code][:3]) for code in names})


def in_percent(probabilities: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Confidence as the second band holds it: percent, rounded down."""
    return np.floor(100 * probabilities + _ROUNDING).astype("uint8")


class MapWriter:
    """A map of classes that is being made, window by window."""

    def __init__(self, working: rasterio.io.DatasetWriter) -> None:
        self._working = working

    def write(self, window: Window, codes: NDArray[np.uint8], confidence: NDArray[np.uint8]) -> None:
        """Write the codes and the confidence (percent) of a window, both of its shape."""
        self._working.write(np.stack([codes, confidence]), window=window)


@contextmanager
def new_map(
    path: str | Path,
    shape: tuple[int, int],
    transform: Affine,
    crs: CRS,
    legend: Legend,
    tags: Mapping[str, str],
    *,
    overwrite: bool = False,
) -> Iterator[MapWriter]:
    """Give a writer of windows; `path` comes to be, whole, once the block ends without an error.

    Two bands of uint8, where 255 is no data: the class, with its colours and names, and the confidence in
    percent. Overviews show real pixels (nearest neighbour), the class and the confidence of the same one.

    Raises
    ------
    geoatelier.safely.UnwritableOutput
        If there is a file at `path` and `overwrite` is False, or if it cannot be written.

    References
    ----------
    Cloud Optimized GeoTIFF, OGC 21-026.
    """
    path = Path(path)
    with (
        new_file(path, overwrite=overwrite) as final,
        tempfile.TemporaryDirectory(prefix=".geoatelier-", dir=path.parent) as folder,
    ):
        working = Path(folder) / "carte.tif"
        with full_disk_told(working):
            with rasterio.open(
                working, "w", count=2, dtype="uint8", nodata=NO_DATA, height=shape[0], width=shape[1],
                transform=transform, crs=crs, **_WORKING,
            ) as raster:  # fmt: skip
                raster.descriptions = _BANDS
                raster.update_tags(**tags)
                raster.update_tags(1, **{_NAMES_TAG: json.dumps(legend.names, ensure_ascii=False)})
                raster.write_colormap(1, {code: _rgba(colour) for code, colour in legend.colours.items()})
                yield MapWriter(raster)
            with rasterio.open(working, "r+") as raster:
                raster.build_overviews(_overview_factors(shape), Resampling.nearest)
            rasterio.shutil.copy(working, final, **_FINAL)
            _refuse_damaged(final, working)


def _refuse_damaged(copy: Path, original: Path) -> None:
    """What a driver could not write as it closed a file, it says on the error stream and nowhere else."""
    damaged = OSError(errno.EIO, os.strerror(errno.EIO))
    try:
        with rasterio.open(copy) as written, rasterio.open(original) as true:
            same = all(written.checksum(band) == true.checksum(band) for band in true.indexes)
    except RasterioIOError as error:
        raise damaged from error
    if not same:
        raise damaged


def _overview_factors(shape: tuple[int, int]) -> list[int]:
    """Powers of two, up to the first overview that fits in one block."""
    count = max(0, math.ceil(math.log2(max(shape) / _SMALLEST_OVERVIEW)))
    return [2**rank for rank in range(1, count + 1)]


def _refuse_other_classes(what: str, given: set[Hashable], classes: set[Hashable]) -> None:
    unseen, nameless = (sorted(map(str, some)) for some in (given - classes, classes - given))
    if unseen:
        raise ValueError(
            f"Vous donnez {what} à {', '.join(unseen)}, que le modèle n'a jamais vu à l'entraînement. "
            f"Ses classes : {', '.join(sorted(map(str, classes)))}. Corrigez l'orthographe, ou entraînez-le "
            "avec des exemples de cette classe."
        )
    if nameless:
        raise ValueError(f"Il manque {what} pour {', '.join(nameless)}.")


def _colours(classes: Sequence[Hashable]) -> Mapping[Hashable, str]:
    from geoatelier.maps.palette import palette

    try:
        return palette(classes)
    except ValueError:
        from matplotlib import colormaps
        from matplotlib.colors import to_hex

        shades = colormaps["viridis"](np.linspace(0, 1, len(classes)))
        return {name: to_hex(shade) for name, shade in zip(classes, shades, strict=True)}


def _refuse_other_notation(colours: Iterable[str]) -> None:
    for colour in colours:
        if not _COLOUR.fullmatch(colour):
            raise ValueError(f"« {colour} » n'est pas une couleur : écrivez-la #rrggbb, par exemple #0072b2.")


def _rgba(colour: str) -> tuple[int, int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue, 255
