"""The catalogue of quality measures: what each one counts, and its names in ISO 19157 and QuaDoGéo.

ISO numbers are those of the list of standardised measures of ISO 19157:2013, read in a secondary source (the
javadoc of GeoAPI, package org.opengis.metadata.quality), not in the standard. A QuaDoGéo code is given where
the entry of that register (CNIG, https://data.geocatalogue.fr/ncl/mesuresQuaDoGeo) is the same figure: a
count does not take the code of a rate. Where neither lists the figure, both stay empty.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from geoatelier.quality import kinds as k
from geoatelier.quality.kinds import KINDS

RELATIVE_POSITION = "Précision de position relative"
TIME_ACCURACY = "Précision d'une mesure de temps"

Form = Literal["nombre", "taux", "taux conforme", "indicateur", "référence"]

_ANY = ("points", "lignes", "surfaces", "aucune")
_PLACED = ("points", "lignes", "surfaces")
_DRAWN = ("lignes", "surfaces")
_LINES = ("lignes",)
_SURFACES = ("surfaces",)
_ASKED = ()


@dataclass(frozen=True)
class Definition:
    """What a measure is, before any value.

    Parameters
    ----------
    code, title, iso, quadogeo, unit, at_most, element : as in `Measure`
    form : « nombre » counts errors; « taux » is the share of objects with one error or more, and
        « taux conforme » that of the others; « indicateur » is 1 when there is an error and 0 when not;
        « référence » is not counted from anomalies but measured against a dataset held to be right
    counts : which kinds of anomalies: ISO numbers or QuaDoGéo codes that kinds of the same element have, or
        codes of kinds
    shapes : layers that it concerns; when there is none, it is counted only where an anomaly was found or
        where a threshold asks for it, since a control that did not run would read as a 0
    pairs : an anomaly concerns its two objects, not only the first
    population : what `Measure.population` counts, in French
    """

    code: str
    title: str
    iso: int | None
    quadogeo: str | None
    form: Form
    counts: tuple[int | str, ...] = ()
    shapes: tuple[str, ...] = _ANY
    pairs: bool = False
    unit: str = ""
    at_most: bool = True
    population: str = "objets de la couche"
    element: str = ""

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Codes of the kinds of anomalies that it counts."""
        return frozenset(
            kind.code
            for kind in KINDS.values()
            if kind.code in self.counts
            or (kind.element == self.element and {kind.measure, kind.quadogeo} & set(self.counts))
        )


def _number(
    code: str,
    title: str,
    iso: int | None,
    quadogeo: str | None,
    *counts: int | str,
    shapes: tuple[str, ...] = _ANY,
) -> Definition:
    return Definition(code, title, iso, quadogeo, "nombre", counts, shapes)


def _rate(
    code: str,
    title: str,
    iso: int | None,
    quadogeo: str | None,
    *counts: int | str,
    shapes: tuple[str, ...] = _ANY,
    pairs: bool = False,
) -> Definition:
    return Definition(code, title, iso, quadogeo, "taux", counts, shapes, pairs, unit="%")


def _right(code: str, title: str, iso: int, quadogeo: str | None, *counts: int) -> Definition:
    return Definition(code, title, iso, quadogeo, "taux conforme", counts, unit="%", at_most=False)


def _true(
    code: str,
    title: str,
    iso: int | None,
    quadogeo: str | None,
    unit: str,
    population: str,
    at_most: bool = True,
) -> Definition:
    form: Form = "référence"
    return Definition(code, title, iso, quadogeo, form, unit=unit, at_most=at_most, population=population)


_EXPECTED = "objets attendus"
_PAIRS = "objets appariés à la référence"
_VALUES = "valeurs comparées"

_BY_ELEMENT = (
    (k.EXCESS, (
        _number("nombre-doublon", "Nombre de doublons", 4, None, 4),
        _rate("taux-doublon", "Part d'objets en double", None, "txEx", 4),
        _number("nombre-hors-emprise", "Nombre d'objets hors de l'emprise", 2, None, 1, shapes=_PLACED),
        _rate("taux-hors-emprise", "Part d'objets hors de l'emprise", 3, "txEx", 1, shapes=_PLACED),
        _true("nombre-excedent", "Nombre d'objets en trop", 2, None, "", _EXPECTED),
        _true("taux-excedent", "Taux d'objets en trop", 3, "txEx", "%", _EXPECTED),
    )),
    (k.OMISSION, (
        _number("nombre-geometrie-absente", "Nombre d'objets sans géométrie", 6, None,
                "geometrie-absente", shapes=_PLACED),
        _rate("taux-geometrie-absente", "Part d'objets sans géométrie", 7, "txEx",
              "geometrie-absente", shapes=_PLACED),
        _number("nombre-valeur-absente", "Nombre de valeurs indispensables absentes", 6, None,
                "valeur-absente"),
        _rate("taux-valeur-absente", "Part d'objets sans une valeur indispensable", 7, "txEx",
              "valeur-absente"),
        _number("nombre-colonne-incomplete", "Nombre de colonnes vides ou à trous", None, None,
                "attribut-vide", "attribut-incomplet", "variable-absente"),
        _number("nombre-lacune-image", "Nombre de lacunes de l'image", 6, None,
                "image-vide", "absence-excessive", "tuile-manquante", shapes=_ASKED),
        _true("nombre-omission", "Nombre d'objets manquants", 6, None, "", _EXPECTED),
        _true("taux-omission", "Taux d'objets manquants", 7, "txEx", "%", _EXPECTED),
    )),
    (k.CONCEPTUAL, (
        _number("nombre-regle-enfreinte", "Nombre d'écarts aux règles du modèle", 10,
                "NonConfConceptuelle", 8, 10),
        _rate("taux-regle-enfreinte", "Part d'objets contraires aux règles du modèle", 12, None, 8, 10),
        _right("taux-regle-suivie", "Part d'objets conformes aux règles du modèle", 13, None, 8, 10),
        _number("nombre-chevauchement", "Nombre de chevauchements", 11, None, 11, shapes=_DRAWN),
        _rate("taux-chevauchement", "Part d'objets qui se chevauchent", 12, None, 11, shapes=_DRAWN,
              pairs=True),
    )),
    (k.DOMAIN, (
        _number("nombre-hors-domaine", "Nombre de valeurs hors de leur domaine", 16, None, 14, 16),
        _rate("taux-hors-domaine", "Part d'objets ayant une valeur hors de son domaine", 18, None, 14, 16),
        _right("taux-conforme-domaine", "Part d'objets sans valeur hors domaine", 17, "txConfDomVal", 14, 16),
    )),
    (k.FORMAT, (
        Definition("conflit-structure", "Structure physique du fichier en défaut (1) ou non (0)", 119,
                   "confStructPhysiq", "indicateur", ("confStructPhysiq",)),
        _number("nombre-erreur-format", "Nombre d'erreurs de format", 19, None, 119, 19, 20),
        _rate("taux-erreur-format", "Part d'objets ayant une erreur de format", 20, "tauxErrFormat",
              119, 19, 20),
    )),
    (k.TOPOLOGICAL, (
        _number("nombre-auto-intersection", "Nombre d'auto-intersections", 26, "nbBoucle", 26, shapes=_DRAWN),
        _rate("taux-auto-intersection", "Part d'objets qui se recoupent", None, None, 26, shapes=_DRAWN),
        _number("nombre-repli", "Nombre de contours repliés sur eux-mêmes", 27, "nbChevauchErr", 27,
                shapes=_DRAWN),
        _rate("taux-repli", "Part d'objets au contour replié sur lui-même", None, None, 27, shapes=_DRAWN),
        _number("nombre-micro-surface", "Nombre de micro-surfaces", 25, "nbMicroSurfErr", 25,
                shapes=_SURFACES),
        _rate("taux-micro-surface", "Part d'objets ayant une micro-surface", None, None, 25,
              shapes=_SURFACES),
        _number("nombre-trou", "Nombre de trous entre objets voisins", None, None, "trou", shapes=_SURFACES),
        _number("nombre-connexion-fausse", "Nombre de connexions fausses", 21, None, 21, 22, shapes=_LINES),
        _rate("taux-connexion-fausse", "Part d'objets mal connectés", 22, "tauxConnexErr", 21, 22, 23, 24,
              shapes=_LINES),
        _number("nombre-trace-court", "Nombre de tracés trop courts", 23, None, 23, shapes=_LINES),
        _number("nombre-trace-long", "Nombre de tracés trop longs", 24, None, 24, shapes=_LINES),
    )),
    (k.POSITION, (
        _number("nombre-mal-place", "Nombre d'objets mal placés", 30, None, 28, 30, 31, shapes=_PLACED),
        _rate("taux-mal-place", "Part d'objets mal placés", 31, None, 28, 30, 31, shapes=_PLACED),
        _true("ecart-moyen", "Écart moyen en position", 28, "valMoyIncertitude", "m", _PAIRS),
        _true("biais-position", "Décalage d'ensemble", 128, None, "m", _PAIRS),
        _true("ecart-quadratique", "Écart quadratique moyen en planimétrie", 47, None, "m", _PAIRS),
        _true("erreur-circulaire-95", "Erreur circulaire à 95 %, observée", 45, "errCirculaireP95",
              "m", _PAIRS),
        _true("erreur-circulaire-95-normale", "Erreur circulaire à 95 %, par la loi normale", 45,
              "errCirculaireP95", "m", _PAIRS),
        _true("ecart-maximal", "Plus grand écart en position", None, None, "m", _PAIRS),
        _true("ecart-hausdorff-95", "Distance de Hausdorff à 95 %", None, None, "m", _PAIRS),
        _true("classe-precision", "Plus petite classe de précision tenue (arrêté du 16 septembre 2003)", None,
              "ClassePrecisionArrete2003", "m", _PAIRS),
    )),
    (RELATIVE_POSITION, (
        _true("erreur-relative-90", "Erreur horizontale relative à 90 %", 53, "ErrHorizontaleRelative", "m",
              "paires d'objets voisins"),
    )),
    (k.CLASSIFICATION, (
        _number("nombre-etiquette-suspecte", "Nombre d'étiquettes suspectes", 60, None, 60, 61,
                shapes=_ASKED),
        _rate("taux-etiquette-suspecte", "Part d'étiquettes suspectes", 61, None, 60, 61, shapes=_ASKED),
        _true("nombre-mal-classe", "Nombre d'objets mal classés", 60, None, "", _VALUES),
        _true("taux-mal-classe", "Part d'objets mal classés", 61, None, "%", _VALUES),
        _true("kappa", "Coefficient kappa", 64, "kappa", "", _VALUES, at_most=False),
    )),
    (k.NON_QUANTITATIVE, (
        _true("nombre-valeur-fausse", "Nombre de valeurs fausses", 65, None, "", _VALUES),
        _true("taux-valeur-juste", "Part de valeurs justes", 66, "tauxValAttOk", "%", _VALUES, at_most=False),
        _true("taux-valeur-fausse", "Part de valeurs fausses", 67, None, "%", _VALUES),
    )),
    (k.QUANTITATIVE, (
        _true("incertitude-valeur-95", "Incertitude d'un attribut à 95 %", 71, "incertitudeValAttS95",
              "", _VALUES),
        _number("nombre-mesure-discordante", "Nombre de mesures que le dessin contredit", None, None, 71),
        _rate("taux-mesure-discordante", "Part d'objets dont le dessin contredit la mesure", None, None, 71),
    )),
    (TIME_ACCURACY, (
        _true("exactitude-temps-95", "Exactitude d'une date à 95 %", 57, "exactMesTempoS95", "jours",
              _VALUES),
    )),
    (k.TEMPORAL_VALIDITY, (
        _number("nombre-date-invalide", "Nombre de dates hors de leur domaine", 16, None, 14, 16),
        _rate("taux-date-invalide", "Part d'objets ayant une date hors de son domaine", 18, None, 14, 16),
    )),
    (k.TEMPORAL, (
        _number("nombre-chronologie-fausse", "Nombre de dates dans le désordre", 159, None, 159),
        _right("taux-chronologie-juste", "Part d'objets dont les dates se suivent", 159,
               "tauxConfChrono", 159),
    )),
    (k.USABILITY, (
        _number("nombre-fuite", "Nombre de fuites entre apprentissage et test", None, None,
                "fuite-identique", "fuite-recouvrement", "fuite-voisinage", shapes=_ASKED),
        _rate("taux-fuite", "Part d'objets qui fuient entre apprentissage et test", None, None,
              "fuite-identique", "fuite-recouvrement", "fuite-voisinage", shapes=_ASKED),
        _number("nombre-classe-inegale", "Nombre de classes trop rares ou dominantes", None, None,
                "classe-rare", "classe-dominante", shapes=_ASKED),
    )),
)  # fmt: skip

MEASURES = {
    definition.code: replace(definition, element=element)
    for element, definitions in _BY_ELEMENT
    for definition in definitions
}
