"""Maps that need no network: what the page holds, what the static face draws, colours that stay apart."""

import base64
import gzip
import io
import itertools
import re

import folium
import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from folium.plugins import HeatMap, MarkerCluster
from matplotlib.colors import to_rgb
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab
from tiny_territory import LEFT, TOP, make_parcels, make_tiny_territory

from geoatelier import faces, maps
from geoatelier.territory.schemas import CROPS

# Machado, Oliveira, Fernandes (2009), IEEE TVCG 15, 1291-1298: full dichromacy, on linear RGB.
COLOUR_BLINDNESS = {
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900],
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def territory(tmp_path_factory):
    return make_tiny_territory(tmp_path_factory.mktemp("territoire") / "data")


@pytest.fixture(autouse=True)
def active(territory, monkeypatch):
    monkeypatch.setenv("GEOATELIER_DATA", str(territory))


@pytest.fixture
def parcels():
    return make_parcels()


def crops_on(m, parcels, **options):
    return folium.GeoJson(
        parcels,
        style_function=lambda feature: maps.crop_style(feature["properties"]["code_cultu"]),
        **options,
    ).add_to(m)


def html_of(m):
    return m.get_root().render()


def pixels_of(m):
    return np.asarray(Image.open(io.BytesIO(m.to_png())).convert("RGB")).astype(int)


def seen(pixels, colour, tolerance=12):
    """Count the pixels of a colour."""
    wanted = (np.array(to_rgb(colour)) * 255).round()
    return int((np.abs(pixels - wanted).max(axis=2) <= tolerance).sum())


# The page


def test_a_map_is_a_folium_map():
    assert isinstance(maps.base_map(), folium.Map)


def test_the_page_asks_nothing_of_the_web(parcels):
    m = maps.base_map()
    crops_on(m, parcels, tooltip="Parcelle", popup=folium.GeoJsonPopup(["id_parcel"]))
    folium.Marker([42.82, 5.36], popup="Ici", icon=folium.Icon(color="orange")).add_to(m)
    folium.CircleMarker([42.82, 5.36]).add_to(m)
    folium.LayerControl().add_to(m)
    page = html_of(m)
    assert re.findall(r"""<(?:script|link|img|iframe)\b[^>]*https?:[^>]*>""", page) == []
    assert re.findall(r"url\((?!data:|#|.?#hatch)[^)]*\)", page.replace("url(#default#VML)", "")) == []
    assert "connect-src" not in page
    assert "default-src 'none'" in page


def test_leaflet_is_embedded_once():
    assert html_of(maps.base_map()).count("Leaflet 1.9") == 1


def test_the_page_is_in_french(parcels):
    page = html_of(maps.base_map(title="Parcelles & cultures"))
    assert '<html lang="fr">' in page
    assert "<title>Parcelles &amp; cultures</title>" in page


def test_a_layer_that_needs_the_web_is_refused_in_french():
    m = maps.base_map()
    HeatMap([[42.82, 5.36]]).add_to(m)
    with pytest.raises(maps.NeedsNetworkError, match="online=True"):
        html_of(m)


def test_online_is_a_choice_that_adds_the_backgrounds_of_ign():
    m = maps.base_map(online=True)
    MarkerCluster().add_to(m)
    page = html_of(m)
    assert "data.geopf.fr" in page
    assert "Content-Security-Policy" not in page


def test_coordinates_are_rounded_to_a_tenth_of_a_metre_and_attributes_are_not(parcels):
    parcels["mesure"] = 0.123456789012
    m = maps.base_map()
    layer = crops_on(m, parcels)
    page = html_of(m)
    assert "0.123456789012" in page
    assert max(len(digits) for digits in re.findall(r"5\.3\d*|42\.8\d*", str(layer.data["features"]))) <= 9
    assert "bbox" not in layer.data


def test_a_lighter_map_displaces_nothing_by_more_than_a_pixel_of_the_closest_zoom(parcels):
    wavy = parcels.set_geometry(parcels.buffer(12, quad_segs=32))
    m = maps.base_map()
    layer = crops_on(m, wavy)
    html_of(m)
    back = gpd.GeoDataFrame.from_features(layer.data, crs=4326).to_crs(2154)
    assert back.count_coordinates().sum() < 0.6 * wavy.count_coordinates().sum()
    assert back.geometry.hausdorff_distance(wavy.geometry).max() < 0.35


def test_a_defect_is_not_repaired_by_the_map():
    bow_tie = shapely.Polygon([(LEFT, TOP), (LEFT + 50, TOP - 50), (LEFT + 50, TOP), (LEFT, TOP - 50)])
    sliver = shapely.box(LEFT, TOP, LEFT + 80, TOP + 0.5)
    m = maps.base_map()
    layer = folium.GeoJson(gpd.GeoSeries([bow_tie, sliver], crs=2154)).add_to(m)
    html_of(m)
    back = gpd.GeoDataFrame.from_features(layer.data, crs=4326).to_crs(2154)
    assert not back.geometry.iloc[0].is_valid
    assert back.geometry.iloc[1].area == pytest.approx(40, rel=0.3)


def test_rendering_twice_gives_the_same_page(parcels):
    m = maps.base_map(background=None)
    crops_on(m, parcels)
    assert html_of(m).split() == html_of(m).split()


def test_an_empty_layer_does_not_break_the_map(parcels):
    m = maps.base_map()
    folium.GeoJson(parcels[:0]).add_to(m)
    assert "L.map" in html_of(m)
    assert m.to_png()


def test_the_frame_of_a_notebook_gives_back_the_page_and_has_a_name(parcels):
    m = maps.base_map(title="L'île", background=None)
    crops_on(m, parcels)
    frame = m._repr_html_()
    packed = re.search(r"""srcdoc='[^']*atob\("([^"]*)"\)[^']*'""", frame)[1]
    assert gzip.decompress(base64.b64decode(packed)).decode() == html_of(m)
    assert "title='L&#x27;île'" in frame


def test_nine_hundred_parcels_weigh_less_than_400_kilobytes_in_a_notebook():
    m = maps.base_map()
    many = gpd.GeoDataFrame(
        {"id_parcel": [str(number) for number in range(900)], "code_cultu": list(CROPS) * 81 + ["VRC"] * 9},
        geometry=gpd.GeoSeries([round_parcel(number) for number in range(900)], crs=2154),
    )
    crops_on(m, many, tooltip=folium.GeoJsonTooltip(["id_parcel", "code_cultu"]))
    maps.legend("Cultures", maps.crop_styles()).add_to(m)
    assert len(m._repr_html_().encode()) < 400_000


def round_parcel(number, vertices=20):
    angles = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    x, y = LEFT + 20 * (number % 30), TOP - 20 * (number // 30)
    return shapely.Polygon(np.column_stack([x + 8 * np.cos(angles), y - 8 * np.sin(angles)]))


# Where the map opens


def test_a_map_opens_on_the_whole_territory_by_default(territory):
    communes = gpd.read_file(territory / "galejade.gpkg", layer="communes").to_crs(4326)
    assert maps.base_map().view() == pytest.approx(tuple(communes.total_bounds))


def test_a_map_opens_on_a_layer_in_any_system(parcels):
    assert maps.base_map(parcels).view() == pytest.approx(maps.base_map(parcels.to_crs(4326)).view())
    assert maps.base_map(parcels).view() == pytest.approx(tuple(parcels.to_crs(4326).total_bounds))


def test_a_map_opens_on_bounds_in_lambert_93(parcels):
    by_bounds = maps.base_map(tuple(parcels.total_bounds)).view()
    assert by_bounds == pytest.approx(maps.base_map(parcels).view(), abs=1e-5)


def test_a_layer_without_system_is_refused_in_french(parcels):
    with pytest.raises(ValueError, match="set_crs"):
        maps.base_map(parcels.set_crs(None, allow_override=True))


def test_an_empty_area_is_refused_in_french(parcels):
    with pytest.raises(ValueError, match="vide"):
        maps.base_map(parcels[:0])


def test_an_unknown_background_is_refused_in_french():
    with pytest.raises(ValueError, match="relief"):
        maps.base_map(background="plan")


def test_fitting_the_map_again_moves_the_static_face_too(parcels):
    m = maps.base_map()
    m.fit_bounds([[42.80, 5.30], [42.81, 5.32]])
    assert m.view() == (5.30, 42.80, 5.32, 42.81)


# The static face


def test_the_static_face_draws_each_crop_in_its_colour(parcels):
    m = maps.base_map(parcels, background=None)
    crops_on(m, parcels)
    pixels = pixels_of(m)
    for code in ("LUZ", "TRN", "BDH", "ORH"):
        colour = np.array(to_rgb(maps.CROP_COLOURS[code].colour)) * 0.85 + np.array(to_rgb("#dfe8ee")) * 0.15
        assert seen(pixels, colour) > 2000, code


def test_the_static_face_draws_what_the_style_function_says(parcels):
    def area(style):
        m = maps.base_map(parcels, background=None)
        folium.GeoJson(parcels, style_function=lambda _: style).add_to(m)
        return seen(pixels_of(m), "#0072b2")

    assert area({"fillColor": "#0072b2", "fillOpacity": 1, "stroke": False}) > 40_000
    assert area({"fillColor": "#0072b2", "fillOpacity": 0, "color": "#e69f00"}) == 0
    outline = area({"fill": False, "color": "#0072b2", "weight": 4})
    assert 3_000 < outline < 30_000


def test_the_static_face_keeps_holes(parcels):
    ring = gpd.GeoDataFrame(geometry=[parcels.union_all().envelope.difference(parcels.union_all())], crs=2154)
    m = maps.base_map(parcels, background=None)
    folium.GeoJson(
        ring, style_function=lambda _: {"fillColor": "#000000", "fillOpacity": 1, "stroke": False}
    ).add_to(m)
    pixels = pixels_of(m)
    share = parcels.area.sum() / parcels.union_all().envelope.area
    dark, sea = seen(pixels, "#000000"), seen(pixels, "#dfe8ee")
    assert dark > 20_000
    assert sea > 0.8 * share * dark


def test_the_static_face_draws_points_lines_markers_and_images():
    m = maps.base_map(background=None)
    west, south, east, north = m.view()

    def at(x, y):
        """A place by its share of the width and of the height of the view, as (latitude, longitude)."""
        return [south + y * (north - south), west + x * (east - west)]

    group = folium.FeatureGroup(name="Tout").add_to(m)
    folium.CircleMarker(at(0.2, 0.5), radius=20, color="#e69f00", fill=True, fill_opacity=1).add_to(group)
    folium.PolyLine([at(0.3, 0.2), at(0.7, 0.2)], color="#009e73", weight=8).add_to(group)
    folium.Polygon(
        [at(0.4, 0.4), at(0.5, 0.4), at(0.5, 0.6)], color="#cc79a7", fill=True, fill_opacity=1
    ).add_to(m)
    folium.Rectangle([at(0.6, 0.4), at(0.7, 0.6)], color="#56b4e9", fill=True, fill_opacity=1).add_to(m)
    folium.Circle(at(0.85, 0.5), radius=30, color="#d55e00", fill=True, fill_opacity=1).add_to(m)
    folium.Marker(at(0.5, 0.8)).add_to(m)
    pixels = pixels_of(m)
    for colour in ("#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#0072b2"):
        assert seen(pixels, colour, tolerance=25) > 40, colour


def test_a_circle_marker_has_the_same_size_in_both_faces():
    def black(radius):
        m = maps.base_map(background=None)
        west, south, east, north = m.view()
        folium.CircleMarker(
            [(south + north) / 2, (west + east) / 2],
            radius=radius,
            stroke=False,
            fill_color="#000",
            fill_opacity=1,
        ).add_to(m)
        return seen(pixels_of(m), "#000000", tolerance=4)

    pixels_a_css_pixel = 0.75 * 110 / 72
    assert black(40) - black(20) == pytest.approx(np.pi * (40**2 - 20**2) * pixels_a_css_pixel**2, rel=0.05)


@pytest.mark.parametrize(
    ("marker", "colour"),
    [
        (folium.CircleMarker(radius=12, fill_color="#e69f00", fill_opacity=1), "#e69f00"),
        (folium.Circle(radius=15, fill_color="#cc79a7", fill_opacity=1), "#cc79a7"),
        (None, "#0072b2"),
    ],
)
def test_points_of_a_layer_are_drawn_with_its_marker(parcels, marker, colour):
    points = parcels.set_geometry(parcels.centroid)
    m = maps.base_map(parcels, background=None)
    folium.GeoJson(points, marker=marker).add_to(m)
    assert seen(pixels_of(m), colour, tolerance=20) > 12 * 40


def test_features_without_geometry_are_left_out_of_both_faces(parcels):
    parcels.loc[0, "geometry"] = None
    m = maps.base_map(parcels, background=None)
    crops_on(m, parcels)
    assert m.to_png()
    assert html_of(m).count("P0") >= 9


def test_a_hidden_layer_is_hidden_in_the_static_face(parcels):
    m = maps.base_map(parcels, background=None)
    folium.GeoJson(
        parcels, show=False, style_function=lambda _: {"fillColor": "#000", "fillOpacity": 1}
    ).add_to(m)
    bare = maps.base_map(parcels, background=None)
    assert (pixels_of(m) == pixels_of(bare)).all()


def test_an_image_lies_where_its_georeferencing_says(parcels):
    image = np.zeros((60, 80, 4), np.uint8)
    image[20:40, 20:40] = (0, 0, 0, 255)
    layer = maps.image_layer(image, rasterio.transform.from_origin(LEFT, TOP, 10, 10), name="Carré")
    m = maps.base_map((LEFT, TOP - 600, LEFT + 800, TOP), background=None)
    layer.add_to(m)
    folium.GeoJson(
        gpd.GeoSeries.from_wkt(
            [f"POLYGON(({LEFT + 200} {TOP - 200}, {LEFT + 400} {TOP - 200}, {LEFT + 400} {TOP - 400}, "
             f"{LEFT + 200} {TOP - 400}, {LEFT + 200} {TOP - 200}))"], crs=2154,
        ),
        style_function=lambda _: {"stroke": False, "fillColor": "#e69f00", "fillOpacity": 1},
    ).add_to(m)  # fmt: skip
    pixels = pixels_of(m)
    covered = seen(pixels, "#e69f00")
    assert covered > 20_000
    # The outline of the square hides the image but for a rim of one pixel of the ground.
    assert seen(pixels[60:-60, 60:], "#000000") < 0.12 * covered


def test_an_image_of_another_type_is_refused_in_french():
    with pytest.raises(ValueError, match="uint8"):
        maps.image_layer(np.zeros((4, 4)), rasterio.transform.from_origin(LEFT, TOP, 10, 10), name="x")


def test_the_sea_is_not_shaded_and_the_land_is():
    pixels = pixels_of(maps.base_map())
    assert seen(pixels, "#dfe8ee", tolerance=3) > 0.15 * pixels.shape[0] * pixels.shape[1]
    assert seen(pixels[200:400, 300:600], "#dfe8ee", tolerance=3) == 0


def test_the_static_face_is_the_same_each_time(parcels):
    def png():
        m = maps.base_map(parcels)
        crops_on(m, parcels)
        return m.to_png()

    assert png() == png()


# Legends


def test_a_legend_is_in_both_faces(parcels):
    m = maps.base_map(parcels, background=None)
    maps.legend("Erreurs", {"Bien classée": "#0072b2", "Mal <classée>": "#e69f00"}).add_to(m)
    assert "Mal &amp;lt;classée&amp;gt;" in m._repr_html_() or "Mal \\u0026lt;class" in html_of(m)
    right = pixels_of(m)[:, -240:]
    assert seen(right, "#0072b2") > 100
    assert seen(right, "#e69f00") > 100


def test_a_numeric_legend_of_explore_needs_no_d3(parcels):
    m = parcels.explore(column="surf_parc", m=maps.base_map(parcels), cmap="cividis")
    page = html_of(m)
    assert re.findall(r"\bd3\.(?:select|scale|svg|min)", page) == []
    assert "surf_parc" in page
    assert seen(pixels_of(m)[:, -240:], "#fde737", tolerance=30) > 20


def test_a_legend_of_classes_of_explore_reaches_the_static_face(parcels):
    colours = maps.palette(parcels["code_cultu"])
    m = parcels.explore(
        column="code_cultu", m=maps.base_map(parcels), categories=list(colours), cmap=list(colours.values())
    )
    html_of(m)
    (legend,) = m.legends()
    assert legend.title == "code_cultu"
    assert list(legend.items) == list(colours)
    assert seen(pixels_of(m)[:, -240:], colours["TRN"]) > 60


def test_a_choropleth_has_its_scale_in_both_faces(parcels):
    m = maps.base_map(parcels, background=None)
    folium.Choropleth(
        parcels, data=parcels, columns=["id_parcel", "surf_parc"], key_on="feature.properties.id_parcel",
        fill_color="Blues", legend_name="Surface (ha)",
    ).add_to(m)  # fmt: skip
    assert "Surface (ha)" in html_of(m)
    assert [legend.title for legend in m.legends()] == ["Surface (ha)"]


# What a notebook keeps


@pytest.fixture
def shown(monkeypatch):
    outputs = []

    def display(thing, metadata=None, raw=False):
        outputs.append((thing, metadata))

    monkeypatch.setattr(faces, "display", display)
    monkeypatch.setattr("geoatelier.maps.offline_map.display", display)
    return outputs


def test_only_the_png_and_its_alternative_are_kept_in_a_built_notebook(shown):
    maps.base_map(alt="L'île vue d'en haut.")._ipython_display_()
    (picture, metadata), _ = shown
    assert set(picture) == {"image/png", "text/plain"}
    assert metadata["image/png"]["alt"] == "L'île vue d'en haut."
    assert base64.b64decode(picture["image/png"]).startswith(b"\x89PNG")


def test_a_live_notebook_shows_the_interactive_map(shown, monkeypatch):
    monkeypatch.delenv("GEOATELIER_STATIC")
    maps.base_map(title="L'île")._ipython_display_()
    ((page, _),) = shown
    assert page["text/html"].startswith("<iframe")
    assert page["text/html"].endswith("<p>Carte. L&#x27;île.</p></details>")
    assert "L'île" in page["text/plain"]


def test_a_map_without_alternative_describes_its_layers_and_legends(parcels):
    m = maps.base_map(title="Parcelles")
    crops_on(m, parcels, name="Cultures 2025")
    maps.legend("Cultures", {"Vigne": "#43246b", "Olivier": "#6f5a0c"}).add_to(m)
    assert m.describe().startswith("Carte. Parcelles.")
    assert "Cultures 2025 (12 objets)" in m.describe()
    assert "Légende, Cultures\u00a0: Vigne, Olivier." in m.describe()


# Colours


def labs(colours, blindness):
    rgb = np.array([to_rgb(colour) for colour in colours])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    perceived = np.clip(linear @ np.array(COLOUR_BLINDNESS[blindness]).T, 0, 1)
    rgb = np.where(perceived <= 0.0031308, perceived * 12.92, 1.055 * perceived ** (1 / 2.4) - 0.055)
    return rgb2lab(rgb[np.newaxis])[0]


@pytest.mark.parametrize("blindness", COLOUR_BLINDNESS)
def test_no_two_crops_look_alike_whatever_the_eye(blindness):
    lab = labs([crop.colour for crop in maps.CROP_COLOURS.values()], blindness)
    for first, second in itertools.combinations(range(len(lab)), 2):
        assert deltaE_ciede2000(lab[first], lab[second]) > 10, (first, second)


def test_in_grey_two_crops_of_the_same_hatch_differ_in_lightness():
    by_hatch = {}
    for crop in maps.CROP_COLOURS.values():
        by_hatch.setdefault(crop.hatch, []).append(labs([crop.colour], "none")[0, 0])
    for lightnesses in by_hatch.values():
        assert np.diff(sorted(lightnesses)).min() > 12


def test_every_crop_of_the_territory_has_its_colour_and_its_french_name():
    names = {code: crop.label.replace("\u00a0", " ") for code, crop in maps.CROP_COLOURS.items()}
    assert names == {code: name for code, (_, name) in CROPS.items()}


def test_crops_keep_their_colour_whatever_the_others():
    assert maps.palette(["VRC"])["VRC"] == maps.palette(CROPS)["VRC"]


def test_other_values_get_distinct_colours_and_missing_ones_none():
    colours = maps.palette(["b", "a", None, "b", float("nan")])
    assert list(colours) == ["a", "b"]
    assert len(set(colours.values())) == 2


def test_more_classes_than_an_eye_tells_apart_are_refused():
    with pytest.raises(ValueError, match="Regroupez"):
        maps.palette(range(12))


def test_an_unknown_crop_is_drawn_but_unlike_any_other():
    style = maps.crop_style("XYZ", weight=2)
    assert style["fillColor"] == "#ffffff"
    assert style["weight"] == 2
    assert "hatch" not in style


# Images drawn with matplotlib


def test_bands_are_chosen_by_name_and_stretched_between_percentiles(territory):
    axes = maps.plot_raster(territory / "sentinel2" / "galejade_20250618.tif", bands=("B8", "B4", "B3"))
    picture = axes.images[0].get_array()
    assert picture.shape == (60, 80, 4)
    assert picture[10:, 10:, :3].min() == 0
    assert picture[..., :3].max() == 1
    assert 0.4 < picture[10:, 10:, 0].mean() < 0.6


def test_pixels_without_value_are_transparent_and_do_not_change_the_stretch(territory):
    axes = maps.plot_raster(territory / "sentinel2" / "galejade_20250618.tif")
    alpha = axes.images[0].get_array()[..., 3]
    assert (alpha[:5, :5] == 0).all()
    assert alpha.sum() == 60 * 80 - 25


def test_one_band_is_drawn_in_blue_and_yellow_with_its_scale(territory):
    axes = maps.plot_raster(territory / "relief" / "mnt_10m.tif", bands=[1], label="Altitude (m)")
    assert axes.images[0].get_cmap().name == "cividis"
    assert axes.figure.axes[1].get_ylabel() == "Altitude (m)"


def test_a_band_that_does_not_exist_is_named_with_those_that_do(territory):
    with pytest.raises(ValueError, match="B2, B3, B4, B8, B11, B12"):
        maps.plot_raster(territory / "sentinel2" / "galejade_20250618.tif", bands=["B9"])


def test_a_scale_bar_has_a_round_length_and_leaves_the_limits(territory):
    axes = maps.plot_raster(territory / "relief" / "mnt_10m.tif", bands=[1])
    assert axes.get_xlim() == (LEFT, LEFT + 800)
    assert {text.get_text() for text in axes.texts} >= {"0", "200 m", "N"}
