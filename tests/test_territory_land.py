"""The land of the island: relief, farms, cover, fire and field visits."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from scipy.ndimage import label

from geoatelier.territory.farmland import make_farmland
from geoatelier.territory.hydrology import erode, fill_depressions, receivers, upstream_cells
from geoatelier.territory.noise import fractal_noise
from geoatelier.territory.partition import partition
from geoatelier.territory.schemas import CROPS, LAYERS
from geoatelier.territory.world import CRS

pytestmark = pytest.mark.xdist_group("island")

LAND_LAYERS = {
    "parcelles_agricoles": lambda world: world.farmland.parcels,
    "cours_d_eau": lambda world: world.cover.streams,
    "zones_de_vegetation": lambda world: world.cover.vegetation,
    "occupation_du_sol": lambda world: world.cover.land_cover,
    "zone_incendiee": lambda world: world.cover.burnt_area,
    "releves_terrain": lambda world: world.cover.field_points,
}


@pytest.fixture(scope="module")
def world(terrain, settlement, farmland, cover):
    return SimpleNamespace(terrain=terrain, settlement=settlement, farmland=farmland, cover=cover)


@pytest.fixture(scope="module")
def parcels(world):
    return world.farmland.parcels


@pytest.fixture(scope="module")
def farmed(parcels):
    return shapely.union_all(parcels.geometry.array)


class TestNoise:
    x, y = np.meshgrid(np.arange(0, 4000, 10.0), np.arange(0, 4000, 10.0))

    def noise(self, **options):
        return fractal_noise(self.x, self.y, np.random.default_rng(7), size=400, **options)

    def test_it_is_centred_with_a_unit_standard_deviation(self):
        values = self.noise()
        assert abs(values.mean()) < 0.25
        assert 0.75 < values.std() < 1.25

    def test_a_point_has_one_value_whatever_is_read_with_it(self):
        alone = fractal_noise(self.x[5, 9], self.y[5, 9], np.random.default_rng(7), size=400)
        assert alone == pytest.approx(self.noise()[5, 9])

    def test_no_axis_shows(self):
        values = self.noise(octaves=4)
        gy, gx = np.gradient(values)
        angle = np.degrees(np.arctan2(gy, gx)) % 90
        along_axes = ((angle < 5) | (angle > 85)).mean()
        assert along_axes == pytest.approx(10 / 90, abs=0.03)


class TestWater:
    def bowl(self):
        """A valley that slopes east to the sea, with a pit in it."""
        rows, columns = np.mgrid[0:20, 0:30]
        elevation = 40.0 - columns + np.abs(rows - 10)
        elevation[10, 12] = 2.0
        land = np.zeros(elevation.shape, dtype=bool)
        land[1:-1, 1:-1] = True
        return elevation, land

    def test_a_filled_surface_has_no_pit(self):
        elevation, land = self.bowl()
        filled = fill_depressions(elevation, land)
        target, _ = receivers(filled, land)
        assert (target.ravel()[np.flatnonzero(land)] != np.flatnonzero(land)).all()
        assert (filled >= elevation).all()

    def test_filling_leaves_a_surface_without_pits_alone(self):
        elevation, land = self.bowl()
        elevation[10, 12] = 28.0
        np.testing.assert_array_equal(fill_depressions(elevation, land), elevation)

    def test_all_the_water_reaches_the_sea(self):
        elevation, land = self.bowl()
        filled = fill_depressions(elevation, land)
        target, _ = receivers(filled, land)
        area = upstream_cells(filled, land, target)
        last = land.ravel() & ~land.ravel()[target.ravel()]
        assert area.ravel()[last].sum() == land.sum()

    def test_rivers_dig_where_more_water_runs(self):
        elevation, land = self.bowl()
        elevation[10, 12] = 28.0
        eroded = erode(elevation, land, np.full(elevation.shape, 2.0), pixel=10, steps=3)
        dug = elevation - eroded
        assert (dug[land] >= 0).all()
        assert dug[10, 20] > 2 * dug[3, 5]

    def test_land_on_the_frame_is_refused(self):
        with pytest.raises(ValueError, match="frame"):
            fill_depressions(np.ones((4, 4)), np.ones((4, 4), dtype=bool))


class TestPartition:
    ground = shapely.box(0, 0, 100, 100)
    everything = (np.array([shapely.box(-5, -5, 105, 105)]), np.array([0]))

    def cut(self, polygons, classes, smallest=(0.0, 0.0, 0.0)):
        return partition(
            self.ground, [(np.array(polygons), np.array(classes)), self.everything], np.array(smallest)
        )

    def test_the_first_layer_is_on_top(self):
        polygons, classes = self.cut([shapely.box(10, 10, 60, 60), shapely.box(40, 40, 90, 90)], [1, 2])
        areas = dict(zip(classes.tolist(), shapely.area(polygons), strict=True))
        assert areas == pytest.approx({0: 10_000 - 4_600, 1: 2_500, 2: 2_100})

    def test_neighbours_of_one_class_are_one_polygon(self):
        polygons, classes = self.cut([shapely.box(10, 10, 50, 50), shapely.box(50, 10, 90, 50)], [1, 1])
        assert sorted(classes.tolist()) == [0, 1]
        assert max(shapely.get_num_interior_rings(polygons)) == 1

    def test_a_crumb_joins_the_neighbour_with_the_longest_border(self):
        crumb = shapely.box(40, 60, 45, 70)
        polygons, classes = self.cut([shapely.box(0, 0, 40, 100), crumb], [1, 2], smallest=(0, 0, 100))
        assert sorted(classes.tolist()) == [0, 1]
        assert shapely.area(polygons)[classes == 0] == pytest.approx(6_000)

    def test_ground_under_no_layer_is_an_error(self):
        with pytest.raises(ValueError, match="no layer covers"):
            partition(self.ground, [(np.array([shapely.box(0, 0, 50, 100)]), np.array([0]))], np.zeros(1))


class TestRelief:
    def test_the_island_has_its_size_and_is_in_one_piece(self, terrain):
        assert 29 < terrain.coast.area / 1e6 < 32
        assert label(terrain.land)[1] == 1
        assert not terrain.coast.interiors

    def test_the_sea_is_200_m_wide_at_least_on_every_side(self, terrain):
        rows, columns = np.nonzero(terrain.land)
        margins = (
            rows.min(),
            columns.min(),
            terrain.grid.rows - rows.max(),
            terrain.grid.columns - columns.max(),
        )
        assert min(margins) * terrain.grid.pixel >= 200

    def test_land_is_what_the_coast_encloses(self, terrain):
        x, y = np.meshgrid(*terrain.grid.centres())
        np.testing.assert_array_equal(shapely.contains_xy(terrain.coast, x, y), terrain.land)

    def test_land_is_above_the_sea(self, terrain):
        assert (terrain.elevation[terrain.land] > 0).all()
        assert (terrain.elevation[~terrain.land] == 0).all()
        assert 300 <= terrain.elevation.max() <= 450

    def test_every_cell_of_land_drains_to_the_sea(self, terrain):
        target, _ = receivers(terrain.elevation.astype(float), terrain.land)
        reached = target.ravel()
        for _ in range(12):
            reached = reached[reached]
        assert not terrain.land.ravel()[reached].any()

    def test_farms_and_villages_find_gentle_slopes(self, terrain):
        slope = terrain.slope[terrain.land]
        assert (slope < 8).mean() > 0.4
        assert (slope > 20).mean() > 0.1

    def test_slopes_face_every_way(self, terrain):
        steep = terrain.land & (terrain.slope > 5)
        counts, _ = np.histogram(terrain.aspect[steep] % 90, bins=np.arange(0, 91, 10))
        assert counts.max() < 1.5 * counts.min()

    def test_soil_is_thin_and_pale_on_slopes(self, terrain):
        land = terrain.land
        for soil in (terrain.soil_depth, terrain.soil_brightness):
            assert soil.min() >= 0
            assert soil.max() <= 1
        assert np.corrcoef(terrain.slope[land], terrain.soil_depth[land])[0, 1] < -0.4
        assert np.corrcoef(terrain.soil_brightness[land], terrain.soil_depth[land])[0, 1] < -0.4

    def test_the_port_has_a_bay_sheltered_from_the_mistral(self, terrain):
        """Water off the south-east shore with land a kilometre away at most to the north, west and east."""
        bay = shapely.Point(898_300, 6_194_000)
        assert not terrain.coast.contains(bay)
        for dx, dy in ((0, 1), (-1, 0), (1, 0), (-1, 1)):
            ray = shapely.LineString([bay, (bay.x + 1_300 * dx, bay.y + 1_300 * dy)])
            assert ray.intersects(terrain.coast)


class TestFarms:
    def test_there_are_about_900_parcels(self, parcels):
        assert 850 <= len(parcels) <= 950

    def test_areas_follow_the_real_register(self, parcels):
        hectares = parcels.area / 10_000
        assert hectares.median() == pytest.approx(0.76, abs=0.10)
        assert 4.5 < hectares.quantile(0.95) < 8.5
        assert hectares.min() > 0.03

    def test_declared_areas_are_close_to_measured_ones(self, parcels):
        ratio = parcels["surf_parc"] / (parcels.area / 10_000)
        assert ratio.median() == pytest.approx(1.0, abs=0.002)
        assert ratio[parcels["surf_parc"] > 0.5].sub(1).abs().max() < 0.03

    def test_parcels_do_not_overlap_and_often_share_an_edge(self, parcels):
        shapes = parcels.geometry.to_numpy()
        left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        left, right = left[left < right], right[left < right]
        common = shapely.intersection(shapes[left], shapes[right])
        assert shapely.area(common).max() < 0.01
        assert shapely.coverage_is_valid(shapes)
        neighbours = shapely.length(common) > 10
        assert len(np.union1d(left[neighbours], right[neighbours])) > 0.6 * len(parcels)

    def test_parcels_keep_off_towns_roads_and_the_sea(self, world, farmed):
        roads = world.settlement.roads
        width = roads["largeur_de_chaussee"].fillna(2.0).to_numpy(dtype=float)
        assert farmed.intersection(world.settlement.built_up).area < 1
        assert farmed.intersection(shapely.union_all(roads.buffer(width / 2).array)).area < 1
        assert world.terrain.coast.covers(farmed)

    def test_every_crop_has_30_parcels_and_vines_have_most(self, parcels):
        counts = parcels["code_cultu"].value_counts()
        assert set(counts.index) == set(CROPS)
        assert counts.min() >= 30
        assert counts.idxmax() == "VRC"

    def test_the_group_is_that_of_the_crop(self, parcels):
        assert (
            parcels["code_group"]
            == parcels["code_cultu"].map({code: group for code, (group, _) in CROPS.items()})
        ).all()

    def test_catch_crops_are_rare_and_follow_annual_crops(self, parcels):
        sown = parcels["culture_d1"].notna()
        assert sown.mean() == pytest.approx(0.02, abs=0.005)
        assert set(parcels.loc[sown, "code_cultu"]) <= {"BDH", "ORH", "TRN"}

    def test_crops_go_where_the_ground_suits_them(self, world, parcels):
        x, y = parcels.representative_point().x, parcels.representative_point().y
        grid = world.terrain.grid
        cell = ((grid.top - y) // grid.pixel).astype(int), ((x - grid.left) // grid.pixel).astype(int)
        ground = pd.DataFrame(
            {
                "slope": world.terrain.slope[cell],
                "altitude": world.terrain.elevation[cell],
                "crop": parcels["code_cultu"],
            }
        )
        typical = ground.groupby("crop").median(numeric_only=True)
        assert typical.loc["BDH", "slope"] < typical.loc["VRC", "slope"] < typical.loc["SPH", "slope"]
        assert typical.loc["LAV", "altitude"] > typical.loc["VRG", "altitude"]

    def test_neighbours_often_grow_the_same(self, parcels):
        points = parcels.representative_point()
        near = gpd.GeoDataFrame({"crop": parcels["code_cultu"]}, geometry=points, crs=CRS)
        left, right = shapely.STRtree(points.array).query(points.array, predicate="dwithin", distance=150)
        crop = near["crop"].to_numpy()
        together = (crop[left] == crop[right])[left != right].mean()
        by_chance = (parcels["code_cultu"].value_counts(normalize=True) ** 2).sum()
        assert together > 1.4 * by_chance

    def test_each_parcel_has_its_causes(self, world, parcels):
        causes = world.farmland.causes
        expected = "id_parcel sowing_shift vigour ground_cover grassed row_azimuth row_spacing soil_shift"
        assert list(causes.columns) == expected.split()
        assert causes["id_parcel"].tolist() == parcels["id_parcel"].tolist()
        assert causes["sowing_shift"].std() == pytest.approx(10, abs=1.5)
        assert causes["vigour"].std() == pytest.approx(0.18, abs=0.02)
        assert causes["ground_cover"].between(0, 1).all()
        assert causes["row_azimuth"].between(0, 180).all()
        vines = parcels["code_cultu"] == "VRC"
        assert causes.loc[vines, "ground_cover"].std() > 0.1
        assert causes.loc[vines, "grassed"].mean() == pytest.approx(0.4, abs=0.12)

    def test_a_farmer_sows_all_at_about_the_same_time(self, world, parcels):
        """Near parcels shift together, more than parcels at random do."""
        shift = world.farmland.causes["sowing_shift"].to_numpy()
        points = parcels.representative_point().array
        left, right = shapely.STRtree(points).query(points, predicate="dwithin", distance=120)
        left, right = left[left < right], right[left < right]
        near = np.abs(shift[left] - shift[right]).mean()
        anyone = np.abs(shift - np.roll(shift, 371)).mean()
        assert near < 0.93 * anyone


class TestCover:
    def test_streams_flow_down_to_the_sea_or_to_a_larger_stream(self, world):
        terrain, streams = world.terrain, world.cover.streams
        x, y = shapely.get_coordinates(shapely.line_interpolate_point(streams.geometry.array, 0)).T
        grid = terrain.grid

        def altitude(x, y):
            return terrain.elevation[
                ((grid.top - y) // grid.pixel).astype(int), ((x - grid.left) // grid.pixel).astype(int)
            ]

        mouths = shapely.get_point(streams.geometry.array, -1)
        assert (altitude(x, y) > altitude(shapely.get_x(mouths), shapely.get_y(mouths))).all()
        for row, mouth in enumerate(mouths):
            others = streams.drop(index=row)
            joined = others[others.distance(mouth) < 0.01]
            assert (
                joined["bassin_ha"].max() > streams["bassin_ha"][row]
                or mouth.distance(terrain.coast.exterior) < 0.01
            )

    def test_large_basins_make_permanent_streams(self, world):
        streams = world.cover.streams
        permanent = streams["persistance"] == "Permanent"
        assert permanent.any()
        assert streams.loc[permanent, "bassin_ha"].min() > streams.loc[~permanent, "bassin_ha"].max()

    def test_land_cover_has_no_overlap_and_no_gap(self, world):
        shapes = world.cover.land_cover.geometry.to_numpy()
        coast = world.terrain.coast
        assert shapely.coverage_is_valid(shapes)
        whole = shapely.union_all(shapes)
        assert whole.geom_type == "Polygon"
        assert not whole.interiors
        assert shapely.area(shapes).sum() == pytest.approx(coast.area, rel=1e-6)
        # A millimetre, at most, along 45 km of coast.
        assert whole.symmetric_difference(coast).area < 45

    def test_land_cover_respects_its_least_areas(self, world):
        cover = world.cover.land_cover
        built = cover["code_cs"] == "CS1.1.1.1"
        assert cover[built].area.min() > 199
        assert cover[~built].area.min() > 499

    def test_neighbours_of_land_cover_differ(self, world):
        for _, twins in world.cover.land_cover.groupby(["code_cs", "code_us"]):
            joined = shapely.get_parts(shapely.coverage_union_all(twins.geometry.array))
            assert len(joined) == len(twins)

    def test_land_cover_says_vines_where_vines_are_declared(self, world, parcels):
        vines = parcels[parcels["code_cultu"] == "VRC"]
        mapped = shapely.union_all(world.cover.land_cover.query("code_cs == 'CS2.1.3'").geometry.array)
        assert vines.intersection(mapped).area.sum() > 0.99 * vines.area.sum()

    def test_most_buildings_stand_on_built_ground(self, world):
        built = world.cover.land_cover.query("code_cs == 'CS1.1.1.1'")
        buildings = world.settlement.buildings
        points = buildings.representative_point().array
        inside, _ = shapely.STRtree(points).query(built.geometry.array, predicate="contains")[::-1]
        assert buildings.area.iloc[inside].sum() > 0.8 * buildings.area.sum()

    def test_the_port_has_a_quay(self, world):
        quays = world.cover.land_cover.query("code_cs == 'CS1.1.1.2' and code_us == 'US3'")
        port = world.settlement.villages.set_index("rang").geometry[1]
        shore = world.terrain.coast.exterior.intersection(port.buffer(500))
        assert quays.buffer(0.1).intersection(shore).length.sum() > 200

    def test_vegetation_stays_out_of_fields_and_towns(self, world, farmed):
        wild = shapely.union_all(world.cover.vegetation.geometry.array)
        assert wild.intersection(farmed).area < 50
        assert wild.intersection(world.settlement.built_up).area < 50
        assert 10 < wild.area / 1e6 < 20

    def test_every_kind_of_vegetation_occurs(self, world):
        assert set(world.cover.vegetation["nature"]) == set(LAYERS["zones_de_vegetation"].columns[1].domain)

    def test_the_fire_ran_with_the_mistral(self, world):
        burnt = world.cover.burnt_area
        assert 80 < burnt["surface_ha"].sum() < 150
        assert set(burnt["severite"]) == {"faible", "modérée", "forte"}
        ground = shapely.union_all(burnt.geometry.array)
        points = shapely.get_coordinates(shapely.segmentize(ground, 20))
        long_axis = np.linalg.eigh(np.cov((points - points.mean(axis=0)).T))[1][:, 1]
        bearing = np.degrees(np.arctan2(*long_axis)) % 180
        assert 105 < bearing < 165

    def test_the_fire_burnt_pines_and_garrigue_and_spared_some(self, world, farmed):
        burnt = shapely.union_all(world.cover.burnt_area.geometry.array)
        fuel = world.cover.vegetation.query("nature != 'Haie'")
        assert fuel.intersection(burnt).area.sum() > 0.9 * burnt.area
        assert burnt.intersection(farmed).area < 0.03 * burnt.area
        assert sum(len(part.interiors) for part in shapely.get_parts(burnt)) >= 2

    def test_severities_do_not_overlap(self, world):
        burnt = world.cover.burnt_area
        assert burnt.area.sum() == pytest.approx(shapely.union_all(burnt.geometry.array).area, rel=1e-6)

    def test_field_visits_stand_in_their_parcel(self, world, parcels):
        visits = world.cover.field_points
        assert len(visits) == 150
        assert set(visits["code_cultu_observe"]) == set(CROPS)
        visited = parcels.set_index("id_parcel").loc[visits["id_parcel"]]
        true = gpd.points_from_xy(visits["x_vrai"], visits["y_vrai"])
        assert shapely.covers(visited.geometry.to_numpy(), true).all()
        assert (visited["code_cultu"].to_numpy() == visits["code_cultu_observe"]).all()

    def test_measured_positions_err_by_what_the_device_announces(self, world):
        visits = world.cover.field_points
        error = np.hypot(visits["x_mesure"] - visits["x_vrai"], visits["y_mesure"] - visits["y_vrai"])
        precise = visits["precision_m"] < 1
        assert 0.5 < precise.mean() < 0.85
        assert error[precise].median() < 1
        assert 2 < error[~precise].median() < 8
        assert (error <= visits["precision_m"]).mean() == pytest.approx(0.67, abs=0.12)


@pytest.mark.parametrize("name", LAND_LAYERS)
class TestSchemas:
    def test_columns_and_geometries_are_those_of_the_layer(self, world, name):
        layer, table = LAYERS[name], LAND_LAYERS[name](world)
        assert list(table.columns) == [*(column.name for column in layer.columns), "geometry"]
        assert set(table.geom_type) == {layer.geometry}
        assert table.crs == CRS
        assert table.is_valid.all()
        assert table[layer.key].is_unique

    def test_values_are_in_their_domains(self, world, name):
        layer, table = LAYERS[name], LAND_LAYERS[name](world)
        for column in layer.columns:
            if not column.nullable:
                assert table[column.name].notna().all(), column.name
            if column.domain:
                assert set(table[column.name].dropna()) <= set(column.domain), column.name


class TestSeed:
    """That the whole territory comes out the same is tested where it is published."""

    def test_a_seed_gives_the_same_farms_again(self, world):
        again = make_farmland(world.terrain, world.settlement)
        assert_geodataframe_equal(again.parcels, world.farmland.parcels)
        pd.testing.assert_frame_equal(again.causes, world.farmland.causes)
