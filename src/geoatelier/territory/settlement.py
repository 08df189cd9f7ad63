"""The people of the island: communes, villages, roads, buildings and addresses, laid on its relief."""

import numpy as np
import shapely
from geopandas import GeoDataFrame
from shapely import MultiPolygon, Point

from geoatelier.territory import toponyms
from geoatelier.territory.addresses import number_streets
from geoatelier.territory.buildings import describe_buildings, identifiers
from geoatelier.territory.communes import divide_island
from geoatelier.territory.construction import build
from geoatelier.territory.farms import Farm, settle_farms
from geoatelier.territory.naming import name_runs, take_in_turn
from geoatelier.territory.quarters import Quarter, gateways, new_quarters, old_streets, old_towns
from geoatelier.territory.roads import COUNTRY_WIDTHS, PATH_WIDTH, Way, cut_at_junctions, surface
from geoatelier.territory.routes import country_ways
from geoatelier.territory.schemas import LAYERS
from geoatelier.territory.sites import choose_villages
from geoatelier.territory.world import CRS, SEED, Settlement, Terrain

POPULATION = 3_900
# Ground kept around a farmyard and around any building, in metres.
_YARD, _GARDEN = 9.0, 4.0


def make_settlement(terrain: Terrain, seed: int = SEED) -> Settlement:
    """Settle the island: villages first, then the ways between them, then what was built along those ways.

    Parameters
    ----------
    terrain : from `terrain.make_terrain`
    seed : the same seed gives the same settlement

    Returns
    -------
    Settlement, whose tables have the columns of `schemas.LAYERS` and nothing else. The breakwater and the
    pontoons of the port are edges of the road network that stand over the sea, outside the communes.
    """
    rng = np.random.default_rng([seed, 2])
    villages = choose_villages(terrain)
    communes = divide_island(terrain, villages)

    cores = old_towns(terrain, villages, rng)
    ways = old_streets(terrain, cores, villages, rng)
    gates = [gateways(core, [way for way in ways if way.line.intersects(core)]) for core in cores]
    ways += [
        Way(line, importance, "country", COUNTRY_WIDTHS[importance])
        for line, importance in country_ways(terrain, villages, cores, gates, rng)
    ]
    quarters, streets = new_quarters(terrain, villages, cores, ways, rng)
    ways += streets
    farms, tracks = settle_farms(terrain, quarters, ways, rng)
    ways += tracks

    network = cut_at_junctions(ways, communes)
    footprints, squares = build(terrain, quarters, farms, network, ways, rng)
    network["nom_voie"] = name_runs(network, quarters, villages, squares, terrain, rng)
    roads = _describe_roads(network, quarters, rng)
    buildings = describe_buildings(footprints, terrain, rng)
    addresses = number_streets(
        buildings, roads, communes, villages, quarters, _places(quarters, farms, rng), rng
    )
    communes = _with_population(communes, buildings, surface(network))
    return Settlement(
        communes=_published(communes, "communes"),
        villages=villages,
        roads=_published(roads, "troncons_de_route"),
        buildings=_published(buildings, "batiments"),
        addresses=_published(addresses, "adresses"),
        built_up=_built_up(terrain, quarters, farms, buildings),
    )


def _published(table: GeoDataFrame, layer: str) -> GeoDataFrame:
    return table[[*(column.name for column in LAYERS[layer].columns), "geometry"]].reset_index(drop=True)


def _describe_roads(network: GeoDataFrame, quarters: list[Quarter], rng: np.random.Generator) -> GeoDataFrame:
    """Nature, importance and width of each edge, in the terms of BD TOPO."""
    level, place = network["importance"].to_numpy(), network["place"].to_numpy()
    earthen = rng.random(len(network)) < 0.5
    town = shapely.union_all([quarter.ground for quarter in quarters])
    shapely.prepare(town)
    in_town = shapely.contains(
        town, shapely.line_interpolate_point(network.geometry.values, 0.5, normalized=True)
    )
    track = (level == 5) & np.isin(place, ["country", "farm"]) & ~in_town
    nature = np.full(len(network), "Route à 1 chaussée", dtype=object)
    nature[track & (earthen | (place == "farm"))] = "Route empierrée"
    nature[track & ~earthen & (place == "country")] = "Chemin"
    nature[(level == 6) & (place != "jetty")] = "Sentier"
    return network.assign(
        cleabs=identifiers("TRONROUT", len(network), rng),
        nature=nature,
        importance=level.astype(str),
        largeur_de_chaussee=network["width"].where(network["width"] > PATH_WIDTH),
    )


def _places(quarters: list[Quarter], farms: list[Farm], rng: np.random.Generator) -> dict[Point, str]:
    """Names of hamlets and of some farms, by their site."""
    hamlets = [quarter.site for quarter in quarters if quarter.kind == "hamlet"]
    places = dict(zip(hamlets, take_in_turn(toponyms.HAMLETS, rng), strict=False))
    places.update(zip((farm.site for farm in farms), take_in_turn(toponyms.FARMS, rng), strict=False))
    return places


def _with_population(
    communes: GeoDataFrame, buildings: GeoDataFrame, road_surface: shapely.Geometry
) -> GeoDataFrame:
    """People shared by dwellings; the cadastral area leaves out public ways."""
    hearts = GeoDataFrame(
        {"homes": buildings["nombre_de_logements"].astype("Float64").fillna(0).astype(float)},
        geometry=buildings.centroid,
        crs=CRS,
    )
    homes = hearts.sjoin(communes[["code_insee", "geometry"]]).groupby("code_insee")["homes"].sum()
    homes = homes.reindex(communes["code_insee"]).to_numpy()
    public = shapely.area(shapely.intersection(communes.geometry.values, road_surface))
    return communes.assign(
        population=np.round(POPULATION * homes / homes.sum()).astype(int),
        superficie_cadastrale=np.round((communes.area.to_numpy() - public) / 10_000).astype(int),
    )


def _built_up(
    terrain: Terrain, quarters: list[Quarter], farms: list[Farm], buildings: GeoDataFrame
) -> MultiPolygon:
    """Ground of towns, hamlets and farmyards, and a strip around any other building."""
    outlines = buildings.geometry.to_numpy()
    tree = shapely.STRtree(outlines)
    yards = []
    for farm in farms:
        around = tree.query(farm.site, predicate="dwithin", distance=75)
        if len(around):
            yards.append(shapely.convex_hull(shapely.union_all(outlines[around])).buffer(_YARD, quad_segs=4))
    gardens = shapely.buffer(outlines, _GARDEN, quad_segs=2, join_style="mitre")
    ground = shapely.union_all([*(quarter.ground for quarter in quarters), *yards, *gardens])
    # Simplified parts may touch or cross one another: a null buffer makes them one valid ground again.
    ground = ground.simplify(0.3).buffer(0).intersection(terrain.coast)
    parts = [part for part in shapely.get_parts(ground) if part.geom_type == "Polygon"]
    return MultiPolygon(parts)
