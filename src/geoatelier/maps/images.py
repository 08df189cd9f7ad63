"""Rasters as folium layers: reprojected to the grid of the web, and embedded."""

import base64
import io
from functools import lru_cache
from pathlib import Path

import folium
import numpy as np
import rasterio
from affine import Affine
from matplotlib.colors import LightSource, LinearSegmentedColormap
from numpy.typing import NDArray
from PIL import Image
from rasterio.enums import Resampling
from rasterio.transform import array_bounds
from rasterio.warp import calculate_default_transform, reproject, transform_bounds

WEB_MERCATOR = "EPSG:3857"
# From the shore to the summits: pale, so that what is drawn over it stays the subject.
_HEIGHT_TINTS = LinearSegmentedColormap.from_list("tints", ["#eef0e6", "#f4efe0", "#ece3d4", "#e2dcd6"])


def image_layer(
    image: NDArray[np.uint8],
    transform: Affine,
    *,
    name: str,
    crs: str = "EPSG:2154",
    opacity: float = 1.0,
    smooth: bool = False,
    pane: str = "overlayPane",
) -> folium.raster_layers.ImageOverlay:
    """Make a folium layer of an image in any projected system.

    Parameters
    ----------
    image : array of shape (rows, columns, 3 or 4), uint8; the fourth band is the opacity
    transform, crs : georeferencing, as rasterio gives them
    name : name of the layer in the layer control
    opacity : from 0 to 1
    smooth : average neighbours (photographs) instead of keeping each value as it is (classes)
    pane : Leaflet pane, "tilePane" for a background

    Raises
    ------
    ValueError
        If the array is not an image of bytes with three or four bands.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] not in (3, 4):
        raise ValueError(
            "Il faut une image d'octets (uint8) à trois ou quatre bandes, la bande en dernier ; "
            f"celle-ci est de type {image.dtype} et de forme {image.shape}."
        )
    rows, columns, bands = image.shape
    if bands == 3:
        image = np.dstack([image, np.full((rows, columns), 255, np.uint8)])
    bounds = array_bounds(rows, columns, transform)
    to_web, width, height = calculate_default_transform(crs, WEB_MERCATOR, columns, rows, *bounds)
    projected = np.zeros((4, height, width), np.uint8)
    reproject(
        np.moveaxis(image, 2, 0), projected,
        src_transform=transform, src_crs=crs, dst_transform=to_web, dst_crs=WEB_MERCATOR,
        resampling=Resampling.bilinear if smooth else Resampling.nearest,
    )  # fmt: skip
    west, south, east, north = transform_bounds(
        WEB_MERCATOR, "EPSG:4326", *array_bounds(height, width, to_web), densify_pts=2
    )
    layer = folium.raster_layers.ImageOverlay(
        np.zeros((1, 1, 4)), [[south, west], [north, east]],
        name=name, opacity=opacity, pixelated=not smooth, pane=pane,
    )  # fmt: skip
    # folium writes PNG only; WebP takes a fifth of the room for a relief.
    layer.url = _as_webp(np.moveaxis(projected, 0, 2), lossless=not smooth)
    return layer


def relief_layer(elevation_file: Path) -> folium.raster_layers.ImageOverlay:
    """Make the shaded relief of an elevation model, transparent at sea (0 m or no value)."""
    picture, transform, crs = _relief(elevation_file, elevation_file.stat().st_mtime_ns)
    return image_layer(picture, transform, crs=crs, name="Relief", smooth=True, pane="tilePane")


@lru_cache(maxsize=2)
def _relief(elevation_file: Path, _changed: int) -> tuple[NDArray[np.uint8], Affine, str]:
    with rasterio.open(elevation_file) as source:
        elevation = source.read(1, masked=True).filled(0).astype(np.float64)
        transform, crs = source.transform, source.crs.to_string()
    # Light from the north-west, as maps have it: the eye turns a relief inside out otherwise.
    shade = LightSource(azdeg=315, altdeg=50).hillshade(
        elevation, vert_exag=2.5, dx=transform.a, dy=-transform.e
    )
    tints = _HEIGHT_TINTS(elevation / max(elevation.max(), 1))[..., :3]
    lit = tints * (0.72 + 0.28 * shade[..., np.newaxis] / shade[elevation > 0].max())
    picture = np.dstack([lit, elevation > 0])
    return (np.clip(picture, 0, 1) * 255).astype(np.uint8), transform, crs


def _as_webp(image: NDArray[np.uint8], *, lossless: bool) -> str:
    buffer = io.BytesIO()
    Image.fromarray(image, "RGBA").save(buffer, format="WEBP", lossless=lossless, quality=60, method=4)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
