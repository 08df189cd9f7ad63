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
CLASSIFICATION = "Justesse de la classification"
USABILITY = "Utilisabilité"


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
    own : True for a kind that a user added
    """

    code: str
    title: str
    level: Level
    prevents: str
    element: str
    measure: int | None = None
    quadogeo: str | None = None
    own: bool = False


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
            "sol-non-couvert", "Sol que la couche devait couvrir", "erreur",
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
            "couche-absente", "Couche attendue absente", "bloquant",
            "Ce que la couche devait décrire manque entièrement.", OMISSION, 7, "txEx",
        ),
        Kind(
            "colonne-absente", "Colonne attendue absente", "erreur",
            "Le programme ou le style qui lit cette colonne échoue.", CONCEPTUAL, 10, "NonConfConceptuelle",
        ),
        Kind(
            "colonne-inattendue", "Colonne que la fiche ne connaît pas", "info",
            "Personne n'a dit ce qu'elle contient, ni si elle peut être diffusée.", CONCEPTUAL,
        ),
        Kind(
            "type-inattendu", "Valeur d'un autre type que celui attendu", "erreur",
            "Un calcul ou un filtre sur cette colonne échoue, ou se trompe.", FORMAT, 119, "tauxErrFormat",
        ),
        Kind(
            "hors-bornes", "Valeur hors des bornes admises", "erreur",
            "Totaux et moyennes sont faux.", DOMAIN, 16, "txConfDomVal",
        ),
        Kind(
            "valeur-repetee", "Valeur en double dans une colonne sans doublon", "erreur",
            "Une jointure multiplie les lignes ou rattache au mauvais objet.",
            CONCEPTUAL, 10, "NonConfConceptuelle",
        ),
        Kind(
            "hors-territoire", "Objet hors de l'emprise attendue", "erreur",
            "L'objet compte dans les totaux d'un territoire qui n'est pas le sien.", EXCESS, 1, "txEx",
        ),
        Kind(
            "cle-orpheline", "Référence à un objet qui n'existe pas", "erreur",
            "La jointure perd l'objet, ou lui laisse des valeurs vides.",
            CONCEPTUAL, 10, "NonConfConceptuelle",
        ),
        Kind(
            "condition-non-tenue", "Règle entre colonnes non tenue", "erreur",
            "Selon la colonne lue, l'objet change de sens.", CONCEPTUAL, 10, "NonConfConceptuelle",
        ),
        Kind(
            "controle-non-fait", "Contrôle demandé et non fait", "avertissement",
            "Ce qui a été demandé n'est pas vérifié.", CONCEPTUAL,
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
            "controle-en-panne", "Contrôle en panne", "bloquant",
            "Ce que ce contrôle devait voir n'a pas été regardé.", CONCEPTUAL,
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
        Kind(
            "ligne-recoupee", "Ligne qui se recoupe", "avertissement",
            "Un itinéraire ou un réseau tourne en rond sans carrefour.", TOPOLOGICAL, 26, "nbBoucle",
        ),
        Kind(
            "ligne-repliee", "Ligne qui repasse sur elle-même", "erreur",
            "La longueur compte deux fois le même tracé.", TOPOLOGICAL, 27, "nbChevauchErr",
        ),
        Kind(
            "ligne-superposee", "Deux lignes l'une sur l'autre", "erreur",
            "La longueur totale compte deux fois le même tracé.", CONCEPTUAL, 11, "nbChevauchErr",
        ),
        Kind(
            "raccord-trop-court", "Ligne qui s'arrête avant une autre", "erreur",
            "Un calcul d'itinéraire ou d'écoulement s'arrête là.", TOPOLOGICAL, 23, "tauxConnexErr",
        ),
        Kind(
            "raccord-depasse", "Ligne qui dépasse d'une autre", "erreur",
            "Le réseau n'a pas de carrefour à cet endroit, ou un faux bout de ligne.",
            TOPOLOGICAL, 24, "tauxConnexErr",
        ),
        Kind(
            "raccord-manquant", "Deux extrémités qui ne se rejoignent pas", "erreur",
            "Un calcul d'itinéraire ou d'écoulement s'arrête là.", TOPOLOGICAL, 21, "tauxConnexErr",
        ),
        Kind(
            "extremite-libre", "Extrémité libre", "info",
            "Une impasse ou une source, ou bien un raccord oublié.", TOPOLOGICAL, 21, "tauxConnexErr",
        ),
        Kind(
            "ligne-isolee", "Ligne qui ne touche aucune autre", "info",
            "Un calcul d'itinéraire ou d'écoulement ne l'atteint jamais.", TOPOLOGICAL, 21, "tauxConnexErr",
        ),
        Kind(
            "pseudo-noeud", "Ligne coupée sans raison", "info",
            "Le nombre de tronçons et leur longueur moyenne ne veulent rien dire.", TOPOLOGICAL,
        ),
        Kind(
            "coordonnee-illisible", "Coordonnée qui n'est pas un nombre", "erreur",
            "Toute mesure de l'objet échoue ou donne un résultat faux.", FORMAT, 119, "tauxErrFormat",
        ),
        Kind(
            "segment-court", "Segment trop court", "info",
            "Fichier plus lourd, et des angles calculés sans aucun sens.", TOPOLOGICAL, 27, "nbChevauchErr",
        ),
        Kind(
            "aller-retour", "Ligne qui revient sur ses pas", "avertissement",
            "Longueur fausse, souvent la trace d'un mauvais clic.", TOPOLOGICAL, 27, "nbChevauchErr",
        ),
        Kind(
            "geometrie-fragile", "Géométrie qui ne supporte pas l'arrondi", "avertissement",
            "Elle devient invalide dès qu'un outil arrondit ses coordonnées.", TOPOLOGICAL, 26, "nbBoucle",
        ),
        Kind(
            "sens-contour", "Contour tracé dans l'autre sens", "info",
            "Certaines cartes en ligne colorient tout sauf l'objet.", FORMAT,
        ),
        Kind(
            "precision-illusoire", "Coordonnées trop précises pour être vraies", "info",
            "Fichier plus lourd, et une précision que personne n'a mesurée.", FORMAT,
        ),
        Kind(
            "altitude-melangee", "Objets avec et sans altitude", "avertissement",
            "Des outils refusent la couche, d'autres inventent une altitude nulle.",
            CONCEPTUAL, 10, "NonConfConceptuelle",
        ),
        Kind(
            "fichier-abime", "Fichier abîmé ou incomplet", "bloquant",
            "Une partie des données manque, sans que rien ne le signale.", FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "livraison-incomplete", "Fichier d'accompagnement absent ou en trop", "erreur",
            "Les données s'ouvrent mal, ou sans leurs dernières modifications.",
            FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "structure-incoherente", "Registres du GeoPackage incohérents", "erreur",
            "Des outils ne voient pas la couche, ou refusent le fichier.", FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "index-absent", "Couche sans index spatial", "avertissement",
            "Chaque affichage et chaque croisement relit toute la couche.", FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "index-faux", "Index spatial qui ne suit pas les données", "erreur",
            "Des objets n'apparaissent pas sur la carte ni dans les sélections.",
            FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "effectif-faux", "Nombre d'objets annoncé faux", "avertissement",
            "Des outils affichent ou lisent un nombre d'objets faux.", FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "systeme-indefini", "Système de coordonnées indéfini dans le fichier", "erreur",
            "La couche ne se superpose à aucune autre.", FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "nom-fragile", "Nom de table ou de colonne fragile", "info",
            "Une requête ou un programme échoue sur ce nom.", FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "vue-livree", "Vue à la place d'une table", "info",
            "Le contenu change avec les tables qu'elle lit, et ne se modifie pas.", FORMAT,
        ),
        Kind(
            "colonne-tronquee", "Nom de colonne sans doute tronqué", "info",
            "Deux colonnes se confondent, et la jointure attend le nom entier.",
            FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "taille-limite", "Fichier proche de la limite de son format", "avertissement",
            "Au-delà de la limite, les objets ne s'écrivent plus.", FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "archive-dangereuse", "Archive qui écrit hors de son dossier", "bloquant",
            "L'ouvrir peut écraser d'autres fichiers de la machine.", FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "archive-multiple", "Archive de plusieurs jeux de données", "info",
            "On en contrôle un, et l'on diffuse les autres sans les voir.", FORMAT,
        ),
        Kind(
            "bloc-illisible", "Bloc d'image illisible", "erreur",
            "La carte a un trou, et tout calcul sur l'image s'arrête.", FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "systeme-inattendu", "Système de coordonnées non admis", "erreur",
            "La couche ne se superpose pas à celles du même projet.", FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "resolution-inattendue", "Taille de pixel inattendue", "erreur",
            "Surfaces et indices ne se comparent pas à ceux des autres images.",
            FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "pixel-non-carre", "Pixel qui n'est pas carré", "avertissement",
            "Pentes, distances et surfaces calculées par pixel sont fausses.",
            FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "image-tournee", "Grille de l'image tournée", "avertissement",
            "Des outils ignorent la rotation et placent l'image de travers.", FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "grille-decalee", "Grille décalée de la référence", "erreur",
            "Deux images ne se comparent pas pixel à pixel.", FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "bandes-inattendues", "Bandes ou type de valeur inattendus", "erreur",
            "Un programme lit une bande pour une autre, ou tronque les valeurs.",
            FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "absence-non-declaree", "Valeur d'absence non déclarée", "erreur",
            "Le code qui veut dire « rien » entre dans les moyennes.", FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "image-vide", "Image sans aucune donnée", "bloquant",
            "Il n'y a rien à mesurer ni à apprendre.", OMISSION, 7, "txEx",
        ),
        Kind(
            "absence-excessive", "Trop de pixels sans donnée", "avertissement",
            "La moyenne d'une zone ne repose que sur quelques pixels.", OMISSION, 7, "txEx",
        ),
        Kind(
            "tuile-manquante", "Tuile manquante dans l'image", "erreur",
            "Du sol n'est décrit nulle part.", OMISSION, 7, "txEx",
        ),
        Kind(
            "bande-constante", "Bande où tout est pareil", "avertissement",
            "Un modèle n'a rien à y apprendre, souvent une bande mal écrite.", DOMAIN, 16, "txConfDomVal",
        ),
        Kind(
            "valeur-hors-plage", "Pixels hors des valeurs plausibles", "erreur",
            "Indices et moyennes sont faux.", DOMAIN, 16, "txConfDomVal",
        ),
        Kind(
            "valeur-non-finie", "Pixels qui ne sont pas des nombres", "avertissement",
            "Un seul rend fausse ou vide toute moyenne qui le prend.", DOMAIN, 16, "txConfDomVal",
        ),
        Kind(
            "cog-non-conforme", "Image non optimisée pour la lecture à distance", "info",
            "Voir un coin de l'image en ligne oblige à la télécharger presque entière.",
            FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "apercus-absents", "Image sans aperçus", "info",
            "L'affichage de l'image entière est lent.", FORMAT, 119, "confStructPhysiq",
        ),
        Kind(
            "fuite-identique", "Même objet dans l'apprentissage et le test", "erreur",
            "Le score mesure la mémoire du modèle, pas ce qu'il sait reconnaître.", USABILITY,
        ),
        Kind(
            "fuite-recouvrement", "Objet de test posé sur l'apprentissage", "erreur",
            "Le modèle est noté sur du sol qu'il a déjà vu.", USABILITY,
        ),
        Kind(
            "fuite-voisinage", "Objet de test voisin de l'apprentissage", "avertissement",
            "Deux voisins se ressemblent : le score est trop beau pour un lieu nouveau.", USABILITY,
        ),
        Kind(
            "classe-rare", "Classe trop rare pour être évaluée", "erreur",
            "Le score de cette classe n'existe pas, ou dépend du tirage.", USABILITY,
        ),
        Kind(
            "classe-dominante", "Classe largement majoritaire", "avertissement",
            "Un modèle qui répond toujours pareil obtient un score flatteur.", USABILITY,
        ),
        Kind(
            "etiquette-suspecte", "Étiquette contredite par le modèle", "avertissement",
            "Un modèle apprend l'erreur, et la note de test la compte à l'envers.", CLASSIFICATION, 60,
        ),
        Kind(
            "vignette-identique", "Vignettes identiques", "erreur",
            "L'apprentissage retrouve la vignette dans son propre test.", EXCESS, 4, "txEx",
        ),
        Kind(
            "vignette-proche", "Vignettes presque identiques", "avertissement",
            "L'apprentissage retrouve presque la vignette dans son propre test.", EXCESS, 4, "txEx",
        ),
        Kind(
            "variable-absente", "Variable absente d'une classe", "avertissement",
            "Le modèle reconnaît la classe à ses trous, pas à ses valeurs.", OMISSION, 7, "txEx",
        ),
    )
}  # fmt: skip
