"""The damaged `releves_terrain.csv`: what tablets, forms and tired agents do to field notes."""

from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString, Polygon

from geoatelier.territory.defects import shapes
from geoatelier.territory.defects.ledger import DamagedLayer
from geoatelier.territory.defects.parcels import BAD_CODES, CONFUSIONS
from geoatelier.territory.defects.text import displacement
from geoatelier.territory.schemas import LAYERS

LAYER = "releves_terrain"
FILE = "releves_terrain.csv"
SEPARATOR, ENCODING = ",", "utf-8"
DAY = "%d/%m/%Y"

# The true position is what the supplier does not have: it is not delivered.
WITHHELD = ("x_vrai", "y_vrai")


def transcribe(field_points: gpd.GeoDataFrame) -> pd.DataFrame:
    """The clean field points as the file writes them: texts only, decimal points, days as JJ/MM/AAAA."""
    table = pd.DataFrame(index=range(len(field_points)))
    for column in LAYERS[LAYER].columns:
        values = field_points[column.name]
        if column.name in WITHHELD:
            continue
        if column.kind == "date":
            table[column.name] = pd.to_datetime(values).dt.strftime(DAY).to_numpy()
        elif column.kind == "number":
            table[column.name] = [f"{value:.2f}" for value in values]
        else:
            table[column.name] = values.astype(str).to_numpy()
    return table.astype(object)


def damage_field_points(
    field_points: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    delivered: Collection[str],
    rng: np.random.Generator,
) -> DamagedLayer:
    """Plant every defect of the field points.

    Parameters
    ----------
    field_points : the clean layer `releves_terrain`
    parcels : the clean layer `parcelles_agricoles`, to which points refer
    delivered : identifiers of the delivered parcels: a point misattached refers to one of those
    """
    damage = _FieldPointDamage(field_points, parcels[parcels["id_parcel"].isin(list(delivered))], rng)
    damage.offset_a_batch(8)
    damage.swap_coordinates(4)
    damage.misattach(4)
    damage.lose_links(5)
    damage.mislabel(6, 4)
    damage.spoil_days(4, 4, 4)
    damage.spoil_precisions(4, 4)
    damage.lose_values(3)
    damage.reuse_identifiers(3)
    damage.deliver_twice(4)
    return damage.layer


class _FieldPointDamage:
    def __init__(
        self, field_points: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame, rng: np.random.Generator
    ) -> None:
        self.points = field_points.geometry.to_numpy()
        self.layer = DamagedLayer(LAYER, FILE, transcribe(field_points), LAYERS[LAYER].key, self.points, rng)
        self.outlines: dict[str, Polygon] = dict(zip(parcels["id_parcel"], parcels.geometry, strict=True))
        self.rng = rng

    def offset_a_batch(self, count: int) -> None:
        """Shift the points of one agent by one same displacement: a base station entered wrongly."""
        table = self.layer.table
        agent = self.rng.choice(table["agent"].value_counts().loc[lambda n: n >= count].index)
        east, north = round(self.rng.uniform(18, 24), 2), round(self.rng.uniform(9, 14), 2)
        detail = f"Base mal saisie : {displacement(east, north)}."
        for row in self.layer.draw(count, np.flatnonzero(table["agent"] == agent)):
            moved = shapes.move(self.points[row], east, north)
            values = {"x_mesure": f"{moved.x:.2f}", "y_mesure": f"{moved.y:.2f}"}
            self.layer.change(
                row, values, "decalage-de-lot", detail, place=LineString([self.points[row], moved])
            )

    def swap_coordinates(self, count: int) -> None:
        for row in self.layer.draw(count):
            x, y = self.layer.value(row, "x_mesure"), self.layer.value(row, "y_mesure")
            self.layer.change(row, {"x_mesure": y, "y_mesure": x}, "coordonnees-inversees")

    def misattach(self, count: int) -> None:
        """Refer to another parcel that exists, 200 m away or more."""
        identifiers = list(self.outlines)
        for row in self.layer.draw(count):
            far = [
                identifier
                for identifier in self.rng.choice(identifiers, 20, replace=False)
                if self.outlines[identifier].distance(self.points[row]) > 200
            ]
            detail = "Le point est à plus de 200 m de la parcelle qu'il désigne."
            self.layer.change(row, {"id_parcel": far[0]}, "rattachement-faux", detail)

    def lose_links(self, count: int) -> None:
        highest = max(int(identifier) for identifier in self.outlines)
        for row in self.layer.draw(count):
            nobody = str(highest + int(self.rng.integers(50_000, 90_000)))
            self.layer.change(row, {"id_parcel": nobody}, "cle-orpheline")

    def mislabel(self, confused: int, unknown: int) -> None:
        for row in self.layer.draw(confused):
            crop = self.layer.value(row, "code_cultu_observe")
            self.layer.change(row, {"code_cultu_observe": CONFUSIONS[crop]}, "etiquette-fausse")
        for row in self.layer.draw(unknown):
            crop = self.layer.value(row, "code_cultu_observe")
            self.layer.change(row, {"code_cultu_observe": BAD_CODES[crop]}, "code-hors-domaine")

    def spoil_days(self, future: int, default: int, impossible: int) -> None:
        for row in self.layer.draw(future):
            day = self.layer.value(row, "date_releve")
            year = int(self.rng.choice([2026, 2035, 2052]))
            self.layer.change(row, {"date_releve": f"{day[:6]}{year}"}, "date-future")
        for row in self.layer.draw(default):
            self.layer.change(row, {"date_releve": "01/01/1900"}, "date-par-defaut")
        for row in self.layer.draw(impossible):
            day = self.rng.choice(["31/02", "30/02", "31/06", "31/04"])
            year = self.layer.value(row, "date_releve")[6:]
            self.layer.change(row, {"date_releve": f"{day}/{year}"}, "date-inexistante")

    def spoil_precisions(self, worded: int, absurd: int) -> None:
        forms = ["{} m", "env. {}", "< {}", "{} ?"]
        for row in self.layer.draw(worded):
            precision = self.layer.value(row, "precision_m")
            self.layer.change(
                row, {"precision_m": self.rng.choice(forms).format(precision)}, "texte-dans-un-nombre"
            )
        for row in self.layer.draw(absurd):
            self.layer.change(row, {"precision_m": self.rng.choice(["-1.00", "9999.00"])}, "valeur-aberrante")

    def lose_values(self, count: int) -> None:
        for attribute in ("code_cultu_observe", "date_releve"):
            for row in self.layer.draw(count):
                self.layer.change(row, {attribute: None}, "valeur-manquante")

    def reuse_identifiers(self, count: int) -> None:
        for row, other in zip(self.layer.draw(count), self.layer.draw(count), strict=True):
            self.layer.change(
                row, {"id_releve": self.layer.key_of(other)}, "identifiant-duplique", related=other
            )

    def deliver_twice(self, count: int) -> None:
        for row in self.layer.draw(count):
            self.layer.copy(row, {}, "doublon-exact")
