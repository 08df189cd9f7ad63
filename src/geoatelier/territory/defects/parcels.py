"""The damaged `parcelles_2025.gpkg`: what drawing, merging and exporting do to a register of farm parcels."""

from collections.abc import Callable, Collection, Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from geoatelier.territory.defects import shapes
from geoatelier.territory.defects.ground import Ground
from geoatelier.territory.defects.ledger import DamagedLayer
from geoatelier.territory.defects.text import displacement, hectares, metres, square_metres
from geoatelier.territory.schemas import CROPS, LAYERS
from geoatelier.territory.world import CRS, YEAR

LAYER = "parcelles_agricoles"
FILE = "parcelles_2025.gpkg"

# To the conformal conic of zone CC43, as regional services deliver; the same datum, so no grid is needed.
TO_CC43 = Transformer.from_crs(CRS, "EPSG:3943", always_xy=True)
UNKNOWN_COMMUNE = "13999"

# What a code becomes with an old list, a label in place of a code, or a slip of the fingers.
BAD_CODES = {
    "VRC": "VIG", "OLI": "OLV", "LAV": "LAVANDE", "VRG": "VGR", "BDH": "BLE DUR", "ORH": "OHR",
    "TRN": "TOURNESOL", "LUZ": "LZU", "PPH": "PRL", "SPH": "SPX", "J6S": "J5M",
}  # fmt: skip
# Crops that one takes for another in the field or on a form.
CONFUSIONS = {
    "VRC": "VRG", "OLI": "VRG", "LAV": "VRC", "VRG": "OLI", "BDH": "ORH", "ORH": "BDH",
    "TRN": "LUZ", "LUZ": "PPH", "PPH": "J6S", "SPH": "PPH", "J6S": "PPH",
}  # fmt: skip


def transcribe(parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The clean parcels as the file writes them: the columns of the layer, in their order."""
    names = [column.name for column in LAYERS[LAYER].columns]
    return gpd.GeoDataFrame(parcels[names], geometry=parcels.geometry.array, crs=CRS).reset_index(drop=True)


def damage_parcels(
    parcels: gpd.GeoDataFrame, visited: Collection[str], rng: np.random.Generator
) -> DamagedLayer:
    """Plant every defect of the parcels.

    Parameters
    ----------
    parcels : the clean layer `parcelles_agricoles`
    visited : identifiers that field points refer to: those parcels keep theirs and are not left out
    """
    damage = _ParcelDamage(parcels, visited, rng)
    damage.shift_a_lot(10)
    damage.push_into_neighbours(15)
    damage.pull_back_from_neighbours(12)
    damage.plant_spikes(10)
    damage.plant_kickbacks(8)
    damage.cross_outlines(12)
    damage.cut_in_two(10)
    damage.add_slivers(10)
    damage.add_crumbs(12)
    damage.repeat_vertices(12)
    damage.lose_geometries(8, 8)
    damage.deliver_a_lot_in_another_system(10)
    damage.leave_out(8)
    damage.deliver_twice(12, 10, 8)
    damage.reuse_identifiers(8)
    damage.spoil_attributes()
    return damage.layer


class _ParcelDamage:
    def __init__(self, parcels: gpd.GeoDataFrame, visited: Collection[str], rng: np.random.Generator) -> None:
        table = transcribe(parcels)
        self.polygons = parcels.geometry.to_numpy(copy=True)
        self.layer = DamagedLayer(LAYER, FILE, table, LAYERS[LAYER].key, self.polygons, rng)
        self.ground = Ground(self.polygons)
        self.rng = rng
        self.unvisited = np.flatnonzero(~table["id_parcel"].isin(list(visited)))
        self.next_number = pd.to_numeric(table["id_parcel"]).max() + 1

    # Geometry

    def shift_a_lot(self, count: int) -> None:
        """Shift some parcels by one same displacement, where most can go without an overlap."""
        length = self.rng.uniform(9, 12)
        angles = self.rng.permutation(np.arange(np.pi / 8, 2 * np.pi, np.pi / 4))
        shifts = np.column_stack([np.cos(angles), np.sin(angles)]) * length
        east, north = max(shifts.round(2).tolist(), key=self._movable)
        detail = f"Déplacement de {displacement(east, north)}."

        def shift(row: int) -> Polygon | None:
            moved = shapes.move(self.polygons[row], east, north)
            return moved if self.ground.is_free(moved, [row]) else None

        for row, moved in self.layer.plant(count, "decalage-de-lot", shift):
            self.ground.take(moved)
            self.layer.reshape(row, moved, "decalage-de-lot", detail)

    def _movable(self, shift: list[float]) -> int:
        """How many parcels could move by a shift without covering another one."""
        moved = [shapes.move(polygon, *shift) for polygon in self.polygons]
        return sum(self.ground.is_free(shape, [row]) for row, shape in enumerate(moved))

    def push_into_neighbours(self, count: int) -> None:
        def push(row: int) -> tuple[Polygon, BaseGeometry, int] | None:
            return self._with_a_neighbour(row, shapes.push_into, self.rng.uniform(2, 8))

        for row, (pushed, overlap, other) in self.layer.plant(count, "chevauchement", push):
            self.layer.reserve(other)
            detail = f"Recouvre la parcelle {self.layer.key_of(other)} sur {square_metres(overlap.area)}."
            self.layer.reshape(row, pushed, "chevauchement", detail, related=other, place=overlap)

    def pull_back_from_neighbours(self, count: int) -> None:
        def pull(row: int) -> tuple[Polygon, BaseGeometry, int] | None:
            return self._with_a_neighbour(row, shapes.pull_back, self.rng.uniform(1.5, 4))

        for row, (pulled, strip, other) in self.layer.plant(count, "lacune", pull):
            self.layer.reserve(other)
            detail = f"{square_metres(strip.area)} de vide le long de la parcelle {self.layer.key_of(other)}."
            self.layer.reshape(row, pulled, "lacune", detail, related=other, place=strip)

    def _with_a_neighbour(
        self, row: int, spoil: Callable[[Polygon, Polygon, float], tuple | None], width: float
    ) -> tuple[Polygon, BaseGeometry, int] | None:
        """What `spoil` makes of a parcel and of a free neighbour with 20 m of outline in common."""
        for other in self.ground.tree.query(self.polygons[row], predicate="touches").tolist():
            common = shapely.intersection(self.polygons[row], self.polygons[other])
            if self.layer.is_free(other) and common.length >= 20:
                spoilt = spoil(self.polygons[row], self.polygons[other], round(width, 2))
                if spoilt is not None:
                    return *spoilt, other
        return None

    def plant_spikes(self, count: int) -> None:
        def spike(row: int) -> tuple[Polygon, Polygon] | None:
            length, base = self.rng.uniform(15, 40), self.rng.uniform(0.2, 0.5)
            ways = shapes.spikes(self.polygons[row], length, base, self.rng)
            return next((way for way in ways if self.ground.is_free(way[1], [row])), None)

        for row, (spiked, needle) in self.layer.plant(count, "pointe", spike):
            self.ground.take(needle)
            self.layer.reshape(row, spiked, "pointe", place=needle)

    def plant_kickbacks(self, count: int) -> None:
        for row in self.layer.draw(count):
            spoilt, way = shapes.kickback(self.polygons[row], self.rng.uniform(4, 12), self.rng)
            self.layer.reshape(
                row, spoilt, "retour-arriere", f"Aller-retour de {metres(way.length)}.", place=way
            )

    def cross_outlines(self, count: int) -> None:
        def cross(row: int) -> tuple[Polygon, BaseGeometry] | None:
            return shapes.bow_tie(self.polygons[row])

        for row, (crossed, crossing) in self.layer.plant(count, "auto-intersection", cross):
            self.layer.reshape(row, crossed, "auto-intersection", place=crossing)

    def cut_in_two(self, count: int) -> None:
        def cut(row: int) -> BaseGeometry | None:
            return shapes.cut_in_two(self.polygons[row], 4.0)

        detail = "Un passage de 4 m coupe la parcelle en deux polygones, livrés comme un seul objet."
        for row, parts in self.layer.plant(count, "geometrie-multiple", cut):
            self.layer.reshape(row, parts, "geometrie-multiple", detail, place=parts)

    def add_slivers(self, count: int) -> None:
        def sliver(row: int) -> Polygon | None:
            length, width = self.rng.uniform(25, 60), self.rng.uniform(0.15, 0.45)
            return self._first_free(shapes.slivers(self.polygons[row], length, width, self.rng))

        self._add_beside(count, "eclat", sliver)

    def add_crumbs(self, count: int) -> None:
        def crumb(row: int) -> Polygon | None:
            return self._first_free(shapes.crumbs(self.polygons[row], self.rng.uniform(0.8, 2.2), self.rng))

        self._add_beside(count, "micro-surface", crumb)

    def _first_free(self, candidates: Iterator[Polygon]) -> Polygon | None:
        return next((shape for shape in candidates if self.ground.is_free(shape)), None)

    def _add_beside(self, count: int, kind: str, make: Callable[[int], Polygon | None]) -> None:
        """Insert small polygons on free ground, with the attributes of the parcel that they lie along."""
        for row, shape in self.layer.plant(count, kind, make):
            self.ground.take(shape)
            values = {
                "id_parcel": self._new_identifier(),
                "surf_parc": round(shape.area / 10_000, 2),
                "geometry": shape,
            }
            detail = f"{square_metres(shape.area)}, le long de la parcelle {self.layer.key_of(row)}."
            self.layer.copy(row, values, kind, detail, place=shape)

    def repeat_vertices(self, count: int) -> None:
        for row in self.layer.draw(count):
            times = int(self.rng.integers(1, 4))
            spoilt, vertex = shapes.repeat_vertex(self.polygons[row], times, self.rng)
            detail = f"Sommet écrit {times + 1} fois."
            self.layer.reshape(row, spoilt, "sommets-repetes", detail, place=vertex)

    def lose_geometries(self, null: int, empty: int) -> None:
        for row in self.layer.draw(null):
            self.layer.reshape(row, None, "geometrie-nulle")
        for row in self.layer.draw(empty):
            self.layer.reshape(row, Polygon(), "geometrie-vide")

    def deliver_a_lot_in_another_system(self, count: int) -> None:
        for row in self.layer.draw(count):
            elsewhere = shapely.transform(self.polygons[row], TO_CC43.transform, interleaved=False)
            detail = "Coordonnées en RGF93 / CC43 (EPSG:3943) dans un fichier annoncé en Lambert-93."
            self.layer.reshape(row, elsewhere, "systeme-de-coordonnees", detail)

    def leave_out(self, count: int) -> None:
        for row in self.layer.draw(count, self.unvisited):
            self.layer.remove(row, "objet-manquant", f"Parcelle de {hectares(self.polygons[row].area)}.")

    def deliver_twice(self, same: int, renamed: int, redrawn: int) -> None:
        for row in self.layer.draw(same):
            self.layer.copy(row, {}, "doublon-exact")
        for row in self.layer.draw(renamed):
            self.layer.copy(row, {"id_parcel": self._new_identifier()}, "doublon-de-geometrie")

        def again(row: int) -> Polygon | None:
            return shapes.redraw(self.polygons[row], self.rng.uniform(0.3, 0.8))

        for row, shape in self.layer.plant(redrawn, "quasi-doublon", again):
            values = {
                "id_parcel": self._new_identifier(),
                "surf_parc": round(shape.area / 10_000, 2),
                "geometry": shape,
            }
            self.layer.copy(
                row, values, "quasi-doublon", "Contour redessiné à moins d'un mètre.", place=shape
            )

    # Attributes

    def reuse_identifiers(self, count: int) -> None:
        rows = self.layer.draw(count, self.unvisited)
        for row, other in zip(rows, self.layer.draw(count), strict=True):
            self.layer.change(
                row, {"id_parcel": self.layer.key_of(other)}, "identifiant-duplique", related=other
            )

    def spoil_attributes(self) -> None:
        layer, rng = self.layer, self.rng
        for attribute, count in (("code_cultu", 10), ("code_insee", 8), ("surf_parc", 8)):
            for row in layer.draw(count):
                layer.change(row, {attribute: None}, "valeur-manquante")
        for row in layer.draw(15):
            layer.change(row, {"code_cultu": BAD_CODES[layer.value(row, "code_cultu")]}, "code-hors-domaine")
        for row in layer.draw(8):
            layer.change(row, {"code_cultu": layer.value(row, "code_cultu").lower()}, "casse-du-code")
        for row in layer.draw(10):
            layer.change(row, {"code_cultu": layer.value(row, "code_cultu") + " "}, "espaces-parasites")
        for row in layer.draw(20):
            crop = layer.value(row, "code_cultu")
            wrong = CONFUSIONS[crop]
            detail = f"{CROPS[wrong][1]} à la place de {CROPS[crop][1][0].lower()}{CROPS[crop][1][1:]}."
            layer.change(
                row, {"code_cultu": wrong, "code_group": CROPS[wrong][0]}, "etiquette-fausse", detail
            )
        for row in layer.draw(10):
            others = [group for group, _ in CROPS.values() if group != layer.value(row, "code_group")]
            layer.change(row, {"code_group": int(rng.choice(others))}, "valeurs-incoherentes")
        self._spoil_areas()
        for row in layer.draw(8):
            layer.change(row, {"code_insee": UNKNOWN_COMMUNE}, "cle-orpheline")
        for row in layer.draw(8):
            wrong_year = int(rng.choice([1925, YEAR - 1, 2052, 2205]))
            layer.change(row, {"millesime": wrong_year}, "millesime-faux")

    def _spoil_areas(self) -> None:
        large = np.flatnonzero(self.layer.table["surf_parc"] >= 0.3)
        for row in self.layer.draw(10, large):
            area = round(self.layer.value(row, "surf_parc") * 10_000, 1)
            self.layer.change(
                row, {"surf_parc": area}, "unite-confondue", "Mètres carrés au lieu d'hectares."
            )
        for row in self.layer.draw(8, large):
            factor = self.rng.choice([self.rng.uniform(0.5, 0.75), self.rng.uniform(1.3, 1.8)])
            area = round(float(self.layer.value(row, "surf_parc") * factor), 2)
            self.layer.change(row, {"surf_parc": area}, "surface-fausse")

    def _new_identifier(self) -> str:
        number = self.next_number
        self.next_number += int(self.rng.integers(1, 9))
        return str(number)
