"""What an inspection found, for people and for programs."""

import datetime as dt
import html
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoatelier.quality.kinds import KINDS, LEVELS
from geoatelier.quality.layer import Layer
from geoatelier.quality.measure import Measure
from geoatelier.quality.readable import readable
from geoatelier.quality.reference_systems import outliers
from geoatelier.quality.wording import count, number, quote

if TYPE_CHECKING:
    from geoatelier.quality.fieldwork import Sample

_FAMILIES = {0: "points", 1: "lignes", 2: "surfaces"}


@dataclass(frozen=True)
class LayerFacts:
    """What a layer is, before any judgement.

    Parameters
    ----------
    name, rows, columns : name, number of objects, number of attributes
    kind : what its columns say it is, in French
    shape : points, lignes, surfaces, or aucune
    crs : its coordinate reference system, or None
    bounds : (xmin, ymin, xmax, ymax) in that system of the objects that are not far from all others, nan when
        there is no geometry
    file : name of the file that holds it
    """

    name: str
    rows: int
    columns: int
    kind: str
    shape: str
    crs: object
    bounds: tuple[float, float, float, float]
    file: str = ""

    @classmethod
    def of(cls, layer: Layer, file: str = "") -> "LayerFacts":
        dimensions = sorted(set(layer.dimensions[layer.present].tolist()))
        return cls(
            name=layer.name,
            rows=len(layer.frame),
            columns=len(layer.missing_counts),
            kind=layer.profile.title,
            shape=" et ".join(_FAMILIES[dimension] for dimension in dimensions) or "aucune",
            crs=layer.frame.crs,
            bounds=_extent(layer.bounds[~outliers(layer)]),
            file=file,
        )

    @property
    def system(self) -> str:
        """Name of the coordinate system, for people."""
        if self.crs is None:
            return "absent"
        epsg = self.crs.to_epsg()
        return f"{self.crs.name} (EPSG:{epsg})" if epsg else self.crs.name


def _extent(bounds: NDArray[np.float64]) -> tuple[float, float, float, float]:
    known = bounds[~np.isnan(bounds).any(axis=1)]
    if not len(known):
        return (np.nan,) * 4
    return (*known[:, :2].min(axis=0).tolist(), *known[:, 2:].max(axis=0).tolist())


@dataclass(frozen=True)
class Unread:
    """A file that could not be read, and the French sentence that says why and what to do."""

    file: str
    message: str


@dataclass(frozen=True)
class Report:
    """Result of an inspection.

    Parameters
    ----------
    source : name of what was inspected: a file, or several
    layers : facts on each layer
    anomalies : GeoDataFrame with one row an anomaly; columns fichier, code, niveau, couche, rang (row in the
        source), objet (key), objet_lie, attribut, valeur, message, element_iso, mesure_iso, quadogeo, and
        geometry where the error is. `rang`, `objet`, `geometry` are null for what concerns the whole layer.
    measures : quality measures of each layer, with their thresholds
    unread : files that could not be read
    samples : objects to look at one by one, where the sheet asks for a sample
    sheet : title of the control sheet that was applied
    day : day of the inspection
    """

    source: str
    layers: tuple[LayerFacts, ...]
    anomalies: gpd.GeoDataFrame
    measures: tuple[Measure, ...] = ()
    unread: tuple[Unread, ...] = ()
    samples: tuple["Sample", ...] = ()
    sheet: str = "générique"
    day: dt.date = field(default_factory=dt.date.today)

    @property
    def conform(self) -> bool:
        """Whether all was read, nothing blocks, and every threshold is held."""
        blocked = (self.anomalies["niveau"] == "bloquant").any()
        return not (blocked or self.unread or any(measure.conform is False for measure in self.measures))

    def of(self, *codes: str) -> gpd.GeoDataFrame:
        """Anomalies of these kinds.

        Raises
        ------
        ValueError
            If a code is not the name of a kind of anomaly.
        """
        unknown = [code for code in codes if code not in KINDS]
        if unknown:
            raise ValueError(
                f"Code d'anomalie inconnu : {', '.join(unknown)}. "
                f"Codes possibles : {', '.join(sorted(KINDS))}."
            )
        return self.anomalies[self.anomalies["code"].isin(codes)].reset_index(drop=True)

    def summary(self) -> pd.DataFrame:
        """One row a kind of anomaly, the gravest and most numerous first, in French for people.

        Returns
        -------
        DataFrame of columns niveau, couche (when there are several), anomalie, nombre, ce que cela empêche
        """
        by = ["niveau", "couche", "code"]
        counts = self.anomalies.groupby(by, observed=True).size().rename("nombre").reset_index()
        counts["rank"] = counts["niveau"].map(LEVELS.index)
        counts = counts.sort_values(["rank", "nombre", "code"], ascending=[True, False, True])
        table = pd.DataFrame(
            {
                "niveau": counts["niveau"],
                "couche": counts["couche"],
                "anomalie": counts["code"].map(lambda code: KINDS[code].title),
                "nombre": counts["nombre"],
                "ce que cela empêche": counts["code"].map(lambda code: KINDS[code].prevents),
            }
        ).reset_index(drop=True)
        return table if len(self.layers) > 1 else table.drop(columns="couche")

    def line(self) -> str:
        """The verdict in one line."""
        objects = count(sum(facts.rows for facts in self.layers), "objet")
        unread = f" {count(len(self.unread), 'fichier non lu', 'fichiers non lus')}." if self.unread else ""
        if unread and not self.layers and self.anomalies.empty:
            return f"{self.source} : rien n'a pu être contrôlé.{unread}"
        if self.anomalies.empty:
            return f"{self.source} : {objects}, aucune anomalie trouvée.{unread}"
        names = {
            "bloquant": ("bloquante", "bloquantes"),
            "erreur": ("erreur", "erreurs"),
            "avertissement": ("avertissement", "avertissements"),
            "info": ("information", "informations"),
        }
        by_level = self.anomalies["niveau"].value_counts()
        detail = ", ".join(
            count(int(by_level[level]), *names[level]) for level in LEVELS if level in by_level
        )
        return f"{self.source} : {objects}, {count(len(self.anomalies), 'anomalie')} ({detail}).{unread}"

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the anomalies to a GeoPackage, to open over the data in QGIS.

        Parameters
        ----------
        overwrite : whether a file that is there may be replaced

        Raises
        ------
        ValueError
            If `path` does not end in .gpkg.
        UnwritableOutput
            If there is a file and `overwrite` is False, or it cannot be written.
        """
        from geoatelier.quality.outputs import write_geopackage

        path = Path(path)
        if path.suffix.lower() != ".gpkg":
            raise ValueError(f"Donnez un nom de fichier en .gpkg, et non {quote(path.name)}.")
        return write_geopackage(self, path, overwrite=overwrite)

    def __repr__(self) -> str:
        return f"{self.line()}\n{self.summary().to_string(index=False)}"

    def _repr_html_(self) -> str:
        layers = pd.DataFrame(
            {
                "couche": [facts.name for facts in self.layers],
                "objets": [number(facts.rows) for facts in self.layers],
                "colonnes": [facts.columns for facts in self.layers],
                "géométrie": [facts.shape for facts in self.layers],
                "reconnue comme": [facts.kind for facts in self.layers],
                "système de coordonnées": [facts.system for facts in self.layers],
            }
        )
        return (
            f"<p><strong>{html.escape(self.line())}</strong></p>"
            + readable(layers, "Ce que contient le fichier")._repr_html_()
            + readable(self.summary(), "Ce qui ne va pas, du plus grave au moins grave")._repr_html_()
        )
