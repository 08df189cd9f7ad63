"""A first control sheet, written from data: what all of it holds, to be read over, loosened or tightened."""

import re
from collections.abc import Iterable, Iterator

import numpy as np
import yaml

from geoatelier.quality import reference_systems as systems
from geoatelier.quality.layer import Layer, layer_of
from geoatelier.quality.profiles import Profile
from geoatelier.quality.sheets.building import SQUARE_METRES
from geoatelier.quality.sheets.inference import Guess, guess
from geoatelier.quality.source import Source
from geoatelier.quality.vertices import set_aside_unreadable
from geoatelier.quality.wording import SPACE, count, some

_SHAPES = ("point", "ligne", "surface")
_UNITS = {metres: unit for unit, metres in SQUARE_METRES.items()}
_HEADER = """\
# Brouillon de fiche de contrôle, déduit des données.
# Ces données peuvent être fausses, ou ne pas montrer tous les cas : relisez chaque règle.
#   obligatoire : la colonne doit exister.     remplie : aucune valeur vide.
#   unique : jamais deux fois la même valeur.  motif : la forme de toute la valeur.
#   valeurs : la liste complète.               min, max : les bornes.
"""
_FOOTER = """\

# Pour aller plus loin : recopiez ces lignes sous une couche, sans le #, au retrait de « colonnes ».
#    topologie:
#      chevauchements: {surface_min: 1}                   # m²
#      trous: {largeur_max: 3, surface_max: 200}          # m, m² ; false s'ils sont voulus
#      micro_surfaces: {surface_min: 1, largeur_min: 0.5} # m², m
#      contours_fragiles: true                            # ceux qu'un arrondi rendrait invalides ; long
#    conditions:
#      - si: {colonne: nature, vaut: Église}
#        alors: {colonne: usage, vaut: Religieux}
#      - comparer: date_debut <= date_fin
#    references:
#      - {colonne: id_parcelle, couche: parcelles, vers: id_parcelle}
#    niveaux: {chevauchement: bloquant}
#    ignorer: [sommet-repete]
"""


def draft_sheet(layers: Iterable[Layer | Source]) -> str:
    """A control sheet in YAML, commented in French, under which `layers` break no rule that it adds.

    Parameters
    ----------
    layers : at least one, in the order of the sheet

    Raises
    ------
    ValueError
        If there is none.
    """
    layers = [_as_layer(layer) for layer in layers]
    if not layers:
        raise ValueError("Donnez au moins une couche pour en déduire une fiche.")
    title = f"Fiche de {some(layer.name for layer in layers)}".replace(SPACE, " ")
    head = f'titre: {_scalar(title)}\nversion: "0.1"\ncouches:\n'
    return _HEADER + head + "\n".join("".join(_layer(layer)) for layer in layers) + _FOOTER


def _as_layer(source: Layer | Source) -> Layer:
    """The layer without the geometries that nothing can be computed from."""
    layer = (
        source if isinstance(source, Layer) else layer_of(source.frame, source.name, spatial=source.spatial)
    )
    return set_aside_unreadable(layer)[0]


def _layer(layer: Layer) -> Iterator[str]:
    profile = layer.profile
    yield f"  - nom: {_scalar(_literal(layer.name))}  # {count(len(layer.frame), 'ligne')}\n"
    if profile.title != Profile.title:
        yield f"    titre: {_scalar(profile.title)}\n"
    yield "    obligatoire: true\n"
    yield from _where(layer)
    if profile.key:
        yield f"    cle: {_scalar(profile.key)}\n"
    if len(profile.natural_key) > 1:
        yield f"    cle_naturelle: [{', '.join(map(_scalar, profile.natural_key))}]\n"
    if layer.attributes:
        yield "    colonnes:\n"
        for name in layer.attributes:
            yield f"      {_scalar(name)}: {{{', '.join(_column(layer, name))}}}\n"
    if profile.implied:
        yield "    dependances:\n"
        for first, second in profile.implied:
            yield f"      - {{colonne: {_scalar(first)}, determine: {_scalar(second)}}}\n"
    yield from _topology(profile)


def _where(layer: Layer) -> Iterator[str]:
    """Geometry, coordinate system and extent."""
    if not layer.spatial:
        yield "    geometrie: aucune\n"
        return
    dimensions = np.unique(layer.dimensions[layer.present])
    if len(dimensions) == 1:
        yield f"    geometrie: {_SHAPES[dimensions[0]]}\n"
    elif len(dimensions) > 1:
        yield "    # geometrie: plusieurs types se mêlent dans cette couche.\n"
    crs = layer.frame.crs
    epsg = crs.to_epsg() if crs else None
    if epsg is None:
        yield "    # systemes: [2154]  # le fichier ne dit pas le sien\n"
        return
    yield f"    systemes: [{epsg}]  # {crs.name}\n"
    placed = layer.present & ~systems.outliers(layer)
    if placed.any() and systems.implausible_system(layer).empty:
        bounds = layer.bounds[placed]
        yield from _extent(bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0), crs.is_geographic)


def _extent(low: np.ndarray, high: np.ndarray, degrees: bool) -> Iterator[str]:
    """Bounds pushed outwards by one to two steps: a hundredth of a degree, or 100 m."""
    if not np.isfinite([low, high]).all():
        return
    step, digits = (0.01, 2) if degrees else (100.0, 0)
    bounds = [*((np.floor(low / step) - 1) * step), *((np.ceil(high / step) + 1) * step)]
    shown = ", ".join(f"{value:.{digits}f}" for value in bounds)
    yield f"    emprise: [{shown}]  # xmin, ymin, xmax, ymax, arrondis vers l'extérieur\n"


def _column(layer: Layer, name: str) -> Iterator[str]:
    guessed = guess(layer, name)
    profile = layer.profile
    if name in profile.numbers and guessed.type in ("texte", "code"):
        guessed = Guess(None, guessed.filled)  # they would be numbers, were it not for some words
    code = profile.codes.get(name) if guessed.type in (None, "texte", "code", "entier") else None
    kind = "code" if code else guessed.type
    if kind:
        yield f"type: {kind}"
    yield "obligatoire: true"
    if guessed.filled or name in profile.required:
        yield "remplie: true"
    if guessed.unique and (guessed.pattern or code or name == profile.key):
        yield "unique: true"
    pattern, width = (code.pattern, code.width) if code else (guessed.pattern, guessed.width)
    values = profile.domains.get(name, () if code else guessed.values)
    if values:
        yield f"valeurs: [{', '.join(map(str if kind == 'entier' else _scalar, values))}]"
    elif pattern:
        yield f"motif: {_quoted(pattern)}"
        if width:
            yield f"longueur: {width}"
    if profile.declared_area and profile.declared_area[0] == name and kind in ("entier", "décimal"):
        yield f"surface_en: {_UNITS[profile.declared_area[1]]}"


def _topology(profile: Profile) -> Iterator[str]:
    """What the kind of layer calls for, and that a sheet would else undo."""
    rules = []
    if not profile.shares_edges:
        rules.append("      trous: false\n")
    if profile.smallest_area != Profile.smallest_area:
        rules.append(f"      micro_surfaces: {{surface_min: {profile.smallest_area:g}}}  # m²\n")
    if profile.single_part:
        rules.append("      morceau_unique: true\n")
    if rules:
        yield "    topologie:\n" + "".join(rules)


def _literal(name: str) -> str:
    """A pattern that only this name matches."""
    return re.sub(r"([*?\[])", r"[\1]", name)


def _quoted(pattern: str) -> str:
    """Between apostrophes, where a backslash stays one."""
    return "'" + pattern.replace("'", "''") + "'" if pattern.isprintable() else _scalar(pattern)


def _scalar(value: object) -> str:
    """A text on one line, quoted where YAML, or a reader, could take it for something else."""
    text = str(value)
    plain = text.isprintable() and not re.match(r"[-+.\d]", text)
    flow = yaml.safe_dump(
        [text],
        default_flow_style=True,
        default_style=None if plain else '"',
        allow_unicode=plain,
        width=10**9,
    )
    return flow.strip()[1:-1]
