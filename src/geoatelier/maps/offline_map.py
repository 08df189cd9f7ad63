"""A real folium map of the territory that needs no network, and has a static face."""

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import folium
import geopandas as gpd
import numpy as np
import shapely
import xyzservices.providers
from branca.colormap import ColorMap
from branca.element import Element
from IPython.display import display
from shapely.geometry import mapping, shape

from geoatelier import faces
from geoatelier.folders import territory_folder
from geoatelier.maps.images import relief_layer
from geoatelier.maps.legends import ColourBar, Legend, legends_of_geopandas
from geoatelier.maps.page import Page

ATTRIBUTION = "Île de la Galéjade, territoire fictif, Licence Ouverte 2.0"
# At the closest zoom a pixel is 0.2 m wide: vertices closer than that to the line of their neighbours, and
# digits beyond a tenth of a metre, only make the page heavier.
_CLOSEST_ZOOM = 19
_PIXEL_DEGREES = 2e-6
_DECIMALS = 6
# What the legend covers on the right, in CSS pixels: the map opens beside it, not under it.
_LEGEND_WIDTH = 210


class PlaceName(folium.Marker):
    """A name written on the map, that neither the mouse nor the keyboard stops at."""

    def __init__(self, latitude: float, longitude: float, name: str) -> None:
        label = folium.DivIcon(
            html=f"<span>{html.escape(name)}</span>",
            icon_size=(0, 0),
            icon_anchor=(0, 0),
            class_name="map-place",
        )
        super().__init__([latitude, longitude], icon=label, interactive=False, keyboard=False)
        self.text = name


class OfflineMap(folium.Map):
    """A folium map that embeds Leaflet, asks nothing of the web, and can be drawn as a PNG.

    Real folium layers are added as usual. Displayed in a notebook it is interactive, or a PNG with its
    text alternative when only static faces are wanted (see `geoatelier.faces.static`).

    Parameters
    ----------
    view : (west, south, east, north) in degrees, what the map shows when it opens
    title : what the map shows, in French
    alt : text alternative of the static face; by default made from the title, the layers and the legends
    height : CSS height in a notebook
    online : let layers load what they ask for on the web
    """

    default_js: ClassVar[list[tuple[str, str]]] = []
    default_css: ClassVar[list[tuple[str, str]]] = []

    def __init__(
        self,
        view: tuple[float, float, float, float],
        *,
        title: str,
        alt: str | None = None,
        height: str = "520px",
        online: bool = False,
    ) -> None:
        west, south, east, north = view
        super().__init__(
            [(south + north) / 2, (west + east) / 2],
            tiles=None, control_scale=True, font_size="0.8rem", zoom_snap=0.25, max_zoom=_CLOSEST_ZOOM,
        )  # fmt: skip
        self.title = title
        self.alt = alt
        self.online = online
        Page(title=title, height=height, online=online).add_child(self)
        self.fit_bounds([[south, west], [north, east]])

    def add_child(self, child: Element, name: str | None = None, index: int | None = None) -> Element:
        """Add a folium element; scales of colours are replaced by ones that draw with no network."""
        if isinstance(child, ColorMap):
            child = ColourBar(child)
        elif isinstance(child, folium.Choropleth) and child.color_scale is not None:
            super().add_child(ColourBar(child.color_scale))
            child._children.pop(child.color_scale.get_name())
            child.color_scale = None
        return super().add_child(child, name=name, index=index)

    def render(self, **kwargs: Any) -> None:  # noqa: ANN401
        """Render into the page, coordinates no finer than a pixel of the closest zoom."""
        for layer in walk(self):
            if isinstance(layer, folium.GeoJson):
                layer.data = _lightened(layer.data)
        if self.legends():
            self._fitted().options["paddingBottomRight"] = [_LEGEND_WIDTH, 0]
        super().render(**kwargs)

    def view(self) -> tuple[float, float, float, float]:
        """Return (west, south, east, north) in degrees: the last bounds that the map was fitted to."""
        (south, west), (north, east) = self._fitted().bounds
        return west, south, east, north

    def _fitted(self) -> folium.FitBounds:
        return [child for child in self._children.values() if isinstance(child, folium.FitBounds)][-1]

    def legends(self) -> list[Legend | ColourBar]:
        """Return the legends of the map, in the order in which they were added."""
        ours = [child for child in self._children.values() if isinstance(child, Legend | ColourBar)]
        return ours + legends_of_geopandas(list(self.get_root().html._children.values()))

    def describe(self) -> str:
        """Return the text alternative: the one given, or one made from the title, layers and legends."""
        if self.alt:
            return self.alt
        parts = [f"Carte. {self.title}."]
        named = [
            f"{layer.layer_name} ({len(layer.data['features'])} objets)"
            for layer in walk(self)
            if isinstance(layer, folium.GeoJson) and layer.show and "features" in layer.data
            and layer.options.get("pane") != "tilePane"
            and not re.fullmatch(r"geo_json_\w{32}", layer.layer_name)
        ]  # fmt: skip
        if named:
            parts.append(f"Couches : {', '.join(named)}.")
        for legend in self.legends():
            values = ", ".join(legend.items) if isinstance(legend, Legend) else "échelle de couleurs"
            parts.append(f"Légende, {legend.title} : {values}.")
        return " ".join(parts)

    def to_png(self, *, width: float = 8.6, dpi: int = 110) -> bytes:
        """Draw the static face: the same layers, by matplotlib.

        Parameters
        ----------
        width : in inches
        dpi : pixels an inch
        """
        from geoatelier.maps.static import draw_png

        return draw_png(self, width=width, dpi=dpi)

    def _ipython_display_(self) -> None:
        if faces.static():
            faces.show_png(self.to_png(), alt=self.describe())
        else:
            # In a notebook that is not trusted, Jupyter removes the frame: the text is what is left.
            page = self._repr_html_() + faces.folded(self.describe())
            display({"text/html": page, "text/plain": self.describe()}, raw=True)


def base_map(
    area: gpd.GeoDataFrame | gpd.GeoSeries | tuple[float, float, float, float] | None = None,
    *,
    title: str = "Carte de l'île de la Galéjade",
    alt: str | None = None,
    background: str | None = "relief",
    height: str = "520px",
    online: bool = False,
) -> OfflineMap:
    """Make a folium map of the territory, ready to take layers.

    Parameters
    ----------
    area : what the map opens on: a layer with a CRS, or (xmin, ymin, xmax, ymax) in EPSG:2154; by default
        the whole territory
    title : what the map shows, in French
    alt : text alternative of the static face
    background : "relief" (shaded relief, communes and their names) or None
    height : CSS height in a notebook
    online : add IGN's plan and orthophotos, which need the network, as backgrounds to choose

    Raises
    ------
    ValueError
        If the area has no CRS or no extent, or if the background is unknown.

    Examples
    --------
    >>> m = base_map(parcels, title="Parcelles de 2025")
    >>> folium.GeoJson(parcels, name="Parcelles").add_to(m)
    >>> parcels.explore(column="surf_parc", cmap="cividis", m=base_map(parcels))
    """
    if background not in ("relief", None):
        raise ValueError(f"Le fond « {background} » n'existe pas. Choisissez « relief » ou None.")
    communes = gpd.read_file(territory_folder() / "galejade.gpkg", layer="communes")
    m = OfflineMap(
        _in_degrees(communes if area is None else area), title=title, alt=alt, height=height, online=online
    )
    if online:
        for name, label in (("plan", "Plan IGN"), ("orthos", "Photographies aériennes de l'IGN")):
            provider = xyzservices.providers.GeoportailFrance[name]
            folium.TileLayer(provider.build_url(), attr="IGN, Géoplateforme", name=label, max_zoom=19).add_to(
                m
            )
    if background == "relief":
        relief_layer(territory_folder() / "relief" / "mnt_10m.tif").add_to(m)
        _add_communes(communes, m)
    return m


def walk(element: Element) -> Iterator[Element]:
    """Yield the descendants of a folium element, depth first, in drawing order."""
    for child in element._children.values():
        yield child
        yield from walk(child)


def _add_communes(communes: gpd.GeoDataFrame, m: OfflineMap) -> None:
    coast = shapely.union_all(communes.geometry.values).boundary
    between = shapely.line_merge(shapely.union_all(communes.boundary.values).difference(coast.buffer(1)))
    lines = gpd.GeoDataFrame({"limite": ["côte", "commune"]}, geometry=[coast, between], crs=communes.crs)
    lines.geometry = lines.simplify(3)
    folium.GeoJson(
        lines, name="Communes", pane="tilePane", interactive=False, attribution=ATTRIBUTION,
        style_function=lambda line: (
            {"color": "#4a6478", "weight": 1.2}
            if line["properties"]["limite"] == "côte"
            else {"color": "#5c5c5c", "weight": 1.2, "dashArray": "6 3"}
        ),
    ).add_to(m)  # fmt: skip
    names = folium.FeatureGroup(name="Noms des communes")
    # The most inland point of the largest part, so that no name lies at sea.
    parts = communes.geometry.explode(index_parts=False)
    largest = parts.iloc[np.argsort(-parts.area)].groupby(level=0).first()
    inland = gpd.GeoSeries(shapely.point_on_surface(largest.values), index=largest.index, crs=communes.crs)
    for name, point in zip(
        communes["nom_officiel"], inland.reindex(communes.index).to_crs(4326), strict=True
    ):
        PlaceName(point.y, point.x, name).add_to(names)
    names.add_to(m)


def _in_degrees(
    area: gpd.GeoDataFrame | gpd.GeoSeries | Iterable[float],
) -> tuple[float, float, float, float]:
    if not isinstance(area, gpd.GeoDataFrame | gpd.GeoSeries):
        area = gpd.GeoSeries([shapely.box(*area)], crs=2154)
    if area.crs is None:
        raise ValueError("Cette couche n'a pas de système de coordonnées : donnez-le-lui avec set_crs.")
    bounds = tuple(float(value) for value in area.to_crs(4326).total_bounds)
    if not np.isfinite(bounds).all():
        raise ValueError("Cette couche est vide : la carte ne sait pas où s'ouvrir.")
    return bounds


def _lightened(data: dict[str, Any]) -> dict[str, Any]:
    """Return the GeoJSON with what no zoom shows taken out: close vertices, digits, bounding boxes."""
    data = {key: value for key, value in data.items() if key != "bbox"}
    if "features" in data:
        return data | {"features": [_lightened(feature) for feature in data["features"]]}
    if data.get("geometry"):
        return data | {"geometry": _lightened(data["geometry"])}
    if "coordinates" in data or "geometries" in data:
        simple = shapely.simplify(shape(data), _PIXEL_DEGREES)
        return data | _rounded(mapping(simple))
    return data


def _rounded(geometry: Any) -> Any:  # noqa: ANN401
    if isinstance(geometry, dict):
        return {key: _rounded(value) for key, value in geometry.items()}
    if isinstance(geometry, list | tuple):
        return [_rounded(value) for value in geometry]
    return round(geometry, _DECIMALS) if isinstance(geometry, float) else geometry
