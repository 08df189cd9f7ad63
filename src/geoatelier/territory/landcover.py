"""Land cover and use of the whole island, after OCS GE."""

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from geoatelier.territory.coverage import CENTIMETRE, polygon_parts
from geoatelier.territory.partition import Layer, partition
from geoatelier.territory.wild import Wild
from geoatelier.territory.world import CRS, YEAR, Farmland, Settlement, Terrain

Geometries = NDArray[np.object_]

# Least area of a polygon, as in OCS GE: 200 m² for buildings, 500 m² for the rest.
SMALLEST_BUILT_M2 = 200.0
SMALLEST_M2 = 500.0

# A class of the partition is a cover and a use.
CLASSES = (
    ("CS1.1.1.1", "US5"), ("CS1.1.1.1", "US3"), ("CS1.1.1.1", "US2"), ("CS1.1.1.1", "US1.1"),
    ("CS1.1.1.2", "US4.1.1"), ("CS1.1.1.2", "US3"), ("CS1.1.2.1", "US5"), ("CS2.2.1", "US5"),
    ("CS2.1.3", "US1.1"), ("CS2.1.1.1", "US1.1"), ("CS2.1.2", "US1.1"), ("CS2.2.1", "US1.1"),
    ("CS2.1.1.2", "US1.2"), ("CS2.1.1.1", "US1.2"), ("CS2.1.1.3", "US1.2"), ("CS2.1.1.2", "US6.3"),
    ("CS2.1.2", "US6.3"), ("CS2.2.1", "US6.3"), ("CS1.2.1", "US6.3"), ("CS1.2.2", "US1.1"),
)  # fmt: skip
_NUMBER = {pair: number for number, pair in enumerate(CLASSES)}

_OF_CROP = {"VRC": "CS2.1.3", "OLI": "CS2.1.1.1", "VRG": "CS2.1.1.1", "LAV": "CS2.1.2"}
_OF_WILD = {
    Wild.CONIFERS: ("CS2.1.1.2", "US1.2"),
    Wild.OAKS: ("CS2.1.1.1", "US1.2"),
    Wild.MIXED: ("CS2.1.1.3", "US1.2"),
    Wild.OPEN: ("CS2.1.1.2", "US6.3"),
    Wild.SHRUBS: ("CS2.1.2", "US6.3"),
    Wild.GRASS: ("CS2.2.1", "US6.3"),
    Wild.BARE: ("CS1.2.1", "US6.3"),
}
# Uses of buildings, the most particular first: it wins where yards meet.
_OF_BUILDING = (
    ("US2", ("Industriel",)),
    ("US1.1", ("Agricole",)),
    ("US3", ("Commercial et services", "Religieux", "Sportif")),
    ("US5", ("Résidentiel", "Annexe", "Indifférencié")),
)
# Close-set houses form blocks of at least this area, and the quay in front of them is this wide.
_BLOCK_M2, _QUAY_M = 1_500.0, 45.0
_ROADS = ("Route à 1 chaussée", "Route empierrée")


def make_land_cover(
    terrain: Terrain,
    settlement: Settlement,
    farmland: Farmland,
    wild: GeoDataFrame,
    ponds: Geometries,
    quays: Geometries,
) -> GeoDataFrame:
    """Partition the island into `occupation_du_sol`.

    Parameters
    ----------
    wild : what grows where nobody farms nor builds, as `wild.make_wild` gives it
    ponds : polygons of water
    quays : as `make_quays` gives them
    """
    built = _built(settlement)
    layers = [
        _roads(settlement),
        *built,
        _classed(quays, "CS1.1.1.2", "US3"),
        _classed(ponds, "CS1.2.2", "US1.1"),
        _farm(farmland, grown=0),
        *_yards(settlement, np.concatenate([polygons for polygons, _ in built])),
        # Paths and ditches between fields are too narrow for this layer: the fields take them.
        _farm(farmland, grown=3.5),
        _wild(wild),
    ]
    smallest = np.array([SMALLEST_BUILT_M2 if cover == "CS1.1.1.1" else SMALLEST_M2 for cover, _ in CLASSES])
    polygons, number = partition(terrain.coast, [layer for layer in layers if len(layer[0])], smallest)
    order = np.lexsort(
        [shapely.get_x(shapely.centroid(polygons)), -shapely.get_y(shapely.centroid(polygons))]
    )
    polygons, number = polygons[order], number[order]
    cover, use = np.array(CLASSES)[number].T
    return gpd.GeoDataFrame(
        {
            "id": [f"OCSGE139{row:07d}" for row in range(1, len(polygons) + 1)],
            "code_cs": cover,
            "code_us": use,
            "millesime": YEAR,
            "source": "Photo-interprétation",
        },
        geometry=polygons,
        crs=CRS,
    )


def make_quays(terrain: Terrain, settlement: Settlement) -> Geometries:
    """Paved shore in front of close-set houses, as polygons that touch the sea."""
    blocks = _closed(settlement.buildings.geometry.to_numpy(), 5.0, 1.0)
    front = shapely.union_all(shapely.buffer(blocks[shapely.area(blocks) > _BLOCK_M2], _QUAY_M))
    shore = terrain.coast.difference(terrain.coast.buffer(-_QUAY_M))
    return polygon_parts(shapely.intersection(front, shore, grid_size=CENTIMETRE))


def _classed(polygons: Geometries, cover: str, use: str) -> Layer:
    return polygons, np.full(len(polygons), _NUMBER[cover, use])


def _roads(settlement: Settlement) -> Layer:
    roads = settlement.roads[settlement.roads["nature"].isin(_ROADS)]
    width = roads["largeur_de_chaussee"].fillna(3.5).to_numpy(dtype=float)
    surface = shapely.buffer(roads.geometry.array, width / 2 + 1, quad_segs=2, cap_style="flat")
    return _classed(polygon_parts(surface), "CS1.1.1.2", "US4.1.1")


def _built(settlement: Settlement) -> list[Layer]:
    """Groups of buildings, less than 10 m apart, by use."""
    layers = []
    for use, usages in _OF_BUILDING:
        buildings = settlement.buildings[settlement.buildings["usage_1"].isin(usages)]
        layers.append(_classed(_closed(buildings.geometry.to_numpy(), 5.0, 1.0), "CS1.1.1.1", use))
    return layers


def _yards(settlement: Settlement, built: Geometries) -> list[Layer]:
    """Ground of towns between groups of buildings: yards near walls, then gardens."""
    town = settlement.built_up
    yards = shapely.intersection(_closed(built, 13.0, 5.0), town, grid_size=CENTIMETRE)
    return [
        _classed(polygon_parts(yards), "CS1.1.2.1", "US5"),
        _classed(polygon_parts(town), "CS2.2.1", "US5"),
    ]


def _closed(shapes: Geometries, reach: float, margin: float) -> Geometries:
    """Outlines round shapes, those less than two reaches apart in one, `margin` metres off their walls."""
    near = shapely.union_all(shapely.buffer(shapes, reach, join_style="mitre"), grid_size=CENTIMETRE)
    return polygon_parts(shapely.simplify(near.buffer(margin - reach, join_style="mitre"), 0.8))


def _farm(farmland: Farmland, grown: float) -> Layer:
    parcels = farmland.parcels
    classes = [_NUMBER[_OF_CROP.get(crop, "CS2.2.1"), "US1.1"] for crop in parcels["code_cultu"]]
    polygons = parcels.geometry.to_numpy()
    if grown:
        polygons = shapely.buffer(polygons, grown, join_style="mitre", mitre_limit=2)
    return polygons, np.array(classes)


def _wild(wild: GeoDataFrame) -> Layer:
    return wild.geometry.to_numpy(), np.array([_NUMBER[_OF_WILD[Wild(kind)]] for kind in wild["wild"]])
