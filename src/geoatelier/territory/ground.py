"""What lies under each 5 m cell of the image and does not change with the date."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy import ndimage

from geoatelier.territory.reflectance import MINERAL, Array
from geoatelier.territory.surfaces import FOREST_OF, SURFACE_NAMES, surface_of
from geoatelier.territory.texture import layered_field
from geoatelier.territory.world import Cover, Farmland, Grid, Settlement, Terrain

# Cells in a pixel of the grid, along one side, and outline cells in a cell: 5 m, and 2.5 m to count shares.
CELL, OUTLINE = 2, 2
ROAD_WIDTH = {"Route à 1 chaussée": 5.0, "Route empierrée": 3.5, "Chemin": 2.5, "Sentier": 0.8}
# Share of the plants that a fire takes, by severity.
CONSUMED = {"faible": 0.35, "modérée": 0.65, "forte": 0.92}
_PALE_ROOFS = ("Serre", "Industriel, agricole ou commercial", "Silo")


@dataclass(frozen=True)
class Ground:
    """The ground of the island in 5 m cells; arrays of shape (n,) over the cells that hold some land.

    Parameters
    ----------
    shape : rows and columns of the 5 m grid
    cells : position of each land cell in the flattened grid
    surface : row of the table of surfaces: those of `surfaces.SURFACES`, then one row a parcel
    land : share of the cell that is not sea
    roof, road : shares of the cell; `roof_spectrum` (n_roof, 6) goes with the cells of `roofed`
    paved : whether the road is asphalt rather than earth
    brightness, depth : soil, in [0, 1]
    slope, aspect : degrees
    clump : where plants grow better, mean 0 and standard deviation 1
    burnt : share of plants that the fire took; `fire` is its date
    """

    shape: tuple[int, int]
    cells: NDArray[np.intp]
    surface: NDArray[np.int32]
    land: Array
    roof: Array
    roofed: NDArray[np.intp]
    roof_spectrum: Array
    road: Array
    paved: NDArray[np.bool_]
    brightness: Array
    depth: Array
    slope: Array
    aspect: Array
    clump: Array
    burnt: Array
    fire: date | None

    def spread(self, values: Array, elsewhere: Array) -> Array:
        """Values of the land cells, array of shape (n,), laid over an image of the 5 m grid."""
        out = elsewhere.copy()
        out.ravel()[self.cells] = values
        return out


def survey_ground(
    terrain: Terrain, settlement: Settlement, farmland: Farmland, cover: Cover, rng: np.random.Generator
) -> Ground:
    """Read every vector and raster of the island into 5 m cells."""
    fine = _refined(terrain.grid, CELL)
    outline = _refined(fine, OUTLINE)
    land = _share(rasterize([terrain.coast], outline.shape, transform=outline.transform, dtype="uint8"))
    cells = np.flatnonzero(land)
    surface = _surfaces(terrain, settlement, farmland, cover, fine)
    roof, roofed, roof_spectrum = _roofs(settlement, outline, cells, rng)
    road, paved = _roads(settlement, outline, fine)
    clump = layered_field(fine.shape, {1.2: 0.55, 4.0: 0.6, 14.0: 0.6}, rng)
    patches = layered_field(fine.shape, {3.0: 0.5, 9.0: 0.8}, rng)
    return Ground(
        shape=fine.shape,
        cells=cells,
        surface=surface.ravel()[cells],
        land=land.ravel()[cells],
        roof=roof.ravel()[cells],
        roofed=roofed,
        roof_spectrum=roof_spectrum,
        road=np.minimum(road.ravel()[cells], 1 - roof.ravel()[cells]),
        paved=paved.ravel()[cells],
        brightness=_onto_cells(terrain.soil_brightness, fine, cells),
        depth=_onto_cells(terrain.soil_depth, fine, cells),
        slope=_onto_cells(terrain.slope, fine, cells, smooth=False),
        aspect=_onto_cells(terrain.aspect, fine, cells, smooth=False),
        clump=clump.ravel()[cells],
        burnt=_burnt(cover, fine, patches).ravel()[cells],
        fire=None if cover.burnt_area.empty else pd.Timestamp(cover.burnt_area["date_feu"].min()).date(),
    )


def _refined(grid: Grid, factor: int) -> Grid:
    return Grid(grid.left, grid.top, grid.pixel / factor, grid.rows * factor, grid.columns * factor)


def _share(mask: NDArray[np.generic]) -> Array:
    """Share of each cell that a mask on the outline grid covers."""
    rows, columns = mask.shape
    parts = mask.reshape(rows // OUTLINE, OUTLINE, columns // OUTLINE, OUTLINE)
    return parts.mean(axis=(1, 3), dtype=np.float32)


def _onto_cells(values: Array, fine: Grid, cells: NDArray[np.intp], *, smooth: bool = True) -> Array:
    """Values of the terrain's grid at the land cells."""
    stretched = np.repeat(np.repeat(values, CELL, 0), CELL, 1)
    if smooth:
        stretched = ndimage.uniform_filter(stretched.astype(np.float32), CELL)
    return stretched.ravel()[cells].astype(np.float32)


def _surfaces(
    terrain: Terrain, settlement: Settlement, farmland: Farmland, cover: Cover, fine: Grid
) -> NDArray[np.int32]:
    """Row of the table of surfaces in each cell: land cover, then vegetation, then parcels on top."""
    number = {name: i for i, name in enumerate(SURFACE_NAMES)}
    shapes = [
        (row.geometry, number[surface_of(row.code_cs, row.code_us)]) for row in cover.land_cover.itertuples()
    ]
    shapes += [
        (geometry, number[FOREST_OF[nature]])
        for geometry, nature in zip(cover.vegetation.geometry, cover.vegetation["nature"], strict=True)
    ]
    parcels = farmland.parcels.geometry
    shapes += list(zip(parcels, range(len(number), len(number) + len(parcels)), strict=True))
    surface = rasterize(shapes, fine.shape, fill=number["grass"], transform=fine.transform, dtype="int32")
    # Loose ground is sand on the shore and stone on the hills.
    shore = (terrain.elevation < 6) & (terrain.slope < 9)
    beach = np.repeat(np.repeat(shore, CELL, 0), CELL, 1) & (surface == number["rock"])
    surface[beach] = number["sand"]
    return surface


def _roofs(
    settlement: Settlement, outline: Grid, cells: NDArray[np.intp], rng: np.random.Generator
) -> tuple[Array, NDArray[np.intp], Array]:
    """Share of roof in each cell; which land cells have some, and the mean spectrum of their roofs."""
    buildings = settlement.buildings[settlement.buildings["etat_de_l_objet"] != "En projet"]
    n = len(buildings)
    pale = buildings["nature"].isin(_PALE_ROOFS).to_numpy() | (rng.random(n) < 0.06)
    colour = np.where(pale[:, None], MINERAL["pale_roof"], MINERAL["tile"])
    colour = colour * np.exp(rng.normal(0, 0.16, (n, 1)) + rng.normal(0, 0.05, (n, 6)))
    number = rasterize(
        zip(buildings.geometry, range(1, n + 1), strict=True),
        outline.shape,
        transform=outline.transform,
        dtype="int32",
    )
    rows, columns = (size // OUTLINE for size in outline.shape)
    parts = number.reshape(rows, OUTLINE, columns, OUTLINE).transpose(0, 2, 1, 3).reshape(rows * columns, -1)
    count = (parts > 0).sum(axis=1)
    roofed = np.flatnonzero(count[cells])
    spectra = np.vstack([np.zeros(6), colour]).astype(np.float32)
    mean = spectra[parts[cells[roofed]]].sum(axis=1) / count[cells[roofed], None]
    return (count / OUTLINE**2).reshape(rows, columns).astype(np.float32), roofed, mean


def _roads(settlement: Settlement, outline: Grid, fine: Grid) -> tuple[Array, NDArray[np.bool_]]:
    """Share of road in each cell, and whether it is paved."""
    roads = settlement.roads
    width = roads["largeur_de_chaussee"].astype(float).fillna(roads["nature"].map(ROAD_WIDTH)).to_numpy()
    strips = roads.geometry.buffer(width / 2, cap_style="flat")
    road = np.zeros(fine.shape, np.float32)
    paved = np.zeros(fine.shape, bool)
    for is_paved in (False, True):
        chosen = strips[(roads["nature"] == "Route à 1 chaussée").to_numpy() == is_paved]
        if chosen.empty:
            continue
        share = _share(rasterize(chosen, outline.shape, transform=outline.transform, dtype="uint8"))
        road = np.maximum(road, share)
        paved |= is_paved & (share > 0)
    return road, paved


def _burnt(cover: Cover, fine: Grid, patches: Array) -> Array:
    """Share of plants taken by the fire, patchy within an outline of given severity."""
    if cover.burnt_area.empty:
        return np.zeros(fine.shape, np.float32)
    shapes = [
        (geometry, CONSUMED[severity])
        for geometry, severity in zip(cover.burnt_area.geometry, cover.burnt_area["severite"], strict=True)
    ]
    consumed = rasterize(shapes, fine.shape, transform=fine.transform, dtype="float32")
    return np.where(consumed > 0, np.clip(consumed + 0.13 * patches, 0.05, 0.98), 0).astype(np.float32)
