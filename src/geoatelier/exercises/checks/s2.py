"""Checks of lesson S2, « Contrôler et diffuser »."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import geopandas as gpd
import numpy as np
from pandas import DataFrame, Series

from geoatelier import datasets, quality
from geoatelier.exercises.answers import close, missing_and_extra
from geoatelier.exercises.french import count, listing, number, percent
from geoatelier.exercises.outcome import Outcome, passed, revise
from geoatelier.quality.sampling import Decision, Plan

THRESHOLDS = {
    "taux-doublon": 2, "taux-geometrie-absente": 2, "taux-chevauchement": 5, "taux-regle-suivie": 98,
    "taux-conforme-domaine": 95,
}  # fmt: skip
LOT, VISITS, GOOD, BAD, CONSUMER_RISK = 821, 60, 0.02, 0.08, 0.10
ROUNDING = 0.05  # m, of an answer given to the decimetre
EXPECTATIONS = (
    "attend",
    "demand",
    "corrig",
    "livrer",
    "reprendre",
    "transmet",
    "vérifiez",
    "prière",
    "merci",
)
JUDGEMENTS = ("mauvais", "catastroph", "bâcl", "médiocre", "inacceptable", "honteu", "scandal")


@cache
def _delivered() -> gpd.GeoDataFrame:
    return gpd.read_file(datasets.path("livraison/parcelles_2025.gpkg"))


@cache
def _report() -> quality.Report:
    sheet = replace(quality.load_sheet("rpg"), thresholds=THRESHOLDS)
    return quality.check(
        [datasets.path("livraison/parcelles_2025.gpkg")], sheet=sheet, today=dt.date(2025, 12, 1)
    )


def s2_1(refusees: list[str], objets_en_double: float) -> Outcome:
    """Measures whose threshold is not held, in both directions, and how many parcels a rate counts."""
    asked = {one.code: one for one in _report().measures if one.threshold is not None}
    unknown = sorted(set(refusees) - set(asked))
    if unknown:
        return revise(f"{listing(unknown)} : ce n'est pas un code de la colonne `code` de `mesures`.")
    failed = [code for code, one in asked.items() if not one.conform]
    missing, extra = missing_and_extra(refusees, failed)
    backwards = [code for code in missing + extra if not asked[code].at_most]
    if backwards:
        one = asked[backwards[0]]
        return revise(
            f"`{one.code}` compte ce qui va bien : {number(one.value, 2)} %, pour {number(one.threshold)} % au moins. "
            f"Son seuil {'est tenu' if one.conform else 'ne tient pas'}."
        )
    if extra:
        one = asked[extra[0]]
        return revise(
            f"`{one.code}` vaut {number(one.value, 2)} %, pour {number(one.threshold)} % au plus : elle tient son seuil."
        )
    if missing:
        one = asked[missing[0]]
        return revise(
            f"Il manque `{one.code}` : {number(one.value, 2)} %, pour {number(one.threshold)} % au plus."
        )
    double = asked["taux-doublon"]
    parcels = round(double.value * double.population / 100)
    if close(objets_en_double, double.value, absolute=0.01):
        return revise(
            f"{number(objets_en_double, 2)} : c'est le taux, en pour cent. On demande combien de parcelles il représente, sur les "
            f"{number(double.population)} de la population."
        )
    if close(objets_en_double, 100 * parcels, relative=0.01):
        return revise(
            f"{number(objets_en_double)} parcelles, sur {number(double.population)} livrées ? Divisez par 100 : le taux est en pour cent."
        )
    if abs(objets_en_double - parcels) > 0.5:
        return revise(
            f"{number(objets_en_double)} n'est pas {number(double.value, 2)} % de {number(double.population)}. La population est dans la dernière colonne."
        )
    return passed(
        f"Deux mesures hors seuil, {listing(failed)}, dont une qui se lit à l'envers. {count(parcels, 'parcelle')} en double sur {number(double.population)}."
    )


@cache
def _buildings() -> tuple[Series, Series]:
    """Keys delivered and keys expected, of buildings of 20 m² or more."""
    given = gpd.read_file(datasets.path("livraison/batiments.shp"), encoding="UTF-8")
    true = datasets.layer("batiments")
    return given.loc[given.area >= 20, "ID"], true.loc[true.area >= 20, "cleabs"]


def s2_2(omissions: int, inconnus: int, repetitions: int) -> Outcome:
    """Omission, unknown keys and repeated rows of the buildings, each counted apart."""
    given, expected = _buildings()
    missing, unknown = len(set(expected) - set(given)), len(set(given) - set(expected))
    repeated = int(given.duplicated().sum())
    if (omissions, inconnus) == (unknown, missing):
        return revise(
            "Vous avez échangé omissions et inconnus. Une omission est attendue et n'est pas livrée ; un inconnu est livré et n'est pas attendu."
        )
    if omissions in (abs(len(given) - len(expected)), abs(given.nunique() - len(expected))):
        return revise(
            f"{number(omissions)} : une différence de totaux mêle ce qui manque et ce qui est en trop. Comparez les identifiants, non les nombres de lignes."
        )
    for name, value, truth, where in (
        ("omissions", omissions, missing, "Ce sont les identifiants de `attendus` absents de `recus`"),
        ("inconnus", inconnus, unknown, "Ce sont les identifiants de `recus` absents de `attendus`"),
    ):
        if value != truth:
            return revise(f"`{name}` vaut {number(value)}. {where}, chacun compté une fois.")
    if repetitions == int(given.duplicated(keep=False).sum()):
        return revise(
            f"{number(repetitions)} : ce sont toutes les lignes d'un identifiant répété, la première comprise. Celle-là n'est pas en trop : `duplicated()` sans `keep`."
        )
    if repetitions != repeated:
        return revise(
            f"`repetitions` vaut {number(repetitions)}. Comptez les lignes à partir de la deuxième apparition d'un identifiant."
        )
    return passed(
        f"{number(len(expected))} − {missing} + {unknown} + {repeated} = {number(len(given))}. La différence des totaux, {len(given) - len(expected)}, "
        f"aurait caché {count(missing, 'bâtiment')} dont l'identifiant n'est pas livré."
    )


@cache
def _deviations() -> tuple[Series, Series]:
    """Distance of each survey to its true place, and the precision that its device announced, in metres."""
    field = datasets.layer("releves_terrain")
    return field.distance(
        gpd.GeoSeries(gpd.points_from_xy(field["x_vrai"], field["y_vrai"]), crs=2154)
    ), field["precision_m"]


@cache
def _latitude() -> float:
    """Latitude of the middle of the surveys, in degrees."""
    return float(datasets.layer("releves_terrain").to_crs(4326).geometry.y.mean())


def s2_3(ecart_moyen: float, cercle_95: float) -> Outcome:
    """Mean deviation and observed circular error at 95 % of the surveys, in metres."""
    distances, announced = _deviations()
    mean, circle = distances.mean(), distances.quantile(0.95)
    for name, value in (("ecart_moyen", ecart_moyen), ("cercle_95", cercle_95)):
        if 0 < value < 0.002:
            return revise(
                f"`{name}` vaut {value:.7f} : c'est une distance en degrés. Un degré n'est pas une longueur. Ramenez `vrais` en Lambert-93 avec `to_crs`."
            )
        if value > 100_000:
            return revise(
                f"`{name}` vaut {number(value / 1000)} km. Les deux couches ne sont pas dans le même système : vous avez mêlé des mètres et des degrés, ou deux sortes "
                "de mètres. `to_crs` recalcule les coordonnées, et son résultat se garde ; `set_crs` ne change que l'étiquette."
            )
    if close(ecart_moyen, circle, relative=0.005) and close(cercle_95, mean, relative=0.005):
        return revise(
            "Vous avez échangé les deux : le cercle qui contient 95 % des relevés est plus grand que l'écart moyen."
        )
    if close(ecart_moyen, distances.median(), relative=0.005):
        return revise(
            f"{number(ecart_moyen, 2)} m est la médiane. La mesure normalisée (ISO 19157, n° 28) est la moyenne : `.mean()`."
        )
    if close(ecart_moyen, (distances**2).mean() ** 0.5, relative=0.005):
        return revise(
            f"{number(ecart_moyen, 2)} m est l'écart moyen quadratique : les grands écarts y pèsent davantage. On demande la moyenne, `.mean()`."
        )
    if close(ecart_moyen, mean / np.cos(np.radians(_latitude())), relative=0.005):
        return revise(
            f"{number(ecart_moyen, 2)} m, mais des « mètres » de carte en ligne (EPSG:3857), plus longs à mesure que l'on monte vers le nord. "
            "Mesurez en Lambert-93."
        )
    if close(ecart_moyen, 100 * mean, relative=0.005):
        return revise(
            f"{number(ecart_moyen)} : ce sont des centimètres. En Lambert-93, `distance` rend déjà des mètres."
        )
    if close(ecart_moyen, announced.mean(), relative=0.005):
        return revise(
            f"{number(ecart_moyen, 2)} m est la moyenne de la précision annoncée par l'appareil. Comparez les positions."
        )
    if not close(ecart_moyen, mean, relative=0.005, absolute=ROUNDING):
        return revise(
            f"`ecart_moyen` vaut {number(ecart_moyen, 2)} m. On attend la moyenne des distances entre chaque relevé et sa vraie position."
        )
    if close(cercle_95, announced.quantile(0.95), relative=0.005):
        return revise(
            f"{number(cercle_95, 2)} m vient de `precision_m` : c'est la précision annoncée par l'appareil. Le cercle se mesure sur les écarts constatés."
        )
    if close(cercle_95, mean + 2 * distances.std(), relative=0.02) or close(
        cercle_95, mean + 1.96 * distances.std(), relative=0.02
    ):
        return revise(
            f"{number(cercle_95, 2)} m : vous avez ajouté deux écarts types à la moyenne. Cette recette suppose une courbe en cloche ; des distances "
            "n'en suivent pas. Prenez le quantile observé."
        )
    if close(cercle_95, distances.max(), relative=0.005):
        return revise(
            f"{number(cercle_95, 2)} m est le plus grand écart : ce cercle contient tous les relevés, et non 95 %."
        )
    if not close(cercle_95, circle, relative=0.01, absolute=ROUNDING):
        share = (distances <= cercle_95).mean()
        return revise(
            f"Dans un cercle de {number(cercle_95, 2)} m, il y a {percent(share)} des relevés ; on en veut 95.",
            hint="`.quantile(0.95)`, et non 95 ni 0.05.",
        )
    beyond = int((distances > circle).sum())
    return passed(
        f"Écart moyen {number(mean, 2)} m ; 95 % des relevés à {number(circle, 2)} m ou moins. Pensez aux {count(beyond, 'autre')}, jusqu'à {number(distances.max(), 1)} m : "
        "le cercle ne dit rien d'eux."
    )


def s2_4(nombre_erreurs: int, taux_objets: float) -> Outcome:
    """Number of anomalies of the level « erreur », and share of parcels that have one or more."""
    anomalies, population = _report().anomalies, len(_delivered())
    errors = anomalies[anomalies["niveau"] == "erreur"]
    objects = errors["rang"].nunique()
    truth = objects / population
    if nombre_erreurs != len(errors):
        if nombre_erreurs == len(anomalies):
            return revise(
                f"{number(nombre_erreurs)} anomalies : ce sont tous les niveaux, informations comprises. Gardez le niveau « erreur »."
            )
        if nombre_erreurs == objects:
            return revise(
                f"{number(nombre_erreurs)} est le nombre de parcelles touchées. Ici, comptez les anomalies : une ligne, une erreur."
            )
        if nombre_erreurs == 0:
            return revise(
                "`nombre_erreurs` vaut 0 : aucune ligne ne porte ce niveau. Il s'écrit « erreur », en minuscules."
            )
        return revise(
            f"`nombre_erreurs` vaut {number(nombre_erreurs)}. Comptez les lignes de `anomalies` dont le niveau est « erreur »."
        )
    if close(taux_objets, 100 * truth, relative=0.005):
        return revise(f"{number(taux_objets, 1)} : c'est un pourcentage. Une part se donne entre 0 et 1.")
    if close(taux_objets, len(errors) / population, relative=0.002):
        return revise(
            f"{number(taux_objets, 3)} : vous divisez des erreurs par des parcelles. Une parcelle qui porte deux erreurs y compte deux fois. "
            "Comptez les rangs distincts."
        )
    if close(taux_objets, objects / anomalies["rang"].nunique(), relative=0.005):
        return revise(
            f"{number(taux_objets, 3)} : votre population est celle des parcelles déjà signalées. Un taux se rapporte à toutes les parcelles livrées."
        )
    if close(taux_objets, anomalies["rang"].nunique() / population, relative=0.005):
        return revise(
            f"{number(taux_objets, 3)} : ce taux compte tous les niveaux, avertissements et informations compris."
        )
    if close(taux_objets, objects / len(datasets.layer("parcelles_agricoles")), relative=0.002):
        return revise(
            f"Vous divisez par les {number(len(datasets.layer('parcelles_agricoles')))} parcelles attendues. On juge ce qui est livré : `len(livrees)`."
        )
    if close(taux_objets, 1 / truth, relative=0.005):
        return revise(
            f"{number(taux_objets, 2)} : la division est à l'envers. Les parcelles touchées viennent en haut."
        )
    if taux_objets > 1:
        return revise(
            f"`taux_objets` vaut {number(taux_objets)} : c'est un nombre. Divisez-le par le nombre de parcelles livrées."
        )
    if not close(taux_objets, truth, relative=0, absolute=0.001):
        return revise(
            f"`taux_objets` vaut {number(taux_objets, 3)}. Divisez les rangs distincts des erreurs par le nombre de parcelles livrées."
        )
    return passed(
        f"{count(len(errors), 'erreur')}, {count(objects, 'parcelle touchée', 'parcelles touchées')} sur {number(population)} : {percent(truth, 1)}. "
        f"Le rapport erreurs sur parcelles aurait donné {percent(len(errors) / population, 1)}."
    )


@cache
def _compared() -> DataFrame:
    given = _delivered()
    alone = given[~given["id_parcel"].duplicated(keep=False)]
    pairs = datasets.layer("parcelles_agricoles")[["id_parcel", "code_cultu"]].merge(
        alone[["id_parcel", "code_cultu"]], on="id_parcel"
    )
    return pairs.set_axis(["id_parcel", "vu", "livre"], axis=1)


def s2_5(taux_juste: float, taux_prudent: float, confusion: tuple | list) -> Outcome:
    """Rate of right crops without the empty cells, then with them, and the commonest confusion."""
    pairs = _compared()
    filled = pairs.dropna(subset="livre")
    right = (filled["vu"] == filled["livre"]).mean()
    careful = (pairs["vu"] == pairs["livre"]).mean()
    empty = len(pairs) - len(filled)
    near, rounded = {"relative": 0, "absolute": 0.0008}, {"relative": 0, "absolute": 0.005}
    for name, value, truth in (("taux_juste", taux_juste, right), ("taux_prudent", taux_prudent, careful)):
        if close(value, 100 * truth, absolute=0.08):
            return revise(f"`{name}` est un pourcentage ; il faut une part entre 0 et 1.")
        if close(value, 1 - truth, **near):
            return revise(f"`{name}` vaut {number(value, 3)} : c'est la part des valeurs fausses.")
        if value > 1:
            return revise(
                f"`{name}` vaut {number(value)} : c'est un nombre de parcelles ; il faut une part entre 0 et 1."
            )
    if close(taux_juste, careful, **near) and close(taux_prudent, right, **near):
        return revise(
            "Vous avez échangé les deux parts. Tenir une case vide pour fausse ne peut que faire baisser le taux."
        )
    if close(taux_juste, careful, **near):
        return revise(
            f"{number(taux_juste, 3)} : vous avez compté les cases vides comme des erreurs. Pour pandas, une case vide n'est égale à rien. "
            f"Écartez d'abord les {empty}."
        )
    if not close(taux_juste, right, **rounded):
        return revise(
            f"`taux_juste` vaut {number(taux_juste, 3)}. Parmi les {number(len(filled))} cases remplies, quelle part est égale à `vu` ?"
        )
    if close(taux_prudent, right, **near):
        return revise(
            f"`taux_prudent` ne change pas : les {empty} cases vides doivent rester au dénominateur."
        )
    if not close(taux_prudent, careful, **rounded):
        return revise(
            f"`taux_prudent` vaut {number(taux_prudent, 3)}. Divisez les valeurs justes par les {number(len(pairs))} parcelles comparées."
        )
    return _judge_confusion(filled, confusion) or passed(
        f"{percent(right, 1)} de valeurs justes, ou {percent(careful, 1)} si l'on compte les {empty} vides contre le fournisseur. ISO 19157 range ces vides dans "
        f"l'omission : écrivez votre convention. La confusion à surveiller : `{confusion[0]}` livré `{confusion[1]}`."
    )


def _judge_confusion(filled: DataFrame, confusion: tuple | list) -> Outcome | None:
    if len(confusion) != 2:
        return revise("`confusion` doit contenir deux codes : `(vue, livrée)`.")
    seen, given = map(str, confusion)
    if seen == given:
        return revise(
            f"`{seen}` livré `{given}` : c'est une réponse juste, pas une confusion. Ne gardez que les lignes fausses."
        )
    wrong = filled[filled["vu"] != filled["livre"]].groupby(["vu", "livre"]).size()
    found, most = int(wrong.get((seen, given), 0)), int(wrong.max())
    if found == most:
        return None
    if wrong.get((given, seen), 0) == most:
        return revise(
            f"La paire est à l'envers : donnez d'abord la culture vue, puis la culture livrée. `{seen}` livré `{given}` arrive {found} fois."
        )
    return revise(f"`{seen}` livré `{given}` arrive {found} fois ; une autre paire arrive {most} fois.")


def s2_6(plan_ideal: Plan, admis: int, risque_fournisseur: float) -> Outcome:
    """The plan that holds both risks, the acceptance number that 60 visits allow, and the producer's risk then."""
    ideal = quality.plan(LOT, GOOD, BAD)
    if plan_ideal.lot != LOT:
        return revise(
            f"Votre plan est fait pour un lot de {number(plan_ideal.lot)} ; celui-ci compte {number(LOT)} parcelles."
        )
    if plan_ideal != ideal:
        good, bad = 1 - plan_ideal.acceptance_probability(GOOD), plan_ideal.acceptance_probability(BAD)
        return revise(
            f"Ce plan ne sépare pas 2 % et 8 % au plus juste : {count(plan_ideal.size, 'visite')}, un lot à 2 % refusé dans {percent(good)} des cas, un lot à 8 % accepté "
            f"dans {percent(bad)}. `quality.plan({LOT}, aql=0.02, limit_quality=0.08)` choisit le plus petit qui tient les deux risques."
        )
    if not 0 <= admis < VISITS:
        return revise(f"On ne peut pas admettre {number(admis)} défauts sur {VISITS} visites.")
    passes = Plan(LOT, VISITS, admis).acceptance_probability(BAD)
    if passes > CONSUMER_RISK:
        return revise(
            f"Avec {count(admis, 'défaut admis', 'défauts admis')} sur {VISITS} visites, un lot à 8 % passe dans {percent(passes)} des cas : le plan laisse passer plus "
            "que les 10 % permis. Admettez moins de défauts."
        )
    more = Plan(LOT, VISITS, admis + 1).acceptance_probability(BAD)
    if more <= CONSUMER_RISK:
        return revise(
            f"Un défaut de plus reste permis : un lot à 8 % ne passerait que dans {percent(more, 1)} des cas. Soyez aussi juste que possible avec le fournisseur."
        )
    accepts = Plan(LOT, VISITS, admis).acceptance_probability(GOOD)
    near = {"relative": 0, "absolute": 0.005}
    if close(risque_fournisseur, accepts, **near):
        return revise(
            f"{number(risque_fournisseur, 2)} est la probabilité d'accepter un lot à 2 %. Le risque du fournisseur est celui d'être refusé."
        )
    if close(risque_fournisseur, passes, **near):
        return revise(
            f"{number(risque_fournisseur, 2)} est le risque du client : accepter un lot à 8 %. Celui du fournisseur se lit à 2 %."
        )
    if close(risque_fournisseur, 100 * (1 - accepts), absolute=0.5):
        return revise("`risque_fournisseur` est un pourcentage ; il faut une probabilité entre 0 et 1.")
    if close(risque_fournisseur, 1 - ideal.acceptance_probability(GOOD), **near):
        return revise(
            f"{number(risque_fournisseur, 2)} est le risque avec le plan idéal de {ideal.size} visites. Recalculez-le avec {VISITS}."
        )
    if not close(risque_fournisseur, 1 - accepts, **near):
        return revise(
            f"`risque_fournisseur` vaut {number(risque_fournisseur, 2)}. C'est 1 moins la probabilité d'accepter un lot à 2 %, avec {VISITS} visites et {admis} admis."
        )
    return passed(
        f"Avec {VISITS} visites au lieu de {ideal.size}, vous restez protégé, et c'est le fournisseur qui paie : un bon lot est refusé dans {percent(1 - accepts)} des cas. "
        "Ce chiffre se dit avant de signer."
    )


@cache
def _sample() -> tuple[Plan, int]:
    """The plan of the contract, and the number of wrong crops in the sample that was drawn."""
    given, crops = _delivered(), datasets.layer("parcelles_agricoles").set_index("id_parcel")["code_cultu"]
    valid = given["code_cultu"].isin(set(crops)) & given["id_parcel"].isin(crops.index)
    lot = given[valid & ~given["id_parcel"].duplicated(keep=False)].reset_index(drop=True)
    plan = quality.plan(len(lot), aql=0.01, limit_quality=0.05)
    drawn = quality.draw(lot, plan, seed=8)
    return plan, int((drawn["code_cultu"] != drawn["id_parcel"].map(crops)).sum())


def s2_7(choix: dict) -> Outcome:
    """The defects of a sample, the decision of its plan, the bound that founds it, and a letter that holds together."""
    missing = sorted({"defauts", "decision", "borne", "phrase"} - set(choix))
    if missing:
        given = f" Ses clés sont : {listing(choix, 8)}." if choix else ""
        return revise(f"Il manque à `choix` : {listing(missing)}.{given}")
    plan, defects = _sample()
    truth = quality.decide(plan, defects)
    wanted = "accepté" if truth.accepted else "refusé"
    given = choix["defauts"]
    if isinstance(given, str):
        return revise('`choix["defauts"]` est un texte ; il faut un nombre, sans guillemets.')
    if not _is_number(given) or given != defects:
        return revise(
            f'`choix["defauts"]` vaut {given!r}. Comptez les parcelles visitées dont `livre` diffère de `vu`.'
        )
    decision = str(choix["decision"]).strip().lower()
    if decision not in ("accepté", "refusé"):
        return revise('`choix["decision"]` doit être « accepté » ou « refusé ».')
    if decision != wanted:
        return revise(
            f"Vous avez comparé la part vue, {percent(defects / plan.size, 1)}, au taux limite. Le contrat compare des nombres : {count(defects, 'défaut')}, "
            f"{plan.acceptance_number} admis."
        )
    return _judge_bound(truth, choix["borne"]) or _judge_letter(truth, choix["phrase"], wanted)


def _is_number(value: object) -> bool:
    return (
        isinstance(value, int | float | np.number)
        and not isinstance(value, bool)
        and bool(np.isfinite(value))
    )


def _judge_bound(decision: Decision, bound: object) -> Outcome | None:
    if not _is_number(bound):
        return revise('`choix["borne"]` doit être un nombre entre 0 et 1.')
    useful, other = (
        (decision.upper, decision.lower) if decision.accepted else (decision.lower, decision.upper)
    )
    near = {"relative": 0, "absolute": 0.0015}
    if close(bound, useful, **near):
        return None
    if close(bound, other, **near):
        return revise(
            f"{percent(bound, 1)} est l'autre borne. Pour fonder un refus, il faut ce que le taux réel dépasse sûrement : la borne basse."
            if not decision.accepted
            else f"{percent(bound, 1)} est l'autre borne. Pour fonder une acceptation, il faut la borne haute."
        )
    if close(bound, decision.defects / decision.plan.size, **near):
        return revise(
            f"{percent(bound, 1)} : c'est la part de l'échantillon. Un autre tirage en donnerait une autre. La borne tient compte de ce hasard."
        )
    if close(bound, 100 * useful, absolute=0.15):
        return revise('`choix["borne"]` est un pourcentage ; il faut un nombre entre 0 et 1.')
    return revise(f'`choix["borne"]` vaut {number(bound, 3)}. `quality.decide(plan, defauts)` la donne.')


def _judge_letter(decision: Decision, sentence: object, wanted: str) -> Outcome:
    if not isinstance(sentence, str):
        return revise('`choix["phrase"]` doit être un texte entre guillemets.')
    words = len(sentence.split())
    if not 20 <= words <= 70:
        return revise(f"Votre phrase compte {count(words, 'mot')}. Il en faut entre 20 et 70.")
    lower = sentence.lower()
    harsh = next((word for word in JUDGEMENTS if re.search(rf"\b{word}", lower)), None)
    if harsh:
        return revise(
            f"« {harsh}… » juge le travail. Le fournisseur discutera le mot au lieu de corriger. Gardez les faits : ils suffisent."
        )
    figures = set(map(int, re.findall(r"\d+", sentence)))
    if decision.plan.size not in figures or decision.defects not in figures:
        absent = "visites" if decision.plan.size not in figures else "défauts"
        return revise(
            f"Votre phrase ne donne pas le nombre de {absent}, en chiffres. Sans lui, personne ne peut refaire le calcul."
        )
    if wanted.rstrip("é") not in lower:
        return revise(f"Votre phrase ne dit pas la décision. Écrivez que le lot est {wanted}.")
    if not any(word in lower for word in EXPECTATIONS):
        return revise(
            "Votre phrase ne dit pas ce que vous attendez du fournisseur. Une lettre sans demande reste sans réponse."
        )
    return passed(
        f"Le lot est {wanted}, et la lettre dit pourquoi : {count(decision.defects, 'défaut')} sur {decision.plan.size} visites, un taux réel d'au moins "
        f"{percent(decision.lower, 1)}. Elle demande quelque chose de précis. Gardez avec elle la graine du tirage : on vous la demandera."
    )


def s2_8(estimer: Callable) -> Outcome:
    """A function that gives a rate and its bounds at 95 %, tried on samples with and without impossible visits."""
    nothing, some = _visits(0, 30), _visits(5, 124)
    partial = _visits(3, 60, impossible=20)
    results = []
    for visits in (some, partial, nothing):
        kept = visits.copy()
        try:
            result = estimer(visits)
        except Exception as error:
            return revise(
                f"Essayée sur {count(len(kept), 'visite')} dont {kept.isna().sum()} impossibles, votre fonction s'arrête : « {type(error).__name__} : {error} »."
            )
        if result is None:
            return revise("Votre fonction ne rend rien. Terminez-la par `return taux, bas, haut`.")
        if np.isscalar(result) and not isinstance(result, str):
            return revise(
                "Votre fonction rend un seul nombre. Sans ses bornes, un taux d'échantillon se lit comme une certitude."
            )
        if (
            not isinstance(result, tuple | list | np.ndarray | Series)
            or len(result) != 3
            or not all(map(_is_number, result))
        ):
            return revise("Votre fonction doit rendre trois nombres : `return taux, bas, haut`.")
        results.append(tuple(map(float, result)))
    return _judge_estimates(*results)


def _visits(wrong: int, done: int, impossible: int = 0) -> Series:
    return Series([True] * wrong + [False] * (done - wrong) + [None] * impossible, dtype=object)


def _judge_estimates(some: tuple, partial: tuple, nothing: tuple) -> Outcome:
    rate, low, high = some
    if rate > 1 or high > 1:
        return revise(
            f"Pour 5 défauts sur 124, votre fonction rend {number(rate, 1)} : ce sont des pourcentages. Il faut des nombres entre 0 et 1."
        )
    if not close(rate, 5 / 124, absolute=1e-4):
        return revise(
            f"Pour 5 défauts sur 124 visites, le taux est {number(5 / 124, 3)} ; votre fonction rend {number(rate, 3)}."
        )
    if not low < rate < high:
        return revise(
            f"Pour 5 défauts sur 124, vous rendez {number(low, 3)} et {number(high, 3)} : le taux doit être entre `bas` et `haut`, dans cet ordre."
        )
    if close(partial[0], 3 / 80, absolute=1e-4):
        return revise(
            "Sur 60 visites faites et 20 impossibles, les impossibles sont comptées comme justes. Personne n'est allé voir : ôtez-les."
        )
    if close(partial[0], 23 / 80, absolute=1e-4):
        return revise(
            "Sur 60 visites faites et 20 impossibles, les impossibles sont comptées comme fausses. Pour Python, `None` n'est pas `False`. Ôtez-les."
        )
    if not close(partial[0], 3 / 60, absolute=1e-4):
        return revise(
            f"Sur 60 visites faites, dont 3 fausses, et 20 impossibles, vous rendez {number(partial[0], 3)} au lieu de {number(3 / 60, 3)}."
        )
    if nothing[2] < 0.02:
        return revise(
            f"Aucun défaut sur 30 visites : votre fonction borne le taux réel à {number(nothing[2], 3)}. Zéro défaut vu ne prouve pas zéro défaut. La formule "
            "« plus ou moins 1,96 écart type » s'effondre quand le taux est petit."
        )
    if nothing[1] > 0.001 or nothing[2] > 0.25:
        return revise(
            f"Aucun défaut sur 30 visites : vous bornez le taux réel entre {number(nothing[1], 3)} et {number(nothing[2], 3)}. `bas` doit être nul, et `haut` plus serré."
        )
    if not (0.009 <= low <= 0.024 and 0.075 <= high <= 0.105):
        return revise(
            f"Pour 5 défauts sur 124, vos bornes sont {number(low, 3)} et {number(high, 3)}. Celles de Wilson, à 95 %, sont 0,017 et 0,091."
        )
    wide, narrow = partial[2] - partial[1], high - low
    if wide < narrow:
        return revise(
            "60 visites donnent chez vous un intervalle plus serré que 124. Vérifiez que vous comptez les visites faites."
        )
    return passed(
        f"Pour 5 défauts sur 124 : {percent(rate, 1)}, entre {percent(low, 1)} et {percent(high, 1)}. Et sur 30 visites sans défaut, le taux réel peut encore "
        f"atteindre {percent(nothing[2])} : c'est la phrase à dire quand on vous répond « nous n'avons rien trouvé »."
    )
