"""How a clean layer is damaged so that nothing escapes the ledger.

A layer is only ever changed through `DamagedLayer`, whose every method does one thing to the table and writes
the line of the ledger that says so. What the two files differ by and what the ledger holds are then the same.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geoatelier.territory.defects.kinds import KINDS
from geoatelier.territory.world import CRS

T = TypeVar("T")

GEOMETRY = "geometrie"
# Between the names, and between the values, of a defect that touches several attributes at once.
SEPARATOR = " | "

COLUMNS = (
    "id_defaut", "couche", "fichier", "objet", "rang", "objet_lie", "type_defaut", "attribut",
    "valeur_livree", "valeur_vraie", "element_iso", "mesure_iso", "quadogeo", "visible_par_regle",
    "description",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One line of the ledger before its row number is known: `row` is the row's label in `DamagedLayer`."""

    row: int | None
    feature: str | None
    related: str | None
    kind: str
    attributes: tuple[str, ...]
    delivered: tuple[Any, ...]
    true: tuple[Any, ...]
    place: BaseGeometry
    detail: str


class DamagedLayer:
    """A layer that is being damaged, and the lines of the ledger that say how.

    Parameters
    ----------
    layer : name of the clean layer, such as `parcelles_agricoles`
    file : name of the delivered file
    table : clean rows as the file writes them; a column `geometry` where the file holds geometries
    key : column that identifies a row
    places : true geometry of each row, in the order of `table`, EPSG:2154
    rng : source of every draw

    Attributes
    ----------
    table : current rows, labelled 0 to n - 1 for the clean ones, then n, n + 1… for those inserted
    """

    def __init__(
        self,
        layer: str,
        file: str,
        table: pd.DataFrame,
        key: str,
        places: Collection[BaseGeometry],
        rng: np.random.Generator,
    ) -> None:
        self.layer, self.file, self.key, self.rng = layer, file, key, rng
        self.table = table.reset_index(drop=True).copy()
        self.places: dict[int, BaseGeometry] = dict(enumerate(places))
        self._entries: list[Entry] = []
        self._free = np.ones(len(self.table), dtype=bool)
        self._order = np.arange(len(self.table), dtype=float)
        self._inserted: list[dict[str, Any]] = []

    def free(self) -> np.ndarray:
        """Labels of the clean rows that carry no defect and take part in none."""
        return np.flatnonzero(self._free)

    def is_free(self, row: int) -> bool:
        return bool(self._free[row])

    def reserve(self, *rows: int) -> None:
        """Keep rows for the defect at hand: no other one will touch them."""
        self._free[list(rows)] = False

    def draw(self, count: int, among: Collection[int] | np.ndarray | None = None) -> list[int]:
        """Reserve rows drawn at random among the free ones.

        Raises
        ------
        ValueError
            If fewer than `count` free rows are left.
        """
        rows = (
            self.free() if among is None else np.intersect1d(self.free(), np.asarray(list(among), dtype=int))
        )
        if len(rows) < count:
            raise ValueError(f"{self.layer}: {count} rows wanted, {len(rows)} are free")
        drawn = self.rng.choice(rows, count, replace=False)
        self.reserve(*drawn)
        return [int(row) for row in drawn]

    def plant(self, count: int, kind: str, spoil: Callable[[int], T | None]) -> Iterator[tuple[int, T]]:
        """Reserve free rows that lend themselves to a defect, at random, with what `spoil` makes of each.

        Raises
        ------
        ValueError
            If fewer than `count` rows do.
        """
        planted = 0
        for row in self.rng.permutation(self.free()).tolist():
            if planted == count:
                return
            spoilt = spoil(row) if self.is_free(row) else None
            if spoilt is not None:
                self.reserve(row)
                planted += 1
                yield row, spoilt
        if planted < count:
            raise ValueError(f"{self.layer}: {count} × {kind} wanted, {planted} rows lend themselves to it")

    def value(self, row: int, attribute: str) -> Any:  # noqa: ANN401
        """Current value of an attribute; None where it is null."""
        value = self.table.loc[row, attribute]
        return None if pd.isna(value) else value

    def key_of(self, row: int) -> str:
        return self.table.loc[row, self.key]

    def change(
        self,
        row: int,
        values: Mapping[str, Any],
        kind: str,
        detail: str = "",
        *,
        related: int | None = None,
        place: BaseGeometry | None = None,
    ) -> None:
        """Give attributes of a row other values, as one defect.

        Parameters
        ----------
        values : delivered value of each attribute
        detail : what this very defect is, in French
        related : row of the partner feature
        place : where the error is, EPSG:2154; the row's true place unless told

        Raises
        ------
        ValueError
            If a value is the one that the row has already.
        """
        true = tuple(self.value(row, name) for name in values)
        if same := [name for name, value in zip(values, true, strict=True) if values[name] == value]:
            raise ValueError(f"{self.layer}, row {row}: {kind} changes nothing in {', '.join(same)}")
        for name, value in values.items():
            self.table.loc[row, name] = value
        if place is None:
            place = shapely.point_on_surface(self.places[row])
        self._note(row, kind, tuple(values), tuple(values.values()), true, place, detail, related)

    def reshape(
        self,
        row: int,
        geometry: BaseGeometry | None,
        kind: str,
        detail: str = "",
        *,
        related: int | None = None,
        place: BaseGeometry | None = None,
    ) -> None:
        """Give a row another geometry; parameters as in `change`."""
        # A one-row assignment keeps `None` apart from an empty geometry.
        self.table.loc[[row], "geometry"] = gpd.GeoSeries([geometry], index=[row], crs=CRS)
        self._note(row, kind, (GEOMETRY,), (None,), (None,), place or self.places[row], detail, related)

    def insert(
        self,
        values: Mapping[str, Any],
        kind: str,
        detail: str = "",
        *,
        place: BaseGeometry,
        related: int | None = None,
    ) -> None:
        """Add a feature that should not be there, at a random rank."""
        row = len(self._order)
        self._order = np.append(self._order, self.rng.uniform(0, len(self.places)))
        self._inserted.append(dict(values))
        self.places[row] = place
        self._note(row, kind, (), (), (), place, detail, related, feature=str(values[self.key]))

    def copy(
        self,
        row: int,
        values: Mapping[str, Any],
        kind: str,
        detail: str = "",
        *,
        place: BaseGeometry | None = None,
    ) -> None:
        """Deliver a feature a second time, with other `values` for some columns."""
        both = {**self.table.loc[row].to_dict(), **values}
        self.insert(both, kind, detail, place=place or self.places[row], related=row)

    def remove(self, row: int, kind: str, detail: str = "") -> None:
        """Leave a feature out of the delivery."""
        feature = self.key_of(row)
        self._order[row] = np.nan
        self._note(None, kind, (), (), (), self.places[row], detail, None, feature=feature)

    def note_file(self, kind: str, detail: str = "") -> None:
        """Write down a defect of the whole file."""
        whole = shapely.box(*shapely.total_bounds(list(self.places.values())))
        self._note(None, kind, (), (), (), whole, detail, None)

    def _note(
        self,
        row: int | None,
        kind: str,
        attributes: tuple[str, ...],
        delivered: tuple[Any, ...],
        true: tuple[Any, ...],
        place: BaseGeometry,
        detail: str,
        related: int | None,
        *,
        feature: str | None = None,
    ) -> None:
        if feature is None and row is not None:
            feature = self.value(row, self.key)
        partner = None if related is None else self.value(related, self.key)
        self._entries.append(Entry(row, feature, partner, kind, attributes, delivered, true, place, detail))

    def delivered(self) -> pd.DataFrame:
        """Rows of the damaged file, in its order, numbered from 0."""
        extra = pd.DataFrame(self._inserted, columns=self.table.columns)
        extra.index = range(len(self.table), len(self.table) + len(extra))
        if "geometry" in extra:
            extra = gpd.GeoDataFrame(extra, geometry="geometry", crs=CRS)
        whole = pd.concat([self.table, extra.astype(self.table.dtypes.to_dict())])
        return whole.loc[self._ranked()].reset_index(drop=True)

    def ledger(self) -> gpd.GeoDataFrame:
        """Lines of the ledger for this layer, in the order of the damaged file."""
        rank = {row: position for position, row in enumerate(self._ranked())}
        lines = [self._line(entry, rank) for entry in self._entries]
        ledger = gpd.GeoDataFrame(lines, geometry="geometry", crs=CRS)
        ledger["rang"] = ledger["rang"].astype("Int64")
        ledger["mesure_iso"] = ledger["mesure_iso"].astype("Int64")
        return ledger.sort_values("rang", kind="stable", na_position="first").reset_index(drop=True)

    def _ranked(self) -> list[int]:
        kept = np.flatnonzero(~np.isnan(self._order))
        return kept[np.argsort(self._order[kept], kind="stable")].tolist()

    def _line(self, entry: Entry, rank: Mapping[int, int]) -> dict[str, Any]:
        kind = KINDS[entry.kind]
        return {
            "couche": self.layer,
            "fichier": self.file,
            "objet": entry.feature,
            "rang": None if entry.row is None else rank[entry.row],
            "objet_lie": entry.related,
            "type_defaut": entry.kind,
            "attribut": SEPARATOR.join(entry.attributes) or None,
            "valeur_livree": as_text(entry.delivered),
            "valeur_vraie": as_text(entry.true),
            "element_iso": kind.element,
            "mesure_iso": kind.measure,
            "quadogeo": kind.quadogeo,
            "visible_par_regle": kind.visible,
            "description": f"{kind.meaning} {entry.detail}".strip(),
            "geometry": entry.place,
        }


def as_text(values: tuple[Any, ...]) -> str | None:
    """Values as the ledger writes them: one after another, nothing where one is null, None where all are."""
    if all(value is None for value in values):
        return None
    return SEPARATOR.join("" if value is None else str(value) for value in values)


def gather(layers: Collection[DamagedLayer]) -> gpd.GeoDataFrame:
    """The ledger of the whole delivery: one numbered line a defect, with the columns of `COLUMNS`."""
    ledger = pd.concat([layer.ledger() for layer in layers], ignore_index=True)
    ledger.insert(0, "id_defaut", [f"D{number:04d}" for number in range(1, len(ledger) + 1)])
    return ledger[[*COLUMNS, "geometry"]]
