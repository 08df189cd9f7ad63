"""Where the data is: the active territory, its layers and rasters by name."""

from geoatelier.datasets.catalogue import (
    dates,
    folder,
    image,
    images,
    layer,
    layers,
    mask,
    masks,
    path,
    table,
)

__all__ = ["dates", "folder", "image", "images", "layer", "layers", "mask", "masks", "path", "table"]
