"""Checks of lesson S1: read, reproject, repair, deduplicate, join, link, and log each decision."""

from collections.abc import Callable
from functools import cache
from typing import Annotated

import geopandas as gpd
import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pandas import DataFrame, Series
from shapely import Point

from geoatelier import datasets
from geoatelier.exercises import Outcome, passed, revise
from geoatelier.exercises.answers import close, in_degrees, missing_and_extra, off_by_factor
from geoatelier.exercises.french import count, join_words, listing, number, percent
from geoatelier.exercises.guards import missing_columns, needs, other_crs

DEGREES = ("lon", "lat")
METRES = ("x", "y")
LOG_COLUMNS = ["quoi", "pourquoi", "lignes", "qui peut défaire"]
MAX_DISTANCE = 15
SMALLEST_BUILDING = 2
WANTED_RECALL = 0.99
THRESHOLDS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 0.9)


@cache
def _table() -> DataFrame:
    path = datasets.path("livraison/adresses.csv")
    return pd.read_csv(path, sep=";", encoding="cp1252", dtype=str)


def _numbers(table: DataFrame, names: tuple[str, ...]) -> list[Series]:
    return [pd.to_numeric(table[name].str.replace(",", ".")) for name in names]


@cache
def _parcels() -> GeoDataFrame:
    parcels = gpd.read_file(datasets.path("livraison/parcelles_2025.gpkg"))
    return parcels[parcels.area > 0].reset_index(drop=True)


@cache
def _buildings() -> GeoDataFrame:
    path = datasets.path("livraison/batiments.shp")
    return gpd.read_file(path, encoding="UTF-8").set_crs(2154)


def s1_1(adresses: DataFrame, sans_code: int) -> Outcome:
    """The addresses read as text in the right encoding, and how many have no postal code."""
    truth = _table()
    if len(adresses.columns) < 3:
        return revise(
            f"`adresses` a {count(len(adresses.columns), 'colonne')} : le séparateur n'est pas le bon. "
            "Ouvrez le fichier dans un éditeur de texte : quel signe sépare les valeurs ?"
        )
    if missing := missing_columns("adresses", adresses, list(truth.columns)):
        return missing
    if len(adresses) != len(truth):
        return revise(
            f"`adresses` compte {count(len(adresses), 'ligne')} ; le fichier en a {number(len(truth))}."
        )
    numeric = [name for name in truth.columns if pd.api.types.is_numeric_dtype(adresses[name])]
    if numeric:
        example = adresses[numeric[0]].dropna().iloc[0]
        return revise(
            f"{join_words([f'`{name}`' for name in numeric[:3]])} : ce n'est plus du texte. La première valeur est devenue "
            f"`{example}`. Un code n'est pas un nombre : on n'en fait pas la somme, et ses zéros comptent."
        )
    streets = adresses["nom_voie"].dropna().astype(str).loc[lambda names: names != ""]
    if streets.str.contains("\ufffd").any():
        spoilt = streets[streets.str.contains("\ufffd")]
        return revise(
            f"Les accents ont disparu de {count(len(spoilt), 'nom')} de voie, comme « {spoilt.iloc[0]} ». "
            "Le bordereau dit UTF-8 ; le fichier dit autre chose."
        )
    strange = sorted(set(streets) - set(truth["nom_voie"].dropna()))
    if strange:
        return revise(
            f"« {strange[0]} » : ce nom de voie ne se lit pas comme il est écrit ({count(len(strange), 'nom')} dans ce cas). "
            "Essayez `cp1252`."
        )
    empty = int(truth["code_postal"].isna().sum())
    if sans_code == 0:
        return revise(
            "`sans_code` vaut 0. Une case vide n'est pas un texte vide : pandas la tient pour une valeur manquante. "
            "`isna()` la voit."
        )
    if sans_code == len(truth) - empty:
        return revise(
            f"{number(sans_code)}, ce sont les adresses qui ont un code postal. Comptez les autres."
        )
    if sans_code == len(truth):
        return revise(
            f"{number(sans_code)}, ce sont toutes les lignes : `.count()` et `len()` comptent aussi les `False`. `.sum()` ne compte que "
            "les `True`."
        )
    if sans_code != empty:
        return revise(
            f"`sans_code` vaut {number(sans_code)} ; comptez les cases vides de la seule colonne `code_postal`."
        )
    return passed(
        f"{count(len(truth), 'adresse')}, {count(len(truth.columns), 'colonne')}, accents intacts. "
        f"{count(empty, 'code postal', 'codes postaux')} à demander : rien n'a été deviné."
    )


@cache
def _positions() -> DataFrame:
    table = _table()
    x, y = _numbers(table, METRES)
    lon, lat = _numbers(table, DEGREES)
    sound = (x > 0) & (x < y) & (lon < lat)
    frame = DataFrame({"id": table["id"], "x": x, "y": y, "lon": lon, "lat": lat})
    return frame[sound].reset_index(drop=True)


def s1_2(adresses_l93: GeoDataFrame, ecart_max: float) -> Outcome:
    """Points made from degrees and reprojected, and their largest distance to those in metres."""
    positions = _positions()
    if in_degrees(adresses_l93):
        return revise(_still_in_degrees(adresses_l93))
    if other := other_crs("adresses_l93", adresses_l93, 2154):
        return other
    if len(adresses_l93) != len(positions):
        return revise(
            f"`adresses_l93` compte {count(len(adresses_l93), 'ligne')} ; `positions` en a {number(len(positions))}."
        )
    x, y = adresses_l93.geometry.x.to_numpy(), adresses_l93.geometry.y.to_numpy()
    away = np.hypot(x - positions["x"].to_numpy(), y - positions["y"].to_numpy())
    if not np.isfinite(away).all() or np.median(away) > 100_000:
        return revise(
            "Vos points tombent à des milliers de kilomètres de l'île. La longitude passe avant la latitude dans "
            "`points_from_xy`."
        )
    if away.max() < 1e-6:
        return revise(
            "Vos points sont exactement ceux de `x` et `y` : ils ne viennent pas de `lon` et `lat`. "
            "On ne contrôle pas une valeur avec elle-même."
        )
    if away.max() > 1:
        return revise(
            f"Un de vos points est à {number(away.max(), 1)} m de sa place. Dites que les nombres de départ sont en "
            "EPSG:4326, puis reprojetez, sans changer l'ordre des lignes."
        )
    if close(ecart_max, away.max(), relative=0.02):
        return passed(
            f"L'écart le plus grand est de {number(100 * away.max(), 1)} cm : les deux écritures disent la même chose. "
            "Ce reste est l'arrondi des degrés au millionième."
        )
    for value, name in ((away.mean(), "la moyenne"), (np.median(away), "la médiane")):
        if close(ecart_max, value, relative=0.02):
            return revise(
                f"{number(ecart_max, 3)} m : c'est {name}. Une moyenne cache le pire point ; prenez `.max()`."
            )
    if off_by_factor(ecart_max, away.max(), 1000) or off_by_factor(ecart_max, away.max(), 100):
        return revise(
            f"{number(ecart_max, 1)} n'est pas en mètres. En Lambert-93, `distance` rend déjà des mètres."
        )
    return revise(
        f"`ecart_max` vaut {number(ecart_max, 3)} ; la plus grande distance entre vos points et ceux de `x` et `y` "
        "est autre. Les deux couches sont-elles en Lambert-93, et dans le même ordre ?"
    )


def _still_in_degrees(layer: GeoDataFrame) -> str:
    """What is wrong with degrees, according to the label that they bear."""
    low, high = layer.total_bounds[0], layer.total_bounds[2]
    seen = (
        f"Les premières coordonnées vont de {number(low, 2)} à {number(high, 2)} : ce sont encore des degrés."
    )
    if layer.crs is None:
        return (
            f"{seen} La couche n'a pas d'étiquette. Donnez-la (`crs=4326`), puis gardez ce que rend `to_crs` : "
            "`adresses_l93 = ….to_crs(2154)`."
        )
    if layer.crs.is_geographic:
        return (
            f"{seen} `to_crs` ne change pas la couche, il en rend une nouvelle. Gardez-la : "
            "`adresses_l93 = ….to_crs(2154)`."
        )
    return f"{seen} L'étiquette a changé, pas les coordonnées. `to_crs` les recalcule."


def s1_3(decision: dict) -> Outcome:
    """One line of the log: an operation, its use, the rows that it changed, and who can undo it."""
    absent = [name for name in LOG_COLUMNS if name not in decision]
    if absent:
        given = f" Ses clés sont : {listing(decision, 8)}." if decision else ""
        return revise(f"Il manque à `decision` : {join_words([f'`{name}`' for name in absent])}.{given}")
    before = gpd.read_file(datasets.path("livraison/parcelles_2025.gpkg"), ignore_geometry=True)["code_cultu"]
    after = before.str.strip().str.upper()
    changed = int(((before != after) & before.notna()).sum())
    empty = int(before.isna().sum())
    rows = decision["lignes"]
    if isinstance(rows, Series):
        return revise(
            '`decision["lignes"]` est une colonne ; il faut un nombre entier. `.sum()` compte les `True`.'
        )
    if isinstance(rows, str):
        return revise('`decision["lignes"]` est un texte ; il faut un nombre entier, sans guillemets.')
    if isinstance(rows, bool) or not isinstance(rows, int | float | np.number) or rows != round(rows):
        return revise('`decision["lignes"]` doit être un nombre entier.')
    if rows == changed + empty:
        return revise(
            f"{number(rows)}, c'est {number(empty)} de trop : les cases vides. Une case vide n'est égale à rien, pas même à "
            "une autre case vide ; `!=` la croit donc changée."
        )
    if rows == len(before):
        return revise(
            f"{number(rows)}, c'est toute la colonne. L'opération a été essayée partout ; elle n'a changé que "
            "certaines valeurs."
        )
    if rows == int((before.str.upper() != before).where(before.notna(), False).sum()):
        return revise(
            f"{number(rows)} : vous n'avez compté que les capitales. Les espaces ôtées comptent aussi."
        )
    if rows == int((before.str.strip() != before).where(before.notna(), False).sum()):
        return revise(f"{number(rows)} : vous n'avez compté que les espaces. Les capitales comptent aussi.")
    if rows != changed:
        return revise(f"{number(rows)} n'est pas le nombre de valeurs changées. Comparez `avant` et `apres`.")
    return _judge_words_of_the_log(decision) or passed(
        f"{count(changed, 'valeur changée', 'valeurs changées')} sur {number(len(before))}, un motif, un recours. Dans six "
        "mois, quelqu'un qui trouvera un code étrange saura s'il vient de vous."
    )


def _judge_words_of_the_log(decision: dict) -> Outcome | None:
    for name in ("quoi", "pourquoi", "qui peut défaire"):
        if not isinstance(decision[name], str):
            return revise(f'`decision["{name}"]` doit être un texte entre guillemets.')
        if not decision[name].strip():
            return revise(f"`decision[\"{name}\"]` est vide. C'est ce qu'on lira dans six mois.")
    what, why, who = (
        decision[name].strip().lower().rstrip(".") for name in ("quoi", "pourquoi", "qui peut défaire")
    )
    if len(what.split()) < 2:
        return revise(f"« {decision['quoi']} » ne dit pas assez ce qui a été fait. Nommez l'opération.")
    if len(why.split()) < 4 or why == what:
        return revise(
            f"« {decision['pourquoi']} » ne dit pas à quoi l'opération sert. Qui en avait besoin, pour quel usage ? "
            "Quatre mots au moins."
        )
    if who in {"personne", "aucun", "aucune", "impossible", "rien"} or "personne ne" in who:
        return revise(
            "Le fichier reçu existe encore : on peut revenir en arrière tant qu'il est gardé. Dites qui le garde."
        )
    if len(who.split()) < 2:
        return revise(f"« {decision['qui peut défaire']} » : dites aussi comment, en quelques mots.")
    return None


def s1_4(reparees: GeoDataFrame, surface_changee: float) -> Outcome:
    """Every parcel valid with nothing thrown away, and the area that it changed, in square metres."""
    parcels = _parcels()
    if len(reparees) != len(parcels):
        lost = len(parcels) - len(reparees)
        if lost > 0:
            return revise(
                f"{count(lost, 'parcelle a disparu', 'parcelles ont disparu')}. Les écarter, c'est ne plus les payer : réparez-les."
            )
        return revise(
            f"`reparees` compte {count(-lost, 'ligne')} de trop. Gardez une ligne par parcelle livrée."
        )
    if other := other_crs("reparees", reparees, 2154):
        return other
    shapes = reparees.geometry.reset_index(drop=True)
    if shapes.isna().any() or shapes.is_empty.any():
        return revise("Un contour est devenu vide. Réparez sans rien effacer.")
    wrong = int((~shapes.is_valid).sum())
    if wrong:
        said = count(wrong, "contour n'est pas valide", "contours ne sont pas valides")
        return revise(
            f"{said}. `make_valid()` rend de nouveaux contours et "
            "laisse les anciens : gardez-les avec `set_geometry`."
        )
    if _reordered(reparees, parcels):
        return revise(
            "Les lignes ne sont plus dans le même ordre que `parcelles` : les surfaces ne se comparent plus."
        )
    kept = parcels.make_valid().area.to_numpy()
    short = np.flatnonzero(shapes.area.to_numpy() < kept - 1)
    if len(short):
        missing = (kept - shapes.area.to_numpy())[short].sum()
        return revise(
            f"Sur {count(len(short), 'parcelle')}, l'opération a jeté une partie du contour : {number(missing)} m² de moins "
            "que ce qui était dessiné. C'est ce que fait `buffer(0)` avec un nœud papillon."
        )
    if (np.abs(shapes.area.to_numpy() - kept) > 1).any():
        return revise(
            "Des surfaces ne sont pas celles des contours livrés. Les lignes sont-elles dans le même ordre ?"
        )
    truth = float(np.abs(shapes.area.to_numpy() - parcels.area.to_numpy()).sum())
    if close(surface_changee, truth, relative=0.01):
        changed = int((~parcels.is_valid).sum())
        return passed(
            f"{count(changed, 'contour réparé', 'contours réparés')}, {number(truth)} m² d'écart. Ces parcelles iront sur une "
            "liste à vérifier : valide ne veut pas dire vrai."
        )
    if close(surface_changee, truth / 10_000, relative=0.01):
        return revise(
            f"{number(surface_changee, 2)} : c'est en hectares. La consigne demande des mètres carrés."
        )
    if close(surface_changee, -truth, relative=0.01):
        return revise("Le signe est perdu : prenez la valeur absolue de chaque écart, avec `.abs()`.")
    return revise(
        f"`surface_changee` vaut {number(surface_changee, 1)} m². Comparez la surface de chaque parcelle avant et après, "
        "puis additionnez les écarts."
    )


def _reordered(layer: GeoDataFrame, parcels: GeoDataFrame) -> bool:
    """Whether the identifiers, if they were kept, are not in the order of the parcels."""
    if "id_parcel" not in layer:
        return False
    given, truth = layer["id_parcel"].to_numpy(dtype=object), parcels["id_parcel"].to_numpy(dtype=object)
    return not np.array_equal(given, truth)


def s1_5(uniques: Annotated[GeoDataFrame, needs(columns=["id_parcel"])], lignes_otees: int) -> Outcome:
    """One row a contour, with the different fields that share an identifier both kept."""
    parcels = _parcels()
    repaired = parcels.set_geometry(parcels.make_valid())
    if other := other_crs("uniques", uniques, 2154):
        return other
    print_of_all = repaired.geometry.normalize().to_wkb()
    given = uniques.geometry.normalize().to_wkb()
    lost, unknown = missing_and_extra(given, print_of_all)
    if unknown:
        return revise(
            f"{count(len(unknown), 'contour')} de `uniques` ne sont pas dans `parcelles`. Ne changez pas les formes."
        )
    copies_left = int(given.duplicated().sum())
    appear_twice = set(print_of_all[print_of_all.duplicated()])
    if len(uniques) == len(repaired) and copies_left:
        return revise(
            "`uniques` a encore toutes les lignes. pandas ne change pas le tableau, il en rend un nouveau : gardez-le, "
            "`uniques = parcelles[~copies]`."
        )
    if not set(given) - appear_twice:
        return revise(
            "Vous avez gardé les copies, et ôté tout le reste. Le signe `~` devant la condition la retourne."
        )
    if lost and set(lost) <= appear_twice:
        return revise(
            f"Les deux exemplaires ont disparu pour {count(len(lost), 'champ')} : il n'en reste aucun. "
            "`duplicated()` garde le premier, `keep=False` n'en garde pas."
        )
    if lost and copies_left:
        return revise(
            f"Vous avez dédoublonné par l'identifiant : {count(len(lost), 'vrai champ a disparu', 'vrais champs ont disparu')} : "
            f"par erreur, son identifiant était celui d'un autre. {count(copies_left, 'copie reste', 'copies restent')}, sous un identifiant neuf."
        )
    if lost:
        return revise(
            f"{count(len(lost), 'champ a disparu', 'champs ont disparu')}. Une ligne par contour : ne retirez que les copies."
        )
    if copies_left:
        example = uniques.loc[given.duplicated(keep=False).to_numpy(), "id_parcel"]
        return revise(
            f"{count(copies_left, 'champ reste', 'champs restent')} en double, sous un autre identifiant ({listing(example, 2)}). "
            "Les attributs diffèrent, le contour non."
        )
    removed = len(repaired) - len(print_of_all.unique())
    if lignes_otees != removed:
        return revise(
            f"`lignes_otees` vaut {number(lignes_otees)}. Comparez le nombre de lignes de `parcelles` et de `uniques`."
        )
    same_key = int(uniques["id_parcel"].duplicated().sum())
    return passed(
        f"{count(removed, 'ligne ôtée', 'lignes ôtées')}, aucun champ perdu. {count(same_key, 'identifiant reste porté', 'identifiants restent portés')} par "
        "deux champs : c'est une question pour le fournisseur. Les champs redessinés à la main, eux, demandent la "
        "moitié en commun de la section 3."
    )


@cache
def _points() -> GeoDataFrame:
    table = _table()
    x, y = _numbers(table, METRES)
    points = GeoDataFrame(table[["id"]], geometry=gpd.points_from_xy(x, y), crs=2154)
    return points[(x > 0) & (x < y)].reset_index(drop=True)


@cache
def _nearest() -> Series:
    """Distance in metres of each sound address to its nearest building, by position."""
    buildings = _buildings()
    buildings = buildings.loc[buildings.area > SMALLEST_BUILDING, ["ID", "geometry"]]
    joined = gpd.sjoin_nearest(_points(), buildings, distance_col="distance")
    return joined.loc[~joined.index.duplicated(), "distance"]


def s1_6(rattachees: DataFrame, sans_batiment: int) -> Outcome:
    """One row for each address that has a building within 15 m, and how many have none."""
    if missing := missing_columns("rattachees", rattachees, ["id", "ID", "distance"]):
        return missing
    points, nearest = _points(), _nearest()
    expected = nearest.index[nearest <= MAX_DISTANCE]
    distances = pd.to_numeric(rattachees["distance"], errors="coerce")
    if isinstance(rattachees, GeoDataFrame) and (rattachees.geom_type == "Polygon").all():
        return revise(
            "Vous avez une ligne par bâtiment. La couche à compléter vient en premier : "
            "`gpd.sjoin_nearest(adresses, batiments, …)`."
        )
    if distances.max() == 0:
        return revise(
            'Toutes vos distances sont nulles. `distance_col="distance"` les fait mesurer par `sjoin_nearest`.'
        )
    if distances.max() < 0.1 and nearest.max() > 1 and isinstance(rattachees, GeoDataFrame):
        return revise(
            f"Votre plus grande distance vaut {number(distances.max(), 5)}. Ces distances sont en degrés, et « 15 » y voulait dire "
            "quinze degrés. Restez en Lambert-93."
        )
    if distances.isna().any():
        return revise(
            f"{count(int(distances.isna().sum()), 'ligne')} sans distance : ce sont des adresses sans bâtiment. "
            "Elles se comptent dans `sans_batiment`, pas ici."
        )
    far = int((distances > MAX_DISTANCE).sum())
    if far:
        return revise(
            f"{count(far, 'adresse est rattachée', 'adresses sont rattachées')} à plus de 15 m, la plus lointaine à {number(distances.max())} m. "
            "Le plus proche peut être loin."
        )
    repeated = int(rattachees.index.duplicated().sum())
    if repeated:
        return revise(
            f"{count(repeated, 'ligne')} de trop : une adresse y figure deux fois, quand deux bâtiments sont à la même "
            "distance. La jointure ne prévient pas ; comptez avant et après."
        )
    lost, unknown = missing_and_extra(rattachees.index, expected)
    if unknown:
        return revise(
            f"L'index de `rattachees` ne désigne plus les lignes de `adresses` : {listing(unknown, 3)}. "
            "Gardez-le, sans `reset_index`."
        )
    if lost:
        twins = points.loc[lost, "id"].isin(rattachees["id"])
        if twins.all():
            return revise(
                f"{count(len(lost), 'adresse manque', 'adresses manquent')} : vous les avez ôtées par leur `id`. Or des adresses différentes portent "
                "le même `id`. C'est l'index qui dit de quelle adresse il s'agit."
            )
        return revise(
            f"Il manque {count(len(lost), 'adresse')}, qui {'a' if len(lost) == 1 else 'ont'} pourtant un bâtiment à 15 m ou moins."
        )
    without = len(points) - len(expected)
    if sans_batiment != without:
        return revise(
            f"`sans_batiment` vaut {number(sans_batiment)}. C'est le nombre d'adresses moins le nombre de rattachées."
        )
    return passed(
        f"{count(len(expected), 'adresse rattachée', 'adresses rattachées')}, {number(without)} sans bâtiment. Ces dernières "
        "ne sont pas un échec : c'est la liste des appels à passer."
    )


@cache
def _links() -> DataFrame:
    points = _table()[["id"]]
    x, y = _numbers(_table(), METRES)
    points = GeoDataFrame(points, geometry=gpd.points_from_xy(x, y), crs=2154)[(x > 0) & (x < y)]
    buildings = _buildings()
    buildings = buildings.loc[buildings.area > SMALLEST_BUILDING, ["ID", "geometry"]]
    links = gpd.sjoin_nearest(points, buildings, max_distance=MAX_DISTANCE)
    return DataFrame(links.loc[~links.index.duplicated(), ["id", "ID"]]).reset_index(drop=True)


def s1_7(avec_hauteur: DataFrame) -> Outcome:
    """One row a link, with the height of the building where its identifier has only one."""
    if missing := missing_columns("avec_hauteur", avec_hauteur, ["id", "ID", "HAUTEUR", "douteux"]):
        return missing
    links = _links()
    heights = DataFrame(_buildings()[["ID", "HAUTEUR"]])
    distinct = heights.drop_duplicates()
    twice = distinct["ID"].duplicated(keep=False)
    doubtful = links["ID"].isin(distinct.loc[twice, "ID"]).to_numpy()
    difference = len(avec_hauteur) - len(links)
    strangers = int(avec_hauteur["id"].isna().sum())
    if difference > 0 and strangers:
        return revise(
            f'{count(strangers, "ligne vient", "lignes viennent")} de `hauteurs` seule, sans adresse : `how="left"` garde les lignes de '
            "`liens`, et elles seules."
        )
    if difference > 0:
        return revise(
            f"La jointure a multiplié des lignes : {number(len(avec_hauteur))} au lieu de {number(len(links))}. Un identifiant "
            'porté deux fois donne deux lignes. `validate="many_to_one"` vous aurait arrêté.'
        )
    if difference < 0:
        return revise(
            f'{count(-difference, "adresse a été perdue", "adresses ont été perdues")}. Une adresse sans hauteur sûre reste une adresse : `how="left"`.'
        )
    if not np.array_equal(avec_hauteur["ID"].to_numpy(dtype=object), links["ID"].to_numpy(dtype=object)):
        return revise("Les lignes ne sont plus dans l'ordre de `liens`. Joignez à partir de `liens`.")
    flagged = avec_hauteur["douteux"]
    if flagged.isna().any() or not flagged.isin([True, False]).all():
        return revise("`douteux` doit valoir `True` ou `False` à chaque ligne.")
    flagged = flagged.to_numpy(dtype=bool)
    filled = avec_hauteur["HAUTEUR"].notna().to_numpy()
    if (filled & doubtful).any():
        chosen = int((filled & doubtful).sum())
        return revise(
            f"{count(chosen, 'adresse a', 'adresses ont')} reçu une hauteur, alors que l'identifiant du bâtiment en porte plusieurs, ou une "
            "hauteur et une case vide. Vous avez choisi à leur place, sans le dire."
        )
    unknown = links["ID"].isin(distinct.loc[distinct["HAUTEUR"].isna(), "ID"]).to_numpy()
    if (flagged & ~doubtful).any() and unknown[flagged & ~doubtful].all():
        return revise(
            f"{count(int((flagged & ~doubtful).sum()), 'adresse est dite douteuse', 'adresses sont dites douteuses')} parce que la hauteur manque "
            "dans `hauteurs`. Une hauteur inconnue n'est pas une hauteur contredite : le chef d'agrès ne posera pas la même question."
        )
    if (flagged & ~doubtful).any():
        zealous = int((flagged & ~doubtful).sum())
        return revise(
            f"{count(zealous, 'adresse est dite douteuse', 'adresses sont dites douteuses')} à tort : une simple copie n'est pas un doute, sa hauteur est la "
            "même. Ôtez d'abord les lignes identiques."
        )
    if (doubtful & ~flagged).any():
        return revise(
            f"{count(int((doubtful & ~flagged).sum()), 'adresse')} sans hauteur, et sans marque. Un vide sans raison "
            "ne se distingue pas d'un oubli."
        )
    sure = distinct[~twice].set_index("ID")["HAUTEUR"]
    truth = links["ID"].map(sure).to_numpy(dtype=float)
    given = pd.to_numeric(avec_hauteur["HAUTEUR"], errors="coerce").to_numpy(dtype=float)
    if not np.allclose(given, truth, equal_nan=True):
        return revise("Des hauteurs ne sont pas celles de leur identifiant. Joignez sur la colonne `ID`.")
    return passed(
        f"{count(len(links), 'ligne')} avant, autant après. {count(int(doubtful.sum()), 'adresse marquée douteuse', 'adresses marquées douteuses')} : "
        "le chef d'agrès posera la question au lieu de se fier à un hasard."
    )


@cache
def _misspelt() -> DataFrame:
    ledger = gpd.read_file(datasets.path("livraison/registre_defauts.gpkg"), layer="defauts")
    ledger = ledger[(ledger["fichier"] == "adresses.csv") & (ledger["type_defaut"] == "ecriture-de-voie")]
    rows = _table().loc[ledger["rang"].astype(int), ["nom_voie", "nom_commune"]].reset_index(drop=True)
    return rows.assign(vraie=ledger["valeur_vraie"].to_numpy())


def s1_8(propositions: DataFrame) -> Outcome:
    """For each misspelt street name, the likest right one of its municipality, and their likeness."""
    if missing := missing_columns("propositions", propositions, ["voie", "ressemblance"]):
        return missing
    wanted = _misspelt()
    if len(propositions) != len(wanted):
        return revise(
            f"Il manque des lignes, ou il y en a trop : {number(len(propositions))} au lieu de {number(len(wanted))}. "
            "Une proposition pour chaque ligne de `a_retrouver`, répétitions comprises."
        )
    names = propositions["voie"].to_numpy(dtype=object)
    likeness = pd.to_numeric(propositions["ressemblance"], errors="coerce").to_numpy(dtype=float)
    if pd.isna(names).any() or np.isnan(likeness).any():
        return revise(
            "Des lignes n'ont pas de proposition. L'index de `propositions` suit-il celui de `a_retrouver` ?"
        )
    if likeness.min() < -1e-6 or likeness.max() > 1 + 1e-6:
        wrong = likeness.max() if likeness.max() > 1 + 1e-6 else likeness.min()
        return revise(f"Une ressemblance vaut {number(wrong, 2)} ; elle doit rester entre 0 et 1.")
    streets = datasets.layer("adresses").groupby("nom_commune")["nom_voie"].agg(set)
    elsewhere = [name not in streets[town] for name, town in zip(names, wanted["nom_commune"], strict=True)]
    if any(elsewhere):
        row = int(np.flatnonzero(elsewhere)[0])
        said = count(sum(elsewhere), "voie proposée n'existe pas", "voies proposées n'existent pas")
        return revise(
            f"{said} dans la commune de l'adresse, comme "
            f"« {names[row]} » à {wanted['nom_commune'][row]}. Cherchez parmi les voies de la même commune."
        )
    right = names == wanted["vraie"].to_numpy(dtype=object)
    if np.median(likeness) < 0.5 and right.mean() > 0.9:
        return revise(
            f"Pour des noms presque pareils, vous donnez {number(np.median(likeness), 2)}. C'est un écart, pas une ressemblance : "
            "retranchez-le de 1."
        )
    if right.mean() < 0.95:
        row = int(np.flatnonzero(~right)[0])
        return revise(
            f"{percent(right.mean())} de voies justes. « {wanted['nom_voie'][row]} » devient « {names[row]} ». Un mot entier ne "
            'souffre pas une faute de frappe : comparez des morceaux de lettres, sans accents ni capitales (`analyzer="char_wb"`).'
        )
    return passed(
        f"{count(int(right.sum()), 'voie retrouvée', 'voies retrouvées')} sur {number(len(wanted))}, sans une seule règle "
        f"d'abréviation. La ressemblance la plus basse est de {number(likeness.min(), 2)} : commencez la relecture par là."
    )


def s1_9(proposees: DataFrame, a_trouver: int, seuil: float, precision: float, rappel: float) -> Outcome:
    """The highest threshold that finds 99 % of the records, and its precision and recall."""
    if not {"accord", "juste"} <= set(proposees.columns) or not proposees["juste"].sum() <= a_trouver:
        return revise("`proposees` ou `a_trouver` a changé. Exécutez de nouveau les données de l'exercice.")
    if not any(close(seuil, value) for value in THRESHOLDS):
        return revise(f"{number(seuil, 2)} n'est pas dans la liste `seuils`.")
    found = {value: _scores(proposees, a_trouver, value) for value in THRESHOLDS}
    best = max(value for value in THRESHOLDS if found[value][1] >= WANTED_RECALL)
    exactness, recall = found[min(THRESHOLDS, key=lambda value: abs(value - seuil))]
    near = {"relative": 0, "absolute": 0.0006}
    if (
        not close(exactness, recall, **near)
        and close(precision, recall, **near)
        and close(rappel, exactness, **near)
    ):
        return revise(
            "Vous avez échangé précision et rappel. La précision divise par les liens posés, le rappel par les fiches à trouver."
        )
    if close(rappel, 100 * recall, absolute=0.06) or close(precision, 100 * exactness, absolute=0.06):
        return revise("Ce sont des pourcentages ; il faut des parts entre 0 et 1.")
    proposed = int(proposees["juste"].sum())
    if not close(rappel, recall, **near):
        right = recall * a_trouver
        if close(rappel, right / proposed, **near):
            return revise(
                f"Votre rappel, {number(rappel, 3)}, divise par les {number(proposed)} fiches justes de `proposees`. Il oublie ce "
                "que personne n'a proposé : divisez par `a_trouver`."
            )
        if close(rappel, recall, relative=0, absolute=0.005):
            return revise(
                f"`rappel` vaut {number(rappel, 3)} : vous avez trop arrondi. Le commandant veut 99 % ; gardez trois décimales."
            )
        return revise(
            f"Au seuil {number(seuil, 2)}, `rappel` vaut {number(rappel, 3)} chez vous. Ce doivent être les liens justes, divisés par `a_trouver`."
        )
    if not close(precision, exactness, **near):
        return revise(
            f"Au seuil {number(seuil, 2)}, `precision` vaut {number(precision, 3)} chez vous. Ce doivent être les liens justes, divisés par les liens posés."
        )
    if recall < WANTED_RECALL:
        return revise(
            f"Au seuil {number(seuil, 2)}, le rappel est de {percent(recall, 1)}. Il en faut 99 : {count(round((1 - recall) * a_trouver), 'adresse resterait', 'adresses resteraient')} "
            "sans fiche. Baissez le seuil."
        )
    if seuil < best - 1e-9:
        return revise(
            f"Le rappel est tenu. Un seuil plus haut tient aussi, avec moins de fiches fausses que {number(seuil, 2)}."
        )
    return passed(
        f"Au seuil {number(best, 2)} : {percent(recall, 1)} des fiches retrouvées, {percent(exactness, 1)} de liens justes. C'est le "
        "commandant qui a choisi ; vous lui avez dit le prix. Gardez une autre commune pour vérifier ce choix."
    )


def _scores(proposed: DataFrame, to_find: int, threshold: float) -> tuple[float, float]:
    """Precision and recall of the links at or above a threshold."""
    links = proposed[proposed["accord"] >= threshold]
    right = links["juste"].sum()
    return float(right / max(len(links), 1)), float(right / to_find)


DAMAGED_OTHERWISE = DataFrame(
    [
        ("A1", "3", "Rue du Port", "Rocamistral", "898000,50", "6194000,25"),
        ("A1", "3", "Rue du Port", "Rocamistral", "898000,50", "6194000,25"),
        ("A2", "5", " Rue du Port", "Rocamistral", "6194010,00", "898010,00"),
        ("A3", "7", "Rue du Port  ", "Rocamistral", "0,00", "0,00"),
        ("A4", "9", "Rue du Port", "Rocamistral", "898030.10", "6194030.20"),
        ("A1", "11", "Rue du Puits", "Les Restanques", "898050,00", "6194050,00"),
        ("A6", "13", "Rue du Puits", " Les Restanques", "6194060,00", "898060,00"),
        ("A7", "15", None, "Les Restanques", "898070,00", "6194070,00"),
        ("A8", "17", "Rue du Puits", "Les Restanques", "6194080,00", "898080,00"),
    ],
    columns=["id", "numero", "nom_voie", "nom_commune", "x", "y"],
)
PLACES = [Point(898000.5, 6194000.25), Point(898010, 6194010), None, Point(898030.1, 6194030.2)]
PLACES += [Point(898000 + 10 * tens, 6194000 + 10 * tens) for tens in (5, 6, 7, 8)]
COUNTS = {"doublons": 1, "échange": 3, "zéros": 1, "espaces": 3}
COUNTS_OF_DELIVERY = {"doublons": 15, "échange": 10, "zéros": 10, "espaces": 16}


def s1_10(preparer: Callable) -> Outcome:
    """A function that prepares addresses and logs it, tried on a small table damaged otherwise."""
    received = DAMAGED_OTHERWISE.copy()
    try:
        result = preparer(received)
    except Exception as error:
        return revise(
            f"Essayée sur une petite table de {len(received)} lignes, votre fonction s'arrête : "
            f"« {type(error).__name__} : {error} »."
        )
    if not isinstance(result, tuple) or len(result) != 2:
        return revise("Votre fonction doit rendre deux choses : terminez-la par `return prete, journal`.")
    ready, log = result
    if not isinstance(ready, GeoDataFrame) or not isinstance(log, DataFrame):
        return revise("Il faut rendre un GeoDataFrame, puis un DataFrame, dans cet ordre.")
    if not received.equals(DAMAGED_OTHERWISE):
        return revise(
            "La table reçue a changé. Sans elle, personne ne peut revenir en arrière : travaillez sur une copie."
        )
    return (
        _judge_ready(ready)
        or _judge_log(log)
        or passed(
            "Sur une livraison qu'elle n'avait jamais vue, votre fonction corrige, garde les lignes qu'elle ne peut pas "
            "corriger et dit ce qu'elle a fait. Elle peut aller dans la boîte à outils du service."
        )
    )


def _judge_ready(ready: GeoDataFrame) -> Outcome | None:
    expected = len(PLACES)
    if other := other_crs("prete", ready, 2154):
        return other
    if missing := missing_columns("prete", ready, ["id", "nom_voie", "nom_commune"]):
        return missing
    if len(ready) == len(DAMAGED_OTHERWISE):
        return revise("La ligne livrée deux fois est restée en double dans la table d'essai.")
    if len(ready) == DAMAGED_OTHERWISE["id"].nunique():
        return revise(
            "Vous avez dédoublonné par `id` : une adresse différente, qui portait par erreur le même identifiant, a disparu."
        )
    if len(ready) < expected:
        return revise(
            f"La table d'essai a {expected} adresses distinctes ; il n'en reste que {len(ready)}. Une coordonnée nulle vide le "
            "point, elle n'ôte pas la ligne."
        )
    if len(ready) > expected:
        return revise(f"La table d'essai a {expected} adresses distinctes ; vous en rendez {len(ready)}.")
    points = list(ready.geometry)
    empty = [point is None or point.is_empty for point in points]
    if any(not bare and point.x == 0 for point, bare in zip(points, empty, strict=True)):
        return revise(
            "Un point en (0, 0) n'est pas une absence : c'est un lieu, à des milliers de kilomètres de l'île."
        )
    wrong = _misplaced(points, empty)
    if len(wrong):
        row = int(wrong[0])
        shown = "aucun point" if empty[row] else f"({number(points[row].x)} ; {number(points[row].y)})"
        return revise(
            f"L'adresse `{ready['id'].iloc[row]}` de la table d'essai est placée ainsi : {shown}. Vérifiez l'échange, et le séparateur décimal."
        )
    texts = ready[["nom_voie", "nom_commune"]]
    spaces = texts.apply(lambda column: column.dropna().str.strip().ne(column.dropna()).any())
    if spaces.any():
        return revise(f"Il reste des espaces autour de `{spaces.idxmax()}`.")
    if texts["nom_voie"].isna().sum() != 1:
        return revise("La voie vide a été remplie. Une case vide reste vide.")
    return None


def _misplaced(points: list, empty: list[bool]) -> NDArray[np.intp]:
    """Rows whose point is not within a metre of its true place."""
    away = [
        bare != (place is None) or (place is not None and point.distance(place) > 1)
        for point, bare, place in zip(points, empty, PLACES, strict=True)
    ]
    return np.flatnonzero(away)


def _judge_log(log: DataFrame) -> Outcome | None:
    if missing := missing_columns("journal", log, LOG_COLUMNS):
        return missing
    if list(log["quoi"]) != list(COUNTS):
        return revise(
            f"La colonne `quoi` du journal contient : {listing(log['quoi'], 6)}. Il faut, dans cet ordre : {join_words([f'« {name} »' for name in COUNTS])}."
        )
    rows = dict(zip(log["quoi"], pd.to_numeric(log["lignes"], errors="coerce"), strict=True))
    if rows == COUNTS_OF_DELIVERY:
        return revise(
            "Vos nombres sont ceux de la livraison, écrits à la main. Sur la table d'essai, ils mentent : comptez dans la fonction."
        )
    for name, truth in COUNTS.items():
        if rows[name] != truth:
            return revise(
                f"Le journal dit {number(rows[name])} pour « {name} » ; la table d'essai en a {truth}. "
                + (
                    "Une case vide n'a pas d'espace."
                    if name == "espaces"
                    else "Comptez après avoir ôté les doublons."
                )
            )
    for column in ("pourquoi", "qui peut défaire"):
        if log[column].isna().any() or (log[column].astype(str).str.strip() == "").any():
            return revise(f"Une case de « {column} » est vide. C'est elle qu'on lira dans six mois.")
    return None
