"""Is each object where its coordinate reference system says? Missing, wrong, mixed systems, swapped axes."""

from dataclasses import dataclass
from functools import lru_cache

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from geoatelier.quality.anomalies import anomalies, layer_anomaly, no_anomaly, together
from geoatelier.quality.layer import Layer, is_number
from geoatelier.quality.tables import LAMBERT_93, coordinate_columns
from geoatelier.quality.wording import number, quote, some

Box = tuple[float, float, float, float]

# Metropolitan France and its seas nearby, in degrees: west, south, east, north.
METROPOLE: Box = (-5.6, 41.2, 9.8, 51.3)

_NAMES = {
    2154: "Lambert-93",
    4326: "longitude et latitude WGS 84",
    27572: "NTF Lambert II étendu",
    27561: "NTF Lambert I Nord",
    27562: "NTF Lambert II Centre",
    27563: "NTF Lambert III Sud",
    27564: "NTF Lambert IV Corse",
    27571: "NTF Lambert zone I",
    27573: "NTF Lambert zone III",
    27574: "NTF Lambert zone IV",
    32631: "UTM 31 Nord",
    32630: "UTM 30 Nord",
    32632: "UTM 32 Nord",
    3857: "Web Mercator",
    **{3900 + zone: f"Lambert conique CC{zone}" for zone in range(42, 51)},
}
_METRES_AWAY = 1_000.0  # nothing nearer than this to the others is called an outlier
_DEGREES_AWAY = 0.01
_TIMES_AWAY = 10.0  # nor nearer than this many times the usual distance to the middle


@dataclass(frozen=True)
class Reading:
    """A way to read coordinates: in the system `epsg`, with x and y in their order or `swapped`."""

    epsg: int
    swapped: bool = False

    def __str__(self) -> str:
        return f"EPSG:{self.epsg}" + (" axes échangés" if self.swapped else "")

    @property
    def title(self) -> str:
        """French name, for messages."""
        return f"{_NAMES.get(self.epsg, 'ce système')} (EPSG:{self.epsg})"


READINGS = (*(Reading(epsg) for epsg in _NAMES), Reading(4326, swapped=True))


def missing_system(layer: Layer, supposed: bool = False) -> gpd.GeoDataFrame:
    """The layer says no coordinate system, or only supposes one (`supposed`, from a CSV)."""
    if supposed:
        name = Reading(layer.frame.crs.to_epsg()).title
        return layer_anomaly(
            layer,
            "systeme-suppose",
            f"Ce format n'écrit pas son système de coordonnées. Il est lu ici en {name}, "
            "d'après les valeurs. Demandez confirmation à qui l'a produit.",
            value=f"EPSG:{layer.frame.crs.to_epsg()}",
        )
    if layer.frame.crs is not None:
        return no_anomaly(layer)
    likely = plausible_readings(layer)
    advice = (
        f"Lues en {_titles(likely)}, ces coordonnées tombent en France. "
        "Demandez confirmation avant de l'affecter."
        if likely
        else "Demandez-le à qui l'a produit."
    )
    return layer_anomaly(
        layer,
        "systeme-absent",
        f"La couche n'indique aucun système de coordonnées. {advice}",
        value=str(likely[0]) if likely else None,
    )


def geographic_system(layer: Layer) -> gpd.GeoDataFrame:
    """Coordinates are degrees: nothing is measured in metres."""
    if layer.frame.crs is None or not layer.frame.crs.is_geographic:
        return no_anomaly(layer)
    return layer_anomaly(
        layer,
        "systeme-geographique",
        "Les coordonnées sont en degrés. Reprojetez la couche (Lambert-93, EPSG:2154, en métropole) "
        "avant toute mesure de surface ou de distance.",
        value=_label(layer.frame.crs),
    )


def implausible_system(layer: Layer, where: Box | None = None) -> gpd.GeoDataFrame:
    """The middle of the layer is outside the area of use of its system, France for Lambert-93, or `where`.

    Parameters
    ----------
    where : box in degrees where the layer is known to be
    """
    crs = layer.frame.crs
    if crs is None or not layer.present.any():
        return no_anomaly(layer)
    x, y = np.nanmedian(layer.centres[layer.present], axis=0)
    if not _on_earth(crs.to_wkt()):
        return layer_anomaly(
            layer,
            "systeme-invraisemblable",
            f"Le système annoncé, {_label(crs)}, ne se rattache à aucun système terrestre : la couche ne se "
            "superpose à rien. Demandez au producteur les coordonnées dans un système connu.",
        )
    degrees = np.column_stack(_transformer(crs.to_wkt(), 4326).transform([x], [y]))
    area = crs.area_of_use
    in_use = METROPOLE if crs.to_epsg() == 2154 else (area.bounds if area else (-180, -90, 180, 90))
    if _inside(degrees, where or in_use)[0]:
        return no_anomaly(layer)
    likely = [reading for reading in plausible_readings(layer, where) if str(reading) != _label(crs)]
    if likely and likely[0].swapped:
        advice = "La latitude est écrite avant la longitude : échangez les deux."
    elif likely:
        advice = f"Lues en {_titles(likely)}, elles tombent au bon endroit."
    else:
        advice = "Aucun système courant ne les remet en place : redemandez le fichier."
    return layer_anomaly(
        layer,
        "systeme-invraisemblable",
        f"Le système annoncé est {_label(crs)}, mais les coordonnées "
        f"(autour de {number(x, 1)} ; {number(y, 1)}) n'y ont pas de sens. {advice}",
        value=str(likely[0]) if likely else None,
    )


def misplaced_objects(layer: Layer) -> gpd.GeoDataFrame:
    """Objects far from all others, with the system or the swap of axes that would bring each one back."""
    far = outliers(layer)
    if not far.any():
        return no_anomaly(layer)
    centres = layer.centres
    home = _home(centres[layer.present & ~far], layer.frame.crs)
    explained: dict[Reading, NDArray[np.int64]] = _explain(
        centres, np.flatnonzero(far), home, layer.frame.crs
    )
    found = []
    left = set(np.flatnonzero(far).tolist())
    for reading, rows in explained.items():
        left -= set(rows.tolist())
        found.append(_explained(layer, rows, reading, centres))
    rest = np.array(sorted(left), dtype=int)
    if len(rest):
        messages = [
            f"Les coordonnées ({number(x, 1)} ; {number(y, 1)}) sont loin de toutes les autres"
            + (" : ce sont des zéros mis pour « inconnu »." if x == 0 and y == 0 else ".")
            + " Vérifiez l'objet à sa source."
            for x, y in centres[rest]
        ]
        found.append(anomalies(layer, "hors-emprise", rest, messages))
    return together(found)


def contradictory_positions(layer: Layer, tolerance: float = 10.0) -> gpd.GeoDataFrame:
    """Rows whose x, y in Lambert-93 and lon, lat are over `tolerance` metres apart."""
    x, y = coordinate_columns(layer.frame[[c for c in layer.attributes if str(c).lower() in ("x", "y")]])
    lon, lat = coordinate_columns(
        layer.frame[
            [c for c in layer.attributes if str(c).lower() in ("lon", "lat", "longitude", "latitude")]
        ]
    )
    if None in (x, y, lon, lat) or not all(is_number(layer.frame[name]) for name in (x, y, lon, lat)):
        return no_anomaly(layer)
    table = layer.frame[[x, y, lon, lat]].to_numpy(dtype=float, na_value=np.nan)
    if not _inside(np.nanmedian(table[:, :2], axis=0)[None], LAMBERT_93)[0]:
        return no_anomaly(layer)
    east, north = _transformer(4326, 2154).transform(table[:, 2], table[:, 3])
    gap = np.hypot(table[:, 0] - east, table[:, 1] - north)
    rows = np.flatnonzero(np.isfinite(table).all(axis=1) & ~(gap <= tolerance))
    messages = [
        f"Les colonnes {x}, {y} et {lon}, {lat} donnent deux positions"
        + (f" distantes de {number(metres)} m." if np.isfinite(metres) else " sans rapport.")
        + " Cherchez laquelle est la bonne avant de placer l'objet."
        for metres in gap[rows]
    ]
    return anomalies(
        layer, "positions-discordantes", rows, messages, attribute=f"{x}, {y}", values=gap[rows].round(1)
    )


def in_true_system(layer: Layer, where: Box | None = None) -> Layer | None:
    """The layer in the system that its coordinates are really in; None when that cannot be told.

    Coordinates do not change: a missing or implausible label is replaced by the likeliest one.
    """
    if layer.frame.crs is not None and implausible_system(layer, where).empty:
        return layer
    likely = plausible_readings(layer, where)
    if not likely or likely[0].swapped:
        return None
    return layer.taken_as(f"EPSG:{likely[0].epsg}")


def extent_in_degrees(layer: Layer, margin: float = 0.1) -> Box:
    """Where a layer is, in degrees, with a margin in degrees."""
    west, south, east, north = layer.frame.to_crs(4326).total_bounds
    return west - margin, south - margin, east + margin, north + margin


def outliers(layer: Layer) -> NDArray[np.bool_]:
    """True for objects so far from the middle of the layer that they cannot belong there.

    The yardstick is the median distance to the middle, so that up to half of the layer may be astray.
    """
    far = np.zeros(len(layer.frame), dtype=bool)
    if layer.present.sum() < 3:
        return far
    centres = layer.centres[layer.present]
    distance = np.hypot(*(centres - np.nanmedian(centres, axis=0)).T)
    geographic = layer.frame.crs is not None and layer.frame.crs.is_geographic
    least = _DEGREES_AWAY if geographic else _METRES_AWAY
    far[layer.present] = ~(distance <= max(_TIMES_AWAY * np.nanmedian(distance), least))
    return far


def plausible_readings(layer: Layer, where: Box | None = None) -> list[Reading]:
    """Common French systems in which the middle of the layer falls in `where`, likeliest first.

    Parameters
    ----------
    where : box in degrees; metropolitan France when not given
    """
    if not layer.present.any():
        return []
    middle = np.nanmedian(layer.centres[layer.present], axis=0)[None]
    return [
        reading
        for reading in READINGS
        if all(
            _inside(_read(middle, reading, CRS(4326)), box)[0]
            for box in (where or METROPOLE, _in_use(reading.epsg))
        )
    ]


def _explain(
    centres: NDArray[np.float64], rows: NDArray[np.int64], home: Box, crs: CRS | None
) -> dict[Reading, NDArray[np.int64]]:
    """Share out `rows` between the readings that bring them home, the one that explains most going first."""
    if crs is None:
        return {}
    own = Reading(crs.to_epsg() or 0, swapped=True)
    readings = [reading for reading in READINGS if reading.epsg != own.epsg or reading.swapped]
    if own not in readings:
        readings.append(own)
    explained: dict[Reading, NDArray[np.int64]] = {}
    while len(rows):
        at_home = {
            reading: _inside(_read(centres[rows], reading, crs), home)
            for reading in readings
            if reading.epsg or reading.swapped
        }
        best = max(at_home, key=lambda reading: at_home[reading].sum())
        if not at_home[best].any():
            break
        explained[best] = rows[at_home[best]]
        rows = rows[~at_home[best]]
    return explained


def _explained(
    layer: Layer, rows: NDArray[np.int64], reading: Reading, centres: NDArray[np.float64]
) -> gpd.GeoDataFrame:
    where = [f"({number(x, 2)} ; {number(y, 2)})" for x, y in centres[rows]]
    own = layer.frame.crs.to_epsg()
    if reading.swapped and reading.epsg == own:
        messages = [
            f"Les coordonnées {place} reviennent à leur place si l'on échange X et Y." for place in where
        ]
        return anomalies(layer, "axes-echanges", rows, messages, values=["X et Y échangés"] * len(rows))
    how = f"en {reading.title}" + (", latitude d'abord" if reading.swapped else "")
    messages = [
        f"Les coordonnées {place} ne sont pas dans le système de la couche : lues {how}, "
        "elles reviennent à leur place. Reprojetez ces objets seuls."
        for place in where
    ]
    return anomalies(layer, "systeme-melange", rows, messages, values=[str(reading)] * len(rows))


def _read(points: NDArray[np.float64], reading: Reading, crs: CRS) -> NDArray[np.float64]:
    """Points read as `reading`, computed in `crs`; infinite where that makes no sense."""
    if reading.swapped:
        points = points[:, ::-1]
    if reading.epsg == (crs.to_epsg() or 0):
        return points
    return np.column_stack(_transformer(reading.epsg, crs.to_wkt()).transform(points[:, 0], points[:, 1]))


def _home(centres: NDArray[np.float64], crs: CRS | None) -> Box:
    """Where the other objects are, with a margin of a tenth."""
    low, high = centres.min(axis=0), centres.max(axis=0)
    least = _DEGREES_AWAY if crs is not None and crs.is_geographic else _METRES_AWAY
    margin = np.maximum(0.1 * (high - low), least)
    return (*(low - margin), *(high + margin))


def _inside(points: NDArray[np.float64], box: Box) -> NDArray[np.bool_]:
    xmin, ymin, xmax, ymax = box
    return (points[:, 0] >= xmin) & (points[:, 0] <= xmax) & (points[:, 1] >= ymin) & (points[:, 1] <= ymax)


@lru_cache
def _in_use(epsg: int) -> Box:
    west, south, east, north = CRS(epsg).area_of_use.bounds
    return west - 1, south - 1, east + 1, north + 1


@lru_cache
def _on_earth(wkt: str) -> bool:
    """Whether longitudes and latitudes can be computed from a system: not from a local one, or the Moon's."""
    try:
        _transformer(wkt, 4326)
    except ProjError:
        return False
    return True


@lru_cache
def _transformer(source: int | str, target: int | str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def _titles(readings: list[Reading]) -> str:
    return " ou en ".join(reading.title for reading in readings[:3])


def _label(crs: CRS) -> str:
    epsg = crs.to_epsg()
    return f"EPSG:{epsg}" if epsg else quote(some([crs.name], 1))
