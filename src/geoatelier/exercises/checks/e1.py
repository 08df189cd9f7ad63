"""Checks of lesson E1, « Contrôles en chaîne »."""

import datetime as dt
import difflib
import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import yaml
from geopandas import GeoDataFrame
from pandas import DataFrame
from shapely import Polygon, box

from geoatelier import quality
from geoatelier.exercises.answers import close, missing_and_extra
from geoatelier.exercises.french import count, listing, number
from geoatelier.exercises.guards import needs
from geoatelier.exercises.outcome import Outcome, passed, revise

Names = Annotated[list[str], needs(may_be_empty=True)]

DECISIONS = {"nord": "accepter", "sud": "refuser", "est": "reprendre", "ouest": "refuser"}
BEFORE_RULES = "titre: Bâtiments\ncouches:\n  - nom: batiments*\n    cle: cleabs\n    conditions:\n"
PAST = DataFrame(
    {
        "taux": [0.1, 0.2, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.1, 1.2, 1.4, 1.6, 1.9, 2.3, 2.8, 3.1, 3.7, 4.6],
        "refaite": [bool(int(digit)) for digit in "00001000010010110111"],
    }
)  # fmt: skip
CANDIDATES = (0.25, 0.45, 0.85, 1.25, 1.75, 2.5, 3.5)
FALSE_ALARM, MISS = 6, 24


def _stopped(error: Exception, tried_on: str) -> Outcome:
    return revise(f"Essayée sur {tried_on}, votre fonction s'arrête : « {type(error).__name__} : {error} ».")


def e1_1(decisions: dict, non_tenus: Names) -> Outcome:
    """The decision that each exit code calls for, and the lots that miss a threshold."""
    missing, extra = missing_and_extra(decisions, DECISIONS)
    if missing or extra:
        return revise(
            f"`decisions` doit avoir quatre clés, une par lot, écrites comme dans `sorties` : {listing(DECISIONS)}. "
            f"À revoir : {listing(missing + extra)}."
        )
    unknown = {str(value) for value in decisions.values()} - set(DECISIONS.values())
    if unknown:
        return revise(
            f"{listing(sorted(unknown))} : les décisions possibles sont « accepter », « refuser » et « reprendre »."
        )
    if decisions["est"] == "accepter":
        return revise(
            "Le lot `est` n'a aucune anomalie parce qu'il n'a pas été contrôlé : son fichier est illisible (code 2)."
        )
    if decisions["est"] == "refuser":
        return revise(
            "Le lot `est` est illisible (code 2) : le transfert ou la commande a pu échouer chez nous. "
            "Le refuser, c'est accuser le fournisseur avant d'avoir regardé."
        )
    if decisions["nord"] != "accepter":
        return revise(
            "Le lot `nord` a des anomalies et le code 0 : il est conforme, et des anomalies ne "
            "suffisent pas à refuser. La fiche a décidé de ce qui bloque."
        )
    wrong = [lot for lot in DECISIONS if decisions[lot] != DECISIONS[lot]]
    if wrong:
        return revise(
            f"Le lot `{wrong[0]}` a le code 1 : le contrôle a eu lieu, et il refuse, pour une anomalie bloquante ou un seuil non tenu."
        )
    strangers = [name for name in non_tenus if name not in DECISIONS]
    if strangers:
        return revise(
            f"{listing(strangers)} n'est pas un lot. Donnez le nom des lots : {listing(DECISIONS)}."
        )
    missing, extra = missing_and_extra(non_tenus, ["sud"])
    if extra:
        return revise(
            f"{listing(extra)} tient son seuil, ou n'en a pas eu : lisez la clé `conforme` de chaque seuil."
        )
    if missing:
        return revise(
            "Un lot sans rien de bloquant est pourtant refusé (code 1) : c'est qu'un seuil n'est pas tenu."
        )
    return passed(
        "`ouest` est refusé pour une anomalie bloquante, `sud` pour un seuil, et `est` n'a pas été jugé. "
        "Trois sens d'un même voyant rouge."
    )


def _sheet(text: str) -> "quality.Sheet | str":
    """The sheet that a text makes, or what the tool says of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fiche.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            return quality.load_sheet(path, measures=quality.MEASURES)
        except ValueError as refusal:
            return str(refusal).splitlines()[0]


def _found(sheet: "quality.Sheet", layer: GeoDataFrame, name: str) -> DataFrame:
    """The anomalies of a small layer under a sheet."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.gpkg"
        layer.to_file(path, layer=name)
        return quality.check([path], sheet=sheet, today=dt.date(2025, 12, 1)).anomalies


def e1_2(fiche_corrigee: str) -> Outcome:
    """A sheet mended without losing a rule, tried on a layer of hedges that breaks each of them."""
    sheet = _sheet(fiche_corrigee)
    if isinstance(sheet, str):
        return revise(f"L'outil la refuse encore : {sheet}")
    hedges = GeoDataFrame(
        {
            "id_haie": ["h1", "h2", "h3", "h4", "h4"],
            "code_insee": ["01004", "13901", "75056", "13901", "13901"],
            "entretien": ["OUI", "NO", "NSP", "JAMAIS", None],
            "longueur_m": [10.0, 10.0, 10.0, 0.4, 10.0],
        },
        geometry=[shapely.LineString([(0, 20 * k), (10, 20 * k)]) for k in range(5)],
        crs=2154,
    )
    if not sheet.expected_layers:
        return revise("La fiche se charge, mais la couche n'y est plus obligatoire : une règle a disparu.")
    told = _found(sheet, hedges, "haies_2025")
    told = told.dropna(subset="rang").assign(rang=lambda table: table["rang"].astype(int))
    faults = set(zip(told["attribut"], told["rang"], strict=True))
    for column, row, code in (("code_insee", 0, "01004"), ("entretien", 1, "NO"), ("entretien", 0, "OUI")):
        if (column, row) in faults:
            return revise(f"Le code « {code} » est permis par le marché, et votre fiche le refuse.")
    wanted = {
        ("code_insee", 2): "le code INSEE 75056, hors de la liste",
        ("entretien", 3): "l'entretien « JAMAIS », hors de la liste",
        ("entretien", 4): "un entretien vide",
        ("longueur_m", 3): "une longueur de 0,4 m, sous le minimum",
    }
    lost = [said for fault, said in wanted.items() if fault not in faults]
    if lost:
        return revise(
            f"La fiche se charge, mais une règle a disparu : {lost[0]} passe sans rien dire. "
            "Réparez la règle au lieu de la retirer."
        )
    if not ((told["code"] == "cle-dupliquee") & (told["niveau"] == "bloquant")).any():
        return revise(
            "Un identifiant en double ne bloque plus : une règle a disparu, celle de `niveaux`, ou la clé."
        )
    return passed(
        f"La fiche se charge, et trouve {count(len(wanted), 'faute')} de valeur dans une couche d'essai. `01004` sans guillemets "
        f"aurait été lu {int('01004', 8)}, en base 8."
    )


def _buildings() -> GeoDataFrame:
    table = {
        "cleabs": [f"BATIMENT{k:016d}" for k in range(7)],
        "nature": ["Église", "Église", "Chapelle", "Indifférenciée", "Indifférenciée", "Indifférenciée", None],
        "usage_1": ["Religieux", "Résidentiel", "Religieux", "Résidentiel", "Résidentiel", "Agricole", "Agricole"],
        "altitude_minimale_sol": [12.0, 12.0, 12.0, 12.0, 18.0, 12.0, 12.0],
        "altitude_minimale_toit": [21.0, 21.0, 16.0, 12.0, 12.0, 16.0, 16.0],
    }  # fmt: skip
    places = [box(895_000 + 40 * k, 6_195_000, 895_010 + 40 * k, 6_195_010) for k in range(7)]
    return GeoDataFrame(table, geometry=places, crs=2154)


def _misspelt(rules: str) -> str | None:
    """The first column or value of some conditions that the buildings write otherwise, in French."""
    buildings = _buildings()
    for condition in yaml.safe_load(rules):
        asked = [part for part in condition.values() if isinstance(part, dict)]
        columns = [part["colonne"] for part in asked if "colonne" in part]
        if "comparer" in condition:
            columns += re.split(r"\s(?:<=|>=|<|>|=|!=)\s", condition["comparer"])
        for name in map(str.strip, map(str, columns)):
            if name not in buildings:
                near = difflib.get_close_matches(name, buildings.columns, n=1)
                return f"`{name}` n'est pas une colonne de la couche." + (
                    f" Vouliez-vous dire `{near[0]}` ?" if near else ""
                )
        for part in asked:
            value, known = part.get("vaut"), set(buildings[part["colonne"]].dropna())
            alike = [word for word in known if str(value).casefold() == str(word).casefold()]
            if value not in known and alike:
                return f"La couche écrit « {alike[0]} », et votre règle « {value} » : une majuscule compte."
    return None


def e1_3(regles: str) -> Outcome:
    """Two rules between columns, tried on seven buildings of which two break one."""
    if regles.lstrip().startswith("titre"):
        return revise("`regles` s'ajoute à `debut` : n'y remettez pas le titre ni la couche.")
    sheet = _sheet(BEFORE_RULES + regles)
    if isinstance(sheet, str):
        return revise(f"L'outil refuse la fiche : {sheet}")
    if misspelt := _misspelt(regles):
        return revise(misspelt)
    told = _found(sheet, _buildings(), "batiments_2025")
    rows = set(told.loc[told["code"] == "condition-non-tenue", "rang"].astype(int))
    if {0, 6} <= rows and 4 not in rows:
        return revise(
            "La comparaison est à l'envers : elle signale les bâtiments qui ont le toit au-dessus du sol, et laisse passer l'autre."
        )
    if 2 in rows and 1 not in rows:
        return revise(
            "La règle est à l'envers : une chapelle d'usage religieux est signalée, et une église d'usage résidentiel "
            "passe. Le `si` porte sur la nature."
        )
    if 2 in rows:
        return revise("Une chapelle d'usage religieux est signalée. Le marché ne demande rien d'elle.")
    if 1 not in rows:
        return revise("Une église d'usage résidentiel passe sans être signalée.")
    if 3 in rows:
        return revise(
            "Une dalle, dont le toit et le sol ont la même altitude, est signalée, alors que le marché le permet. "
            "Le signe `<=` admet l'égalité."
        )
    if 4 not in rows:
        return revise("Un bâtiment qui a le toit sous le sol passe sans être signalé.")
    if rows != {1, 4}:
        return revise(
            f"{count(len(rows - {1, 4}), 'bâtiment sans faute est signalé', 'bâtiments sans faute sont signalés')}."
        )
    return passed(
        "Sept bâtiments d'essai, deux fautes, deux trouvées : l'église résidentielle et le toit sous le sol. "
        "La chapelle n'est pas inquiétée."
    )


_NARROW_CASES: dict[str, tuple[Polygon | None, float | None]] = {
    "un carré de 20 m": (box(0, 0, 20, 20), None),
    "une bande de 3,4 m sur 100 m": (box(0, 100, 100, 103.4), 3.4),
    "une bande en diagonale de 3,4 m de large": (
        shapely.affinity.rotate(box(0, 200, 100, 203.4), 45),
        3.4,
    ),
    "une bande de 6 m sur 100 m": (box(0, 400, 100, 406), None),
    "un carré de 4,2 m": (box(0, 500, 4.2, 504.2), None),
    "une parcelle sans contour": (None, None),
    "une parcelle au contour vide": (Polygon(), None),
    "un contour qui se recoupe, large de plus de 4 m": (
        Polygon([(0, 600), (40, 640), (40, 600), (0, 640)]),
        None,
    ),
}


def e1_4(trop_etroite: Callable) -> Outcome:
    """A control that tells the narrow parcels, tried on eight shapes."""
    names = list(_NARROW_CASES)
    shapes = [shape for shape, _ in _NARROW_CASES.values()]
    index = range(100, 100 + len(names))
    layer = GeoDataFrame({"id_parcel": names}, geometry=shapes, crs=2154, index=index)
    try:
        answer = trop_etroite(layer)
    except Exception as error:
        return revise(
            "Essayée sur une table où une parcelle est sans contour, une autre au contour vide et une dernière qui se "
            f"recoupe, votre fonction s'arrête : « {type(error).__name__} : {error} »."
            + (
                " L'index de la table ne commence pas à 0 : `.iloc[rang]` désigne une ligne par son rang."
                if isinstance(error, KeyError)
                else ""
            )
        )
    if answer is None or isinstance(answer, str | bytes | dict) or not hasattr(answer, "__len__"):
        return revise("Votre fonction doit rendre une liste : une phrase, ou `None`, par parcelle.")
    answer = list(answer)
    if len(answer) != len(names):
        return revise(f"Pour {len(names)} parcelles, votre fonction rend {count(len(answer), 'valeur')}.")
    for name, message in zip(names, answer, strict=True):
        told = isinstance(message, str) and bool(message)
        truth = _NARROW_CASES[name][1]
        if not told and message is not None and not pd.isna(message):
            return revise(f"Pour {name}, votre fonction rend `{message!r}` ; il faut une phrase ou `None`.")
        if told and truth is None:
            radius = "4,2" in name or "6 m" in name
            return revise(
                f"{name.capitalize()} est signalée à tort : « {message} »."
                + (" Le segment du plus grand cercle est un rayon : doublez-le." if radius else "")
            )
        if not told and truth is not None:
            return revise(
                f"Vous laissez passer {name}. L'emprise ou la surface ne disent pas la largeur ; "
                "le plus grand cercle qui tient dedans, si."
            )
        if told:
            figures = [float(text.replace(",", ".")) for text in re.findall(r"\d+(?:[.,]\d+)?", message)]
            if any(close(figure, truth / 2, absolute=0.06) for figure in figures):
                return revise(
                    f"Pour {name}, vous écrivez « {message} » : c'est un rayon. La largeur est un diamètre, le double."
                )
            if not any(close(figure, truth, absolute=0.06) for figure in figures):
                return revise(
                    f"Pour {name}, votre phrase ne dit pas la largeur, {number(truth, 1)} m : « {message} ». "
                    "Celui qui corrige en a besoin."
                )
    return passed(
        f"{len(names)} parcelles d'essai, deux trop étroites, même en diagonale, et leur largeur est dite. "
        "Avec `@quality.control` au-dessus, elle se branche telle quelle."
    )


def _faults(threshold: float) -> tuple[int, int]:
    refused = PAST["taux"] > threshold
    return int((refused & ~PAST["refaite"]).sum()), int((~refused & PAST["refaite"]).sum())


def _cost(threshold: float) -> int:
    alarms, misses = _faults(threshold)
    return FALSE_ALARM * alarms + MISS * misses


def e1_5(seuil: float, cout: float, oublis: int) -> Outcome:
    """The threshold that would have cost least over past deliveries, its cost and what it lets through."""
    if not any(close(seuil, candidate) for candidate in CANDIDATES):
        return revise(f"{number(seuil, 2)} n'est pas dans `candidats`.")
    lowest = min(map(_cost, CANDIDATES))
    best = max(candidate for candidate in CANDIDATES if _cost(candidate) == lowest)
    alarms, misses = _faults(seuil)
    if not close(seuil, best):
        price = f"Le seuil {number(seuil, 2)} aurait coûté {_cost(seuil)} heures ; un autre en coûte moins."
        if FALSE_ALARM * misses + MISS * alarms == min(
            FALSE_ALARM * m + MISS * a for a, m in map(_faults, CANDIDATES)
        ):
            return revise(
                f"{price} Vous avez sans doute échangé les deux prix : accepter à tort coûte {MISS} heures, refuser à tort {FALSE_ALARM}."
            )
        if alarms + misses == min(map(sum, map(_faults, CANDIDATES))):
            return revise(
                f"{price} C'est celui qui fait le moins de fautes, mais elles n'ont pas le même prix."
            )
        if not misses:
            return revise(
                f"{price} Il ne laisse aucun oubli, et refuse {count(alarms, 'bonne livraison', 'bonnes livraisons')}."
            )
        return revise(price)
    if not close(cout, lowest, absolute=0.5):
        return revise(
            f"Avec ce seuil, {count(alarms, 'fausse alerte', 'fausses alertes')} à {FALSE_ALARM} h et {count(misses, 'oubli')} à {MISS} h : "
            f"le coût n'est pas de {number(cout)} heures."
        )
    if oublis != misses:
        return revise(
            f"`oublis` vaut {oublis}. Comptez les livraisons acceptées (`taux` au plus égal au seuil) qu'il a fallu refaire."
        )
    return passed(
        f"Seuil {number(best, 2)} % : {count(lowest, 'heure')}, {count(alarms, 'fausse alerte', 'fausses alertes')} et {count(misses, 'oubli')}. "
        "Vingt livraisons, c'est peu : refaites le compte chaque année."
    )


def _anomalies(*rows: tuple[str, str, float, float]) -> GeoDataFrame:
    codes, keys, x, y = zip(*rows, strict=True) if rows else ((), (), (), ())
    table = DataFrame({"code": pd.array(codes, dtype="str"), "objet": pd.array(keys, dtype="str")})
    return GeoDataFrame(table, geometry=gpd.points_from_xy(x, y), crs=2154)


# What happens, the anomalies before and after, how many remain, and what to say when it comes out wrong.
_FOLLOWED = (
    (
        _anomalies(("trou", "a1", 0, 0), ("trou", "a2", 100, 0), ("pointe", "a3", 200, 0)),
        _anomalies(("pointe", "b1", 200, 0), ("trou", "b2", 100, 0), ("trou", "b3", 500, 0)),
        2,
        "les identifiants ont changé, l'ordre aussi. Comparez le code et la place, pas `objet`",
    ),
    (
        _anomalies(("trou", "a1", 0, 0)),
        _anomalies(("pointe", "b1", 0, 0)),
        0,
        "deux codes différents au même endroit sont deux anomalies différentes",
    ),
    (
        _anomalies(("trou", "a1", 0, 0), ("trou", "a2", 100.3, 0)),
        _anomalies(("trou", "b1", 0.4, 0), ("trou", "b2", 100, 0.5)),
        2,
        "une anomalie a bougé de 40 cm, moins que la tolérance : c'est la même",
    ),
    (
        _anomalies(("trou", "a1", 0, 0)),
        _anomalies(("trou", "b1", 1.8, 0)),
        0,
        "une anomalie à 1,8 m d'une autre, plus que la tolérance, n'est pas la même",
    ),
    (
        _anomalies(("chevauchement", "a1", 0, 0), ("chevauchement", "a2", 0, 0)),
        _anomalies(("chevauchement", "b1", 0, 0)),
        1,
        "deux anomalies au même endroit avant, une après : une anomalie ne sert qu'une fois",
    ),
    (
        _anomalies(("trou", "a1", 0, 0), ("trou", "a2", 0.9, 0)),
        _anomalies(("trou", "b1", 0.9, 0), ("trou", "b2", 1.7, 0)),
        1,
        "les paires les plus proches d'abord : celle qui est exactement à sa place ne doit pas être prise par sa voisine",
    ),
    (_anomalies(("trou", "a1", 0, 0)), _anomalies(), 0, "la seconde livraison n'a plus d'anomalie"),
    (_anomalies(), _anomalies(("trou", "b1", 0, 0)), 0, "la première livraison n'avait pas d'anomalie"),
)


def e1_6(comparer: Callable) -> Outcome:
    """A function that follows anomalies by code and place, tried on eight pairs of deliveries."""
    for before, after, remaining, why in _FOLLOWED:
        truth = {
            "corrigées": len(before) - remaining,
            "restantes": remaining,
            "nouvelles": len(after) - remaining,
        }
        try:
            answer = comparer(before.copy(), after.copy())
        except Exception as error:
            return _stopped(error, f"le cas suivant ({why})")
        if not isinstance(answer, dict) or set(answer) != set(truth):
            return revise(
                "Votre fonction doit rendre un dictionnaire de clés « corrigées », « restantes » et « nouvelles »."
            )
        try:
            given = {key: int(value) for key, value in answer.items()}
        except (TypeError, ValueError):
            return revise("Les trois valeurs du dictionnaire doivent être des nombres entiers.")
        if given != truth:
            shown, wanted = (
                ", ".join(f"{key} {n}" for key, n in counts.items()) for counts in (given, truth)
            )
            return revise(f"Sur un cas d'essai, vous rendez « {shown} » au lieu de « {wanted} » : {why}.")
    try:
        wide = comparer(*(table.copy() for table in _FOLLOWED[3][:2]), tolerance=2.0)
    except Exception as error:
        return _stopped(error, "une tolérance de 2 m")
    if wide.get("restantes") != 1:
        return revise(
            "À 1,8 m l'une de l'autre et avec `tolerance=2.0`, c'est la même anomalie : `tolerance` ne sert pas."
        )
    return passed(
        f"{len(_FOLLOWED)} paires de livraisons suivies sans l'aide d'un identifiant, doublons et déplacements compris. "
        "`quality.compare` fait de même, et se sert en plus de la clé quand elle tient."
    )


_TITLE = "Parcelles, marché 2025"
_GOOD = {"conforme": True, "fiche": _TITLE, "anomalies": {"erreur": 2}, "seuils": [], "illisibles": []}
_FAILED = {"mesure": "taux-doublon", "valeur": 4.0, "seuil": 1.0, "conforme": False}
_VERDICTS = (
    (_GOOD, "accepter", "un verdict conforme, avec deux erreurs que la fiche tolère"),
    (
        _GOOD | {"conforme": False, "anomalies": {"bloquant": 1}},
        "refuser",
        "un verdict avec une anomalie bloquante",
    ),
    (
        _GOOD | {"conforme": False, "anomalies": {"erreur": 9}, "seuils": [_FAILED]},
        "refuser",
        "un verdict sans rien de bloquant, dont un seuil n'est pas tenu",
    ),
    (
        _GOOD | {"conforme": False, "illisibles": [{"fichier": "a.gpkg", "message": "Coupé."}]},
        "reprendre",
        "Un fichier n'a pas été lu",
    ),
    (
        _GOOD | {"fiche": "Brouillon"},
        "reprendre",
        "un verdict conforme à une autre fiche que celle du marché",
    ),
    ({}, "reprendre", "un verdict vide, celui d'un programme qui s'est arrêté trop tôt"),
    (
        {key: value for key, value in _GOOD.items() if key != "conforme"},
        "reprendre",
        "un verdict où manque la clé `conforme`",
    ),
    (
        {key: value for key, value in _GOOD.items() if key != "illisibles"},
        "reprendre",
        "un verdict où manque la clé `illisibles`",
    ),
)


def e1_7(decider: Callable) -> Outcome:
    """A gate that opens only when all it expects is there, tried on eight verdicts."""
    for verdict, wanted, said in _VERDICTS:
        try:
            answer = decider(json.loads(json.dumps(verdict)), _TITLE)
        except Exception as error:
            return _stopped(error, said)
        if not isinstance(answer, str) or answer not in {"accepter", "refuser", "reprendre"}:
            return revise(
                f"Votre fonction rend `{answer!r}` ; il faut « accepter », « refuser » ou « reprendre »."
            )
        if answer != wanted:
            return revise(
                f"{said[0].upper()}{said[1:]} : votre porte dit « {answer} », il faut « {wanted} »."
            )
    return passed(
        f"{len(_VERDICTS)} verdicts essayés : la porte ne s'ouvre que sur un contrôle complet, fait avec la bonne fiche. "
        "Un programme qui plante la laisse fermée."
    )


def _right(parcelles: GeoDataFrame) -> np.ndarray:
    shapes = parcelles.geometry.normalize()
    present = shapes.notna() & ~shapes.is_empty
    return (present & shapes.to_wkb().duplicated()).to_numpy()


def _right_too(parcelles: GeoDataFrame) -> list[bool]:
    earlier: list[shapely.Geometry] = []
    answer = []
    for shape in parcelles.geometry:
        known = shape is not None and not shape.is_empty
        answer.append(known and any(shape.equals(other) for other in earlier))
        if known:
            earlier.append(shape)
    return answer


def _on_shapes(keys: Callable[[GeoDataFrame], pd.Series]) -> Callable[[GeoDataFrame], np.ndarray]:
    """A control that answers whether `keys` of a row came before, missing shapes left aside."""
    return lambda parcelles: (parcelles.geometry.notna() & keys(parcelles).duplicated()).to_numpy()


_BROKEN: dict[str, Callable[[GeoDataFrame], np.ndarray]] = {
    "un contrôle qui ne trouve jamais rien": lambda parcelles: np.zeros(len(parcelles), dtype=bool),
    "un contrôle qui signale tout": lambda parcelles: np.ones(len(parcelles), dtype=bool),
    "un contrôle qui signale aussi le premier exemplaire": lambda parcelles: (
        parcelles.geometry.notna() & parcelles.geometry.normalize().to_wkb().duplicated(keep=False)
    ).to_numpy(),
    "un contrôle qui compare les identifiants": lambda parcelles: (
        parcelles["id_parcel"].duplicated().to_numpy()
    ),
    "un contrôle qui compare octet par octet, et manque une copie parcourue autrement": _on_shapes(
        lambda parcelles: parcelles.geometry.to_wkb()
    ),
    "un contrôle qui prend deux parcelles sans contour pour des copies": lambda parcelles: (
        parcelles.geometry.normalize().to_wkb().fillna(b"").duplicated().to_numpy()
    ),
    "un contrôle qui compare les surfaces": _on_shapes(lambda parcelles: parcelles.area.round(3)),
}


def _stops(trial: Callable, control: Callable) -> Exception | None:
    """The error with which a trial stops a control, None if it lets it go."""
    try:
        trial(control)
    except Exception as error:
        return error
    return None


def e1_8(epreuve: Callable) -> Outcome:
    """A test of a control, judged on two right controls and seven broken ones."""
    for control in (_right, _right_too):
        if error := _stops(epreuve, control):
            if isinstance(error, AssertionError):
                return revise(
                    "Votre épreuve arrête un contrôle juste. Relisez la promesse : le premier exemplaire est faux, "
                    f"une parcelle sans contour aussi.{f' Elle dit : « {error} ».' if str(error) else ''}"
                )
            if "ambiguous" in str(error):
                return revise(
                    "Votre épreuve compare un tableau à une liste, case par case, et `assert` veut un seul « vrai ». Comparez deux "
                    "listes : `assert list(en_trop(table)) == [False, True]`."
                )
            return _stopped(error, "un contrôle juste")
    caught = {name: _stops(epreuve, control) is not None for name, control in _BROKEN.items()}
    if not any(caught.values()):
        return revise(
            "Votre épreuve n'arrête aucun des contrôles faux, pas même un contrôle qui ne trouve jamais rien. "
            "Comparez sa réponse à celle que vous attendez, avec `assert`."
        )
    escaped = [name for name, stopped in caught.items() if not stopped]
    if escaped:
        stopped = count(len(_BROKEN) - len(escaped), "contrôle faux arrêté", "contrôles faux arrêtés")
        return revise(
            f"{stopped} sur {len(_BROKEN)}. Votre épreuve laisse passer {escaped[0]}. Ajoutez le cas qui le trahit."
        )
    return passed(
        f"Deux contrôles justes acceptés, {len(_BROKEN)} contrôles faux arrêtés. Une épreuve se juge à ce qu'elle arrête : "
        "abîmez votre contrôle exprès, une fois, et regardez si elle le voit."
    )
