"""Invalid geometries made valid, each staying a point, a line or a polygon as it was."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geoatelier.quality.repair.frames import areas, layer_to_repair, with_geometries
from geoatelier.quality.repair.log import Repaired, entries, joined
from geoatelier.quality.wording import count, number

_NAME = "make_valid"
_LEFT = (
    "La réparation ne laisserait rien de cette géométrie : redessinez-la, ou écartez l'objet en le notant."
)


def make_valid(frame: gpd.GeoDataFrame, *, review: float = 0.01) -> Repaired:
    """Valid geometries by the « structure » method of GEOS; a polygon leaves neither a line nor a point.

    Of an outline that crosses itself (a bow tie) all lobes are kept, which may not be what was meant: two
    vertices swapped give one. Those whose area changes much are marked « à vérifier ». A geometry of which
    nothing would be left, and a collection, is left as it was and listed.

    Parameters
    ----------
    review : share of the larger of the two areas beyond which a change is to be looked at
    """
    layer = layer_to_repair(frame)
    rows = np.flatnonzero(layer.present & ~shapely.is_valid(layer.geometries))
    before = layer.geometries[rows]
    after = shapely.make_valid(before, method="structure", keep_collapsed=False)
    same_family = (shapely.get_dimensions(after) == shapely.get_dimensions(before)) & (
        shapely.get_type_id(after) != shapely.GeometryType.GEOMETRYCOLLECTION
    )
    done = ~shapely.is_empty(after) & same_family
    geometries = layer.geometries.copy()
    geometries[rows[done]] = after[done]
    one, other = shapely.area(before), shapely.area(after)
    with np.errstate(invalid="ignore", divide="ignore"):
        much = np.abs(other - one) > review * np.maximum(one, other)
    crossed = shapely.get_num_geometries(after) > shapely.get_num_geometries(before)
    log = entries(
        layer,
        _NAME,
        rows[done],
        _notes(one[done], other[done], shapely.get_num_geometries(after[done]), crossed[done], much[done]),
        attribute=frame.geometry.name,
        before=["invalide"] * int(done.sum()),
        after=["valide"] * int(done.sum()),
        area_before=areas(layer, before[done]),
        area_after=areas(layer, after[done]),
        state=np.where(much | crossed, "à vérifier", "modifié")[done].tolist(),
    )
    left = entries(
        layer,
        _NAME,
        rows[~done],
        _LEFT,
        attribute=frame.geometry.name,
        before=["invalide"] * int((~done).sum()),
        area_before=areas(layer, before[~done]),
        state="à décider",
    )
    return Repaired(with_geometries(frame, geometries), joined([log, left]))


def _notes(
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    parts: NDArray[np.int64],
    crossed: NDArray[np.bool_],
    much: NDArray[np.bool_],
) -> list[str]:
    notes = []
    for one, other, n, split, big in zip(before, after, parts, crossed, much, strict=True):
        note = "Contour réparé sans ajouter ni ligne ni point."
        if split:
            note = (
                f"Le contour se croisait : ses {count(n, 'lobe')} sont gardés, en un objet de "
                f"{count(n, 'morceau', 'morceaux')}. Deux sommets échangés à la saisie n'en feraient qu'un."
            )
        if big and one:
            share = number(100 * (other - one) / one, 1)
            note += f" La surface change de {share} % : comparez à la source."
        elif big:
            note += " La surface était nulle : comparez à la source."
        notes.append(note)
    return notes
