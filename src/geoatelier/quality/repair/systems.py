"""Objects brought back where they are: missing or wrong system of the layer, mixed systems, swapped axes."""

import warnings

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.transformer import TransformerGroup

from geoatelier.quality import reference_systems as systems
from geoatelier.quality.layer import Layer
from geoatelier.quality.repair.frames import layer_to_repair, with_geometries
from geoatelier.quality.repair.log import Repaired, entries, joined, layer_entry
from geoatelier.quality.wording import number, some

_NAME = "set_right_crs"
_READINGS = {str(reading): reading for reading in systems.READINGS}
_FINE = 1.0  # m; a change of system less accurate than this is to be looked at


def set_right_crs(
    frame: gpd.GeoDataFrame,
    *,
    crs: object = None,
    accept_guess: bool = False,
    where: systems.Box | None = None,
) -> Repaired:
    """The right system for the layer, then its objects in another system, or with swapped axes, brought back.

    Parameters
    ----------
    crs : system of a layer that says none, or whose own makes no sense; its coordinates do not change
    accept_guess : take the likeliest system when `crs` is not given; else the case is left and listed
    where : box in degrees where the layer is known to be; metropolitan France when not given

    Returns
    -------
    Repaired, in the system of the layer. Objects that no common system explains are left and listed.

    Raises
    ------
    ValueError
        If `crs` is another system than the layer's own, and the layer's own makes sense.
    """
    layer = layer_to_repair(frame)
    labelled = _labelled(frame, layer, crs, accept_guess, where)
    if labelled.frame.crs is None or not systems.implausible_system(_layer(labelled), where).empty:
        return labelled
    brought = _brought_back(labelled.frame)
    return Repaired(brought.frame, joined([labelled.log, brought.log]))


def _layer(repaired: Repaired) -> Layer:
    return layer_to_repair(repaired.frame)


def _labelled(
    frame: gpd.GeoDataFrame, layer: Layer, crs: object, accept_guess: bool, where: systems.Box | None
) -> Repaired:
    """The layer with a system that makes sense, when it can be told."""
    own = frame.crs
    if own is not None and (not layer.present.any() or systems.implausible_system(layer, where).empty):
        if crs is not None and CRS(crs) != own:
            raise ValueError(
                f"La couche est en {own.name} et ses coordonnées y ont un sens : "
                "l'étiquette n'est pas à changer. Pour changer de système, reprojetez avec `.to_crs(...)`."
            )
        return Repaired(frame.copy(), joined([]))
    before = "aucun" if own is None else own.name
    if crs is not None:
        right = CRS(crs)
        note = "Système donné par vous ; les coordonnées ne changent pas."
        log = layer_entry(_NAME, note, before=before, after=_label(right))
        return Repaired(frame.set_crs(right, allow_override=True), log)
    likely = _plausible(layer, where)
    if accept_guess and likely:
        return _guessed(frame, layer, likely, before)
    proposed = some([reading.title for reading in likely], 3)
    advice = (
        f"D'après les coordonnées : {proposed}. Confirmez avec `crs=`, ou `accept_guess=True`."
        if likely
        else "Aucun système courant ne convient. Demandez-le à qui a produit le fichier, puis donnez `crs=`."
    )
    return Repaired(frame.copy(), layer_entry(_NAME, advice, before=before, state="à décider"))


def _plausible(layer: Layer, where: systems.Box | None) -> list[systems.Reading]:
    """Systems that may be those of the coordinates, likeliest first; figures below 180 are degrees first."""
    likely = systems.plausible_readings(layer, where)
    if np.nanmax(np.abs(layer.frame.total_bounds)) <= 180:
        likely.sort(key=lambda reading: reading.epsg != 4326)
    return likely


def _guessed(frame: gpd.GeoDataFrame, layer: Layer, likely: list[systems.Reading], before: str) -> Repaired:
    """The layer read as the first of `likely`; coordinates change only when their axes are swapped."""
    best = likely[0]
    right = CRS(best.epsg)
    note = "Système supposé d'après les coordonnées : demandez confirmation."
    if len(likely) > 1:
        note += f" Aussi possible : {some([reading.title for reading in likely[1:]], 3)}."
    labelled = frame
    if best.swapped:
        labelled = with_geometries(frame, _swapped(layer.geometries))
        note = f"La latitude était écrite avant la longitude : les deux sont échangées. {note}"
    log = layer_entry(_NAME, note, before=before, after=_label(right), state="à vérifier")
    return Repaired(labelled.set_crs(right, allow_override=True), log)


def _brought_back(frame: gpd.GeoDataFrame) -> Repaired:
    """Each misplaced object read in the system that explains it, then computed again in the layer's own."""
    layer = layer_to_repair(frame)
    found = systems.misplaced_objects(layer)
    geometries = layer.geometries.copy()
    position = {rank: row for row, rank in enumerate(layer.rows)}
    rows = np.array([position[rank] for rank in found["rang"]], dtype=int)
    codes = found["code"].to_numpy()
    ways = np.where(codes == "axes-echanges", "X et Y échangés", found["valeur"].astype(object).to_numpy())
    explained = codes != "hors-emprise"
    logs = []
    for way in dict.fromkeys(ways[explained]):
        here = rows[explained & (ways == way)]
        geometries[here], note, exact = _read_as(geometries[here], way, frame.crs)
        logs.append(
            entries(
                layer,
                _NAME,
                here,
                note,
                attribute=frame.geometry.name,
                before=_places(layer.geometries[here]),
                after=_places(geometries[here]),
                state="modifié" if exact else "à vérifier",
            )
        )
    lost = rows[~explained]
    note = "Loin de tous les autres, et aucun système courant ne le ramène : vérifiez l'objet à sa source."
    before = _places(layer.geometries[lost])
    logs.append(
        entries(layer, _NAME, lost, note, attribute=frame.geometry.name, before=before, state="à décider")
    )
    return Repaired(with_geometries(frame, geometries), joined(logs))


def _read_as(geometries: NDArray[np.object_], way: str, crs: CRS) -> tuple[NDArray[np.object_], str, bool]:
    """Geometries read that way and given in `crs`, what was done, and whether it is accurate to `_FINE`."""
    reading = _READINGS.get(way)
    if reading is None:
        return _swapped(geometries), "X et Y étaient échangés.", True
    shapes = _swapped(geometries) if reading.swapped else geometries
    moved = gpd.GeoSeries(shapes, crs=reading.epsg).to_crs(crs).to_numpy()
    accuracy, missing_grid = _accuracy(reading.epsg, crs)
    note = (
        f"Les coordonnées étaient en {reading.title}"
        + (", latitude d'abord" if reading.swapped else "")
        + "."
    )
    if missing_grid:
        note += f" La grille {missing_grid} manque sur cette machine : comptez quelques mètres d'écart."
    elif accuracy > _FINE:
        note += f" Exactitude de la transformation : {number(accuracy, 1)} m."
    return moved, note, not missing_grid and accuracy <= _FINE


def _accuracy(epsg: int, crs: CRS) -> tuple[float, str | None]:
    """Metres that PROJ announces for a change of system, and the grid that it lacks, if any."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        group = TransformerGroup(epsg, crs, always_xy=True)
    grids = [grid.short_name for operation in group.unavailable_operations for grid in operation.grids]
    lacking = grids[0] if grids and not group.best_available else None
    return group.transformers[0].accuracy, lacking


def _swapped(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Geometries with x and y exchanged, their altitudes kept."""
    swapped = geometries.copy()
    for high in (False, True):
        here = shapely.has_z(geometries) == high
        order = [1, 0, 2][: 3 if high else 2]
        swapped[here] = shapely.transform(
            geometries[here], lambda points, order=order: points[:, order], include_z=high
        )
    return swapped


def _places(geometries: NDArray[np.object_]) -> list[str]:
    """Where each geometry is: the middle of its bounds."""
    bounds = shapely.bounds(geometries)
    middles = (bounds[:, :2] + bounds[:, 2:]) / 2
    return [f"({number(x, 2)} ; {number(y, 2)})" for x, y in middles]


def _label(crs: CRS) -> str:
    epsg = crs.to_epsg()
    return f"{crs.name} (EPSG:{epsg})" if epsg else crs.name
