"""Checks of lesson S4, « Mesurer l'empreinte »."""

import re
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pandas import DataFrame, Series
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import StratifiedGroupKFold

from geoatelier import datasets, learning
from geoatelier.exercises.answers import close, missing_and_extra
from geoatelier.exercises.french import count, join_words, listing, number, percent
from geoatelier.exercises.guards import needs
from geoatelier.exercises.outcome import Outcome, passed, revise
from geoatelier.footprint import Cost, Run, table

SCORE, ENERGY = "exactitude", "énergie (mWh)"
CHEAPEST, SIMPLE, DEAR = "Classe majoritaire", "Régression logistique", "Réseau temporel"
JOULES_IN_A_WATT_HOUR = 3600
MAPS_A_YEAR, PARCELS, PARCELS_OF_THE_ISLAND, TRIALS = 12, 90_000, 900, 40
GRAMS = {"mgCO2e": 0.001, "gCO2e": 1.0, "kgCO2e": 1000.0, "Wh": 21.7 / 1000}
LOSS, HALF = 0.01, 0.5


def s4_1(mesure: Cost, energie_wh: float, gaz_g: float) -> Outcome:
    """Central energy and gases of a measured block, done again by hand."""
    watts, gigabytes = mesure.assumptions.core_watts.central, mesure.peak_mb / 1000
    per_gigabyte, factor = mesure.assumptions.memory_watts_per_gb, mesure.assumptions.factor.central
    memory = mesure.seconds * gigabytes * per_gigabyte
    truth = (mesure.cpu_seconds * watts + memory) / JOULES_IN_A_WATT_HOUR
    if not close(energie_wh, truth, relative=0.005):
        if close(energie_wh, truth * JOULES_IN_A_WATT_HOUR, relative=0.005):
            return revise(
                f"{number(energie_wh)} : Ce sont des joules (des watts pendant des secondes). Un wattheure en compte "
                f"{number(JOULES_IN_A_WATT_HOUR)}."
            )
        if close(energie_wh, (mesure.seconds * watts + memory) / JOULES_IN_A_WATT_HOUR, relative=0.005):
            return revise(
                f"{number(energie_wh, 3)} Wh : vous avez compté la durée, et non le temps de processeur. Les "
                f"{number(mesure.cpu_seconds)} s de processeur additionnent le travail de tous les cœurs."
            )
        if close(
            energie_wh, (mesure.cpu_seconds * watts + 1000 * memory) / JOULES_IN_A_WATT_HOUR, relative=0.005
        ):
            return revise(
                f"{number(energie_wh, 2)} Wh, presque tout en mémoire. La mémoire se donne ici en mégaoctets, et les "
                "watts par gigaoctet : divisez par 1 000."
            )
        if close(energie_wh, mesure.cpu_seconds * watts / JOULES_IN_A_WATT_HOUR, relative=0.001):
            return revise(f"{number(energie_wh, 3)} Wh : il manque la mémoire, tenue pendant toute la durée.")
        return revise(
            f"{number(energie_wh, 4)} Wh n'est pas l'énergie attendue. Posez les deux termes à part : processeur, mémoire."
        )
    gases = truth / 1000 * factor
    if close(gaz_g, 1000 * gases, relative=0.005):
        return revise(
            f"{number(gaz_g, 1)} g est mille fois trop. Le facteur est donné par kilowattheure : divisez d'abord "
            "l'énergie par 1 000."
        )
    if not close(gaz_g, gases, relative=0.005):
        return revise(
            f"L'énergie est juste. Pour les gaz, vous donnez {number(gaz_g, 4)} g : multipliez les kilowattheures par {number(factor, 1)}."
        )
    return passed(
        f"{number(energie_wh, 2)} Wh et {number(1000 * gaz_g, 1)} mgCO2e, au centre d'une fourchette de "
        f"{number(mesure.energy_wh.low, 2)} à {number(mesure.energy_wh.high, 2)} Wh. Vous pouvez vérifier tout compteur."
    )


def _dominated(runs: DataFrame, score: str = SCORE, energy: str = ENERGY) -> dict[str, str]:
    """For each dominated run, the cheapest of those that dominate it."""
    found = {}
    for name, run in runs.iterrows():
        others = runs.drop(index=name)
        better = others[
            (others[score] >= run[score])
            & (others[energy] <= run[energy])
            & ((others[score] > run[score]) | (others[energy] < run[energy]))
        ]
        if len(better):
            found[name] = better[energy].idxmin()
    return found


def s4_2(
    releve: Annotated[DataFrame, needs(columns=[SCORE, ENERGY])],
    domines: Annotated[list[str], needs(may_be_empty=True)],
) -> Outcome:
    """The models that another beats in both score and energy."""
    unknown = [name for name in domines if name not in releve.index]
    if unknown:
        return revise(f"{listing(unknown)} : ce nom n'est pas dans `releve`. Copiez-le de l'index.")
    truth = _dominated(releve)
    missing, extra = missing_and_extra(domines, truth)
    if extra == [releve[ENERGY].idxmax()]:
        return revise(
            f"`{extra[0]}` est le plus cher, mais le plus cher n'est pas forcément dominé : aucun autre n'atteint "
            f"{number(releve.loc[extra[0], SCORE], 3)}."
        )
    if extra:
        return revise(
            f"{listing(extra)} : de trop. Pour `{extra[0]}`, à {number(releve.loc[extra[0], ENERGY], 2)} mWh, "
            "aucun modèle n'est à la fois moins cher et aussi exact."
        )
    if missing:
        winner = truth[missing[0]]
        return revise(
            f"Il manque {count(len(missing), 'modèle')}, dont un que `{winner}` bat en exactitude "
            f"({number(releve.loc[winner, SCORE], 3)}) pour moins d'énergie ({number(releve.loc[winner, ENERGY], 2)} mWh)."
        )
    return passed(
        f"{count(len(truth), 'modèle')} sur {len(releve)} ne servent à rien ici. Restent "
        f"{join_words([name for name in releve.index if name not in truth])}."
    )


def s4_3(
    releve: Annotated[DataFrame, needs(columns=[SCORE, ENERGY])], prix_moyen: float, prix_du_dernier: float
) -> Outcome:
    """Energy of a point of the network, from the commonest class, then from the logistic regression."""
    dear, near = releve.loc[DEAR], {"relative": 0.01}
    for name, value, origin in (
        ("prix_moyen", prix_moyen, CHEAPEST),
        ("prix_du_dernier", prix_du_dernier, SIMPLE),
    ):
        start = releve.loc[origin]
        points, spent = 100 * (dear[SCORE] - start[SCORE]), dear[ENERGY] - start[ENERGY]
        if close(value, spent / points, **near):
            continue
        told = f"`{name}` vaut {number(value, 3)}."
        if close(value, 100 * spent / points, **near):
            return revise(f"{told} C'est un prix par unité d'exactitude. Un point en est le centième.")
        if close(value, points / spent, **near):
            return revise(
                f"{told} Vous avez inversé : ce sont des points par mWh. On veut des mWh par point."
            )
        if close(value, dear[ENERGY] / (100 * dear[SCORE]), **near):
            return revise(
                f"{told} Vous divisez par tous les points du réseau. Seuls comptent ceux qu'il ajoute à « {origin} » : "
                f"{number(points, 1)}."
            )
        if close(value, dear[ENERGY] / points, **near):
            return revise(
                f"{told} Vous n'avez pas retiré l'énergie de « {origin} », {number(start[ENERGY], 2)} mWh, "
                "que l'on dépenserait de toute façon."
            )
        return revise(
            f"{told} Divisez {number(spent, 2)} mWh de plus par {number(points, 1)} points de plus."
        )
    return passed(
        f"Un point coûte {number(prix_moyen, 2)} mWh en moyenne, mais {number(prix_du_dernier, 1)} mWh au bout : "
        f"{number(prix_du_dernier / prix_moyen)} fois plus. La moyenne cache le prix du dernier point."
    )


@cache
def _pixels() -> gpd.GeoDataFrame:
    parcels = gpd.read_file(datasets.path("galejade.gpkg"), layer="parcelles_agricoles")
    return learning.draw_pixels(parcels, datasets.image(datasets.dates()[0]), per_parcel=4, seed=0)


@cache
def _series() -> DataFrame:
    return learning.read_series(_pixels(), datasets.images(), datasets.masks())


@cache
def _dates() -> tuple[str, ...]:
    return tuple(sorted({name[:5] for name in _series().columns}))


@cache
def _bands() -> tuple[str, ...]:
    return tuple(dict.fromkeys(name[6:] for name in _series().columns))


@cache
def _tried(trees: int, per_parcel: int, bands: frozenset[str], dates: frozenset[str]) -> tuple[float, float]:
    """Accuracy by parcel, and millions of values that the trees look at to learn."""
    table_, crops, parcels = _series(), _pixels()["code_cultu"], _pixels()["id_parcel"]
    table_ = table_[[name for name in table_.columns if name[:5] in dates and name[6:] in bands]]
    rank = _pixels().groupby("id_parcel").cumcount().to_numpy()
    scores, work = [], 0
    for train, test in StratifiedGroupKFold(3, shuffle=True, random_state=0).split(
        table_, crops, groups=parcels
    ):
        kept = train[rank[train] < per_parcel]
        model = ExtraTreesClassifier(trees, random_state=0).fit(table_.iloc[kept], crops.iloc[kept])
        scores.append(model.score(table_.iloc[test], crops.iloc[test]))
        for tree in model.estimators_:
            inner = tree.tree_.children_left >= 0
            work += tree.tree_.n_node_samples[inner].sum() * tree.max_features_
    return float(np.mean(scores)), float(work / 1e6)


def s4_4(reglage: Annotated[dict, needs(may_be_empty=True)]) -> Outcome:
    """A setting of the trees that halves their work and loses less than a point."""
    usual = {"arbres": 80, "par_parcelle": 4, "bandes": list(_bands()), "dates": list(_dates())}
    unknown = [name for name in reglage if name not in usual]
    if unknown:
        return revise(f"`{unknown[0]}` n'est pas un argument de `essayer`. Il prend {listing(usual)}.")
    wanted = usual | reglage
    if refused := _impossible(wanted):
        return refused
    reference = _tried(80, 4, frozenset(_bands()), frozenset(_dates()))
    accuracy, work = _tried(
        int(wanted["arbres"]),
        int(wanted["par_parcelle"]),
        frozenset(wanted["bandes"]),
        frozenset(wanted["dates"]),
    )
    lost, share = reference[0] - accuracy, work / reference[1]
    if lost >= LOSS:
        seasons = sorted(wanted["dates"])
        few = len(seasons) < len(_dates()) and (seasons[0] > _dates()[1] or seasons[-1] < _dates()[-2])
        why = (
            f"Vos {len(seasons)} dates ne portent que sur une partie de l'année : le calendrier des cultures s'y perd."
            if few
            else "Cherchez un levier qui répète ce que les autres savent déjà."
        )
        return revise(
            f"Travail : {percent(share)} de la référence. Mais vous perdez {number(100 * lost, 1)} points, "
            f"de {number(reference[0], 3)} à {number(accuracy, 3)}. {why}"
        )
    if share > HALF:
        return revise(
            f"Vous ne perdez que {number(100 * lost, 1)} point, mais le travail reste au-dessus de la moitié : {percent(share)} "
            "de la référence. Ajoutez un second levier."
        )
    images = len(set(wanted["bandes"])) * len(set(wanted["dates"])) / (len(_bands()) * len(_dates()))
    return passed(
        f"Travail : {percent(share)} de la référence, pour {number(100 * lost, 1)} point perdu. "
        f"Et {percent(images)} des images à lire : ce levier-là se retrouve aussi dans le stockage."
    )


def _impossible(wanted: dict[str, Any]) -> Outcome | None:
    for name, most in (("arbres", 1000), ("par_parcelle", 4)):
        value = wanted[name]
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 1 <= value <= most:
            return revise(f"`{name}` vaut {value!r} ; il faut un nombre entier de 1 à {most}.")
    for name, known in (("bandes", _bands()), ("dates", _dates())):
        given = wanted[name]
        if isinstance(given, str) or not isinstance(given, list | tuple | set | frozenset) or not given:
            return revise(f"`{name}` doit être une liste, par exemple {list(known[:2])}.")
        absent = [value for value in given if value not in known]
        if absent:
            return revise(
                f"{listing(absent)} : absent des {name}. Choisissez parmi {listing(known, limit=8)}."
            )
    return None


def s4_5(entrainement: Cost, usage: Cost, mise_au_point_wh: float, usage_wh: float, seuil: float) -> Outcome:
    """Set-up and a year of use over a county, and the number of parcels where they weigh the same."""
    each = usage.energy_wh.central / PARCELS_OF_THE_ISLAND
    once = entrainement.energy_wh.central
    setup, year, near = TRIALS * once, MAPS_A_YEAR * PARCELS * each, {"relative": 0.01}
    if not close(mise_au_point_wh, setup, **near):
        told = f"`mise_au_point_wh` vaut {number(mise_au_point_wh, 3)}."
        if close(mise_au_point_wh, once, **near):
            return revise(f"{told} C'est un seul entraînement. Les {TRIALS} essais ont tous été payés.")
        if mise_au_point_wh > setup and close(
            mise_au_point_wh / setup, PARCELS / PARCELS_OF_THE_ISLAND, **near
        ):
            return revise(
                f"{told} La mise au point ne grandit pas avec le territoire : on n'entraîne qu'une fois."
            )
        return revise(
            f"{told} Multipliez l'énergie d'un entraînement, {number(once, 4)} Wh, par le nombre d'essais."
        )
    if not close(usage_wh, year, **near):
        told = f"`usage_wh` vaut {number(usage_wh, 2)}."
        if close(usage_wh, year / MAPS_A_YEAR, **near):
            return revise(f"{told} Pour une année, c'est une seule carte : il y en a {MAPS_A_YEAR}.")
        if close(usage_wh, year * PARCELS_OF_THE_ISLAND, **near):
            return revise(
                f"{told} Vous comptez la mesure entière pour une seule parcelle ; elle en traite {PARCELS_OF_THE_ISLAND}."
            )
        return revise(
            f"{told} Une parcelle coûte {number(1e6 * each, 2)} µWh ; comptez les parcelles et les cartes."
        )
    if not close(seuil, setup / each, **near):
        return revise(
            f"À {number(seuil)} parcelles, l'usage coûte {number(seuil * each, 3)} Wh et la mise au point "
            f"{number(setup, 3)} Wh. Cherchez le nombre qui les égalise."
        )
    return passed(
        f"Mise au point : {number(1000 * setup)} mWh. Une année d'usage : {number(1000 * year)} mWh, "
        f"{number(year / setup, 1)} fois plus. Avant {number(seuil)} parcelles traitées, ce sont les essais qui pèsent."
    )


def s4_6(
    offres: Annotated[DataFrame, needs(columns=["valeur", "unité", "jetons", "périmètre"])],
    par_mille: Annotated[Series, needs(length=4)],
    comparables: list[str],
    la_plus_sobre: str,
) -> Outcome:
    """Published figures brought to one unit, those of one scope, and the lowest of them."""
    missing, _ = missing_and_extra(par_mille.index, offres.index)
    if missing:
        return revise(f"Il manque à l'index de `par_mille` : {listing(missing)}. Gardez l'index de `offres`.")
    grams = offres["valeur"] * offres["unité"].map(GRAMS)
    truth = grams / offres["jetons"] * 1000
    given = par_mille[truth.index].astype(float)
    wrong = [name for name in truth.index if not close(given[name], truth[name], relative=0.01)]
    if wrong:
        return _wrong_unit(offres, given, grams, wrong[0])
    scope = offres["périmètre"].mode()[0]
    alike = list(offres.index[offres["périmètre"] == scope])
    missing, extra = missing_and_extra(comparables, alike)
    if extra:
        return revise(
            f"{listing(extra)} ne se compare pas aux autres : son périmètre est "
            f"« {offres['périmètre'].get(extra[0], 'inconnu')} », plus large que « {scope} »."
        )
    if missing:
        return revise(f"Il manque {listing(missing)}, dont le périmètre est aussi « {scope} ».")
    best = truth[alike].idxmin()
    if la_plus_sobre not in truth.index:
        return revise(f"`{la_plus_sobre}` n'est pas une offre. Choisissez parmi {listing(alike)}.")
    if la_plus_sobre != best:
        return revise(
            f"`{best}` consomme moins que `{la_plus_sobre}` : {number(truth[best], 3)} gCO2e pour 1 000 jetons, "
            f"contre {number(truth[la_plus_sobre], 3)}."
        )
    return passed(
        f"`{best}`, {number(truth[best], 3)} gCO2e pour 1 000 jetons, sur l'usage seul. Demandez aux autres le même périmètre "
        "avant de les écarter."
    )


def _wrong_unit(offers: DataFrame, given: Series, grams: Series, name: str) -> Outcome:
    told = f"`{name}` : vous donnez {number(given[name], 4)}."
    value, unit, tokens = offers.loc[name, ["valeur", "unité", "jetons"]]
    if close(given[name], value / tokens * 1000, relative=0.01):
        return revise(f"{told} L'unité, {unit}, n'a pas été convertie en grammes.")
    if close(given[name], grams[name], relative=0.01):
        return revise(
            f"{told} C'est pour une réponse, et non pour 1 000 jetons : elle en compte {number(tokens)}."
        )
    return revise(
        f"{told} {number(value, 2)} {unit} font {number(grams[name], 4)} g, pour {number(tokens)} jetons ; "
        "ramenez à 1 000."
    )


# Made runs: in no order, with a tie in energy (C, D) and a tie in score (E, F).
_RUNS = DataFrame(
    {"score": [0.80, 0.50, 0.70, 0.60, 0.75, 0.75], "wh": [9.0, 1.0, 3.0, 3.0, 5.0, 7.0]},
    index=["A", "B", "C", "D", "E", "F"],
)  # fmt: skip
_RUNS = _RUNS.loc[["A", "D", "F", "C", "B", "E"]]


def s4_7(frontiere: Callable) -> Outcome:
    """A function that keeps the runs that no other beats, cheapest first, tried on made runs with ties."""
    truth = ["B", "C", "E", "A"]
    runs = _RUNS.copy()
    try:
        found = frontiere(runs)
    except Exception as error:
        return revise(
            f"Essayée sur six essais, votre fonction s'arrête : « {type(error).__name__} : {error} »."
        )
    if found is None:
        return revise("Votre fonction ne rend rien. Terminez-la par `return`.")
    if not runs.equals(_RUNS):
        return revise("Le tableau reçu a été modifié (ordre ou colonnes). Travaillez sur une copie triée.")
    if isinstance(found, str) or not isinstance(found, list | tuple | pd.Index | np.ndarray | Series):
        return revise(f"Votre fonction rend un objet `{type(found).__name__}` ; il faut la liste des noms.")
    found = [str(name) for name in found]
    if not found:
        return revise("Votre fonction rend une liste vide ; un essai au moins n'est jamais dominé.")
    if found == truth:
        return passed(
            "Ni doublon de score, ni égalité d'énergie ne la trompe, et l'ordre du tableau ne compte pas."
        )
    unknown = [name for name in found if name not in _RUNS.index]
    if unknown:
        return revise(f"{listing(unknown)} n'est pas le nom d'un essai. Rendez des noms de l'index.")
    if found == ["A"]:
        return revise(
            "Vous n'avez gardé que le premier du tableau, qui est aussi le meilleur. Vous lisez le tableau "
            "dans l'ordre où il est donné : triez-le d'abord par énergie."
        )
    if "D" in found:
        return revise(
            "`C` et `D` ont la même énergie, et `C` un meilleur score : à énergie égale, `D` est dominé. "
            "Faites passer le meilleur score devant."
        )
    if "F" in found:
        return revise(
            "`F` dépense plus que `E` sans gagner en score : il est dominé. Exigez un score strictement meilleur."
        )
    if sorted(found) == sorted(truth):
        return revise(
            f"Les bons essais, mais dans l'ordre {join_words(found)} : rendez-les du moins cher au plus cher."
        )
    missing, extra = missing_and_extra(found, truth)
    return revise(f"Sur six essais, il manque {listing(missing)} ; en trop : {listing(extra)}.")


def s4_8(couts: list, journal: list, essai: Run, phrase: str) -> Outcome:
    """A run that counts every trial, against the rule, and a sentence that gives a range."""
    everything, final = table(couts), journal[-1]
    trainings = sum(line["plis"] for line in journal)
    if close(essai.cost.energy_wh.central, couts[-1].energy_wh.central):
        return revise(
            "Ce coût est celui que montre le dernier essai seulement. Les trois autres ont été payés aussi : "
            f"{number(1000 * everything.energy_wh.central, 1)} mWh en tout, et non "
            f"{number(1000 * couts[-1].energy_wh.central, 1)}."
        )
    if not close(essai.cost.energy_wh.central, everything.energy_wh.central):
        return revise(
            "Le coût de `essai` n'est pas la somme des quatre essais. Voyez `footprint.table(couts)`."
        )
    if close(essai.score, final["au hasard"]):
        return revise(
            f"{number(essai.score, 2)} est le score au hasard : il vaut pour des champs déjà vus. Sur des parcelles nouvelles, "
            f"c'est {number(final['par parcelle'], 3)}."
        )
    if not close(essai.score, final["par parcelle"]):
        return revise(
            f"Le modèle retenu est le dernier du journal ; son score n'est pas {number(essai.score, 3)}."
        )
    if not close(essai.baseline, 0.396):
        return revise(
            f"La référence vaut {number(essai.baseline, 3)} ; c'est la règle sur le NDVI, {number(0.396, 3)}, que l'on remplacerait."
        )
    if essai.trainings == len(journal):
        return revise(
            f"{essai.trainings} essais, mais chacun a entraîné plusieurs modèles, un par pli : comptez-les."
        )
    if essai.trainings != trainings:
        return revise(f"Vous comptez {essai.trainings} entraînements ; additionnez les plis de chaque essai.")
    if "parcelle" not in essai.metric.lower():
        return revise(
            f"`metric` vaut « {essai.metric} » : dites aussi comment le score a été validé, par parcelle."
        )
    return _judge_sentence(essai, phrase)


def _judge_sentence(run: Run, sentence: str) -> Outcome:
    words = len(sentence.split())
    if not 15 <= words <= 60:
        return revise(f"Votre phrase compte {count(words, 'mot')} ; il en faut de 15 à 60.")
    said = sentence.replace(",", ".")
    figures = [float(figure) for figure in re.findall(r"\d+(?:\.\d+)?", said)]
    if not any(
        close(figure, value, relative=0.01) for figure in figures for value in (run.score, 100 * run.score)
    ):
        return revise(f"Votre phrase ne donne pas le score, {number(run.score, 3)}.")
    energy = run.cost.energy_wh
    bounds = [
        any(close(figure, scale * bound, relative=0.1) for figure in figures for scale in (1, 1000))
        for bound in (energy.low, energy.high)
    ]
    if not all(bounds):
        return revise(
            "Votre phrase donne un seul chiffre d'énergie, ou aucun. C'est une estimation : dites la fourchette, de "
            f"{number(1000 * energy.low, 1)} à {number(1000 * energy.high, 0)} mWh."
        )
    if "règle" not in sentence.lower():
        return revise("Votre phrase ne dit pas à quoi le modèle est comparé : la règle sur le NDVI.")
    return passed(
        f"Un service voisin peut comparer : {number(run.trainings)} entraînements, essais compris, "
        f"{number(100 * run.gain)} points de gain, et une fourchette."
    )
