"""The ground of a town shared between its houses."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.transform import from_origin
from scipy import ndimage

from geoatelier.territory.aerial.canvas import FINER, PIXEL, Canvas
from geoatelier.territory.reflectance import Array
from geoatelier.territory.world import Settlement

PLOT_PIXEL = PIXEL * FINER
# Share of roofs around from which ground is a street or a square rather than a garden.
_DENSE = 0.36
_LARGEST_HOUSE = 600.0


@dataclass(frozen=True)
class Plots:
    """Cells of 50 cm of a patch.

    Parameters
    ----------
    left, top : north-west corner, metres
    owner : row of the nearest building; -1 outside towns
    from_wall : distance to it, in metres
    dense : ground of an old town, where there is no garden
    """

    left: float
    top: float
    owner: NDArray[np.int32]
    from_wall: Array
    dense: NDArray[np.bool_]

    @cached_property
    def border(self) -> NDArray[np.bool_]:
        """Cells where two plots meet."""
        border = np.zeros(self.owner.shape, bool)
        border[:, 1:] |= self.owner[:, 1:] != self.owner[:, :-1]
        border[1:] |= self.owner[1:] != self.owner[:-1]
        return border

    def cells(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Row and column of the cell under each point, or of the nearest one."""
        m = len(self.owner) - 1
        row = np.clip(((self.top - y) / PLOT_PIXEL).astype(int), 0, m)
        return row, np.clip(((x - self.left) / PLOT_PIXEL).astype(int), 0, m)


def painted(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Cells of 50 cm repeated onto painted pixels."""
    return np.repeat(np.repeat(values, FINER, 0), FINER, 1)


def survey_plots(canvas: Canvas, settlement: Settlement, buildings: GeoDataFrame) -> Plots:
    """Give each cell of a town to its nearest building."""
    m = canvas.size // FINER
    transform = from_origin(canvas.left, canvas.top, PLOT_PIXEL, PLOT_PIXEL)
    if buildings.empty:
        nobody, far = np.full((m, m), -1, np.int32), np.full((m, m), np.inf, np.float32)
        return Plots(canvas.left, canvas.top, nobody, far, np.zeros((m, m), bool))
    numbered = zip(buildings.geometry, range(1, len(buildings) + 1), strict=True)
    number = rasterize(numbered, (m, m), transform=transform, dtype="int32")
    distance, (row, column) = ndimage.distance_transform_edt(
        number == 0, return_indices=True, sampling=PLOT_PIXEL
    )
    town = rasterize([settlement.built_up], (m, m), transform=transform, dtype="uint8").astype(bool)
    owner = np.where(town, number[row, column] - 1, -1).astype(np.int32)
    # A warehouse is not an old town, however much ground it covers.
    houses = np.concatenate([[False], buildings.area < _LARGEST_HOUSE])[number[::4, ::4]]
    roofs = ndimage.gaussian_filter(houses.astype(np.float32), 7)
    around = ndimage.zoom(roofs, 4, order=1, grid_mode=True, mode="nearest")[:m, :m]
    return Plots(canvas.left, canvas.top, owner, distance.astype(np.float32), (around > _DENSE) & town)
