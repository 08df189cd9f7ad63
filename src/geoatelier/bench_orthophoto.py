"""Roofs and pools of the orthophoto by a rule, a forest and U-Nets of growing size: worth and cost."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.features import sieve
from scipy import ndimage
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import jaccard_score

from geoatelier import datasets, learning

if TYPE_CHECKING:
    from geoatelier.learning.networks import ImageSegmenter

CLASSES = ("autre", "toit", "piscine")
WEST, EAST = np.s_[..., 400:1500, :1480], np.s_[..., 400:1500, 1480:]
_DRAWN = {0: 20_000, 1: 8_000, 2: 2_000}
_PIXEL_M2 = 0.25
_SMALLEST_M2 = 5.0


@dataclass(frozen=True)
class Ground:
    """A side of the orthophoto: its bands, the class of each pixel, the numbers of its objects."""

    image: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    roofs: NDArray[np.integer]
    pools: NDArray[np.integer]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whether the class of the pixel is known; the sea is left out."""
        return self.labels != learning.UNKNOWN


@dataclass(frozen=True)
class Sight:
    """What an answer takes, learning and map together, and what its map of the east is worth."""

    seconds: float
    roof_iou: float
    roofs_found: int
    roofs_invented: int
    pool_iou: float
    pools_found: int
    pools_invented: int


def _rule(_: Ground, east: Ground) -> NDArray[np.uint8]:
    red, blue = east.image[[0, 2]].astype("int16")
    bluish = np.divide(blue - red, blue + red, dtype="float32") > 0.2
    patches, _ = ndimage.label(ndimage.binary_opening(bluish) & east.known)
    areas = np.bincount(patches.ravel()) * _PIXEL_M2
    return np.where(((areas >= 10) & (areas <= 100))[patches], 2, 0).astype("uint8")


def _forest(west: Ground, east: Ground) -> NDArray[np.uint8]:
    rng, flat = np.random.default_rng(0), west.labels.ravel()
    drawn = np.concatenate(
        [rng.choice(np.flatnonzero(flat == code), count, replace=False) for code, count in _DRAWN.items()]
    )
    forest = RandomForestClassifier(30, min_samples_leaf=3, random_state=0)
    forest.fit(learning.surroundings(west.image, drawn), flat[drawn])
    found = np.zeros(east.labels.shape, dtype="uint8")
    found[east.known] = forest.predict(learning.surroundings(east.image, east.known))
    return sieve(found, int(_SMALLEST_M2 / _PIXEL_M2))


def _network(west: Ground, east: Ground, **settings: int) -> NDArray[np.uint8]:
    from geoatelier.learning.networks import ImageSegmenter  # brings torch

    return (
        ImageSegmenter(CLASSES, device="cpu", **settings).fit([west.image], [west.labels]).predict(east.image)
    )


ANSWERS: Mapping[str, Callable[[Ground, Ground], NDArray[np.uint8]]] = {
    "règle de couleur": _rule,
    "forêt, tamisée": _forest,
    "U-Net de la leçon E6": _network,
    "U-Net, autre graine": partial(_network, seed=1),
    "U-Net, époques × 4": partial(_network, epochs=24),
    "U-Net, poids × 16, époques × 4": partial(_network, epochs=24, width=16, depth=3),
}


def see(answer: str) -> Sight:
    """Learn on the west of the town, map the east, and judge the map by pixel and by object."""
    west, east = _sides()
    start = time.perf_counter()
    found = ANSWERS[answer](west, east)
    seconds = time.perf_counter() - start
    unions = jaccard_score(
        east.labels[east.known], found[east.known], average=None, labels=range(len(CLASSES)), zero_division=0
    )
    roofs, pools = (
        learning.match_objects(
            objects, (found == code) & east.known, pixel_area=_PIXEL_M2, smallest=_SMALLEST_M2
        )
        for code, objects in ((1, east.roofs), (2, east.pools))
    )
    return Sight(
        seconds,
        float(unions[1]), roofs.found, roofs.invented,
        float(unions[2]), pools.found, pools.invented,
    )  # fmt: skip


def hasty_network() -> "ImageSegmenter":
    """Train the network of the lesson for one epoch: it maps as fast as the one that learnt for long."""
    from geoatelier.learning.networks import ImageSegmenter

    west, _ = _sides()
    return ImageSegmenter(CLASSES, epochs=1, device="cpu").fit([west.image], [west.labels])


def _sides() -> tuple[Ground, Ground]:
    path = datasets.path("orthophoto/port_galejade_50cm.tif")
    with rasterio.open(path) as raster:
        image, bounds = raster.read(), raster.bounds
    roofs = datasets.layer("batiments").cx[bounds.left : bounds.right, bounds.bottom : bounds.top]
    pools = gpd.read_file(datasets.path("orthophoto/piscines.geojson"))
    labels = learning.draw_labels(path, {1: roofs, 2: pools}, known=datasets.layer("communes"))
    whole = (image, labels, learning.draw_objects(path, roofs), learning.draw_objects(path, pools))
    west, east = (Ground(*(array[side] for array in whole)) for side in (WEST, EAST))
    return west, east
