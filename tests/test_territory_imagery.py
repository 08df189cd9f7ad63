"""The images of the island: each pixel follows from the ground, the sun, the air and the sensor."""

from dataclasses import replace
from datetime import date, datetime
from math import cos, radians, sin

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.enums import ColorInterp
from rasterio.features import rasterize
from rio_cogeo import cog_validate
from scipy import ndimage
from shapely import box

from geoatelier.territory import phenology
from geoatelier.territory.clouds import CLEAR, CLOUD, SHADOW, apply_clouds, detect, make_clouds
from geoatelier.territory.cog import write_cog
from geoatelier.territory.imagery import PASSES, make_series, write_series
from geoatelier.territory.orthophoto import frame_of_port, make_orthophoto, write_orthophoto
from geoatelier.territory.reflectance import (
    BANDS,
    CANOPY,
    GREEN,
    NIR,
    PALE_SOIL,
    RED,
    SWIR1,
    Sun,
    cover_for_ndvi,
    illumination,
    ndvi,
    soil,
    sun_position,
    thicken,
)
from geoatelier.territory.schemas import CROPS
from geoatelier.territory.surfaces import SURFACE_NAMES, surface_state
from geoatelier.territory.world import CRS, Cover, Farmland, Grid, Settlement, Terrain

SEED = 5
GRID = Grid(left=900_000, top=6_200_000, pixel=10, rows=190, columns=270)
FIELDS_A_CROP, FIELD, PITCH = 13, 120, 140
SHORE = GRID.left + 2300
DAYS = ("20250218", "20250325", "20250424", "20250519", "20250618", "20250718", "20250827", "20251016")

# NDVI of typical parcels at the eight dates: wheat, barley, sunflower and grassland after real profiles of
# south-west France moved to a Provençal summer; vines, olives and lavender between worked rows.
TYPICAL_NDVI = {
    "BDH": (0.48, 0.66, 0.75, 0.68, 0.30, 0.20, 0.18, 0.22),
    "ORH": (0.50, 0.67, 0.72, 0.54, 0.24, 0.20, 0.19, 0.24),
    "TRN": (0.22, 0.21, 0.18, 0.29, 0.62, 0.63, 0.29, 0.21),
    # From May to September each lucerne field is at its own stage of regrowth.
    "LUZ": (0.48, 0.65, 0.76, np.nan, np.nan, np.nan, np.nan, 0.62),
    "PPH": (0.50, 0.59, 0.70, 0.69, 0.52, 0.42, 0.37, 0.50),
    "SPH": (0.50, 0.54, 0.61, 0.57, 0.46, 0.40, 0.35, 0.45),
    "J6S": (0.40, 0.50, 0.58, 0.51, 0.36, 0.28, 0.25, 0.34),
    "VRC": (0.34, 0.36, 0.24, 0.34, 0.45, 0.44, 0.42, 0.36),
    "OLI": (0.44, 0.42, 0.34, 0.33, 0.31, 0.31, 0.31, 0.39),
    "LAV": (0.32, 0.32, 0.32, 0.37, 0.34, 0.33, 0.27, 0.30),
    "VRG": (0.34, 0.33, 0.36, 0.45, 0.46, 0.47, 0.46, 0.44),
}


@pytest.fixture(scope="module")
def world() -> tuple[Terrain, Settlement, Farmland, Cover]:
    """A flat shore: a column of fields a crop, a pine wood that burns, a port, the sea to the east."""
    terrain = _terrain()
    return terrain, _settlement(terrain), _farmland(), _cover()


@pytest.fixture(scope="module")
def series(world):
    return make_series(*world, SEED)


@pytest.fixture(scope="module")
def clear_series(world):
    return make_series(*world, SEED, [replace(each, cloud_cover=0) for each in PASSES])


@pytest.fixture(scope="module")
def orthophoto(world):
    return make_orthophoto(*world, SEED, side=300)


def _terrain() -> Terrain:
    land = np.zeros(GRID.shape, bool)
    land[:, :230] = True
    elevation = np.where(land, 12.34, 0).astype(np.float32)

    def everywhere(value: float) -> np.ndarray:
        return np.full(GRID.shape, value, np.float32)

    xmin, ymin, _, ymax = GRID.bounds
    coast = box(xmin, ymin, SHORE, ymax)
    return Terrain(
        GRID,
        elevation,
        land,
        everywhere(1),
        everywhere(180),
        everywhere(1),
        everywhere(0.5),
        everywhere(0.5),
        coast,
    )


def _settlement(terrain: Terrain) -> Settlement:
    port = shapely.Point(SHORE - 130, GRID.top - 950)
    built_up = port.buffer(120, cap_style="square")
    houses = [
        box(x, y, x + 14, y + 9)
        for x in np.arange(SHORE - 240, SHORE - 30, 42)
        for y in np.arange(port.y - 110, port.y + 100, 38)
    ]
    n = len(houses)
    buildings = gpd.GeoDataFrame(
        {
            "nature": "Indifférenciée",
            "usage_1": "Résidentiel",
            "construction_legere": False,
            "etat_de_l_objet": "En service",
            "hauteur": [6.0] * (n - 1) + [np.nan],
        },
        geometry=[shapely.MultiPolygon([house]) for house in houses],
        crs=CRS,
    )
    roads = gpd.GeoDataFrame(
        {
            "nature": ["Route à 1 chaussée", "Chemin", "Route à 1 chaussée"],
            "importance": ["4", "6", "5"],
            "largeur_de_chaussee": [5.0, np.nan, 2.5],
        },
        geometry=[
            shapely.LineString([(SHORE - 250, port.y - 15), (SHORE - 5, port.y - 15)]),
            shapely.LineString([(SHORE - 700, port.y + 130), (SHORE - 20, port.y + 130)]),
            shapely.LineString([(SHORE - 5, port.y), (SHORE + 60, port.y)]),
        ],
        crs=CRS,
    )
    villages = gpd.GeoDataFrame({"nom": ["Port-Galéjade"], "rang": [1]}, geometry=[port], crs=CRS)
    empty = gpd.GeoDataFrame(geometry=[], crs=CRS)
    return Settlement(empty, villages, roads, buildings, empty, shapely.MultiPolygon([built_up]))


def _farmland() -> Farmland:
    """A column of fields a crop; their edges fall in the middle of pixels."""
    rng = np.random.default_rng(1)
    cover = {"VRC": 0.38, "OLI": 0.32, "LAV": 0.55, "VRG": 0.45} | phenology.TYPICAL_COVER
    spacing = {"VRC": 2.3, "OLI": 6.0, "LAV": 1.7, "VRG": 5.0}
    codes = np.repeat(list(CROPS), FIELDS_A_CROP)
    column, row = np.divmod(np.arange(len(codes)), FIELDS_A_CROP)
    x, y = GRID.left + 25 + column * PITCH, GRID.top - 25 - (row + 1) * PITCH + 20
    n = len(codes)
    parcels = gpd.GeoDataFrame(
        {"id_parcel": [str(i) for i in range(n)], "code_cultu": codes},
        geometry=box(x, y, x + FIELD, y + FIELD),
        crs=CRS,
    )
    causes = pd.DataFrame(
        {
            "id_parcel": parcels["id_parcel"],
            "sowing_shift": rng.normal(0, 6, n),
            "vigour": rng.normal(1, 0.1, n),
            "ground_cover": [cover[code] for code in codes],
            "grassed": False,
            "row_azimuth": 20.0,
            "row_spacing": [spacing.get(code, 0.0) for code in codes],
            "soil_shift": rng.normal(0, 0.05, n),
        }
    )
    return Farmland(parcels, causes)


def _cover() -> Cover:
    xmin, ymin, _, ymax = GRID.bounds
    wood = box(GRID.left + 1620, ymin, GRID.left + 1980, ymax)
    scrub = box(xmin, ymin, SHORE, ymax).difference(wood)
    land_cover = gpd.GeoDataFrame(
        {"code_cs": ["CS2.1.2", "CS2.1.1.2"], "code_us": ["US6.3", "US1.2"]}, geometry=[scrub, wood], crs=CRS
    )
    vegetation = gpd.GeoDataFrame({"nature": ["Forêt fermée de conifères"]}, geometry=[wood], crs=CRS)
    burnt = box(GRID.left + 1660, GRID.top - 900, GRID.left + 1940, GRID.top - 100)
    fire = gpd.GeoDataFrame(
        {"date_feu": [pd.Timestamp(2025, 8, 5)], "severite": ["forte"]}, geometry=[burnt], crs=CRS
    )
    empty = gpd.GeoDataFrame(geometry=[], crs=CRS)
    return Cover(empty, vegetation, land_cover, fire, empty)


def _pixels(geometry: shapely.Geometry, inset: float = 20) -> np.ndarray:
    return rasterize([geometry.buffer(-inset)], GRID.shape, transform=GRID.transform, dtype="uint8").astype(
        bool
    )


def _at(scenes, day: str):
    return next(scene for scene in scenes if f"{scene.day:%Y%m%d}" == day)


def _ndvi(scene) -> np.ndarray:
    return ndvi(np.moveaxis(scene.reflectance.astype(float), 0, -1))


# --- spectra ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("canopy", "share", "expected"), [("vine", 0.35, 0.32), ("olive", 0.30, 0.23), ("lavender", 0.55, 0.35)]
)
def test_a_row_crop_over_dry_soil_has_the_ndvi_of_its_mixture(canopy, share, expected):
    mixture = share * CANOPY[canopy] + (1 - share) * PALE_SOIL
    assert ndvi(mixture) == pytest.approx(expected, abs=0.08)


def test_no_canopy_exceeds_the_ndvi_seen_on_real_parcels():
    assert max(ndvi(spectrum) for spectrum in CANOPY.values()) < 0.88


def test_the_cover_found_for_an_ndvi_gives_that_ndvi_back():
    wanted = np.linspace(0.15, 0.8, 14)
    cover = cover_for_ndvi(wanted, CANOPY["cereal"], phenology.TYPICAL_GROUND)[:, None]
    mixture = cover * CANOPY["cereal"] + (1 - cover) * phenology.TYPICAL_GROUND
    np.testing.assert_allclose(ndvi(mixture), wanted, atol=1e-3)


def test_doubling_the_leaves_squares_the_gaps():
    np.testing.assert_allclose(thicken(np.array([0.0, 0.5, 1.0]), 2), [0, 0.75, 1])


def test_rain_darkens_soil_most_in_the_short_wave_infrared():
    dry, wet = soil(0.5, 0.1, 0.0), soil(0.5, 0.1, 0.8)
    assert np.all(wet < dry)
    assert wet[SWIR1] / dry[SWIR1] < wet[GREEN] / dry[GREEN]


# --- sun --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instant", "elevation"),
    [(datetime(2025, 3, 20, 11, 46), 90 - 42.8), (datetime(2025, 6, 21, 11, 40), 90 - 42.8 + 23.44)],
)
def test_the_sun_culminates_at_its_known_height_in_the_south(instant, elevation):
    sun = sun_position(instant, 42.8, 5.37)
    assert sun.elevation == pytest.approx(elevation, abs=0.6)
    assert sun.azimuth == pytest.approx(180, abs=3)


def test_the_morning_sun_stands_in_the_south_east():
    assert 130 < sun_position(datetime(2025, 4, 24, 10, 36), 42.8, 5.37).azimuth < 170


def test_slopes_that_face_the_sun_receive_more_light():
    sun = Sun(elevation=40, azimuth=150)
    towards, level, away = illumination(np.array([20.0, 0, 20]), np.array([150.0, 0, 330]), sun)
    assert towards > 1.1
    assert level == pytest.approx(1)
    assert away < 0.8


# --- what grows -------------------------------------------------------------------------------


def _parcels(code: str, **cause) -> phenology.Parcels:
    """One parcel of a crop without any habit of its own."""
    stated = {
        "sowing_shift": 0.0,
        "vigour": 1.0,
        "ground_cover": phenology.TYPICAL_COVER.get(code, 0.4),
        "grassed": False,
        "row_azimuth": 0.0,
        "row_spacing": 2.0,
        "soil_shift": 0.0,
    }
    altitude = cause.pop("altitude", 0.0)
    farmland = Farmland(pd.DataFrame({"code_cultu": [code]}), pd.DataFrame([stated | cause]))
    drawn = phenology.describe_parcels(farmland, [altitude], np.random.default_rng(3))
    return replace(
        drawn, tint=np.ones((1, 6)), weeds=np.ones(1), litter=np.ones(1), tillage=np.full(1, 400.0)
    )


def _grown(code: str, day: int, **cause) -> phenology.Vegetation:
    return phenology.vegetation(_parcels(code, **cause), day)


def test_late_sowing_and_altitude_hold_wheat_green_longer():
    usual = _grown("BDH", 165).crown
    assert _grown("BDH", 165, sowing_shift=12.0).crown > usual + 0.1
    assert _grown("BDH", 165, altitude=300.0).crown > usual


def test_barley_ripens_before_wheat():
    assert _grown("ORH", 145).crown < _grown("BDH", 145).crown - 0.1


def test_vines_are_bare_in_winter_and_full_in_july():
    assert _grown("VRC", 49).crown == pytest.approx(0, abs=1e-3)
    assert _grown("VRC", 199, ground_cover=0.35).crown == pytest.approx(0.35, abs=0.02)


def test_olives_keep_their_leaves_all_year():
    assert _grown("OLI", 20).crown > 0.9 * _grown("OLI", 200).crown


def test_grass_between_rows_is_green_in_april_and_dry_in_august():
    spring, summer = (_grown("VRC", day, grassed=True) for day in (110, 235))
    assert spring.herbs > _grown("VRC", 110).herbs + 0.4
    assert summer.herbs < 0.25
    assert summer.residue > spring.residue + 0.2


def test_lucerne_falls_at_its_cut_and_grows_back_within_a_month():
    cut = _parcels("LUZ").mowing[0, 0]
    before, after, later = (_grown("LUZ", round(cut + days)).crown for days in (-2, 2, 28))
    assert after < 0.6 * before
    assert later > 0.8 * before


def test_lavender_flowers_in_july_and_is_cut_by_september():
    bloom, cut = _grown("LAV", 188), _grown("LAV", 240)
    assert bloom.canopy[0, RED] > CANOPY["lavender"][RED] * 1.2
    assert cut.crown < 0.8 * bloom.crown


def test_a_yearly_curve_has_no_step_at_new_year():
    for curve in phenology.FIELD_NDVI.values():
        assert phenology.at_day(curve, 365.5) == pytest.approx(phenology.at_day(curve, 0.5), abs=1e-4)


def test_woods_are_greener_than_grass_in_august():
    state = surface_state(239)
    green = dict(zip(SURFACE_NAMES, state.crown + (1 - state.crown) * state.herbs, strict=True))
    assert green["conifer"] > 0.7 > 0.3 > green["grass"]


# --- the series -------------------------------------------------------------------------------


def test_the_series_has_eight_dates_of_six_bands_on_the_grid_of_the_island(series):
    assert tuple(f"{scene.day:%Y%m%d}" for scene in series) == DAYS
    for scene in series:
        assert scene.reflectance.shape == (6, *GRID.shape)
        assert scene.reflectance.dtype == np.uint16
        assert scene.mask.dtype == np.uint8


def test_every_pixel_holds_a_plausible_reflectance_and_none_is_no_data(series):
    for scene in series:
        assert scene.reflectance.min() > 0
        assert scene.reflectance[:, scene.mask == CLEAR].max() < 9000


def test_the_same_seed_gives_the_same_series_and_another_seed_another(world, series):
    again, other = (make_series(*world, seed, PASSES[:1])[0] for seed in (SEED, SEED + 1))
    np.testing.assert_array_equal(again.reflectance, series[0].reflectance)
    np.testing.assert_array_equal(again.mask, series[0].mask)
    assert (other.reflectance != series[0].reflectance).mean() > 0.5


@pytest.mark.parametrize("code", TYPICAL_NDVI)
def test_each_crop_follows_its_stated_ndvi_curve(world, clear_series, code):
    parcels = world[2].parcels
    fields = [_pixels(field, 15) for field in parcels.geometry[parcels["code_cultu"] == code]]
    seen = []
    for scene in clear_series:
        values = _ndvi(scene)
        seen.append(np.median([values[field].mean() for field in fields]))
    stated = np.array(TYPICAL_NDVI[code])
    known = ~np.isnan(stated)
    np.testing.assert_allclose(np.array(seen)[known], stated[known], atol=0.10)


def test_parcels_of_one_crop_differ_from_one_another(world, series):
    parcels = world[2].parcels
    values = _ndvi(_at(series, "20250424"))
    for code in ("BDH", "LUZ", "J6S"):
        means = [values[_pixels(field)].mean() for field in parcels.geometry[parcels["code_cultu"] == code]]
        assert 0.02 < np.std(means) < 0.20


def test_the_fire_lowers_the_burn_ratio_inside_its_outline_only(world, series):
    burnt = world[3].burnt_area.geometry.iloc[0]
    wood = world[3].vegetation.geometry.iloc[0]
    inside, outside = _pixels(burnt), _pixels(wood.difference(burnt), 30)

    def burn_ratio(day: str, where: np.ndarray) -> float:
        nir, swir = _at(series, day).reflectance[[3, 5]][:, where].astype(float)
        return float(np.median((nir - swir) / (nir + swir)))

    assert burn_ratio("20250718", inside) - burn_ratio("20250827", inside) > 0.4
    assert abs(burn_ratio("20250718", outside) - burn_ratio("20250827", outside)) < 0.1
    # Sprouts and seedlings have begun to green it by October, far from what it was.
    assert 0.03 < burn_ratio("20251016", inside) - burn_ratio("20250827", inside) < 0.4


def test_border_pixels_lie_between_the_two_covers_that_they_straddle(world, series):
    values = _at(series, "20250424").reflectance[NIR].astype(float)
    parcels = world[2].parcels
    lucerne = parcels.geometry[parcels["code_cultu"] == "LUZ"]
    between = 0
    for field in lucerne:
        core = np.median(values[_pixels(field, 25)])
        around = np.median(values[_pixels(field.buffer(11), 0) & ~_pixels(field, -4)])
        edge = np.median(values[_pixels(field, -4) & ~_pixels(field, 4)])
        between += min(core, around) < edge < max(core, around)
    assert between >= 0.85 * len(lucerne)


def test_short_wave_infrared_is_sampled_at_20_m(series):
    """Neighbours within a 20 m cell are more alike than in the 10 m bands."""
    scene = _at(series, "20250618")
    field = scene.reflectance[:, 20:170, 20:150].astype(float)

    def roughness(band: int) -> float:
        second_difference = field[band][:, 2:] - 2 * field[band][:, 1:-1] + field[band][:, :-2]
        return float(second_difference.std() / field[band].std())

    assert roughness(SWIR1) < 0.7 * roughness(RED)


def test_the_open_sea_is_dark_and_darker_in_the_infrared(series):
    for scene in series:
        clear = scene.mask[:, 255:] == CLEAR
        sea = scene.reflectance[:, :, 255:]
        assert np.median(sea[NIR][clear]) < 250
        assert np.median(sea[0][clear]) < 700
        assert np.median(sea[NIR][clear]) < np.median(sea[0][clear])


def test_the_sea_holds_few_values_so_that_files_stay_small(series):
    sea = _at(series, "20250424").reflectance[:, :, 250:]
    assert all(len(np.unique(band)) < 16 for band in sea)


def test_the_image_knows_a_crop_only_by_what_grows(world, monkeypatch):
    """Give barley the calendar of wheat: calling wheat fields barley then changes nothing."""
    for table in (phenology.FIELD_NDVI, phenology.RESIDUE, phenology.TYPICAL_COVER):
        monkeypatch.setitem(table, "ORH", table["BDH"])
    terrain, settlement, farmland, cover = world
    renamed = farmland.parcels.assign(code_cultu=farmland.parcels["code_cultu"].replace("BDH", "ORH"))
    as_wheat, as_barley = (
        make_series(terrain, settlement, Farmland(parcels, farmland.causes), cover, SEED, PASSES[2:3])[0]
        for parcels in (farmland.parcels, renamed)
    )
    np.testing.assert_array_equal(as_wheat.reflectance, as_barley.reflectance)


# --- clouds -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cloudy():
    grid = Grid(0, 0, 10, 400, 500)
    sun = sun_position(datetime(2025, 5, 19, 10, 36), 42.8, 5.37)
    land = np.ones(grid.shape, bool)
    clouds = make_clouds(grid, land, sun, 0.25, 1500, np.random.default_rng(2))
    ground = np.full((6, *grid.shape), 0.1, np.float32)
    return grid, sun, clouds, apply_clouds(ground, clouds)


def test_clouds_hide_the_share_of_land_that_was_asked(cloudy):
    _, _, clouds, _ = cloudy
    assert (clouds.opacity > 0).mean() == pytest.approx(0.25, abs=0.01)


def test_clouds_have_soft_edges(cloudy):
    _, _, clouds, _ = cloudy
    assert ((clouds.opacity > 0.05) & (clouds.opacity < 0.5)).sum() > 0.15 * (clouds.opacity > 0.05).sum()


def test_clouds_raise_the_blue_and_shadows_lower_the_infrared(cloudy):
    _, _, clouds, seen = cloudy
    assert seen[0][clouds.opacity > 0.8].min() > 0.3
    shaded = (clouds.shade > 0.8) & (clouds.opacity == 0)
    assert seen[NIR][shaded].max() < 0.06


def test_shadows_fall_opposite_the_sun_at_the_length_of_the_clouds_height(cloudy):
    grid, sun, clouds, _ = cloudy
    reach = 1500 / np.tan(radians(sun.elevation)) / grid.pixel
    down, right = reach * cos(radians(sun.azimuth)), -reach * sin(radians(sun.azimuth))
    # North-west in the morning: up and to the left.
    assert down < 0
    assert right < 0
    moved = np.roll(clouds.opacity, (round(down), round(right)), axis=(0, 1))
    inside = np.s_[100:-100, 100:-100]
    assert np.corrcoef(moved[inside].ravel(), clouds.shade[inside].ravel())[0, 1] > 0.95


def test_the_mask_is_honest_but_not_perfect(cloudy):
    _, _, clouds, seen = cloudy
    mask = detect(clouds, seen, np.random.default_rng(0))
    assert set(np.unique(mask)) == {CLEAR, CLOUD, SHADOW}
    thick, none = clouds.opacity > 0.7, clouds.opacity == 0
    assert (mask[thick] == CLOUD).mean() > 0.98
    missed = (mask == CLEAR) & (clouds.opacity > 0.05)
    invented = (mask == CLOUD) & none
    assert 0.001 < missed.mean() < 0.05
    assert 0.001 < invented.mean() < 0.05


def test_two_or_three_dates_are_cloudy_and_the_others_clear(series):
    share = np.array([(scene.mask[:, :230] == CLOUD).mean() for scene in series])
    cloudy_dates = share > 0.08
    assert 2 <= cloudy_dates.sum() <= 3
    assert np.all(share[cloudy_dates] < 0.35)
    assert np.all(share[~cloudy_dates] < 0.002)
    assert all(not each.cloud_cover for each in PASSES if each.day > date(2025, 8, 1))


# --- files ------------------------------------------------------------------------------------


def test_a_scene_is_written_as_two_cloud_optimised_files(series, tmp_path):
    paths = write_series(tmp_path, series[:1], GRID)
    assert [path.name for path in paths] == ["galejade_20250218.tif", "galejade_20250218_masque.tif"]
    for path in paths:
        assert cog_validate(path, strict=True)[0]
    with rasterio.open(paths[0]) as image:
        assert image.descriptions == BANDS
        assert (image.nodata, image.crs, image.transform) == (0, CRS, GRID.transform)
        np.testing.assert_array_equal(image.read(), series[0].reflectance)
    with rasterio.open(paths[1]) as mask:
        np.testing.assert_array_equal(mask.read(1), series[0].mask)


def test_overviews_of_a_mask_hold_only_its_codes(tmp_path):
    mask = np.kron(np.array([[0, 2], [2, 0]], np.uint8), np.ones((256, 256), np.uint8))
    write_cog(tmp_path / "m.tif", mask, GRID.transform, CRS, categorical=True)
    with rasterio.open(tmp_path / "m.tif") as raster:
        assert raster.overviews(1)
        assert set(np.unique(raster.read(1, out_shape=(128, 128)))) == {0, 2}


def test_a_file_with_too_few_band_names_is_refused(tmp_path):
    with pytest.raises(ValueError, match="2 descriptions for 3 bands"):
        write_cog(
            tmp_path / "x.tif", np.zeros((3, 8, 8), np.uint8), GRID.transform, CRS, descriptions=("a", "b")
        )


# --- the orthophoto ---------------------------------------------------------------------------


def _shown(orthophoto, shape: shapely.Geometry) -> np.ndarray:
    """Pixels of the orthophoto under a geometry, array of shape (4, k)."""
    size = orthophoto.image.shape[1:]
    inside = rasterize([shape], size, transform=orthophoto.transform, dtype="uint8").astype(bool)
    return orthophoto.image[:, inside].astype(float)


def _houses(world, orthophoto) -> gpd.GeoDataFrame:
    left, top = orthophoto.transform.c, orthophoto.transform.f
    frame = box(left + 15, top - 285, left + 285, top - 15)
    buildings = world[1].buildings
    return buildings[buildings.within(frame)]


def test_the_orthophoto_has_four_bands_of_half_a_metre_round_the_port(world, orthophoto):
    assert orthophoto.image.shape == (4, 600, 600)
    assert orthophoto.image.dtype == np.uint8
    assert orthophoto.transform.a == 0.5
    left, top = orthophoto.transform.c, orthophoto.transform.f
    assert box(left, top - 300, left + 300, top).contains(world[1].villages.geometry.iloc[0])
    assert frame_of_port(*world[:3], 300) == (left, top)


def test_the_same_seed_gives_the_same_orthophoto(world, orthophoto):
    again = make_orthophoto(*world, SEED, side=300)
    np.testing.assert_array_equal(again.image, orthophoto.image)
    assert again.pools.geometry.geom_equals(orthophoto.pools.geometry).all()


def test_roofs_are_redder_than_what_surrounds_them(world, orthophoto):
    houses = _houses(world, orthophoto)
    redness = [
        np.diff(np.median(_shown(orthophoto, where), axis=1)[[2, 0]])[0]
        for where in (
            houses.buffer(-1.5).union_all(),
            houses.buffer(6).union_all() - houses.buffer(2).union_all(),
        )
    ]
    assert redness[0] > redness[1] + 15


def test_the_two_slopes_of_a_roof_are_lit_differently(world, orthophoto):
    """The ridge runs east to west and the sun stands in the south-east: the south slope is the bright one."""
    brighter = 0
    houses = _houses(world, orthophoto)
    for house in houses.geometry:
        xmin, ymin, xmax, ymax = house.bounds
        middle = (ymin + ymax) / 2
        south = _shown(orthophoto, box(xmin + 1, ymin + 1, xmax - 1, middle - 1))[0].mean()
        north = _shown(orthophoto, box(xmin + 1, middle + 1, xmax - 1, ymax - 1))[0].mean()
        brighter += south > north * 1.03
    assert brighter > 0.75 * len(houses)


def test_shadows_of_houses_fall_to_the_west_of_a_morning_sun(world, orthophoto):
    darker = 0
    houses = _houses(world, orthophoto)
    for house in houses.geometry:
        xmin, ymin, xmax, ymax = house.bounds
        west = _shown(orthophoto, box(xmin - 3, ymin + 2, xmin - 1, ymax - 2))[:3].mean()
        east = _shown(orthophoto, box(xmax + 1, ymin + 2, xmax + 3, ymax - 2))[:3].mean()
        darker += west < 0.85 * east
    assert darker > 0.7 * len(houses)


def test_pools_are_blue_dark_in_the_infrared_and_clear_of_houses(world, orthophoto):
    assert len(orthophoto.pools) >= 3
    assert orthophoto.pools.is_valid.all()
    assert not orthophoto.pools.intersects(world[1].buildings.union_all()).any()
    red, _, blue, infrared = np.median(_shown(orthophoto, orthophoto.pools.buffer(-0.8).union_all()), axis=1)
    assert blue > red + 30
    assert infrared < 80


def test_crowns_are_bright_in_the_infrared_and_dark_in_the_red(orthophoto):
    crowns = orthophoto.crowns[orthophoto.crowns.area > 8]
    assert len(crowns) > 20
    red, _, _, infrared = np.median(_shown(orthophoto, crowns.buffer(-0.8).union_all()), axis=1)
    assert infrared > red + 30


def test_the_sea_of_the_orthophoto_is_blue_and_darkens_offshore(orthophoto):
    top = orthophoto.transform.f
    near = np.median(_shown(orthophoto, box(SHORE + 4, top - 290, SHORE + 10, top - 10)), axis=1)
    far = np.median(_shown(orthophoto, box(SHORE + 42, top - 290, SHORE + 52, top - 10)), axis=1)
    assert far[2] > far[0]
    assert far[3] < 60
    assert near[:3].sum() > far[:3].sum()


def test_the_orthophoto_is_written_with_an_infrared_band_that_is_not_a_transparency(orthophoto, tmp_path):
    path = tmp_path / "ortho.tif"
    write_orthophoto(path, orthophoto)
    assert cog_validate(path, strict=True)[0]
    with rasterio.open(path) as raster:
        assert raster.descriptions == ("R", "G", "B", "PIR")
        assert ColorInterp.alpha not in raster.colorinterp
        lost = raster.read().astype(float) - orthophoto.image
    assert np.sqrt((lost**2).mean()) < 6


def test_trees_stand_out_against_what_lies_between_them(orthophoto):
    """A picture, not a map: brightness varies at the scale of a metre as it does on real photographs."""
    grey = orthophoto.image[:3].mean(axis=0)
    detail = grey - ndimage.gaussian_filter(grey, 4)
    assert detail[:, :300].std() > 6
