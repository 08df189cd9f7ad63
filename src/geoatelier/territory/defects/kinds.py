"""The kinds of defect that the delivery carries, each with the quality element and the measure that count it.

References
----------
ISO 19157:2013, annex D, for the elements and the identifiers of the measures; the QuaDoGéo register (CNIG,
Cerema), https://data.geocatalogue.fr/ncl/mesuresQuaDoGeo, for the codes.
"""

from dataclasses import dataclass

EXCESS = "Exhaustivité, excédent"
OMISSION = "Exhaustivité, omission"
CONCEPTUAL = "Cohérence conceptuelle"
DOMAIN = "Cohérence du domaine de valeurs"
FORMAT = "Cohérence du format"
TOPOLOGY = "Cohérence topologique"
POSITION = "Précision de position absolue"
CLASSES = "Justesse du classement"
NAMES = "Justesse des attributs non quantitatifs"
QUANTITIES = "Précision des attributs quantitatifs"
TIME_ORDER = "Cohérence temporelle"
TIME_VALIDITY = "Validité temporelle"


@dataclass(frozen=True)
class Kind:
    """One kind of defect.

    Parameters
    ----------
    element : quality element of ISO 19157, in French
    measure : identifier of the ISO 19157 measure that counts it; None where the standard has none
    quadogeo : code in the QuaDoGéo register; None where it has none
    visible : whether a rule can see it in the delivered files alone, with no reference to compare with
    meaning : what the defect is, in French
    """

    element: str
    measure: int | None
    quadogeo: str | None
    visible: bool
    meaning: str


KINDS = {
    "doublon-exact": Kind(EXCESS, 4, "txEx", True, "L'objet est livré deux fois, à l'identique."),
    "doublon-de-geometrie": Kind(
        EXCESS, 4, "txEx", True, "Même géométrie qu'un autre objet, sous un autre identifiant."
    ),
    "quasi-doublon": Kind(
        EXCESS, 4, "txEx", True, "Le même objet du terrain, saisi une seconde fois un peu autrement."
    ),
    "objet-en-trop": Kind(EXCESS, 2, "txEx", False, "L'objet n'existe pas sur le terrain."),
    "objet-manquant": Kind(OMISSION, 6, "txEx", False, "L'objet existe sur le terrain et n'est pas livré."),
    "geometrie-nulle": Kind(OMISSION, 6, "txEx", True, "L'objet n'a pas de géométrie."),
    "geometrie-vide": Kind(OMISSION, 6, "txEx", True, "La géométrie existe et ne contient aucun point."),
    "geometrie-multiple": Kind(
        CONCEPTUAL, 10, "NonConfConceptuelle", True, "Plusieurs polygones là où le modèle en veut un seul."
    ),
    "chevauchement": Kind(CONCEPTUAL, 11, "nbChevauchErr", True, "Deux objets recouvrent le même sol."),
    "lacune": Kind(
        TOPOLOGY, None, None, True, "Une bande de sol vide sépare deux objets qui se touchent en réalité."
    ),
    "eclat": Kind(
        TOPOLOGY, 25, "nbMicroSurfErr", True, "Polygone très long et très mince, résidu d'une découpe."
    ),
    "micro-surface": Kind(
        TOPOLOGY, 25, "nbMicroSurfErr", True, "Polygone minuscule, qui ne représente rien."
    ),
    "auto-intersection": Kind(
        TOPOLOGY, 26, "nbBoucle", True, "Le contour se recoupe lui-même, en nœud papillon."
    ),
    "retour-arriere": Kind(
        TOPOLOGY, 27, "nbChevauchErr", True, "Le contour s'écarte puis revient exactement sur ses pas."
    ),
    "pointe": Kind(
        TOPOLOGY,
        27,
        "nbChevauchErr",
        True,
        "Une aiguille de quelques décimètres de large dépasse du contour.",
    ),
    "sommets-repetes": Kind(
        TOPOLOGY, 27, "nbChevauchErr", True, "Un même sommet est écrit plusieurs fois de suite."
    ),
    "systeme-de-coordonnees": Kind(
        POSITION,
        28,
        "valMoyIncertitude",
        True,
        "Les coordonnées sont dans un autre système que celui qui est annoncé.",
    ),
    "systeme-absent": Kind(
        FORMAT, 119, "confStructPhysiq", True, "Le fichier ne dit pas son système de coordonnées."
    ),
    "encodage-non-declare": Kind(
        FORMAT, 119, "confStructPhysiq", True, "Le fichier ne dit pas l'encodage de ses textes."
    ),
    "coordonnees-inversees": Kind(
        POSITION, 28, "valMoyIncertitude", True, "Les deux coordonnées sont échangées."
    ),
    "coordonnees-nulles": Kind(
        POSITION, 28, "valMoyIncertitude", True, "Les coordonnées valent zéro, faute de mesure."
    ),
    "decalage-de-lot": Kind(
        POSITION, 28, "valMoyIncertitude", False, "Tout un lot d'objets est décalé d'un même déplacement."
    ),
    "decalage-isole": Kind(POSITION, 28, "valMoyIncertitude", False, "L'objet n'est pas à sa place."),
    "identifiant-duplique": Kind(
        CONCEPTUAL, 10, "NonConfConceptuelle", True, "L'objet porte l'identifiant d'un autre objet."
    ),
    "cle-orpheline": Kind(
        CONCEPTUAL, 10, "NonConfConceptuelle", True, "L'objet désigne un objet qui n'existe pas."
    ),
    "rattachement-faux": Kind(
        CONCEPTUAL,
        10,
        "NonConfConceptuelle",
        True,
        "L'objet désigne un objet qui existe et qui n'est pas le bon.",
    ),
    "valeurs-incoherentes": Kind(
        CONCEPTUAL, 10, "NonConfConceptuelle", True, "Deux attributs du même objet se contredisent."
    ),
    "valeur-manquante": Kind(OMISSION, 6, "txEx", True, "Un attribut obligatoire est vide."),
    "code-hors-domaine": Kind(DOMAIN, 16, "txConfDomVal", True, "La valeur n'est pas dans la liste permise."),
    "casse-du-code": Kind(
        DOMAIN, 16, "txConfDomVal", True, "La valeur est permise, écrite avec une autre casse."
    ),
    "espaces-parasites": Kind(DOMAIN, 16, "txConfDomVal", True, "Des espaces entourent la valeur."),
    "valeur-aberrante": Kind(DOMAIN, 16, "txConfDomVal", True, "La valeur est impossible."),
    "encodage-abime": Kind(
        FORMAT, 119, "tauxErrFormat", True, "Les accents ont été lus dans un mauvais encodage."
    ),
    "separateur-decimal": Kind(
        FORMAT, 119, "tauxErrFormat", True, "Le séparateur décimal n'est pas celui du fichier."
    ),
    "texte-dans-un-nombre": Kind(FORMAT, 119, "tauxErrFormat", True, "Du texte accompagne un nombre."),
    "zeros-perdus": Kind(FORMAT, 119, "tauxErrFormat", True, "Les zéros de tête d'un code ont disparu."),
    "date-inexistante": Kind(DOMAIN, 16, "txConfDomVal", True, "La date n'existe pas au calendrier."),
    "date-future": Kind(TIME_VALIDITY, 16, "exactMesTempoS95", True, "La date vient après la livraison."),
    "date-par-defaut": Kind(
        TIME_VALIDITY, 16, "exactMesTempoS95", True, "Une date de remplissage tient lieu de la vraie date."
    ),
    "millesime-faux": Kind(
        TIME_VALIDITY, 16, "exactMesTempoS95", True, "Le millésime n'est pas celui de la livraison."
    ),
    "dates-inversees": Kind(TIME_ORDER, 159, "tauxConfChrono", True, "La modification précède la création."),
    "etiquette-fausse": Kind(CLASSES, 60, "RMCM", False, "La classe est plausible et ce n'est pas la bonne."),
    "ecriture-de-voie": Kind(
        NAMES, 65, "tauxValAttOk", True, "Le nom de la voie est abrégé, mal accentué ou mal écrit."
    ),
    "unite-confondue": Kind(
        QUANTITIES, 71, "incertitudeValAttS95", True, "La valeur est dans une autre unité."
    ),
    "surface-fausse": Kind(
        QUANTITIES, 71, "incertitudeValAttS95", True, "La surface déclarée contredit la géométrie."
    ),
}
