"""The damaged `adresses.csv`: what spreadsheets, typists and geocoders do to addresses."""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Transformer
from shapely import LineString, Point

from geoatelier.territory.defects import shapes, words
from geoatelier.territory.defects.ledger import DamagedLayer
from geoatelier.territory.defects.text import metres
from geoatelier.territory.schemas import LAYERS
from geoatelier.territory.world import CRS

LAYER = "adresses"
FILE = "adresses.csv"
SEPARATOR, DECIMAL, ENCODING = ";", ",", "cp1252"

# Decimals of the numbers, as BAN writes them.
DIGITS = {"x": 2, "y": 2, "lon": 6, "lat": 6}
TO_DEGREES = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
UNKNOWN_COMMUNE = "13999"
BAD_POSITIONS = {"entrée": "entree", "bâtiment": "batiment", "segment": "rue", "parcelle": "cadastre"}
_LETTERS = list("abcdefghijkmnpqrstuvwxyz23456789")


def transcribe(addresses: gpd.GeoDataFrame) -> pd.DataFrame:
    """The clean addresses as the file writes them: texts only, decimal commas, None for what is empty."""
    table = pd.DataFrame(index=range(len(addresses)))
    for column in LAYERS[LAYER].columns:
        values = addresses[column.name]
        if column.name in DIGITS:
            table[column.name] = [decimal(value, DIGITS[column.name]) for value in values]
        else:
            table[column.name] = [None if pd.isna(value) else str(value) for value in values]
    return table.astype(object).where(table.notna(), None)


def damage_addresses(addresses: gpd.GeoDataFrame, rng: np.random.Generator) -> DamagedLayer:
    """Plant every defect of the addresses of the clean layer `adresses`."""
    damage = _AddressDamage(addresses, rng)
    damage.misplace(15)
    damage.swap_coordinates(15, 10)
    damage.lose_coordinates(10)
    damage.deliver_twice(15, 40)
    damage.reuse_identifiers(10)
    damage.leave_out(15)
    damage.spoil_street_names(25)
    damage.spoil_texts()
    damage.spoil_numbers()
    damage.spoil_links()
    return damage.layer


class _AddressDamage:
    def __init__(self, addresses: gpd.GeoDataFrame, rng: np.random.Generator) -> None:
        self.points = addresses.geometry.to_numpy()
        self.layer = DamagedLayer(LAYER, FILE, transcribe(addresses), LAYERS[LAYER].key, self.points, rng)
        self.names = addresses.groupby("code_insee")["nom_commune"].first()
        self.rng = rng

    # Position

    def misplace(self, count: int) -> None:
        for row in self.layer.draw(count):
            moved = self._moved(row, 40, 200)
            way = LineString([self.points[row], moved])
            detail = f"Point à {metres(way.length)} de sa place."
            self.layer.change(row, written(moved), "decalage-isole", detail, place=way)

    def swap_coordinates(self, degrees: int, plane: int) -> None:
        for first, second, count in (("lon", "lat", degrees), ("x", "y", plane)):
            for row in self.layer.draw(count):
                swapped = {first: self.layer.value(row, second), second: self.layer.value(row, first)}
                self.layer.change(
                    row, swapped, "coordonnees-inversees", f"{first} et {second} sont échangées."
                )

    def lose_coordinates(self, count: int) -> None:
        nothing = {name: decimal(0, digits) for name, digits in DIGITS.items()}
        for row in self.layer.draw(count):
            self.layer.change(row, nothing, "coordonnees-nulles")

    # Completeness

    def deliver_twice(self, same: int, rewritten: int) -> None:
        for row in self.layer.draw(same):
            self.layer.copy(row, {}, "doublon-exact")
        ways = [words.abbreviate, words.shouted, words.without_accents, str.lower, self._mistyped]
        for row in self.layer.draw(rewritten):
            name = self.layer.value(row, "nom_voie")
            again = str(self.rng.choice([other for way in ways if (other := way(name)) != name]))
            moved = self._moved(row, 1, 6)
            values = {"id": self._pseudo_identifier(row), "id_fantoir": None, "nom_voie": again} | written(
                moved
            )
            detail = f"« {again} » et « {name} » sont la même voie ; les points sont à quelques mètres."
            self.layer.copy(row, values, "quasi-doublon", detail, place=moved)

    def leave_out(self, count: int) -> None:
        for row in self.layer.draw(count):
            self.layer.remove(row, "objet-manquant")

    # Texts and codes

    def spoil_street_names(self, count: int) -> None:
        for way in (words.abbreviate, words.without_accents, words.shouted, self._mistyped):
            self._rewrite("nom_voie", way, count, "ecriture-de-voie")

    def spoil_texts(self) -> None:
        self._rewrite("nom_voie", words.mojibake, 15, "encodage-abime")
        self._rewrite("nom_commune", words.mojibake, 5, "encodage-abime")
        self._rewrite("nom_voie", lambda name: name + "  ", 8, "espaces-parasites")
        self._rewrite("nom_commune", lambda name: f" {name}", 8, "espaces-parasites")
        self._rewrite("type_position", BAD_POSITIONS.get, 15, "code-hors-domaine")
        self._rewrite("type_position", str.upper, 10, "casse-du-code")
        for attribute, count in (("nom_voie", 10), ("code_postal", 10), ("numero", 8)):
            for row in self.layer.draw(count):
                self.layer.change(row, {attribute: None}, "valeur-manquante")

    def spoil_numbers(self) -> None:
        for row in self.layer.draw(15):
            dotted = {name: self.layer.value(row, name).replace(DECIMAL, ".") for name in DIGITS}
            detail = "Point décimal dans un fichier à virgule décimale."
            self.layer.change(row, dotted, "separateur-decimal", detail)
        forms = ["n° {}", "{} (portail)", "{}bis", "{} - {}", "environ {}"]
        for row in self.layer.draw(15):
            number = self.layer.value(row, "numero")
            self.layer.change(
                row,
                {"numero": self.rng.choice(forms).format(number, int(number) + 2)},
                "texte-dans-un-nombre",
            )
        self._rewrite("id_fantoir", words.without_leading_zeros, 15, "zeros-perdus")

    # Links

    def reuse_identifiers(self, count: int) -> None:
        for row, other in zip(self.layer.draw(count), self.layer.draw(count), strict=True):
            self.layer.change(row, {"id": self.layer.key_of(other)}, "identifiant-duplique", related=other)

    def spoil_links(self) -> None:
        for row in self.layer.draw(12):
            self.layer.change(row, {"code_insee": UNKNOWN_COMMUNE}, "cle-orpheline")
        for row in self.layer.draw(12):
            own = self.layer.value(row, "code_insee")
            other = self.rng.choice([code for code in self.names.index if code != own])
            detail = f"Le code {own} est celui de {self.names[own]}."
            self.layer.change(row, {"nom_commune": self.names[other]}, "valeurs-incoherentes", detail)

    # How a value is rewritten

    def _rewrite(self, attribute: str, way: Callable[[str], str | None], count: int, kind: str) -> None:
        """Rewrite an attribute of rows where it changes something."""

        def rewritten(row: int) -> str | None:
            value = self.layer.value(row, attribute)
            again = None if value is None else way(value)
            return None if again == value else again

        for row, again in self.layer.plant(count, kind, rewritten):
            self.layer.change(row, {attribute: again}, kind)

    def _mistyped(self, name: str) -> str:
        inside = [i for i in range(1, len(name) - 2) if name[i : i + 2].isalpha() and name[i] != name[i + 1]]
        return words.mistyped(name, int(self.rng.choice(inside)))

    def _moved(self, row: int, nearest: float, farthest: float) -> Point:
        angle, length = self.rng.uniform(0, 2 * np.pi), self.rng.uniform(nearest, farthest)
        east, north = length * np.cos(angle), length * np.sin(angle)
        return shapes.move(self.points[row], east, north)

    def _pseudo_identifier(self, row: int) -> str:
        """An identifier on a street with no FANTOIR code, as BAN gives them: six random signs."""
        commune = self.layer.value(row, "code_insee")
        street = "".join(self.rng.choice(_LETTERS, 6))
        return f"{commune}_{street}_{int(self.layer.value(row, 'numero')):05d}"


def written(point: Point) -> dict[str, str]:
    """The four coordinates of a point in Lambert-93 as the file writes them."""
    lon, lat = TO_DEGREES.transform(point.x, point.y)
    values = {"x": point.x, "y": point.y, "lon": lon, "lat": lat}
    return {name: decimal(value, DIGITS[name]) for name, value in values.items()}


def decimal(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace(".", DECIMAL)
