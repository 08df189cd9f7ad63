"""A patch of ground painted at 25 cm: what colour it is, how high it stands, and how the sun lights it."""

from collections.abc import Iterable
from math import cos, radians, sin

import numpy as np
import shapely
from affine import Affine
from numpy.typing import ArrayLike, NDArray
from rasterio.features import rasterize
from rasterio.transform import from_origin
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from geoatelier.territory.reflectance import Array, Sun
from geoatelier.territory.texture import smooth_field

# Painted twice as fine as it is published, so that edges are smooth.
PIXEL = 0.25
FINER = 2

Colour = tuple[int, int, int, int]
Window = tuple[slice, slice]

# Light from the whole sky, as a share of full light on level ground, for red, green, blue and near infrared.
_SKY = np.array([0.20, 0.25, 0.33, 0.15], np.float32)
# Light that the air below the plane adds.
_AIR = np.array([0.006, 0.009, 0.014, 0.002], np.float32)
_GAMMA = 2.2
_STEEPEST = 1.6


def linear(colour: ArrayLike) -> Array:
    """Light that gives a displayed colour of 0 to 255."""
    return (np.asarray(colour, np.float32) / 255) ** np.float32(_GAMMA)


class Canvas:
    """A square patch, painted layer over layer, then lit.

    Parameters
    ----------
    left, top : north-west corner, metres, EPSG:2154
    side : metres

    Attributes
    ----------
    albedo : float32 (4, n, n), red, green, blue and near infrared as linear light
    height : float32 (n, n), metres above the ground
    grain, mottle, drift : float32 (n, n), textures of mean 0 and deviation 1, over about 0.5, 2 and 12 m
    """

    def __init__(self, left: float, top: float, side: float, rng: np.random.Generator) -> None:
        self.left, self.top, self.size = left, top, round(side / PIXEL)
        self.transform: Affine = from_origin(left, top, PIXEL, PIXEL)
        self.albedo = np.zeros((4, self.size, self.size), np.float32)
        self.height = np.zeros((self.size, self.size), np.float32)
        self.rng = rng
        self.grain = self._texture(0.6)
        self.mottle = self._texture(2.5)
        self.drift = self._texture(18)

    def _texture(self, reach: float) -> Array:
        half = smooth_field((self.size // FINER, self.size // FINER), reach, self.rng)
        return np.repeat(np.repeat(half, FINER, 0), FINER, 1)

    @property
    def frame(self) -> shapely.Polygon:
        """The patch as a polygon."""
        side = self.size * PIXEL
        return shapely.box(self.left, self.top - side, self.left + side, self.top)

    def window(self, geometry: BaseGeometry, margin: float = 0.0) -> Window | None:
        """Rows and columns that hold a geometry, or nothing when it is off the patch."""
        xmin, ymin, xmax, ymax = geometry.bounds
        rows = [(self.top - ymax - margin) / PIXEL, (self.top - ymin + margin) / PIXEL + 1]
        columns = [(xmin - margin - self.left) / PIXEL, (xmax + margin - self.left) / PIXEL + 1]
        r0, r1 = (int(np.clip(v, 0, self.size)) for v in rows)
        c0, c1 = (int(np.clip(v, 0, self.size)) for v in columns)
        return (slice(r0, r1), slice(c0, c1)) if r1 > r0 and c1 > c0 else None

    def positions(self, window: Window) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """x of the columns and y of the rows of a window, as arrays that broadcast."""
        x = self.left + (np.arange(window[1].start, window[1].stop) + 0.5) * PIXEL
        y = self.top - (np.arange(window[0].start, window[0].stop) + 0.5) * PIXEL
        return x[None, :], y[:, None]

    def mask(
        self, geometries: BaseGeometry | Iterable[BaseGeometry], window: Window | None = None
    ) -> NDArray[np.bool_]:
        """Pixels of a window, or of the patch, that geometries cover."""
        shapes = [geometries] if isinstance(geometries, BaseGeometry) else list(geometries)
        shapes = [shape for shape in shapes if not shape.is_empty]
        window = window or (slice(0, self.size), slice(0, self.size))
        size = window[0].stop - window[0].start, window[1].stop - window[1].start
        if not shapes:
            return np.zeros(size, bool)
        left, top = self.left + window[1].start * PIXEL, self.top - window[0].start * PIXEL
        transform = from_origin(left, top, PIXEL, PIXEL)
        return rasterize(shapes, size, transform=transform, dtype="uint8").astype(bool)

    def paint(
        self,
        where: NDArray[np.bool_],
        colour: ArrayLike,
        *,
        window: Window | None = None,
        grain: float = 0.0,
        mottle: float = 0.0,
        drift: float = 0.0,
        flatten: bool = False,
    ) -> None:
        """Lay a colour where a mask says, made uneven by the textures (shares of the colour).

        Parameters
        ----------
        where : bool array on the window
        colour : displayed colour of 0 to 255, shape (4,), or one a pixel of the mask, shape (k, 4)
        flatten : put the height back to the ground
        """
        window = window or (slice(0, self.size), slice(0, self.size))
        uneven = np.float32(1)
        for share, texture in ((grain, self.grain), (mottle, self.mottle), (drift, self.drift)):
            if share:
                uneven = uneven + np.float32(share) * texture[window][where]
        uneven = np.maximum(uneven, 0.2)
        values = linear(colour)
        for band in range(4):
            self.albedo[band][window][where] = values[..., band] * uneven
        if flatten:
            self.height[window][where] = 0

    def blend(self, window: Window, share: ArrayLike, colour: ArrayLike) -> None:
        """Mix a colour into a window by a share a pixel, in [0, 1]."""
        values, share = linear(colour), np.asarray(share, np.float32)
        for band in range(4):
            view = self.albedo[band][window]
            view += share * (values[..., band] - view)

    def raise_to(self, window: Window, height: Array) -> NDArray[np.bool_]:
        """Raise a window to a height where it is lower; tell where."""
        view = self.height[window]
        higher = height > view
        view[higher] = height[higher]
        return higher

    def lit(self, sun: Sun, relief: Array | None = None) -> NDArray[np.uint8]:
        """The patch as a camera sees it, at the published pixel: uint8 array of shape (4, m, m).

        Parameters
        ----------
        sun : position of the sun
        relief : light that the lie of the land sends, relative to level ground, on the painted pixels
        """
        direct = self._facing(sun) * ndimage.uniform_filter(1 - self._shadow(sun), 3)
        # Low places between high ones see less of the sky.
        sheltered = np.clip(self._surroundings() - self.height, 0, 6)
        sky = np.exp(-0.09 * sheltered)
        if relief is not None:
            direct *= relief
        published = self.size // FINER
        out = np.empty((4, published, published), np.uint8)
        for band in range(4):
            light = self.albedo[band] * (_SKY[band] * sky + (1 - _SKY[band]) * direct)
            seen = light.reshape(published, FINER, published, FINER).mean(axis=(1, 3))
            out[band] = np.clip(255 * np.clip(seen + _AIR[band], 0, 1) ** (1 / _GAMMA) + 0.5, 1, 255)
        return out

    def _facing(self, sun: Sun) -> Array:
        """Direct light on the surface, relative to level ground, shadows apart."""
        east = np.clip(np.gradient(self.height, PIXEL, axis=1), -_STEEPEST, _STEEPEST)
        north = np.clip(-np.gradient(self.height, PIXEL, axis=0), -_STEEPEST, _STEEPEST)
        # The unit vector towards the sun is the opposite of the way that shadows fall.
        away_east, away_north = sun.shadow_direction
        flat = 1 / np.tan(radians(sun.elevation))
        facing = (1 + flat * (east * away_east + north * away_north)) / np.sqrt(1 + east**2 + north**2)
        return np.clip(facing, 0, 1.9).astype(np.float32)

    def _shadow(self, sun: Sun) -> Array:
        """1 where something higher stands between the ground and the sun."""
        rise = np.float32(np.tan(radians(sun.elevation)) * PIXEL)
        towards = sin(radians(sun.azimuth)), cos(radians(sun.azimuth))
        # Shade reaches as high as what stands one step towards the sun, less the way down; each turn doubles
        # the steps that are known.
        shade, step = self.height, 1
        while step * rise < self.height.max():
            further = _shifted(shade, -round(towards[1] * step), round(towards[0] * step)) - rise * step
            shade = np.maximum(shade, further, out=further)
            step *= 2
        return (shade > self.height + 0.05).astype(np.float32)

    def _surroundings(self) -> Array:
        quarter = self.height[:: 2 * FINER, :: 2 * FINER]
        blurred = ndimage.gaussian_filter(quarter, 3)
        return np.repeat(np.repeat(blurred, 2 * FINER, 0), 2 * FINER, 1)[: self.size, : self.size]


def _shifted(values: Array, down: int, right: int) -> Array:
    """Value found `down` rows and `right` columns further, 0 outside."""
    out = np.zeros_like(values)
    rows, columns = values.shape
    source = slice(max(down, 0), rows + min(down, 0)), slice(max(right, 0), columns + min(right, 0))
    target = slice(max(-down, 0), rows + min(-down, 0)), slice(max(-right, 0), columns + min(-right, 0))
    out[target] = values[source]
    return out
