"""What can be wrong with a layer: one entry a kind of anomaly, with its place in ISO 19157.

Measure numbers are those of the list of standardised measures of ISO 19157:2013, `quadogeo` the code of the
QuaDoGéo register of the CNIG (https://data.geocatalogue.fr/ncl/mesuresQuaDoGeo). Both stay empty where no
listed measure fits.
"""

from dataclasses import dataclass
from typing import Literal

Level = Literal["bloquant", "erreur", "avertissement", "info"]

LEVELS: tuple[Level, ...] = ("bloquant", "erreur", "avertissement", "info")

EXCESS = "Exhaustivité, excédent"
OMISSION = "Exhaustivité, omission"
CONCEPTUAL = "Cohérence conceptuelle"
DOMAIN = "Cohérence du domaine de valeurs"
FORMAT = "Cohérence du format"
TOPOLOGICAL = "Cohérence topologique"
POSITION = "Précision de position absolue"
NON_QUANTITATIVE = "Justesse des attributs non quantitatifs"
QUANTITATIVE = "Précision des attributs quantitatifs"
TEMPORAL = "Cohérence temporelle"
TEMPORAL_VALIDITY = "Validité temporelle"


@dataclass(frozen=True)
class Kind:
    """One kind of anomaly.

    Parameters
    ----------
    code : identifier, stable from one version to the next
    title : its French name
    level : how much it weighs, unless the control that finds it says otherwise
    prevents : what goes wrong for the one who ignores it, in French
    element : quality element of ISO 19157, in French
    measure : number of the ISO 19157:2013 measure that counts it, if any
    quadogeo : code in the QuaDoGéo register, if any
    """

    code: str
    title: str
    level: Level
    prevents: str
    element: str
    measure: int | None = None
    quadogeo: str | None = None


KINDS = {
    kind.code: kind
    for kind in (
        Kind(
            "couche-vide", "Couche sans objet", "bloquant",
            "Il n'y a rien à mesurer ni à apprendre.", OMISSION, 7, "txEx",
        ),
        Kind(
            "sans-geometrie", "Table sans géométrie", "info",
            "Rien ne peut se placer sur une carte : seuls les attributs sont contrôlés.", FORMAT,
        ),
        Kind(
            "type-melange", "Type de géométrie inattendu", "erreur",
            "Points, lignes et surfaces ne se traitent pas ensemble.", CONCEPTUAL, 10, "NonConfConceptuelle",
        ),
        Kind(
            "systeme-absent", "Système de coordonnées absent", "bloquant",
            "La couche ne se superpose à aucune autre, ou se place au mauvais endroit.",
            FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "systeme-suppose", "Système de coordonnées supposé", "info",
            "Tout ce qui suit repose sur cette supposition.", FORMAT,
        ),
        Kind(
            "systeme-geographique", "Coordonnées en degrés", "info",
            "Une surface ou une distance calculée telle quelle n'a pas de sens.", FORMAT,
        ),
        Kind(
            "systeme-invraisemblable", "Système de coordonnées invraisemblable", "bloquant",
            "La couche se place au mauvais endroit et aucun croisement ne donne de résultat.",
            FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "systeme-melange", "Objet dans un autre système de coordonnées", "erreur",
            "Ces objets manquent là où ils devraient être, sans que rien ne le signale.",
            POSITION, 28, "valMoyIncertitude",
        ),
        Kind(
            "axes-echanges", "Coordonnées X et Y échangées", "erreur",
            "Ces objets manquent là où ils devraient être, sans que rien ne le signale.",
            POSITION, 28, "valMoyIncertitude",
        ),
        Kind(
            "hors-emprise", "Objet loin de tous les autres", "avertissement",
            "L'emprise de la couche devient fausse et la carte illisible.", EXCESS, 1, "txEx",
        ),
        Kind(
            "positions-discordantes", "Deux positions qui se contredisent", "erreur",
            "Selon la colonne lue, l'objet n'est pas au même endroit.", POSITION, 28, "valMoyIncertitude",
        ),
        Kind(
            "geometrie-absente", "Objet sans géométrie", "erreur",
            "L'objet disparaît des cartes, des surfaces et des croisements.", OMISSION, 6, "txEx",
        ),
        Kind(
            "geometrie-invalide", "Géométrie invalide", "erreur",
            "Surface fausse, et croisements qui échouent.", TOPOLOGICAL, 26, "nbBoucle",
        ),
        Kind(
            "auto-intersection", "Contour qui se recoupe", "erreur",
            "Surface fausse, et croisements qui échouent.", TOPOLOGICAL, 26, "nbBoucle",
        ),
        Kind(
            "multi-parties", "Objet en plusieurs morceaux", "avertissement",
            "Un centre ou une distance peut tomber hors de l'objet.", CONCEPTUAL, 10, "NonConfConceptuelle",
        ),
        Kind(
            "sommet-repete", "Sommet répété", "info",
            "Fichier plus lourd, et des outils qui calculent des angles échouent.",
            TOPOLOGICAL, 27, "nbChevauchErr",
        ),
        Kind(
            "pointe", "Pointe ou aller-retour du contour", "avertissement",
            "Emprise et périmètre faux, souvent la trace d'un mauvais clic.",
            TOPOLOGICAL, 27, "nbChevauchErr",
        ),
        Kind(
            "chevauchement", "Chevauchement", "erreur",
            "Le même sol est compté deux fois, et un pixel reçoit deux étiquettes.",
            CONCEPTUAL, 11, "nbChevauchErr",
        ),
        Kind(
            "trou", "Trou entre objets voisins", "avertissement",
            "Du sol n'est compté nulle part, un croisement y revient vide.", TOPOLOGICAL,
        ),
        Kind(
            "micro-surface", "Micro-surface", "avertissement",
            "Un objet qui n'existe pas fausse les effectifs et ne couvre aucun pixel.",
            TOPOLOGICAL, 25, "nbMicroSurfErr",
        ),
        Kind(
            "doublon-geometrie", "Doublon exact", "erreur",
            "L'objet est compté deux fois, et l'apprentissage le retrouve dans son propre test.",
            EXCESS, 4, "txEx",
        ),
        Kind(
            "doublon-approche", "Doublon approché", "erreur",
            "Le même objet, saisi deux fois, est compté deux fois.", EXCESS, 4, "txEx",
        ),
        Kind(
            "doublon-attributs", "Même objet décrit deux fois", "avertissement",
            "L'objet est compté deux fois, à deux endroits.", EXCESS, 4, "txEx",
        ),
        Kind(
            "cle-dupliquee", "Identifiant en double", "erreur",
            "Une jointure multiplie les lignes ou rattache au mauvais objet.",
            CONCEPTUAL, 10, "NonConfConceptuelle",
        ),
        Kind(
            "attribut-vide", "Colonne entièrement vide", "info",
            "La colonne promet une information que le fichier n'a pas.", OMISSION, 7, "txEx",
        ),
        Kind(
            "attribut-incomplet", "Colonne à trous", "info",
            "Une moyenne ou un effectif ne porte que sur les lignes remplies.", OMISSION, 7, "txEx",
        ),
        Kind(
            "valeur-absente", "Valeur indispensable absente", "erreur",
            "L'objet sort des totaux, ou se classe à tort dans « autre ».", OMISSION, 6, "txEx",
        ),
        Kind(
            "hors-domaine", "Valeur hors de la liste admise", "erreur",
            "L'objet sort de tous les totaux par catégorie.", DOMAIN, 16, "txConfDomVal",
        ),
        Kind(
            "code-mal-forme", "Code mal formé", "erreur",
            "La jointure avec la table des codes ne trouve rien.", DOMAIN, 16, "tauxErrFormat",
        ),
        Kind(
            "espaces-en-trop", "Espaces autour d'une valeur", "avertissement",
            "Deux valeurs qui se lisent pareil ne s'additionnent pas.", DOMAIN, 16, "txConfDomVal",
        ),
        Kind(
            "casse-differente", "Majuscules ou accents différents", "avertissement",
            "Deux valeurs qui se disent pareil ne s'additionnent pas.", DOMAIN, 16, "txConfDomVal",
        ),
        Kind(
            "valeurs-contradictoires", "Deux colonnes qui se contredisent", "erreur",
            "Selon la colonne lue, l'objet change de catégorie.", CONCEPTUAL, 10, "NonConfConceptuelle",
        ),
        Kind(
            "nombre-illisible", "Texte dans une colonne de nombres", "erreur",
            "Toute la colonne passe en texte : ni somme, ni moyenne.", FORMAT, 119, "tauxErrFormat",
        ),
        Kind(
            "separateur-decimal", "Virgule ou point, selon la ligne", "avertissement",
            "Le tableur prend ces nombres pour du texte, ou pour des milliers.", FORMAT, 119, "tauxErrFormat",
        ),
        Kind(
            "zero-perdu", "Zéro de tête perdu", "erreur",
            "Un tableur a pris le code pour un nombre : la jointure ne trouve rien.",
            FORMAT, 119, "tauxErrFormat",
        ),
        Kind(
            "valeur-negative", "Valeur négative impossible", "erreur",
            "Totaux et moyennes sont faux.", DOMAIN, 16, "txConfDomVal",
        ),
        Kind(
            "valeur-aberrante", "Valeur invraisemblable", "avertissement",
            "Totaux et moyennes sont faux.", DOMAIN, 16, "txConfDomVal",
        ),
        Kind(
            "valeur-sentinelle", "Nombre mis pour « inconnu »", "avertissement",
            "Moyennes et cartes de couleurs sont écrasées par une fausse valeur.", DOMAIN, 16, "txConfDomVal",
        ),
        Kind(
            "surface-discordante", "Surface déclarée contre surface dessinée", "erreur",
            "Deux totaux d'hectares se contredisent.", QUANTITATIVE, 71, "incertitudeValAttS95",
        ),
        Kind(
            "unite-confondue", "Surface dans une autre unité", "erreur",
            "Un seul objet compte pour dix mille dans le total.", QUANTITATIVE, 71, "incertitudeValAttS95",
        ),
        Kind(
            "surface-etrangere", "Colonne de surface d'un autre objet", "info",
            "La colonne ne mesure pas ces objets : unité ou table différente.", CONCEPTUAL,
        ),
        Kind(
            "date-impossible", "Date illisible ou impossible", "erreur",
            "L'objet sort de tout filtre par date.", DOMAIN, 16, "txConfDomVal",
        ),
        Kind(
            "date-future", "Date dans le futur", "erreur",
            "L'objet sort de tout filtre par date.", TEMPORAL_VALIDITY, 16, "exactMesTempoS95",
        ),
        Kind(
            "date-ancienne", "Date trop ancienne pour être vraie", "avertissement",
            "Souvent une valeur par défaut prise pour une date.", TEMPORAL_VALIDITY, 16, "exactMesTempoS95",
        ),
        Kind(
            "millesime-isole", "Millésime différent des autres", "avertissement",
            "Un objet d'une autre année se mêle aux autres.", TEMPORAL_VALIDITY, 16, "exactMesTempoS95",
        ),
        Kind(
            "dates-inversees", "Fin avant le début", "erreur",
            "Durées négatives, objets jamais valides.", TEMPORAL, 159, "tauxConfChrono",
        ),
        Kind(
            "texte-illisible", "Accents illisibles", "avertissement",
            "Filtre, jointure et étiquette ne reconnaissent plus la valeur.", FORMAT, 119, "tauxErrFormat",
        ),
        Kind(
            "colonne-illisible", "Nom de colonne illisible", "avertissement",
            "Le programme qui attend ce nom de colonne ne la trouve pas.", FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "objet-manquant", "Objet de la référence absent", "erreur",
            "Les totaux sont trop faibles, sans que rien ne le montre.", OMISSION, 6, "txEx",
        ),
        Kind(
            "objet-en-trop", "Objet inconnu de la référence", "erreur",
            "Les totaux sont trop forts.", EXCESS, 2, "txEx",
        ),
        Kind(
            "position-decalee", "Objet décalé de la référence", "erreur",
            "L'objet ne tombe plus sur ses pixels ni sur ses voisins.", POSITION, 28, "valMoyIncertitude",
        ),
        Kind(
            "valeur-differente", "Valeur différente de la référence", "erreur",
            "Un modèle apprend l'erreur avec le reste.", NON_QUANTITATIVE, 65, "tauxValAttOk",
        ),
    )
}  # fmt: skip
