"""The tables that every output shares: anomalies as people read them, measures, layers."""

import geopandas as gpd
import numpy as np
import pandas as pd

from geoatelier.quality.kinds import KINDS
from geoatelier.quality.report import Report

# Name of each column of the outputs, as people read it.
ALIASES = {
    "numero": "N° de l'anomalie",
    "niveau": "Niveau",
    "anomalie": "Anomalie",
    "code": "Code de l'anomalie",
    "fichier": "Fichier",
    "couche": "Couche",
    "rang": "Rang dans la couche (à partir de 0)",
    "objet": "Identifiant de l'objet",
    "objet_lie": "Identifiant de l'autre objet",
    "attribut": "Colonne en cause",
    "valeur": "Valeur en cause",
    "message": "Ce qui ne va pas, et que faire",
    "consequence": "Ce que cela empêche",
    "element_iso": "Élément de qualité (ISO 19157)",
    "mesure_iso": "N° de mesure (ISO 19157)",
    "quadogeo": "Code QuaDoGéo",
}


def anomaly_rows(anomalies: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The anomalies, numbered from 1 in the order of the report, with their title and consequence.

    Returns
    -------
    GeoDataFrame of as many rows, columns those of `ALIASES`, then those beyond, then geometry
    """
    kinds = anomalies["code"].map(KINDS)
    table = anomalies.assign(
        numero=np.arange(1, len(anomalies) + 1),
        anomalie=[kind.title for kind in kinds],
        consequence=[kind.prevents for kind in kinds],
    )
    others = table.columns.difference([*ALIASES, "geometry"], sort=False)
    return table[[*ALIASES, *others, "geometry"]]


def measure_rows(report: Report) -> pd.DataFrame:
    """One row a measure, `conforme` null where no threshold was asked for, `valeur` null if not measured."""
    names = (
        "fichier", "couche", "code", "mesure", "element_iso", "mesure_iso", "quadogeo",
        "valeur", "unite", "effectif", "seuil", "sens", "conforme",
    )  # fmt: skip
    rows = [
        (
            measure.file, measure.layer, measure.code, measure.title, measure.element, measure.iso,
            measure.quadogeo, measure.value, measure.unit, measure.population, measure.threshold,
            None if measure.threshold is None else "au plus" if measure.at_most else "au moins",
            measure.conform,
        )
        for measure in report.measures
    ]  # fmt: skip
    return pd.DataFrame(_as_text(rows), columns=list(names)).astype(
        {
            "mesure_iso": "Int64",
            "valeur": "float64",
            "effectif": "Int64",
            "seuil": "float64",
            "conforme": "boolean",
        }
    )


def layer_rows(report: Report) -> pd.DataFrame:
    """One row a layer: what it is, before any judgement."""
    rows = [
        (
            facts.file, facts.name, facts.rows, facts.columns, facts.shape, facts.kind, facts.system,
            *facts.bounds,
        )
        for facts in report.layers
    ]  # fmt: skip
    names = ("fichier", "couche", "objets", "colonnes", "geometrie", "reconnue_comme", "systeme")
    return pd.DataFrame(_as_text(rows), columns=[*names, "xmin", "ymin", "xmax", "ymax"])


def verdict_rows(report: Report) -> pd.DataFrame:
    """One row: what was inspected, when, by which rules, and whether it conforms."""
    row = (report.source, report.day.isoformat(), report.sheet, report.conform, report.line())
    return pd.DataFrame(_as_text([row]), columns=["source", "jour", "fiche", "conforme", "verdict"])


def unread_rows(report: Report) -> pd.DataFrame:
    """One row a file that could not be read, with why."""
    rows = [(unread.file, unread.message) for unread in report.unread]
    return pd.DataFrame(_as_text(rows), columns=["fichier", "message"], dtype="str")


def _as_text(rows: list[tuple]) -> list[tuple]:
    """`rows` with a question mark for what is no character: the name of a file may hold any byte."""
    return [
        tuple(value.encode("utf-8", "replace").decode() if isinstance(value, str) else value for value in row)
        for row in rows
    ]
