"""What is said of each dataset, in French: the catalogue, the GeoPackage and the cards share it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """What is said of one dataset.

    Parameters
    ----------
    title : a few words
    summary : one sentence, which a catalogue shows alone
    causes : how it is made, what causes what it shows
    limits : what it cannot be used for, what it gets wrong
    """

    title: str
    summary: str
    causes: str
    limits: tuple[str, ...]


FICTION = (
    "L'île de la Galéjade n'existe pas. Ses communes, ses rues, ses parcelles et ses images sont calculées "
    "par un programme. Aucune ligne ne décrit une personne, une adresse ou un champ réels."
)

TEXTS = {
    "communes": Text(
        "Communes",
        "Les cinq communes de l'île de la Galéjade, territoire fictif, sur le modèle de la BD TOPO.",
        (
            "Chaque commune réunit le sol que l'on atteint plus facilement depuis son village que depuis "
            "les autres: les limites suivent donc les crêtes et les ruisseaux. Chaque village a une raison "
            "d'être là où il est, qui se lit dans le relief."
        ),
        (
            "La population suit le nombre de logements, sans pyramide des âges.",
            "Les codes INSEE commencent par 139 et n'appartiennent à aucune commune réelle.",
        ),
    ),
    "batiments": Text(
        "Bâtiments",
        "Les bâtiments de l'île, avec les colonnes principales de la BD TOPO, vides comprises.",
        "Les bâtiments s'alignent sur les rues des bourgs, se serrent dans les centres, s'espacent dans les "
        "quartiers et s'isolent dans les fermes. Les usages, les hauteurs, les surfaces et la part de "
        "valeurs vides suivent ce que l'on mesure dans une commune réelle de la BD TOPO.",
        (
            "Quelques hauteurs valent zéro dans la couche saine, comme dans la BD TOPO.",
            "Les matériaux sont les codes des fichiers fonciers, sans libellé.",
            "Les identifiants RNB sont inventés : ils ne renvoient à aucun bâtiment du référentiel national.",
        ),
    ),
    "troncons_de_route": Text(
        "Tronçons de route",
        "Les routes, chemins et sentiers de l'île, coupés aux carrefours, sur le modèle de la BD TOPO.",
        "Les routes cherchent le chemin le moins coûteux dans le relief : elles évitent les pentes, les "
        "ravins et les détours. Les chemins desservent les fermes et les sentiers les crêtes.",
        ("Ni sens de circulation, ni vitesse : la couche ne permet pas de calculer un itinéraire réaliste.",),
    ),
    "cours_d_eau": Text(
        "Cours d'eau",
        "Les cours d'eau de l'île, de la source à la mer ou au confluent, avec leur bassin versant.",
        "L'eau descend la pente du relief. Un cours d'eau apparaît là où assez de terrain s'écoule ; au "
        "confluent, le plus grand bassin garde son nom.",
        ("Les débits ne sont pas modélisés : « intermittent » se déduit de la taille du bassin versant.",),
    ),
    "parcelles_agricoles": Text(
        "Parcelles agricoles",
        "Les parcelles agricoles déclarées en 2025, avec leur culture, sur le modèle du RPG.",
        "Les champs se découpent entre les routes et les ruisseaux, en terrasses là où la pente est forte. "
        "La culture dépend du sol, de la pente, de l'altitude, de la mer, du quartier, de l'exploitation et "
        "d'une part de hasard. Des causes cachées (date de semis, vigueur, enherbement) font que deux "
        "vignes ne se ressemblent pas sur les images.",
        (
            "Onze cultures seulement ; les parts de chacune sont celles d'un terroir provençal imaginaire.",
            (
                "La surface déclarée est arrondie au centième d'hectare et peut s'écarter un peu de la "
                "géométrie."
            ),
            "Une exploitation n'est pas publiée : rien ne relie les parcelles d'un même agriculteur.",
        ),
    ),
    "zones_de_vegetation": Text(
        "Zones de végétation",
        "Forêts, bois, haies et landes de l'île, sur le modèle de la BD TOPO.",
        (
            "La végétation dépend de l'exposition, du sol, de la pente, de l'eau et de la mer: les chênes "
            "dans les fonds humides, les pins près du rivage et sur les versants frais, la garrigue sur les "
            "adrets au sol mince, le rocher sur les fortes pentes."
        ),
        ("Les limites sont nettes là où la végétation réelle passe d'un milieu à l'autre par degrés.",),
    ),
    "occupation_du_sol": Text(
        "Occupation du sol",
        (
            "La couverture et l'usage du sol de toute l'île, sans trou ni recouvrement, sur le modèle de "
            "l'OCS GE."
        ),
        "La couche se déduit des autres : bâtiments, cours, routes, parcelles, végétation, plages et "
        "rochers. Elle couvre l'île entière et n'a ni trou ni recouvrement.",
        (
            "La nomenclature est celle de l'OCS GE, réduite aux codes présents sur l'île.",
            "Les seuils de surface sont plus fins que ceux de l'OCS GE réelle.",
        ),
    ),
    "adresses": Text(
        "Adresses",
        "Les adresses de l'île, avec des colonnes de la Base adresse nationale.",
        (
            "Chaque bâtiment où l'on habite ou travaille reçoit une adresse sur la voie la plus proche. Les "
            "numéros impairs sont à gauche en partant du village; à la campagne, le numéro est la distance "
            "en mètres depuis le début de la voie."
        ),
        (
            "Les noms de voie sont inventés. Les codes FANTOIR n'existent pas.",
            "Une seule adresse par entrée : ni lots ni étages.",
        ),
    ),
    "zone_incendiee": Text(
        "Zone incendiée",
        "Le contour et la sévérité de l'incendie d'août 2025.",
        "Le feu part un jour de mistral, court vers le sud-est selon ce qu'il trouve à brûler, et s'arrête "
        "aux routes, aux champs et aux villages. La sévérité dépend de la végétation et de l'avancée du "
        "feu. L'image du 27 août 2025 le montre.",
        ("Un seul feu. La sévérité est celle du modèle, elle n'est pas mesurée sur l'image.",),
    ),
    "releves_terrain": Text(
        "Relevés de terrain",
        "Les cultures observées sur place au printemps 2025, avec la position mesurée et la position vraie.",
        "Des agents visitent des parcelles et notent ce qui y pousse. Les uns ont un récepteur GNSS, les "
        "autres un téléphone : leurs erreurs de position n'ont ni la même taille ni la même cause.",
        (
            "La position vraie (`x_vrai`, `y_vrai`) n'existe jamais dans une vraie campagne : elle sert ici "
            "de corrigé.",
            "L'échantillon n'est pas tiré au hasard simple : les cultures rares y sont plus visitées.",
        ),
    ),
    "mnt_10m": Text(
        "Modèle numérique de terrain",
        "L'altitude de l'île tous les 10 m, en mètres au-dessus de la mer.",
        "Le relief vient d'un plan de crêtes et de plateaux, d'un bruit fractal et d'une érosion par les "
        "rivières. Toute l'eau de l'île s'écoule vers la mer : chaque cellule de terre a une voisine plus "
        "basse.",
        (
            "La mer vaut exactement zéro : ni fonds marins ni marée.",
            "Ni bâtiments, ni arbres : c'est le terrain nu.",
        ),
    ),
    "sentinel2": Text(
        "Série d'images de type Sentinel-2",
        "Huit images de 2025 à 10 m, six bandes, réflectance × 10 000, avec un masque de nuages par date.",
        (
            "Chaque pixel mélange des spectres de sol, de feuilles et d'ombre, selon ce qui couvre vraiment "
            "le terrain ce jour-là. La date de semis, la vigueur, l'enherbement, le sol, la pente, le flou "
            "de l'optique, les nuages et le bruit du capteur font la difficulté: aucune étiquette n'est "
            "faussée exprès."
        ),
        (
            "Huit dates là où un satellite réel passe tous les cinq jours.",
            (
                "Les bandes B11 et B12 sont mesurées à 20 m puis interpolées à 10 m, comme dans les produits "
                "courants."
            ),
            "Le masque de nuages se trompe sur les bords, comme un vrai masque.",
            "Les spectres sont ceux d'un modèle : n'en tirez aucune constante pour de vraies images.",
        ),
    ),
    "port_galejade_50cm": Text(
        "Orthophoto du port",
        "Un kilomètre carré autour du port, à 50 cm, en rouge, vert, bleu et proche infrarouge.",
        "La scène est peinte à 25 cm avec ses couleurs et ses hauteurs, éclairée par un seul soleil qui "
        "fait les ombres, puis réduite à 50 cm.",
        (
            "Une seule prise de vue : ni mosaïque, ni dévers, ni raccord.",
            "Les comptes numériques ne sont pas des réflectances.",
        ),
    ),
    "piscines": Text(
        "Piscines du port",
        "Le contour de l'eau de chaque piscine que montre l'orthophoto du port, dessiné sur l'image.",
        "Des maisons veulent une piscine et l'ont si leur jardin a la place. Ces contours ont servi à "
        "peindre l'image : ils sont ceux qu'un photo-interprète sans défaut aurait dessinés, à l'ombre et "
        "sous les arbres aussi.",
        (
            "Une vraie photo-interprétation oublie des piscines, en invente et décale des contours ; pas "
            "celle-ci.",
            "Rien hors de l'emprise de l'orthophoto.",
        ),
    ),
    "livraison": Text(
        "Livraison à contrôler",
        (
            "Quatre fichiers abîmés exprès (parcelles, bâtiments, adresses, relevés), comme un fournisseur "
            "les livre."
        ),
        "Chaque défaut imite une cause réelle : un contour mal dessiné, deux lots fusionnés, un tableur qui "
        "avale les zéros, un export sans encodage, une base GNSS mal saisie. Un défaut ne touche que des "
        "objets sains par ailleurs, pour que les comptes soient exacts.",
        (
            "Les taux de défauts sont plus hauts que dans une bonne livraison : il y en a à apprendre.",
            "Les défauts sont indépendants, alors que les vrais viennent souvent ensemble.",
            (
                "Les quelques bizarreries de la couche saine (hauteurs nulles des bâtiments) ne sont pas au "
                "registre."
            ),
        ),
    ),
    "parcelles_2025": Text(
        "Parcelles livrées (GeoPackage)",
        "Les parcelles agricoles avec des défauts de forme, de position, de code et de surface.",
        "",
        (),
    ),
    "batiments_livres": Text(
        "Bâtiments livrés (Shapefile)",
        "Les bâtiments dans un Shapefile sans .prj ni .cpg : ni système de coordonnées ni encodage déclarés.",
        "",
        (),
    ),
    "batiments_livres_shx": Text(
        "Bâtiments livrés : index",
        "La partie .shx du Shapefile des bâtiments : où commence chaque géométrie.",
        "",
        (),
    ),
    "batiments_livres_dbf": Text(
        "Bâtiments livrés : attributs",
        "La partie .dbf du Shapefile des bâtiments : textes en UTF-8, sans que rien ne le dise.",
        "",
        (),
    ),
    "adresses_livrees": Text(
        "Adresses livrées (CSV)",
        "Les adresses en texte, séparateur point-virgule, virgule décimale, encodage cp1252.",
        "",
        (),
    ),
    "releves_livres": Text(
        "Relevés de terrain livrés (CSV)",
        "Les relevés de culture en texte, séparateur virgule, point décimal, encodage UTF-8.",
        "",
        (),
    ),
    "bordereau": Text(
        "Bordereau de livraison",
        "Ce que le fournisseur affirme de ses fichiers, à vérifier.",
        "",
        (),
    ),
    "registre_defauts": Text(
        "Registre des défauts",
        "Le corrigé de la livraison : chaque défaut planté, sa place, sa nature selon ISO 19157 et QuaDoGéo.",
        "Le registre s'écrit en même temps que les défauts : ce qui diffère entre une couche saine et le "
        "fichier livré, et ce que dit le registre, sont la même chose. Des tests le prouvent dans les deux "
        "sens.",
        (
            "Le rang se compte à partir de 0, dans l'ordre du fichier livré.",
            "Un défaut d'attribut est placé sur l'objet ; un défaut de forme est placé là où est l'erreur.",
            "Quand un défaut touche plusieurs attributs, leurs noms et leurs valeurs sont séparés par « | ».",
        ),
    ),
}
