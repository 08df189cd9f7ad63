"""The damaged `batiments.shp`: what a rough export and years of edits do to buildings."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from geoatelier.territory.defects import shapes, words
from geoatelier.territory.defects.ground import Ground
from geoatelier.territory.defects.ledger import DamagedLayer
from geoatelier.territory.defects.text import displacement, metres, square_metres
from geoatelier.territory.world import CRS

LAYER = "batiments"
FILE = "batiments.shp"
KEY = "ID"

# Names of the columns in the shapefile of BD TOPO, ten characters at most, in the order of the layer.
NAMES = {
    "cleabs": "ID",
    "nature": "NATURE",
    "usage_1": "USAGE1",
    "usage_2": "USAGE2",
    "construction_legere": "LEGER",
    "etat_de_l_objet": "ETAT",
    "date_creation": "DATE_CREAT",
    "date_modification": "DATE_MAJ",
    "date_d_apparition": "DATE_APP",
    "methode_d_acquisition_planimetrique": "ACQU_PLANI",
    "precision_planimetrique": "PREC_PLANI",
    "nombre_de_logements": "NB_LOGTS",
    "nombre_d_etages": "NB_ETAGES",
    "materiaux_des_murs": "MAT_MURS",
    "materiaux_de_la_toiture": "MAT_TOITS",
    "hauteur": "HAUTEUR",
    "altitude_minimale_sol": "Z_MIN_SOL",
    "origine_du_batiment": "ORIGIN_BAT",
    "identifiants_rnb": "ID_RNB",
}
MOMENT = "%Y-%m-%d %H:%M:%S"

# Written as PROJ strings so that the result never hangs on the datum grids that a machine has or lacks: the
# translation of IGN for NTF, no change of datum for UTM.
_LAMBERT_93 = (
    "+proj=lcc +lat_0=46.5 +lon_0=3 +lat_1=49 +lat_2=44 +x_0=700000 +y_0=6600000 +ellps=GRS80 "
    "+towgs84=0,0,0,0,0,0,0 +units=m +no_defs"
)
_LAMBERT_3 = (
    "+proj=lcc +lat_1=44.1 +lat_0=44.1 +lon_0=0 +k_0=0.999877499 +x_0=600000 +y_0=3200000 "
    "+a=6378249.2 +b=6356515 +towgs84=-168,-60,320,0,0,0,0 +pm=paris +units=m +no_defs"
)
_UTM_31 = "+proj=utm +zone=31 +ellps=GRS80 +towgs84=0,0,0,0,0,0,0 +units=m +no_defs"
OTHER_SYSTEMS = {
    "NTF (Paris) / Lambert zone III (EPSG:27573)": Transformer.from_crs(
        _LAMBERT_93, _LAMBERT_3, always_xy=True
    ),
    "WGS 84 / UTM zone 31N (EPSG:32631)": Transformer.from_crs(_LAMBERT_93, _UTM_31, always_xy=True),
}

BAD_USES = {
    "Agricole": "Agricol", "Annexe": "Garage", "Commercial et services": "Commerce", "Indifférencié": "Autre",
    "Industriel": "Industrie", "Religieux": "Culte", "Résidentiel": "Habitation", "Sportif": "Sport",
}  # fmt: skip


def transcribe(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The clean buildings as the shapefile writes them.

    Creation and modification dates are texts and `LEGER` is « Oui » or « Non », as in BD TOPO.
    """
    table = pd.DataFrame({short: buildings[long].array for long, short in NAMES.items()})
    table["LEGER"] = np.where(table["LEGER"].astype(bool), "Oui", "Non")
    for name in ("DATE_CREAT", "DATE_MAJ"):
        table[name] = pd.to_datetime(table[name]).dt.strftime(MOMENT).astype(object)
    table["DATE_APP"] = pd.to_datetime(table["DATE_APP"]).dt.normalize()
    for name in ("NB_LOGTS", "NB_ETAGES"):
        table[name] = table[name].astype("Int64")
    return gpd.GeoDataFrame(table, geometry=buildings.geometry.array, crs=CRS)


def damage_buildings(
    buildings: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame, rng: np.random.Generator
) -> DamagedLayer:
    """Plant every defect of the buildings.

    Parameters
    ----------
    buildings : the clean layer `batiments`
    parcels : the clean layer `parcelles_agricoles`, where buildings that do not exist are put
    """
    damage = _BuildingDamage(buildings, parcels, rng)
    damage.layer.note_file(
        "systeme-absent", "Le fichier .prj manque. Les coordonnées sont en Lambert-93 (EPSG:2154)."
    )
    damage.layer.note_file(
        "encodage-non-declare", "Le fichier .cpg manque. Les textes du .dbf sont en UTF-8."
    )
    damage.shift_a_hamlet(15, 60)
    damage.deliver_lots_in_other_systems(20)
    damage.slide_onto_neighbours(15)
    damage.misplace(20)
    damage.cross_outlines(15)
    damage.add_crumbs(12)
    damage.invent(10)
    damage.lose_geometries(10)
    damage.leave_out(20)
    damage.deliver_twice(20, 12, 12)
    damage.reuse_identifiers(10)
    damage.spoil_uses()
    damage.spoil_dates()
    damage.spoil_heights()
    return damage.layer


class _BuildingDamage:
    def __init__(
        self, buildings: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame, rng: np.random.Generator
    ) -> None:
        table = transcribe(buildings)
        self.shapes = buildings.geometry.to_numpy(copy=True)
        self.layer = DamagedLayer(LAYER, FILE, table, KEY, self.shapes, rng)
        self.ground = Ground(self.shapes)
        self.rng = rng
        self.parcels = parcels.geometry.to_numpy()
        self.next_number = int(table[KEY].str.removeprefix("BATIMENT").astype("int64").max()) + 1

    # Geometry

    def shift_a_hamlet(self, fewest: int, most: int) -> None:
        """Shift a whole group of buildings, where no other building is in the way."""
        east, north = round(self.rng.uniform(6, 8), 2), -round(self.rng.uniform(3, 5), 2)
        hamlets = [h for h in self._hamlets(20.0) if fewest <= len(h) <= most]
        for hamlet in (hamlets[i] for i in self.rng.permutation(len(hamlets))):
            moved = [shapes.move(self.shapes[row], east, north) for row in hamlet]
            if all(self.ground.is_free(shape, hamlet) for shape in moved):
                break
        else:
            raise ValueError(f"{LAYER}: no group of {fewest} to {most} buildings can be shifted")
        self.layer.reserve(*hamlet)
        self.ground.take(*moved)
        detail = f"Déplacement de {displacement(east, north)}."
        for row, shape in zip(hamlet, moved, strict=True):
            self.layer.reshape(row, shape, "decalage-de-lot", detail, place=_way(self.shapes[row], shape))

    def deliver_lots_in_other_systems(self, count: int) -> None:
        """In each other system, the buildings around a random one."""
        for name, transformer in OTHER_SYSTEMS.items():
            centre = self.shapes[self.rng.choice(self.layer.free())]
            free = self.layer.free()
            lot = free[np.argsort(shapely.distance(self.shapes[free], centre), kind="stable")[:count]]
            self.layer.reserve(*lot)
            for row in lot:
                elsewhere = shapely.transform(self.shapes[row], transformer.transform, interleaved=False)
                detail = f"Coordonnées en {name} au milieu d'un fichier en Lambert-93."
                self.layer.reshape(row, elsewhere, "systeme-de-coordonnees", detail)

    def slide_onto_neighbours(self, count: int) -> None:
        def onto(row: int) -> tuple[BaseGeometry, BaseGeometry, int] | None:
            others = self.ground.tree.query(self.shapes[row], predicate="dwithin", distance=12)
            for other in others[others != row]:
                if not self.layer.is_free(other):
                    continue
                slid = shapes.slide_onto(self.shapes[row], self.shapes[other], self.rng.uniform(1, 2.5))
                if slid and self.ground.is_free(slid[0], [row, other]):
                    return *slid, int(other)
            return None

        for row, (slid, overlap, other) in self.layer.plant(count, "chevauchement", onto):
            self.layer.reserve(other)
            self.ground.take(slid)
            detail = f"Recouvre {self.layer.key_of(other)} sur {square_metres(overlap.area)}."
            self.layer.reshape(row, slid, "chevauchement", detail, related=other, place=overlap)

    def misplace(self, count: int) -> None:
        def elsewhere(row: int) -> BaseGeometry | None:
            angle, length = self.rng.uniform(0, 2 * np.pi), self.rng.uniform(4, 15)
            moved = shapes.move(self.shapes[row], length * np.cos(angle), length * np.sin(angle))
            return moved if self.ground.is_free(moved, [row]) else None

        for row, moved in self.layer.plant(count, "decalage-isole", elsewhere):
            self.ground.take(moved)
            way = _way(self.shapes[row], moved)
            self.layer.reshape(
                row, moved, "decalage-isole", f"Déplacement de {metres(way.length)}.", place=way
            )

    def cross_outlines(self, count: int) -> None:
        def cross(row: int) -> tuple[BaseGeometry, BaseGeometry] | None:
            parts = shapely.get_parts(self.shapes[row])
            return shapes.bow_tie(parts[0]) if len(parts) == 1 else None

        for row, (crossed, crossing) in self.layer.plant(count, "auto-intersection", cross):
            self.layer.reshape(row, crossed, "auto-intersection", place=crossing)

    def add_crumbs(self, count: int) -> None:
        def crumb(row: int) -> Polygon | None:
            outline = shapely.get_parts(self.shapes[row])[0]
            candidates = shapes.crumbs(outline, self.rng.uniform(0.3, 1.2), self.rng)
            return next((shape for shape in candidates if self.ground.is_free(shape)), None)

        for row, shape in self.layer.plant(count, "micro-surface", crumb):
            self.ground.take(shape)
            values = {KEY: self._new_identifier(), "geometry": shape}
            detail = f"{square_metres(shape.area)}, à côté de {self.layer.key_of(row)}."
            self.layer.copy(row, values, "micro-surface", detail, place=shape)

    def invent(self, count: int) -> None:
        """Put buildings that do not exist in the middle of parcels."""

        def vision(row: int) -> BaseGeometry | None:
            parcel = self.parcels[self.rng.integers(len(self.parcels))]
            heart = shapely.point_on_surface(parcel)
            centre = shapely.centroid(self.shapes[row])
            moved = shapes.move(self.shapes[row], heart.x - centre.x, heart.y - centre.y)
            return moved if shapely.covers(parcel, moved) and self.ground.is_free(moved) else None

        for row, shape in self.layer.plant(count, "objet-en-trop", vision):
            self.ground.take(shape)
            values = {KEY: self._new_identifier(), "ID_RNB": None, "geometry": shape}
            detail = "Bâtiment au milieu d'une parcelle, absent de l'orthophoto et du terrain."
            self.layer.insert(
                {**self.layer.table.loc[row].to_dict(), **values}, "objet-en-trop", detail, place=shape
            )

    def lose_geometries(self, count: int) -> None:
        for row in self.layer.draw(count):
            self.layer.reshape(row, None, "geometrie-nulle")

    def leave_out(self, count: int) -> None:
        for row in self.layer.draw(count):
            self.layer.remove(row, "objet-manquant", f"Bâtiment de {square_metres(self.shapes[row].area)}.")

    def deliver_twice(self, same: int, renamed: int, redrawn: int) -> None:
        for row in self.layer.draw(same):
            self.layer.copy(row, {}, "doublon-exact")
        for row in self.layer.draw(renamed):
            self.layer.copy(row, {KEY: self._new_identifier()}, "doublon-de-geometrie")

        def again(row: int) -> Polygon | None:
            parts = shapely.get_parts(self.shapes[row])
            return shapes.redraw(parts[0], self.rng.uniform(0.1, 0.25)) if len(parts) == 1 else None

        for row, shape in self.layer.plant(redrawn, "quasi-doublon", again):
            values = {KEY: self._new_identifier(), "ACQU_PLANI": "Photogrammétrie", "geometry": shape}
            detail = "Toiture ressaisie à quelques décimètres."
            self.layer.copy(row, values, "quasi-doublon", detail, place=shape)

    # Attributes

    def reuse_identifiers(self, count: int) -> None:
        for row, other in zip(self.layer.draw(count), self.layer.draw(count), strict=True):
            self.layer.change(row, {KEY: self.layer.key_of(other)}, "identifiant-duplique", related=other)

    def spoil_uses(self) -> None:
        layer = self.layer
        for attribute, count in (("USAGE1", 15), ("NATURE", 10), ("ETAT", 10)):
            for row in layer.draw(count):
                layer.change(row, {attribute: None}, "valeur-manquante")
        for row in layer.draw(20):
            layer.change(row, {"USAGE1": BAD_USES[layer.value(row, "USAGE1")]}, "code-hors-domaine")
        for row in layer.draw(12):
            layer.change(row, {"USAGE1": words.shouted(layer.value(row, "USAGE1"))}, "casse-du-code")

    def spoil_dates(self) -> None:
        layer, rng = self.layer, self.rng
        # A building that was modified would also be modified before its creation.
        for row in layer.draw(12, np.flatnonzero(layer.table["DATE_MAJ"].isna())):
            year = int(rng.choice([2027, 2031, 2052, 2109]))
            layer.change(row, {"DATE_CREAT": f"{year}{layer.value(row, 'DATE_CREAT')[4:]}"}, "date-future")
        for row in layer.draw(15):
            layer.change(row, {"DATE_CREAT": "1900-01-01 00:00:00"}, "date-par-defaut")
        for row in layer.draw(10):
            day = rng.choice(["02-30", "02-31", "04-31", "13-01"])
            clock = layer.value(row, "DATE_CREAT")
            layer.change(row, {"DATE_CREAT": f"{clock[:5]}{day}{clock[10:]}"}, "date-inexistante")
        dated = np.flatnonzero(
            layer.table["DATE_MAJ"].notna() & (layer.table["DATE_MAJ"] > layer.table["DATE_CREAT"])
        )
        for row in layer.draw(12, dated):
            created, modified = layer.value(row, "DATE_CREAT"), layer.value(row, "DATE_MAJ")
            layer.change(row, {"DATE_CREAT": modified, "DATE_MAJ": created}, "dates-inversees")

    def spoil_heights(self) -> None:
        layer = self.layer
        tall = np.flatnonzero(layer.table["HAUTEUR"] > 0)
        for row in layer.draw(10, tall):
            layer.change(row, {"HAUTEUR": 0.0}, "valeur-aberrante", "Hauteur nulle.")
        for row in layer.draw(10, tall):
            layer.change(
                row, {"HAUTEUR": -layer.value(row, "HAUTEUR")}, "valeur-aberrante", "Hauteur négative."
            )
        for row in layer.draw(10, tall):
            layer.change(row, {"HAUTEUR": 999.0}, "valeur-aberrante", "Hauteur de remplissage.")
        storeyed = tall[layer.table["NB_ETAGES"].notna().to_numpy()[tall]]
        for row in layer.draw(10, storeyed):
            height = metres(layer.value(row, "HAUTEUR"))
            storeys = int(np.ceil(layer.value(row, "HAUTEUR"))) + int(self.rng.integers(3, 30))
            detail = f"{storeys} étages pour {height} de hauteur."
            layer.change(row, {"NB_ETAGES": storeys}, "valeurs-incoherentes", detail)

    # Where a defect can go

    def _hamlets(self, gap: float) -> list[list[int]]:
        """Groups of buildings that are less than `gap` metres from one another."""
        one, other = self.ground.tree.query(self.shapes, predicate="dwithin", distance=gap)
        links = coo_array((np.ones(len(one)), (one, other)), shape=(len(self.shapes),) * 2)
        _, group = connected_components(links, directed=False)
        return [np.flatnonzero(group == number).tolist() for number in np.unique(group)]

    def _new_identifier(self) -> str:
        number = self.next_number
        self.next_number += int(self.rng.integers(1, 40))
        return f"BATIMENT{number:016d}"


def _way(true: BaseGeometry, moved: BaseGeometry) -> BaseGeometry:
    """The line that a feature went along, from its true place to the delivered one."""
    return shapely.shortest_line(shapely.centroid(true), shapely.centroid(moved))
