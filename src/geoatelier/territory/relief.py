"""The elevation model of the island as a raster."""

from pathlib import Path

import numpy as np

from geoatelier.territory.cog import write_cog
from geoatelier.territory.world import CRS, Terrain

# Elevations are kept to a decimetre, as lidar models are good to; land is never lower than one.
_STEP = 0.1


def write_relief(path: Path, terrain: Terrain) -> None:
    """Write elevations in metres to the decimetre; the sea is exactly 0 and land always above it."""
    decimetres = np.maximum(np.rint(terrain.elevation / _STEP), 1)
    elevation = np.where(terrain.land, decimetres * _STEP, 0).astype(np.float32)
    write_cog(path, elevation, terrain.grid.transform, CRS, descriptions=("altitude",), units="m")
