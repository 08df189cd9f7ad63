"""A sheet that was found sound, turned from plain data into the rules that controls read."""

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from geoatelier.quality.images_subject import ImageRules
from geoatelier.quality.profiles import (
    Clause,
    Code,
    ColumnRule,
    Comparison,
    Condition,
    Extent,
    Profile,
    Reference,
    Sampling,
    Topology,
    TrueData,
)
from geoatelier.quality.sheets.model import LayerRules, Sheet, SheetImage

COMPARISON = re.compile(r"(?P<first>\S.*?)\s+(?P<operator><=|>=|!=|<|>|=)\s+(?P<second>\S.*)")
SQUARE_METRES = {"m2": 1.0, "a": 100.0, "ha": 10_000.0, "km2": 1_000_000.0}


def sheet_of(data: Mapping, name: str, path: Path | None) -> Sheet:
    """The sheet that `data` describes; its paths are taken from the folder of `path`."""
    folder = path.parent if path else Path()
    return Sheet(
        name=name,
        title=data["titre"],
        version=str(data.get("version", "")),
        description=data.get("description", "").strip(),
        layers=tuple(_layer(layer, folder) for layer in data.get("couches", [])),
        images=tuple(_image(image, folder) for image in data.get("images", [])),
        ignored=frozenset(data.get("ignorer", [])),
        levels=data.get("niveaux", {}),
        thresholds=data.get("seuils", {}),
        path=path,
    )


def _layer(data: Mapping, folder: Path) -> LayerRules:
    return LayerRules(
        rules=_profile(data, folder),
        name=data.get("nom"),
        signature=frozenset(name.lower() for name in data.get("reconnue_par", [])),
        expected=data.get("obligatoire", False),
    )


def _profile(data: Mapping, folder: Path) -> Profile:
    columns = {name: rule or {} for name, rule in data.get("colonnes", {}).items()}
    topology = data.get("topologie", {})
    areas = [
        (name, SQUARE_METRES[rule["surface_en"]]) for name, rule in columns.items() if "surface_en" in rule
    ]
    small = topology.get("micro_surfaces", {})
    return Profile(
        title=data.get("titre", data.get("nom", "couche")),
        key=data.get("cle"),
        required=tuple(name for name, rule in columns.items() if rule.get("remplie")),
        codes={
            name: Code(rule["motif"], rule.get("longueur", 0))
            for name, rule in columns.items()
            if "motif" in rule
        },
        domains={name: tuple(rule["valeurs"]) for name, rule in columns.items() if "valeurs" in rule},
        numbers=tuple(name for name, rule in columns.items() if rule.get("type") in ("entier", "décimal")),
        declared_area=areas[0] if areas else None,
        implied=tuple((pair["colonne"], pair["determine"]) for pair in data.get("dependances", [])),
        natural_key=tuple(data.get("cle_naturelle", [])),
        smallest_area=float(small.get("surface_min", Profile.smallest_area)),
        single_part=topology.get("morceau_unique", False),
        shares_edges=topology.get("trous", True) is not False,
        columns=tuple(_column(name, rule) for name, rule in columns.items()),
        geometry=data.get("geometrie"),
        systems=tuple(data.get("systemes", [])),
        extent=_extent(data, folder),
        references=tuple(_reference(entry, folder) for entry in data.get("references", [])),
        conditions=tuple(map(_condition, data.get("conditions", []))),
        topology=_topology(topology),
        ignored=frozenset(data.get("ignorer", [])),
        levels=data.get("niveaux", {}),
        thresholds=data.get("seuils", {}),
        reference=_true_data(data.get("reference"), folder),
        sampling=_sampling(data.get("echantillon")),
    )


def _column(name: str, rule: Mapping) -> ColumnRule:
    return ColumnRule(
        name,
        type=rule.get("type"),
        expected=rule.get("obligatoire", False),
        unique=rule.get("unique", False),
        minimum=_limit(rule.get("min")),
        maximum=_limit(rule.get("max")),
    )


def _limit(value: float | str | None) -> float | pd.Timestamp | None:
    return pd.Timestamp(value) if isinstance(value, str) else value


def _topology(data: Mapping) -> Topology:
    usual = Topology()
    overlaps, gaps = data.get("chevauchements", True), data.get("trous", True)
    gaps = gaps if isinstance(gaps, dict) else {}
    return Topology(
        overlaps=overlaps is not False,
        overlap_area=float(
            overlaps.get("surface_min", usual.overlap_area)
            if isinstance(overlaps, dict)
            else usual.overlap_area
        ),
        gap_width=float(gaps.get("largeur_max", usual.gap_width)),
        gap_area=float(gaps.get("surface_max", usual.gap_area)),
        sliver_width=float(data.get("micro_surfaces", {}).get("largeur_min", usual.sliver_width)),
        covers_extent=data.get("recouvrement", False),
        fragile=data.get("contours_fragiles", False),
    )


def _extent(data: Mapping, folder: Path) -> Extent | None:
    extent = data.get("emprise")
    if extent is None:
        return None
    if isinstance(extent, list):
        extent = {"bornes": extent}
    if "fichier" in extent:
        return Extent(path=folder / extent["fichier"], layer=extent.get("couche"))
    return Extent(tuple(map(float, extent["bornes"])), extent.get("systeme") or data["systemes"][0])


def _reference(data: Mapping, folder: Path) -> Reference:
    return Reference(
        column=data["colonne"],
        target=data.get("vers", data["colonne"]),
        path=folder / data["fichier"] if "fichier" in data else None,
        layer=data.get("couche"),
    )


def _condition(data: Mapping) -> Condition | Comparison:
    if "comparer" in data:
        match = COMPARISON.fullmatch(data["comparer"])
        return Comparison(match["first"], match["operator"], match["second"])
    return Condition(_clause(data["si"]), _clause(data["alors"]))


def _clause(data: Mapping) -> Clause:
    return Clause(
        data["colonne"],
        equals=_listed(data.get("vaut")),
        differs=_listed(data.get("ne_vaut_pas")),
        filled=data.get("remplie"),
    )


def _listed(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    return tuple(map(str, value if isinstance(value, list) else [value]))


def _true_data(data: Mapping | None, folder: Path) -> TrueData | None:
    if data is None:
        return None
    return TrueData(
        folder / data["fichier"],
        layer=data.get("couche"),
        key=data.get("cle"),
        tolerance=float(data.get("tolerance", TrueData.tolerance)),
    )


def _sampling(data: Mapping | None) -> Sampling | None:
    if data is None:
        return None
    return Sampling(
        size=data.get("taille"),
        accepted=data.get("admis", Sampling.accepted),
        nqa=data.get("nqa"),
        limit=data.get("taux_limite"),
        seed=data.get("graine", Sampling.seed),
    )


def _image(data: Mapping, folder: Path) -> SheetImage:
    rules = ImageRules(
        systems=(data["systeme"],) if "systeme" in data else (),
        pixel_size=data.get("resolution"),
        bands=data.get("bandes"),
        dtype=data.get("type"),
        nodata=data.get("nodata"),
        cloud_optimised=data.get("cog", False),
    )
    return SheetImage(
        name=data["nom"],
        rules=rules,
        title=data.get("titre", data["nom"]),
        expected=data.get("obligatoire", False),
        aligned_on=folder / data["alignement"] if "alignement" in data else None,
        ignored=frozenset(data.get("ignorer", [])),
        levels=data.get("niveaux", {}),
    )
