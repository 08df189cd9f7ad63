"""The elevation model of the island as a raster."""

from pathlib import Path

import numpy as np

from geoatelier.territory.cog import write_cog
from geoatelier.territory.world import CRS, Terrain

SEA = -9999.0


def write_relief(path: Path, terrain: Terrain) -> None:
    """Write elevations in metres, rounded to a decimetre; the sea holds no data (-9999)."""
    elevation = np.where(terrain.land, np.round(terrain.elevation, 1), SEA).astype(np.float32)
    write_cog(
        path,
        elevation,
        terrain.grid.transform,
        CRS,
        nodata=SEA,
        descriptions=("altitude",),
        units="m",
    )
