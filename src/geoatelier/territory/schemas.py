"""The published layers: their columns, in order, with the French alias that QGIS shows.

Names follow the French standards that each layer imitates: BD TOPO, RPG, BAN, OCS GE.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column: `kind` is a Frictionless type (string, integer, number, boolean, date, datetime)."""

    name: str
    kind: str
    alias: str
    nullable: bool = False
    unit: str | None = None
    domain: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Layer:
    """One vector layer; `geometry` is its only geometry type, in EPSG:2154."""

    name: str
    title: str
    imitates: str
    geometry: str
    columns: tuple[Column, ...]
    key: str


BUILDING_NATURES = (
    "Indifférenciée", "Industriel, agricole ou commercial", "Eglise", "Chapelle", "Serre", "Silo",
)  # fmt: skip
BUILDING_USES = (
    "Agricole", "Annexe", "Commercial et services", "Indifférencié",
    "Industriel", "Religieux", "Résidentiel", "Sportif",
)  # fmt: skip
BUILDING_STATES = ("En construction", "En projet", "En ruine", "En service")

# RPG crop code, group and French name of the crops of the island.
CROPS = {
    "VRC": (21, "Vigne : raisins de cuve"),
    "OLI": (23, "Oliveraie"),
    "LAV": (24, "Lavande ou lavandin"),
    "VRG": (20, "Verger"),
    "BDH": (4, "Blé dur d'hiver"),
    "ORH": (3, "Orge d'hiver"),
    "TRN": (6, "Tournesol"),
    "LUZ": (16, "Luzerne"),
    "PPH": (18, "Prairie permanente"),
    "SPH": (17, "Surface pastorale, herbe prédominante"),
    "J6S": (11, "Jachère"),
}

# OCS GE cover and use codes that occur on the island.
COVER_CODES = {
    "CS1.1.1.1": "Zones bâties",
    "CS1.1.1.2": "Zones non bâties (routes, places, parkings)",
    "CS1.1.2.1": "Zones à matériaux minéraux",
    "CS1.2.1": "Sols nus (sable, roche, cailloux)",
    "CS1.2.2": "Surfaces d'eau",
    "CS2.1.1.1": "Peuplements de feuillus",
    "CS2.1.1.2": "Peuplements de conifères",
    "CS2.1.1.3": "Peuplements mixtes",
    "CS2.1.2": "Formations arbustives (garrigue, maquis, landes)",
    "CS2.1.3": "Autres formations ligneuses (vignes)",
    "CS2.2.1": "Formations herbacées",
}
USE_CODES = {
    "US1.1": "Agriculture",
    "US1.2": "Sylviculture",
    "US2": "Production secondaire",
    "US3": "Production tertiaire",
    "US4.1.1": "Routier",
    "US5": "Usage résidentiel",
    "US6.3": "Sans usage",
}
VEGETATION_NATURES = (
    "Forêt fermée de feuillus", "Forêt fermée de conifères", "Forêt fermée mixte", "Forêt ouverte",
    "Lande ligneuse", "Bois", "Haie",
)  # fmt: skip
ROAD_NATURES = ("Route à 1 chaussée", "Route empierrée", "Chemin", "Sentier")
ADDRESS_POSITIONS = ("entrée", "bâtiment", "segment", "parcelle")

LAYERS = {
    layer.name: layer
    for layer in (
        Layer(
            "communes",
            "Communes",
            "BD TOPO commune",
            "MultiPolygon",
            (
                Column("code_insee", "string", "Code INSEE"),
                Column("nom_officiel", "string", "Nom officiel"),
                Column("population", "integer", "Population", unit="habitants"),
                Column("superficie_cadastrale", "integer", "Superficie", unit="ha"),
            ),
            "code_insee",
        ),
        Layer(
            "batiments",
            "Bâtiments",
            "BD TOPO batiment",
            "MultiPolygon",
            (
                Column("cleabs", "string", "Identifiant"),
                Column("nature", "string", "Nature", domain=BUILDING_NATURES),
                Column("usage_1", "string", "Usage principal", domain=BUILDING_USES),
                Column("usage_2", "string", "Usage secondaire", True, domain=BUILDING_USES),
                Column("construction_legere", "boolean", "Construction légère"),
                Column("etat_de_l_objet", "string", "État", domain=BUILDING_STATES),
                Column("date_creation", "datetime", "Créé le"),
                Column("date_modification", "datetime", "Modifié le", True),
                Column("date_d_apparition", "date", "Apparu le", True),
                Column("methode_d_acquisition_planimetrique", "string", "Méthode d'acquisition"),
                Column("precision_planimetrique", "number", "Précision planimétrique", unit="m"),
                Column("nombre_de_logements", "integer", "Nombre de logements", True),
                Column("nombre_d_etages", "integer", "Nombre d'étages", True),
                Column("materiaux_des_murs", "string", "Matériaux des murs", True),
                Column("materiaux_de_la_toiture", "string", "Matériaux de la toiture", True),
                Column("hauteur", "number", "Hauteur", True, unit="m"),
                Column("altitude_minimale_sol", "number", "Altitude minimale du sol", True, unit="m"),
                Column("origine_du_batiment", "string", "Origine"),
                Column("identifiants_rnb", "string", "Identifiant RNB", True),
            ),
            "cleabs",
        ),
        Layer(
            "troncons_de_route",
            "Tronçons de route",
            "BD TOPO troncon_de_route",
            "LineString",
            (
                Column("cleabs", "string", "Identifiant"),
                Column("nature", "string", "Nature", domain=ROAD_NATURES),
                Column("importance", "string", "Importance", domain=("2", "3", "4", "5", "6")),
                Column("largeur_de_chaussee", "number", "Largeur de chaussée", True, unit="m"),
                Column("nom_voie", "string", "Nom de la voie", True),
                Column("code_insee", "string", "Code INSEE"),
            ),
            "cleabs",
        ),
        Layer(
            "cours_d_eau",
            "Cours d'eau",
            "BD TOPO cours_d_eau",
            "LineString",
            (
                Column("cleabs", "string", "Identifiant"),
                Column("toponyme", "string", "Toponyme", True),
                Column("persistance", "string", "Persistance", domain=("Permanent", "Intermittent")),
                Column("bassin_ha", "number", "Bassin versant à l'aval", unit="ha"),
            ),
            "cleabs",
        ),
        Layer(
            "parcelles_agricoles",
            "Parcelles agricoles",
            "RPG parcelles graphiques",
            "Polygon",
            (
                Column("id_parcel", "string", "Identifiant de parcelle"),
                Column("surf_parc", "number", "Surface déclarée", unit="ha"),
                Column("code_cultu", "string", "Code de la culture", domain=tuple(CROPS)),
                Column("code_group", "integer", "Groupe de cultures"),
                Column("culture_d1", "string", "Première culture dérobée", True),
                Column("culture_d2", "string", "Seconde culture dérobée", True),
                Column("code_insee", "string", "Code INSEE"),
                Column("millesime", "integer", "Millésime"),
            ),
            "id_parcel",
        ),
        Layer(
            "zones_de_vegetation",
            "Zones de végétation",
            "BD TOPO zone_de_vegetation",
            "Polygon",
            (
                Column("cleabs", "string", "Identifiant"),
                Column("nature", "string", "Nature", domain=VEGETATION_NATURES),
            ),
            "cleabs",
        ),
        Layer(
            "occupation_du_sol",
            "Occupation du sol",
            "OCS GE",
            "Polygon",
            (
                Column("id", "string", "Identifiant"),
                Column("code_cs", "string", "Couverture du sol", domain=tuple(COVER_CODES)),
                Column("code_us", "string", "Usage du sol", domain=tuple(USE_CODES)),
                Column("millesime", "integer", "Millésime"),
                Column("source", "string", "Source"),
            ),
            "id",
        ),
        Layer(
            "adresses",
            "Adresses",
            "BAN",
            "Point",
            (
                Column("id", "string", "Identifiant"),
                Column("id_fantoir", "string", "Identifiant FANTOIR", True),
                Column("numero", "integer", "Numéro"),
                Column("rep", "string", "Indice de répétition", True),
                Column("nom_voie", "string", "Nom de la voie"),
                Column("code_postal", "string", "Code postal"),
                Column("code_insee", "string", "Code INSEE"),
                Column("nom_commune", "string", "Commune"),
                Column("x", "number", "X (Lambert-93)", unit="m"),
                Column("y", "number", "Y (Lambert-93)", unit="m"),
                Column("lon", "number", "Longitude", unit="°"),
                Column("lat", "number", "Latitude", unit="°"),
                Column("type_position", "string", "Type de position", domain=ADDRESS_POSITIONS),
                Column("nom_ld", "string", "Lieu-dit", True),
                Column("certification_commune", "integer", "Certifiée par la commune"),
            ),
            "id",
        ),
        Layer(
            "zone_incendiee",
            "Zone incendiée",
            "BDIFF et relevé de contour",
            "Polygon",
            (
                Column("id", "string", "Identifiant"),
                Column("date_feu", "date", "Date du feu"),
                Column("surface_ha", "number", "Surface parcourue", unit="ha"),
                Column("severite", "string", "Sévérité", domain=("faible", "modérée", "forte")),
            ),
            "id",
        ),
        Layer(
            "releves_terrain",
            "Relevés de terrain",
            "Relevé de culture au GNSS",
            "Point",
            (
                Column("id_releve", "string", "Identifiant du relevé"),
                Column("id_parcel", "string", "Parcelle visitée"),
                Column("code_cultu_observe", "string", "Culture observée", domain=tuple(CROPS)),
                Column("date_releve", "date", "Date du relevé"),
                Column("agent", "string", "Agent"),
                Column("x_mesure", "number", "X mesuré", unit="m"),
                Column("y_mesure", "number", "Y mesuré", unit="m"),
                Column("x_vrai", "number", "X vrai", unit="m"),
                Column("y_vrai", "number", "Y vrai", unit="m"),
                Column("precision_m", "number", "Précision annoncée", unit="m"),
            ),
            "id_releve",
        ),
    )
}

POOL_FORMS = ("rectangle", "haricot", "ronde")
# Beside the orthophoto that shows them, in a file of its own.
POOLS = Layer(
    "piscines",
    "Piscines du port",
    "Photo-interprétation",
    "Polygon",
    (Column("id", "string", "Identifiant"), Column("forme", "string", "Forme du bassin", domain=POOL_FORMS)),
    "id",
)
