"""The people of the island: communes, villages, roads, buildings and addresses."""

import re
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree
from shapely import LineString, Point, Polygon, box

from geoatelier.territory import toponyms
from geoatelier.territory.chains import NO_PARTNER, pair_by_degree, pair_by_direction, string_edges
from geoatelier.territory.communes import divide_island
from geoatelier.territory.footprints import snapped_together
from geoatelier.territory.least_cost import cost_graph, way_back
from geoatelier.territory.lots import lots_along
from geoatelier.territory.roads import PATH_WIDTH, Way, cut_at_junctions, end_nodes
from geoatelier.territory.sampling import cells_at
from geoatelier.territory.schemas import LAYERS
from geoatelier.territory.settlement import make_settlement
from geoatelier.territory.towns import cut_into_blocks
from geoatelier.territory.world import CRS, Grid, Terrain

pytestmark = pytest.mark.xdist_group("island")

TABLES = {
    "communes": "communes",
    "troncons_de_route": "roads",
    "batiments": "buildings",
    "adresses": "addresses",
}
PORT = "13901"


@pytest.fixture(scope="module")
def roads(settlement):
    return settlement.roads


@pytest.fixture(scope="module")
def buildings(settlement):
    return settlement.buildings


@pytest.fixture(scope="module")
def addresses(settlement):
    return settlement.addresses


@pytest.fixture(scope="module")
def piers(roads, terrain):
    """Edges that stand over the water: the breakwater and the pontoons of the port."""
    return roads[roads.geometry.difference(terrain.coast).length > 5]


@pytest.fixture(scope="module")
def road_surface(roads):
    return roads.geometry.buffer(roads["largeur_de_chaussee"].fillna(PATH_WIDTH) / 2).union_all()


@pytest.fixture(scope="module")
def streets(roads, settlement):
    """Line of each named street, by (commune, name), from its end nearest to the village."""
    centres = settlement.villages.set_index("code_insee").geometry
    lines = {}
    for (code, name), edges in roads.dropna(subset="nom_voie").groupby(["code_insee", "nom_voie"]):
        parts = shapely.get_parts(shapely.line_merge(edges.union_all()))
        line = max(parts, key=lambda part: part.length)
        start, end = Point(line.coords[0]), Point(line.coords[-1])
        backwards = end.distance(centres[code]) < start.distance(centres[code])
        lines[code, name] = line.reverse() if backwards else line
    return lines


# --- tables -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", TABLES)
def test_each_table_has_the_columns_of_its_layer_and_nothing_else(settlement, layer):
    table, schema = getattr(settlement, TABLES[layer]), LAYERS[layer]
    assert list(table.columns) == [*(column.name for column in schema.columns), "geometry"]
    assert table.crs.to_epsg() == 2154
    assert set(table.geom_type) == {schema.geometry}
    assert table[schema.key].is_unique
    for column in schema.columns:
        values = table[column.name]
        assert column.nullable or values.notna().all(), column.name
        assert column.domain is None or set(values.dropna()) <= set(column.domain), column.name


def test_identifiers_have_the_shape_of_those_of_the_real_base(buildings, roads):
    assert buildings["cleabs"].str.fullmatch(r"BATIMENT\d{16}").all()
    assert roads["cleabs"].str.fullmatch(r"TRONROUT\d{16}").all()
    rnb = buildings["identifiants_rnb"].dropna()
    assert rnb.str.fullmatch(r"[1-9A-HJKMNP-TV-Z]{12}").all()
    assert rnb.is_unique


# --- communes and villages --------------------------------------------------------------------------------


def test_communes_share_the_island_out_with_no_gap_and_no_overlap(settlement, terrain):
    communes = settlement.communes
    assert shapely.coverage_is_valid(communes.geometry.values)
    assert communes.union_all().symmetric_difference(terrain.coast).area < 1e-3
    assert (communes.area > 3e6).all()
    assert (communes.geometry.count_geometries() == 1).all()


def test_borders_follow_crests_and_streams_more_than_chance(settlement, terrain):
    inner = shapely.union_all(settlement.communes.boundary.values).difference(
        terrain.coast.exterior.buffer(30)
    )
    points = shapely.get_coordinates(shapely.segmentize(inner, 20))
    elevation = terrain.elevation.astype(float)
    crest = gaussian_filter(elevation, 3) - gaussian_filter(elevation, 12) > 4
    near_stream = gaussian_filter((terrain.drained_area > 25).astype(float), 2) > 0.02
    marked = (crest | near_stream) & terrain.land
    assert marked[cells_at(terrain.grid, points)].mean() > 1.4 * marked[terrain.land].mean()


def test_population_adds_to_about_3900_with_the_port_the_largest(settlement):
    population = settlement.communes.set_index("code_insee")["population"]
    assert abs(population.sum() - 3900) <= 5
    assert population.idxmax() == PORT
    assert population.min() > 200


def test_the_cadastral_area_is_the_commune_less_its_public_ways(settlement):
    ratio = settlement.communes["superficie_cadastrale"] * 1e4 / settlement.communes.area
    assert ratio.between(0.95, 0.999).all()


def test_each_village_stands_in_its_commune_away_from_the_others(settlement):
    communes, villages = settlement.communes, settlement.villages
    assert list(villages["code_insee"]) == list(communes["code_insee"])
    assert communes.geometry.contains(villages.geometry).all()
    xy = villages.geometry.get_coordinates().to_numpy()
    assert cKDTree(xy).query(xy, k=2)[0][:, 1].min() > 1700


def test_the_port_looks_south_on_a_flat_shore_and_the_perched_village_looks_down(settlement, terrain):
    sites = settlement.villages.set_index("code_insee").geometry
    port, perched = sites["13901"], sites["13902"]
    assert port.distance(terrain.coast.exterior) < 250
    middle = terrain.coast.centroid
    assert port.x > middle.x
    assert not terrain.coast.contains(Point(port.x, port.y - 400))
    assert terrain.coast.contains(Point(port.x, port.y + 400))
    around = terrain.elevation[terrain.land & _disc(terrain.grid, perched, 500)]
    height = terrain.elevation[cells_at(terrain.grid, np.array([[perched.x, perched.y]]))][0]
    assert (around < height).mean() > 0.75


def _disc(grid, centre, radius):
    x, y = np.meshgrid(*grid.centres())
    return np.hypot(x - centre.x, y - centre.y) < radius


# --- roads ------------------------------------------------------------------------------------------------


def test_the_network_is_one_piece_whose_edges_share_their_ends_exactly(roads):
    graph = nx.MultiGraph()
    for line in roads.geometry:
        graph.add_edge(line.coords[0], line.coords[-1])
    assert nx.number_connected_components(graph) == 1


def test_edges_meet_at_their_ends_only(roads):
    lines = roads.geometry.to_numpy()
    assert shapely.is_simple(lines).all()
    first, second = shapely.STRtree(lines).query(lines, predicate="intersects")
    pairs = first < second
    meeting = shapely.intersection(lines[first[pairs]], lines[second[pairs]])
    ends = shapely.multipoints(shapely.points(np.unique(_ends(lines), axis=0)))
    assert set(shapely.get_type_id(meeting)) <= {0, 4}  # points only: no shared stretch
    assert shapely.within(meeting, ends).all()


def _ends(lines):
    return shapely.get_coordinates([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])


def test_an_edge_that_no_junction_parts_is_not_cut(roads):
    nodes = end_nodes(roads.geometry.values)
    degree = np.bincount(nodes)
    labels = list(zip(roads["code_insee"], roads["nom_voie"].fillna(""), roads["importance"], strict=True))
    useless = sum(
        labels[ends[0] // 2] == labels[ends[1] // 2]
        for node in np.flatnonzero(degree == 2)
        if len(ends := np.flatnonzero(nodes == node)) == 2
    )
    # A change of width or of place is a reason to cut; nothing else is.
    assert useless < 0.03 * len(roads)


def test_roads_are_smooth(roads):
    country = roads[(roads["nature"] != "Sentier") & (roads.length > 200)]
    turns = []
    for line in country.geometry:
        steps = np.diff(shapely.get_coordinates(line), axis=0)
        heading = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
        turns.extend(np.degrees(np.abs(np.diff(heading))))
    assert np.quantile(turns, 0.97) < 30


def test_main_roads_take_slopes_aslant(roads, terrain):
    main = roads[roads["importance"].isin(["2", "3"])]
    rise = []
    for line in main.geometry:
        points = shapely.get_coordinates(shapely.segmentize(line, 20))
        height = terrain.elevation[cells_at(terrain.grid, points)]
        length = np.hypot(*np.diff(points, axis=0).T)
        rise += [abs(b - a) / step for (a, b), step in zip(pairwise(height), length, strict=True) if step > 8]
    assert np.quantile(rise, 0.9) < 0.20


def test_roads_stay_ashore_but_for_the_piers_of_the_port(roads, piers, terrain, settlement):
    assert roads.drop(piers.index).within(terrain.coast).all()
    assert 2 <= len(piers) <= 5
    assert set(piers["code_insee"]) == {PORT}
    assert "Jetée du Grand-Large" in set(piers["nom_voie"].dropna())


def test_a_road_lies_in_the_commune_that_it_names(roads, piers, settlement):
    ashore = roads.drop(piers.index)
    communes = settlement.communes.set_index("code_insee").geometry
    own = gpd.GeoSeries(communes.loc[ashore["code_insee"]].values, index=ashore.index, crs=CRS)
    outside = ashore.geometry.difference(own.buffer(0.2))
    assert outside.length.max() < 0.5


def test_worked_land_is_within_reach_of_a_way(roads, terrain):
    gentle = terrain.land & (gaussian_filter(terrain.slope, 4) < 8)
    x, y = np.meshgrid(*terrain.grid.centres())
    points = np.column_stack([x[gentle], y[gentle]])[::40]
    ways = shapely.get_coordinates(shapely.segmentize(roads.geometry.values, 20))
    away, _ = cKDTree(ways).query(points)
    assert np.quantile(away, 0.95) < 350


def test_paths_alone_have_no_carriageway(roads):
    assert (roads["largeur_de_chaussee"].isna() == (roads["nature"] == "Sentier")).all()
    assert roads["largeur_de_chaussee"].dropna().between(2, 7).all()
    width = roads.groupby("importance")["largeur_de_chaussee"].mean()
    assert width["2"] > width["3"] > width["4"] > width["5"]


def test_a_name_belongs_to_one_unbroken_street_of_a_commune(roads):
    for _, edges in roads.dropna(subset="nom_voie").groupby(["code_insee", "nom_voie"]):
        graph = nx.Graph()
        for line in edges.geometry:
            graph.add_edge(line.coords[0], line.coords[-1])
        assert nx.is_connected(graph), edges["nom_voie"].iloc[0]


def test_every_commune_has_its_church_square_and_the_port_its_quay_and_market(roads):
    names = roads.dropna(subset="nom_voie").groupby("code_insee")["nom_voie"].agg(set)
    assert all("Place de l'Église" in of_commune for of_commune in names)
    assert "Place du Marché" in names[PORT]
    assert any(name.startswith("Quai ") for name in names[PORT])
    streets = [
        name for name in names[PORT] if name.split()[0] in {"Rue", "Montée", "Calade", "Ruelle", "Traverse"}
    ]
    assert len(streets) > 20


def test_pools_of_names_repeat_nothing():
    for pool in (
        toponyms.TRADES,
        toponyms.SIGHTS,
        toponyms.SEA,
        toponyms.GROUND,
        toponyms.HAMLETS,
        toponyms.FARMS,
    ):
        assert len(set(pool)) == len(pool)


# --- buildings --------------------------------------------------------------------------------------------


def test_there_are_about_2500_valid_buildings(buildings):
    assert 2400 <= len(buildings) <= 2600
    assert buildings.is_valid.all()
    assert (buildings.geometry.count_geometries() == 1).all()


def test_no_two_buildings_overlap(buildings):
    outlines = buildings.geometry.to_numpy()
    first, second = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    pairs = first < second
    a, b = outlines[first[pairs]], outlines[second[pairs]]
    assert pairs.sum() > 300  # neighbours do share walls
    assert shapely.touches(a, b).all()


def test_no_building_stands_on_a_road_or_in_the_sea(buildings, road_surface, terrain):
    shapely.prepare(road_surface)
    assert not shapely.intersects(road_surface, buildings.geometry.values).any()
    assert buildings.within(terrain.coast).all()


def test_old_towns_are_rows_of_houses_wall_to_wall(buildings, settlement):
    outlines = buildings.geometry.to_numpy()
    first, second = shapely.STRtree(outlines).query(outlines, predicate="touches")
    joined = np.isin(np.arange(len(outlines)), first[first != second])
    for site in settlement.villages.geometry:
        close = (buildings.centroid.distance(site) < 60).to_numpy() & (buildings.area > 40).to_numpy()
        assert joined[close].mean() > 0.75


@pytest.mark.parametrize(
    ("quantile", "target", "tolerance"),
    [(0.05, 6.6, 1.5), (0.25, 33.8, 8), (0.5, 109, 14), (0.75, 156, 20), (0.95, 418, 60)],
)
def test_areas_are_distributed_as_in_a_real_commune(buildings, quantile, target, tolerance):
    assert abs(buildings.area.quantile(quantile) - target) < tolerance


def test_heights_are_distributed_as_in_a_real_commune(buildings):
    height = buildings["hauteur"]
    assert abs(height.mean() - 5.7) < 0.3
    assert abs(height.std() - 2.0) < 0.3
    assert abs(height.isna().mean() - 0.118) < 0.025
    assert abs((height == 0).mean() - 0.007) < 0.006


@pytest.mark.parametrize(
    ("use", "share", "tolerance"),
    [("Résidentiel", 0.48, 0.04), ("Indifférencié", 0.405, 0.04), ("Annexe", 0.061, 0.02)],
)
def test_uses_are_shared_as_in_a_real_commune(buildings, use, share, tolerance):
    assert abs((buildings["usage_1"] == use).mean() - share) < tolerance


def test_what_nobody_knows_is_null_as_often_as_in_a_real_commune(buildings):
    null = buildings.isna().mean()
    assert abs(null["usage_2"] - 0.91) < 0.025
    assert abs(null["nombre_de_logements"] - 0.41) < 0.04
    assert (buildings["nombre_de_logements"].isna() == buildings["nombre_d_etages"].isna()).all()
    assert abs(null["date_d_apparition"] - 0.466) < 0.05
    assert abs(buildings["construction_legere"].mean() - 0.19) < 0.035


def test_outlines_are_simple_but_not_all_rectangles(buildings):
    corners = shapely.get_num_coordinates(buildings.geometry.values)
    assert 6 <= np.median(corners) <= 8
    assert (corners == 5).mean() > 0.3


def test_dates_come_in_order(buildings):
    created, modified = buildings["date_creation"], buildings["date_modification"]
    assert created.dt.year.between(2006, 2025).all()
    changed = modified.notna()
    assert (modified[changed] > created[changed]).all()
    assert (modified[changed].dt.year <= 2025).all()
    built = pd.to_datetime(buildings["date_d_apparition"])
    assert (built.dropna() < created[built.notna()]).all()


def test_acquisition_is_told_with_its_precision(buildings):
    precision = buildings["precision_planimetrique"]
    assert precision.between(1, 5).all()
    by_method = precision.groupby(buildings["methode_d_acquisition_planimetrique"]).mean()
    assert by_method["Photogrammétrie"] < by_method["BDParcellaire recalée"] < by_method["BDParcellaire"]
    walls = buildings["materiaux_des_murs"].dropna()
    assert walls.str.fullmatch(r"\d\d").all()
    assert buildings["materiaux_de_la_toiture"].dropna().str.fullmatch(r"\d\d").all()


def test_ground_altitude_is_that_of_the_terrain(buildings, terrain):
    known = buildings.dropna(subset="altitude_minimale_sol")
    points, row = shapely.get_coordinates(known.geometry.values, return_index=True)
    lowest = pd.Series(terrain.elevation[cells_at(terrain.grid, points)]).groupby(row).min().to_numpy()
    assert np.abs(lowest - known["altitude_minimale_sol"]).max() < 0.06


def test_what_a_building_is_for_shows_in_its_shape(buildings):
    height = buildings.groupby("usage_1")["hauteur"].median()
    assert height["Religieux"] > height["Résidentiel"]
    assert buildings.loc[buildings["nature"] == "Serre"].area.median() > 200
    assert buildings.loc[buildings["construction_legere"]].area.median() < 25
    taller = (
        buildings.dropna(subset=["hauteur", "nombre_d_etages"]).groupby("nombre_d_etages")["hauteur"].mean()
    )
    assert taller.loc[1] < taller.loc[2] < taller.loc[3]
    homes = buildings["usage_1"] == "Résidentiel"
    assert (buildings.loc[homes, "nombre_de_logements"].dropna() >= 1).all()
    assert (buildings.loc[~homes, "nombre_de_logements"].dropna() == 0).all()


# --- addresses --------------------------------------------------------------------------------------------


def test_there_are_about_1500_addresses_at_doors_mostly(addresses):
    assert 1400 <= len(addresses) <= 1650
    shares = addresses["type_position"].value_counts(normalize=True)
    assert shares["entrée"] > 0.7
    assert set(shares.index) == {"entrée", "bâtiment", "segment", "parcelle"}


def test_an_address_is_identified_by_commune_street_and_number(addresses):
    for row in addresses.itertuples():
        suffix = "" if pd.isna(row.rep) else f"_{row.rep}"
        assert re.fullmatch(rf"{row.code_insee}_\d{{4}}_{row.numero:05d}{suffix}", row.id)
        assert pd.isna(row.id_fantoir) or row.id.startswith(row.id_fantoir)
    assert 0 < addresses["id_fantoir"].isna().mean() < 0.15
    voie = addresses["id"].str[:10]
    assert (addresses.groupby(voie)["nom_voie"].agg(set).str.len() == 1).all()


def test_an_address_lies_in_its_commune(addresses, settlement):
    joined = addresses.sjoin(
        settlement.communes[["code_insee", "nom_officiel", "geometry"]], predicate="within"
    )
    assert len(joined) == len(addresses)
    assert (joined["code_insee_left"] == joined["code_insee_right"]).all()
    assert (joined["nom_commune"] == joined["nom_officiel"]).all()
    assert ((addresses["code_postal"] == "13991") == (addresses["code_insee"] == PORT)).all()
    assert (addresses.groupby("code_insee")["certification_commune"].agg(set).str.len() == 1).all()
    assert set(addresses["certification_commune"]) == {0, 1}


def test_coordinates_agree_with_one_another(addresses):
    xy = addresses.geometry.get_coordinates().to_numpy()
    assert (xy == addresses[["x", "y"]].to_numpy()).all()
    assert np.allclose(xy, xy.round(2), atol=1e-9)
    lon, lat = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(*xy.T)
    assert np.abs(lon - addresses["lon"]).max() < 1e-6
    assert np.abs(lat - addresses["lat"]).max() < 1e-6


def test_an_address_is_near_a_street_of_its_name_and_a_building(addresses, streets, buildings):
    named = gpd.GeoSeries(
        [streets[key] for key in zip(addresses["code_insee"], addresses["nom_voie"], strict=True)],
        index=addresses.index,
        crs=CRS,
    )
    away = addresses.distance(named)
    assert away.quantile(0.95) < 40
    assert away.max() < 220
    doors = addresses[addresses["type_position"] == "entrée"]
    _, off = buildings.sindex.nearest(doors.geometry, return_distance=True, return_all=False)
    assert off.max() < 0.02


def test_odd_numbers_stand_on_the_left_of_the_street(addresses, streets):
    doors = addresses[addresses["type_position"] == "entrée"]
    as_expected = []
    for door in doors.itertuples():
        line = streets[door.code_insee, door.nom_voie]
        along = line.project(door.geometry)
        here, ahead = line.interpolate(max(along - 1, 0)), line.interpolate(min(along + 1, line.length))
        cross = (ahead.x - here.x) * (door.geometry.y - here.y) - (ahead.y - here.y) * (
            door.geometry.x - here.x
        )
        as_expected.append((cross > 0) == (door.numero % 2 == 1))
    assert np.mean(as_expected) > 0.97


def test_numbers_grow_along_each_side_of_the_street(addresses, streets):
    doors = addresses[(addresses["type_position"] == "entrée") & addresses["rep"].isna()]
    in_order = []
    for (code, name, _), side in doors.groupby(["code_insee", "nom_voie", doors["numero"] % 2]):
        along = [streets[code, name].project(point) for point in side.sort_values("numero").geometry]
        in_order.extend(b >= a - 2 for a, b in pairwise(along))
    assert len(in_order) > 500
    assert np.mean(in_order) > 0.97


# --- ground -----------------------------------------------------------------------------------------------


def test_built_ground_holds_every_building_and_4_to_7_percent_of_the_island(settlement, terrain):
    ground = settlement.built_up
    assert ground.geom_type == "MultiPolygon"
    assert ground.is_valid
    assert 0.04 < ground.area / terrain.coast.area < 0.07
    assert ground.difference(terrain.coast).area < 1
    shapely.prepare(ground)
    assert shapely.contains(ground, settlement.buildings.geometry.values).all()


def test_the_square_kilometre_of_the_port_is_rich(settlement, piers, terrain):
    site = settlement.villages.geometry.iloc[0]
    tile = box(site.x - 500, site.y - 500, site.x + 500, site.y + 500)
    here = settlement.buildings[settlement.buildings.intersects(tile)]
    assert len(here) > 500
    assert {"Résidentiel", "Commercial et services", "Religieux", "Sportif"} <= set(here["usage_1"])
    assert (here["nature"] == "Industriel, agricole ou commercial").sum() > 5
    assert 0.5 < tile.intersection(terrain.coast).area / tile.area < 0.9
    assert tile.difference(settlement.built_up).intersection(terrain.coast).area > 0.15 * tile.area
    assert piers.within(tile).all()


def test_the_same_seed_makes_the_same_settlement(settlement, terrain):
    again = make_settlement(terrain)
    for table in ("communes", "villages", "roads", "buildings", "addresses"):
        first, second = getattr(settlement, table), getattr(again, table)
        pd.testing.assert_frame_equal(first.drop(columns="geometry"), second.drop(columns="geometry"))
        assert (first.geometry.to_wkb() == second.geometry.to_wkb()).all()
    assert again.built_up.wkb == settlement.built_up.wkb


# --- parts ------------------------------------------------------------------------------------------------


def flat_island(elevation=None):
    """A square island of 2 km, flat unless told."""
    grid = Grid(left=0, top=2400, pixel=10, rows=240, columns=240)
    land = np.zeros(grid.shape, dtype=bool)
    land[20:-20, 20:-20] = True
    zeros = np.zeros(grid.shape, dtype=np.float32)
    relief = np.where(land, 5.0 if elevation is None else elevation, 0).astype(np.float32)
    return Terrain(grid, relief, land, zeros, zeros, zeros, zeros, zeros, box(200, 200, 2200, 2200))


def test_a_way_goes_round_a_hill_rather_than_over_it():
    x, y = np.meshgrid(*flat_island().grid.centres())
    hill = 5 + 150 * np.exp(-(((x - 1200) / 150) ** 2) - ((y - 1200) / 150) ** 2)
    for terrain, straight in ((flat_island(), True), (flat_island(hill), False)):
        graph = cost_graph(terrain)
        start, end = graph.cells(np.array([[600.0, 1200.0], [1800.0, 1200.0]]))
        _, before = graph.spread(np.array([start]))
        way = graph.xy(way_back(before, int(end)))
        assert (np.abs(way[:, 1] - 1200).max() < 30) == straight


def test_ways_keep_out_of_closed_ground():
    terrain = flat_island()
    closed = np.zeros(terrain.grid.shape, dtype=bool)
    closed[100:140, 60:180] = True
    graph = cost_graph(terrain, closed=closed)
    start, end = graph.cells(np.array([[1200.0, 1800.0], [1200.0, 600.0]]))
    _, before = graph.spread(np.array([start]))
    way = graph.xy(way_back(before, int(end)))
    assert not closed[cells_at(terrain.grid, way)].any()


def test_two_villages_on_flat_ground_share_it_in_halves():
    villages = gpd.GeoDataFrame(
        {"code_insee": ["13901", "13902"], "nom": ["A", "B"], "rang": [1, 2]},
        geometry=[Point(700, 1200), Point(1700, 1200)],
        crs=CRS,
    )
    communes = divide_island(flat_island(), villages)
    assert communes.area.to_numpy() == pytest.approx([2e6, 2e6], rel=0.05)
    assert communes.geometry.contains(villages.geometry).all()


def test_crossings_a_few_metres_apart_become_one_and_stubs_go():
    whole = gpd.GeoDataFrame(
        {"code_insee": ["13901"]}, geometry=[box(0, 0, 1000, 1000).boundary.envelope], crs=CRS
    )
    ways = [
        Way(LineString([(100, 500), (900, 500)]), 4, "country", 5.0),
        Way(LineString([(500, 500), (500, 900)]), 5, "country", 3.0),
        Way(LineString([(503, 500), (503, 100)]), 5, "country", 3.0),
        Way(LineString([(300, 500), (300, 502)]), 5, "country", 3.0),
    ]
    network = cut_at_junctions(ways, whole)
    assert len(network) == 4
    assert len(np.unique(end_nodes(network.geometry.values))) == 5
    assert network.length.min() > 300


def test_chains_go_straight_on_through_a_crossing():
    # Four edges meet at node 0, from the east, north, west and south.
    nodes = np.array([0, 1, 0, 2, 0, 3, 0, 4])
    outward = np.radians([0, 180, 90, 270, 180, 0, 270, 90])
    partner = pair_by_direction(nodes, outward, ["street"] * 4, np.radians(40))
    assert [sorted(edge for edge, _ in chain) for chain in string_edges(partner)] == [[0, 2], [1, 3]]
    assert (pair_by_degree(nodes, ["street"] * 4) == NO_PARTNER).all()


def test_a_loop_is_strung_once():
    nodes = np.array([0, 1, 1, 2, 2, 0])
    chains = string_edges(pair_by_degree(nodes, ["ring"] * 3))
    assert [len(chain) for chain in chains] == [3]


def test_streets_cut_a_town_into_blocks_and_all_connect():
    ground = Point(0, 0).buffer(150)
    cuts = cut_into_blocks(ground, ground.exterior, lambda _: 1500.0, np.random.default_rng(3), narrowest=25)
    lines = shapely.union_all([ground.exterior, *(cut.line for cut in cuts)])
    blocks = shapely.get_parts(shapely.polygonize([lines]))
    assert len(blocks) > 15
    assert shapely.area(blocks).sum() == pytest.approx(ground.area, rel=1e-6)
    assert shapely.area(blocks).max() < 1.6 * 1.5 * 1500 + 1
    for number, cut in enumerate(cuts):
        older = shapely.union_all([ground.exterior, *(other.line for other in cuts[:number])])
        assert shapely.distance(cut.line.boundary, older) < 0.05


def test_ground_round_an_old_town_is_opened_by_streets():
    ring = Point(0, 0).buffer(200).difference(Point(0, 0).buffer(80))
    inner = LineString(ring.interiors[0].coords)
    cuts = cut_into_blocks(ring, inner, lambda _: 4000.0, np.random.default_rng(0), narrowest=30)
    assert len(cuts) > 8
    assert cuts[0].line.distance(inner) < 0.05


def test_lots_share_their_block_and_each_has_a_frontage():
    block = box(0, 0, 80, 50)
    street = block.buffer(6, join_style="mitre").difference(block)
    shapely.prepare(street)
    lots = lots_along(block, street, (9, 13), np.random.default_rng(1), corners=True)
    grounds = np.array([lot.ground for lot in lots])
    assert shapely.area(grounds).sum() == pytest.approx(block.area, rel=1e-6)
    assert (shapely.distance(grounds, street) < 1e-6).all()
    assert sum(lot.corner for lot in lots) == 4


def test_outlines_snapped_together_share_walls_and_never_overlap():
    outlines = np.array(
        [box(0, 0, 10, 10), box(9.97, 0.03, 20, 10), Polygon([(5, 5), (15, 5), (15, 18), (5, 18)])]
    )
    snapped = snapped_together(outlines, 0.1)
    pairs = [(0, 1), (0, 2), (1, 2)]
    assert all(snapped[a].touches(snapped[b]) for a, b in pairs)
    assert shapely.area(snapped).sum() == pytest.approx(shapely.union_all(outlines).area, abs=1.5)
