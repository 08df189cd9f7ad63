"""Checks of lesson E3, « Généraliser ailleurs »."""

from collections.abc import Callable
from functools import cache
from itertools import count as integers
from numbers import Real
from typing import Annotated

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series
from scipy.spatial.distance import cdist, pdist, squareform
from scipy.stats import binom, binomtest
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict

from geoatelier import datasets, learning
from geoatelier.exercises.answers import close, missing_and_extra
from geoatelier.exercises.french import count, listing, number, percent
from geoatelier.exercises.guards import needs
from geoatelier.exercises.outcome import Outcome, passed, revise

HIDDEN_DATES = ("02-18", "03-25", "05-19")
CANDIDATES = [hundredths / 100 for hundredths in range(80, 25, -5)]
NEW_PLACE = "Les Restanques"
TARGET, LEVEL = 0.15, 0.10

Names = Annotated[list[str], needs(may_be_empty=True)]


@cache
def _island() -> tuple[DataFrame, Series, Series]:
    """Measures, crop and commune of each parcel, as the sheet reads them."""
    source = datasets.path("galejade.gpkg")
    parcels = gpd.read_file(source, layer="parcelles_agricoles").set_index("id_parcel")
    names = gpd.read_file(source, layer="communes").set_index("code_insee")["nom_officiel"]
    images = {day: path for day, path in datasets.images().items() if f"{day:%m-%d}" not in HIDDEN_DATES}
    measures = learning.read_parcel_series(parcels, images)
    return measures, parcels["code_cultu"], parcels["code_insee"].map(names)


def _forest() -> ExtraTreesClassifier:
    return ExtraTreesClassifier(40, random_state=0)


def _stopped(error: Exception) -> Outcome:
    return revise(
        f"Essayée sur une petite table, votre fonction s'arrête : « {type(error).__name__} : {error} »."
    )


def _interval(right: Series) -> tuple[float, float]:
    found = binomtest(int(right.sum()), len(right)).proportion_ci(method="wilson")
    return found.low, found.high


@cache
def _right_elsewhere() -> Series:
    measures, crops, communes = _island()
    predicted = cross_val_predict(_forest(), measures, crops, groups=communes, cv=LeaveOneGroupOut())
    return crops == predicted


def e3_1(exactitudes: Series, pire: str, bornes: tuple | list | NDArray) -> Outcome:
    """Accuracy in each commune left out, the worst of them, and the interval of its accuracy."""
    _, crops, communes = _island()
    right = _right_elsewhere()
    truth = right.groupby(communes).mean()
    if set(exactitudes.index) == set(crops):
        return revise(
            "`exactitudes` est calculée par culture. La question est celle du lieu : groupez par commune."
        )
    missing, extra = missing_and_extra(exactitudes.index, truth.index)
    if missing or extra:
        return revise(
            f"L'index de `exactitudes` doit être fait des cinq communes. À revoir : {listing(missing + extra)}."
        )
    given = exactitudes.reindex(truth.index).astype(float)
    if np.allclose(given, 100 * truth):
        return revise("`exactitudes` est en pourcentage ; il faut des parts, entre 0 et 1.")
    if np.allclose(given, 1 - truth):
        return revise("`exactitudes` donne la part d'erreurs. Il faut celle des parcelles reconnues.")
    if not np.allclose(given, truth, atol=0.002):
        place = (given - truth).abs().idxmax()
        return revise(
            f"À {place}, la part de parcelles reconnues est de {number(truth[place], 2)} ; vous donnez {number(given[place], 2)}."
        )
    worst = truth.idxmin()
    if pire == (~right).groupby(communes).sum().idxmax() != worst:
        return revise(
            f"{pire} a le plus d'erreurs en nombre, parce qu'elle a le plus de parcelles. Rapportée à son effectif, "
            f"elle en reconnaît {percent(truth[pire])}."
        )
    if pire != worst:
        return revise(f"`pire` vaut « {pire} » ; une autre commune a une part plus faible.")
    return _judge_interval(bornes, right[communes == worst], right)


def _judge_interval(bounds: tuple | list | NDArray, here: Series, everywhere: Series) -> Outcome:
    values = _two_numbers(bounds)
    if values is None:
        return revise("`bornes` doit être un couple de deux nombres : (bas, haut).")
    low, high = _interval(here)
    share = here.mean()
    half = 1.96 * np.sqrt(share * (1 - share) / len(here))
    if np.allclose(values, (low, high), atol=0.003):
        return passed(
            f"Entre {percent(low)} et {percent(high)} des parcelles, sur {len(here)} : l'intervalle est large, et il reste sous "
            "le score des autres communes. C'est ce couple qui se publie, pas le seul milieu."
        )
    if np.allclose(values, _interval(everywhere), atol=0.003):
        return revise(
            "Cet intervalle est celui de toute l'île. Il est étroit parce qu'il mêle cinq communes ; gardez les parcelles de la pire."
        )
    if np.allclose(values, (share - half, share + half), atol=0.002):
        return revise(
            "C'est l'intervalle de la loi normale. Il sort de 0 à 1 pour les petits effectifs ; celui de Wilson ne le fait pas."
        )
    if np.allclose(values, (high, low), atol=0.003):
        return revise("Les deux bornes sont échangées : la plus petite d'abord.")
    return revise(
        f"Vos bornes sont {number(values[0], 2)} et {number(values[1], 2)}. Comptez les réussites et l'effectif de la pire "
        "commune, puis demandez la méthode « wilson »."
    )


def _two_numbers(values: tuple | list | NDArray) -> tuple[float, float] | None:
    if len(values) != 2 or not all(isinstance(value, Real) and np.isfinite(value) for value in values):
        return None
    return float(values[0]), float(values[1])


def _spread(rows: NDArray, reference: NDArray, weights: NDArray | float) -> NDArray:
    return (rows - reference.mean(axis=0)) / reference.std(axis=0, ddof=1) * weights


def e3_2(indice: Callable) -> Outcome:
    """The dissimilarity index written by hand, tried on a small table against the tool and usual slips."""
    rng = np.random.default_rng(8)
    known, new = rng.normal(5, [1, 20, 0.1], (30, 3)), rng.normal(7, [2, 30, 0.2], (12, 3))
    weights = np.array([0.7, 0.1, 0.2])
    given = _try_index(indice, known, new, weights)
    if isinstance(given, Outcome):
        return given
    learnt, judged = _spread(known, known, weights), _spread(new, known, weights)
    nearest, unit = cdist(judged, learnt).min(axis=1), pdist(learnt).mean()
    if np.allclose(given, nearest / unit, rtol=1e-6):
        measures, crops, communes = _island()
        here = (communes == "Rocamistral").to_numpy()
        return _judge_on_the_island(
            indice, measures.to_numpy()[~here], measures.to_numpy()[here], crops[~here]
        )
    between = squareform(pdist(learnt))
    np.fill_diagonal(between, np.inf)
    flat = _spread(known, known, 1), _spread(new, known, 1)
    raw = known * weights, new * weights
    slips = {
        "Les parcelles nouvelles sont centrées et réduites par leur propre moyenne et leur propre écart-type. Un territoire "
        "décalé se retrouverait au centre : le décalage que l'indice doit voir disparaît.": cdist(
            _spread(new, new, weights), learnt
        ).min(axis=1)
        / unit,
        "Votre unité compte aussi la distance d'une parcelle à elle-même, qui vaut zéro. Gardez les paires de parcelles "
        "différentes : `pdist`, ou la somme divisée par n(n − 1).": nearest / cdist(learnt, learnt).mean(),
        "Votre unité est la distance moyenne à la plus proche. Il faut la distance moyenne entre deux parcelles apprises, "
        "toutes les paires comprises.": nearest / between.min(axis=1).mean(),
        "Votre indice ne tient pas compte des poids. Une variable que le modèle n'utilise pas éloignerait autant qu'une autre.": cdist(
            *flat[::-1]
        ).min(axis=1)
        / pdist(flat[0]).mean(),
        "Les variables ne sont pas réduites : celle qui a les plus grandes valeurs décide seule de la distance.": cdist(
            *raw[::-1]
        ).min(axis=1)
        / pdist(raw[0]).mean(),
        "C'est la distance, sans unité commune. Divisez-la par la distance moyenne entre deux parcelles apprises.": nearest,
        "Vous prenez la distance moyenne aux parcelles apprises. L'indice prend la plus petite.": cdist(
            judged, learnt
        ).mean(axis=1)
        / unit,
    }
    for message, values in slips.items():
        if np.allclose(given, values, rtol=1e-6):
            return revise(message)
    return revise(
        f"Sur la table d'essai, le premier indice vaut {number(nearest[0] / unit, 3)} ; vous trouvez {number(given[0], 3)}. "
        "Comparez pas à pas à `learning.AreaOfApplicability`."
    )


def _judge_on_the_island(index: Callable, known: NDArray, new: NDArray, crops: Series) -> Outcome:
    weights = _forest().fit(known, crops).feature_importances_
    given = _try_index(index, known, new, weights)
    if isinstance(given, Outcome):
        return given
    area = learning.AreaOfApplicability().fit(known, weights=weights)
    if not np.allclose(given, area.dissimilarity(new), rtol=1e-5):
        return revise(
            "Juste sur la petite table, votre fonction ne l'est plus sur les mesures de l'île. Lit-elle bien ses trois arguments ?"
        )
    return passed(
        f"Votre indice est celui de l'outil. À Rocamistral, sa médiane est de {number(np.median(given), 2)} : ses parcelles "
        "ressemblent à celles apprises."
    )


def _try_index(index: Callable, known: NDArray, new: NDArray, weights: NDArray) -> NDArray | Outcome:
    try:
        given = np.asarray(index(known.copy(), new.copy(), weights.copy()), dtype=float)
    except Exception as error:
        return _stopped(error)
    if given.shape != (len(new),):
        return revise(
            f"Votre fonction rend {given.size} valeur(s) pour {len(new)} parcelles nouvelles : il en faut une par ligne de `nouvelles`."
        )
    if not np.isfinite(given).all():
        return revise("Votre fonction rend des valeurs infinies ou manquantes.")
    return given


def _landscape(far: float) -> tuple[NDArray, NDArray]:
    """Distances between rows of three groups, each made of near pairs; the last row stands `far` away."""
    rng = np.random.default_rng(0)
    rows = np.repeat(rng.uniform(size=(12, 2)), 2, axis=0) + 0.02 * rng.normal(size=(24, 2))
    rows[-1] += far
    return squareform(pdist(rows)), np.repeat(["nord", "sud", "est"], 8)


def _indices(distances: NDArray, groups: NDArray) -> NDArray:
    unit = distances.sum() / (len(distances) * (len(distances) - 1))
    return np.where(groups[:, np.newaxis] == groups, np.inf, distances).min(axis=1) / unit


def _fence(indices: NDArray) -> float:
    first, third = np.percentile(indices, [25, 75])
    return float(third + 1.5 * (third - first))


def e3_3(seuil: Callable) -> Outcome:
    """The threshold of the area, from distances between groups, tried with and without an outlier."""
    for far in (30, 0):
        distances, groups = _landscape(far)
        try:
            given = float(seuil(distances.copy(), groups.copy()))
        except Exception as error:
            return _stopped(error)
        indices = _indices(distances, groups)
        truth = min(_fence(indices), indices.max())
        if not close(given, truth, relative=1e-6):
            return revise(_slip_of_threshold(given, truth, distances, groups))
    return passed(
        "Votre seuil compare chaque parcelle aux autres groupes, résiste à une parcelle aberrante et ne dépasse jamais "
        "ce que l'entraînement a montré."
    )


def _slip_of_threshold(given: float, truth: float, distances: NDArray, groups: NDArray) -> str:
    indices = _indices(distances, groups)
    alone = _indices(distances, np.arange(len(distances)))
    inside = np.where(groups[:, np.newaxis] == groups, distances, np.inf)
    np.fill_diagonal(inside, np.inf)
    unit = distances.sum() / (len(distances) * (len(distances) - 1))
    slips = {
        min(
            _fence(alone), alone.max()
        ): "Chaque parcelle est comparée aussi aux parcelles du même groupe : ses voisines rendent le seuil trop étroit, "
        "et toute commune nouvelle en sortirait.",
        alone.max(): "Ni les groupes ni les valeurs aberrantes ne sont mis à part.",
        inside.min(axis=1).max()
        / unit: "Vous gardez les parcelles du même groupe ; il faut celles des autres.",
        min(
            _fence(inside.min(axis=1) / unit), inside.min(axis=1).max() / unit
        ): "Vous gardez les parcelles du même groupe ; il faut celles des autres.",
        _fence(
            indices
        ): f"Votre seuil, {number(given, 2)}, dépasse le plus grand indice de l'entraînement, {number(indices.max(), 2)} : "
        "prenez le plus petit des deux.",
        indices.max(): f"{number(given, 2)} est le plus grand indice : une seule parcelle aberrante décide du seuil. Écartez ce qui dépasse "
        "le troisième quartile de plus de 1,5 écart interquartile.",
        float(
            np.quantile(indices, 0.95)
        ): "C'est le quantile à 95 %, la règle d'une version antérieure de l'article. Prenez celle de l'énoncé.",
        truth * unit: "C'est une distance : divisez-la par la distance moyenne entre deux parcelles.",
    }
    for value, message in slips.items():
        if close(given, value, relative=1e-6):
            return message
    return f"Sur un essai de 24 parcelles en trois groupes, le seuil vaut {number(truth, 3)} ; vous trouvez {number(given, 3)}."


def e3_4(decomposer: Callable) -> Outcome:
    """A loss parted between the mix of crops and their recognition, with names in another order."""
    known = Series({"VRC": 0.9, "OLI": 0.7, "LAV": 0.6, "TRN": 0.95})
    mix = Series({"VRC": 0.5, "OLI": 0.2, "LAV": 0.1, "TRN": 0.2})
    new = Series({"TRN": 0.9, "LAV": 0.3, "VRC": 0.8, "OLI": 0.75})
    new_mix = Series({"LAV": 0.5, "TRN": 0.1, "OLI": 0.15, "VRC": 0.25})
    pairs = []
    for recalls, shares in ((new, new_mix), (new.drop("TRN"), new_mix.drop("TRN") / 0.9)):
        try:
            result = decomposer(known.copy(), recalls.copy(), mix.copy(), shares.copy())
            pair = _two_numbers(tuple(result))
        except Exception as error:
            return _stopped(error)
        if pair is None:
            return revise(
                "Votre fonction doit rendre un couple de deux nombres : (composition, reconnaissance)."
            )
        if found := _slip_of_parts(pair, known, recalls, mix, shares):
            return revise(found)
        pairs.append(pair)
    return passed(
        f"Sur l'essai, {number(pairs[0][0], 1)} points viennent de la composition et {number(pairs[0][1], 1)} de la reconnaissance. "
        "La première se traite en allant relever la culture qui manque ; la seconde, en cherchant ce qui a changé d'aspect."
    )


def _slip_of_parts(
    pair: tuple[float, float], known: Series, new: Series, mix: Series, new_mix: Series
) -> str | None:
    before, between, after = (known * mix).sum(), (known * new_mix).sum(), (new * new_mix).sum()
    truth = np.array([between - before, after - between])
    if np.allclose(pair, 100 * truth, atol=0.01):
        return None
    if np.allclose(pair, truth, atol=1e-4):
        return "Un point vaut 0,01 : multipliez les deux parts par 100."
    if np.allclose(pair, -100 * truth, atol=0.01):
        return "Les signes sont inversés : une perte est négative, un gain positif."
    if np.allclose(pair, 100 * truth[::-1], atol=0.01):
        return "Les deux parts sont échangées : la composition d'abord."
    other = (new * mix).sum()
    if np.allclose(pair, [100 * (after - other), 100 * (other - before)], atol=0.01):
        return (
            "Votre part de composition est pesée par les rappels de la commune nouvelle. L'énoncé demande ce que donnerait la "
            "nouvelle composition avec les rappels connus."
        )
    if len(new_mix) == len(known):
        shuffled, shuffled_after = (recalls.to_numpy() @ new_mix.to_numpy() for recalls in (known, new))
        if np.allclose(pair, [100 * (shuffled - before), 100 * (shuffled_after - shuffled)], atol=0.01):
            return (
                "Les Series ne sont pas dans le même ordre : vous multipliez le rappel d'une culture par la part d'une autre. "
                "Multipliez les Series elles-mêmes, pandas aligne les noms."
            )
    if not np.isfinite(pair).all():
        return "Une culture absente de la commune nouvelle donne une valeur manquante. Elle y pèse zéro."
    return (
        f"Sur l'essai, la composition vaut {number(100 * truth[0], 1)} points et la reconnaissance {number(100 * truth[1], 1)} ; "
        f"vous trouvez {number(pair[0], 1)} et {number(pair[1], 1)}."
    )


@cache
def _trials_of_calibration() -> DataFrame:
    rng = np.random.default_rng(4)
    lots = []
    for place, size, excess in (("plaine", 400, 0), ("cap", 25, 0), ("plateau", 500, 0.09)):
        sure = rng.beta(5, 2, size).clip(0.3, 0.99)
        right = rng.random(size) < np.clip(sure - excess, 0, 1)
        lots.append(DataFrame({"lieu": place, "confiance": sure, "juste": right}))
    return pd.concat(lots, ignore_index=True)


def e3_5(erreurs: dict, casse: Names) -> Outcome:
    """Calibration error of each place, and the places where calibration is refuted."""
    lots = dict(iter(_trials_of_calibration().groupby("lieu")))
    missing, extra = missing_and_extra(erreurs, lots)
    if missing or extra:
        return revise(
            f"`erreurs` doit avoir une valeur par lieu, et rien d'autre. À revoir : {listing(missing + extra)}."
        )
    for place, lot in lots.items():
        if found := _slip_of_calibration(place, erreurs[place], lot):
            return revise(found)
    gaps = {place: learning.mean_interval(lot["confiance"] - lot["juste"]) for place, lot in lots.items()}
    refuted = [place for place, (_, low, high) in gaps.items() if not low <= 0 <= high]
    missing, extra = missing_and_extra(casse, refuted)
    if unknown := [place for place in extra if place not in lots]:
        return revise(f"{listing(unknown)} n'est pas un lieu de `essais`.")
    if extra:
        place = extra[0]
        _, low, high = gaps[place]
        return revise(
            f"« {place} » a une grande erreur de calibration, mais mesurée sur {count(len(lots[place]), 'parcelle')} : l'intervalle de "
            f"(confiance − juste) va de {number(low, 2)} à {number(high, 2)} et contient zéro. Peu de parcelles font toujours de grands écarts."
        )
    if missing:
        mean, low, _ = gaps[missing[0]]
        return revise(
            f"Il manque « {missing[0]} » : la confiance y dépasse l'exactitude de {number(100 * mean, 0)} points, et au moins de "
            f"{number(100 * low, 0)}."
        )
    worst = max(erreurs, key=erreurs.get)
    return passed(
        f"La calibration est réfutée au lieu {listing(refuted)}, qui n'a pas la plus grande erreur : c'est « {worst} », et ses "
        f"{len(lots[worst])} parcelles ne prouvent rien. Une erreur de calibration se lit avec son effectif."
    )


def _slip_of_calibration(place: str, given: object, lot: DataFrame) -> str | None:
    if isinstance(given, bool) or not isinstance(given, Real) or not np.isfinite(given):
        return f'`erreurs["{place}"]` doit être un nombre.'
    table = learning.reliability_table(lot["juste"], lot["confiance"], bins=5)
    gaps, sizes = table["ecart"].abs(), table["effectif"]
    truth = float(np.average(gaps, weights=sizes))
    if close(given, truth, absolute=5e-4):
        return None
    if close(given, 100 * truth, absolute=0.05):
        return f"Pour « {place} », votre erreur est en pourcentage ; gardez une part."
    if close(given, float(gaps.mean()), absolute=5e-4):
        return (
            f"Pour « {place} », vous donnez le même poids à chaque classe. La moins remplie n'a que "
            f"{count(int(sizes.min()), 'parcelle')} : pesez par l'effectif."
        )
    if close(given, abs((lot["confiance"] - lot["juste"]).mean()), absolute=5e-4):
        return (
            f"Pour « {place} », vous prenez l'écart de toutes les réponses ensemble : trop sûr ici et pas assez là se compensent. "
            "Prenez la valeur absolue classe par classe."
        )
    if close(
        given, float(learning.expected_calibration_error(lot["juste"], lot["confiance"])), absolute=5e-4
    ):
        return f"Pour « {place} », vous avez pris dix classes ; l'énoncé en demande cinq."
    return f"Pour « {place} », l'erreur de calibration vaut {number(truth, 3)} ; vous donnez {number(float(given), 3)}."


@cache
def _restanques() -> tuple[DataFrame, DataFrame]:
    """Answers in the four other communes, each left out in turn, and in Les Restanques."""
    measures, crops, communes = _island()
    others = communes != NEW_PLACE
    names = np.unique(crops)

    def judged(probabilities: NDArray, truth: Series) -> DataFrame:
        right = names[probabilities.argmax(axis=1)] == truth.to_numpy()
        return DataFrame({"confiance": probabilities.max(axis=1), "juste": right})

    validated = cross_val_predict(
        _forest(), measures[others], crops[others], groups=communes[others], cv=LeaveOneGroupOut(),
        method="predict_proba",
    )  # fmt: skip
    given = _forest().fit(measures[others], crops[others]).predict_proba(measures[~others])
    return judged(validated, crops[others]), judged(given, crops[~others])


def _descent(table: DataFrame, holds: Callable[[int, int], bool]) -> float:
    """Lowest candidate of an unbroken descent where `holds(errors, answers)`."""
    found = float("inf")
    for candidate in CANDIDATES:
        answered = table.loc[table["confiance"] >= candidate, "juste"]
        if not holds(int((~answered).sum()), len(answered)):
            break
        found = candidate
    return found


def e3_6(seuil: float, couverture: float, erreur: float) -> Outcome:
    """A threshold proved on the known communes alone, then what it gives in the new one."""
    tuning, trial = _restanques()

    def proved(errors: int, answers: int, level: float = LEVEL) -> bool:
        return bool(binom.cdf(errors, answers, TARGET) <= level)

    truth = _descent(tuning, proved)
    if not close(seuil, truth, absolute=1e-6):
        return revise(_slip_of_choice(seuil, truth, tuning, trial, proved))
    answered = trial["confiance"] >= truth
    coverage, error = answered.mean(), (~trial.loc[answered, "juste"]).mean()
    if close(couverture, 100 * coverage, absolute=0.1) or close(erreur, 100 * error, absolute=0.1):
        return revise("`couverture` et `erreur` sont des parts, entre 0 et 1.")
    if close(couverture, 1 - coverage, absolute=1e-3):
        return revise(
            "`couverture` est la part de silences. Il faut celle des parcelles qui reçoivent une réponse."
        )
    if not close(couverture, coverage, absolute=1e-3):
        return revise(f"À ce seuil, la couverture de `essai` n'est pas de {number(couverture, 3)}.")
    if close(erreur, (answered & ~trial["juste"]).mean(), absolute=1e-3):
        return revise(
            f"Votre erreur, {number(erreur, 3)}, divise par toutes les parcelles de l'essai. Divisez par les {int(answered.sum())} "
            "réponses données : se taire ne doit pas améliorer le score."
        )
    if close(erreur, (~trial["juste"]).mean(), absolute=1e-3):
        return revise(
            "C'est l'erreur du modèle quand il répond à tout. Gardez les réponses au-dessus du seuil."
        )
    if not close(erreur, error, absolute=1e-3):
        return revise(f"Parmi les réponses données, la part d'erreurs n'est pas de {number(erreur, 3)}.")
    return passed(
        f"Seuil {number(truth, 2)} : {percent(coverage)} de réponses, dont {percent(error)} fausses, sans avoir regardé la commune. "
        "Le prix de la preuve est le silence."
    )


def _slip_of_choice(
    given: float, truth: float, tuning: DataFrame, trial: DataFrame, proved: Callable[..., bool]
) -> str:
    answered = tuning["confiance"] >= given
    errors, answers = int((~tuning.loc[answered, "juste"]).sum()), int(answered.sum())
    if any(close(given, _descent(trial, test), absolute=1e-6) for test in (proved, _observed)):
        return (
            f"{number(given, 2)} a été choisi en regardant la commune d'essai. Le jour du choix, le service n'a que `reglage` ; "
            "et un essai qui a servi au réglage ne prouve plus rien."
        )
    if close(given, _descent(tuning, _observed), absolute=1e-6):
        return (
            f"À {number(given, 2)}, {errors} erreurs sur {answers} réponses font {percent(errors / answers, 1)} : c'est sous 15 %, mais sans preuve. "
            f"Avec un taux de 15 %, on verrait aussi peu d'erreurs {percent(binom.cdf(errors, answers, TARGET))} du temps."
        )
    if close(given, _descent(tuning, lambda e, n: proved(e, n, LEVEL / 2)), absolute=1e-6):
        return "Votre test est à 5 % ; l'énoncé accepte 10 %, d'un seul côté."
    if close(given, CANDIDATES[0], absolute=1e-6):
        return f"{number(given, 2)} est prouvé, mais des seuils plus larges le sont aussi : descendez jusqu'au dernier."
    if not any(close(given, candidate, absolute=1e-6) for candidate in CANDIDATES):
        return f"{number(given, 2)} n'est pas un des candidats de `SEUILS`. Un seuil cherché après coup dans les données n'est plus prouvé."
    if given < truth:
        return (
            f"À {number(given, 2)}, la probabilité de voir aussi peu d'erreurs avec un taux de 15 % est de "
            f"{percent(binom.cdf(errors, answers, TARGET))} : il fallait s'arrêter avant."
        )
    return f"{number(given, 2)} est prouvé, mais ce n'est pas le plus large : continuez la descente."


def _observed(errors: int, answers: int) -> bool:
    return answers > 0 and errors / answers <= TARGET


TRIALS = DataFrame(
    {
        "parcelles": [60, 310, 250, 130, 150],
        "reponses": [42, 215, 150, 84, 101],
        "erreurs": [3, 28, 13, 4, 9],
    },
    index=["Font-Badaude", "Les Restanques", "Port-Galéjade", "Rocamistral", "Saint-Cigalon"],
)
ERROR_WITHOUT_SILENCE = 0.21
NUMBERS = ("maximum", "couverture_minimum", "confiance", "parcelles_a_controler")
KEYS = (*NUMBERS, "unite", "lieu")


def e3_7(clause: dict) -> Outcome:
    """A clause that five trials would have held, that an officer can check, and that is worth its price."""
    missing, extra = missing_and_extra(clause, KEYS)
    if missing or extra:
        return revise(
            f"Les clés de `clause` ne sont pas celles de l'énoncé. À revoir : {listing(missing + extra)}."
        )
    wrong = [
        key
        for key in NUMBERS
        if isinstance(clause[key], bool) or not isinstance(clause[key], Real) or not np.isfinite(clause[key])
    ]
    if wrong:
        return revise(f'`clause["{wrong[0]}"]` doit être un nombre.')
    return (
        _judge_place(clause)
        or _judge_maximum(float(clause["maximum"]))
        or _judge_coverage(float(clause["couverture_minimum"]))
        or _judge_visits(clause)
    )


def _judge_place(clause: dict) -> Outcome | None:
    unit, place = str(clause["unite"]).lower(), str(clause["lieu"]).lower()
    if "pixel" in unit:
        return revise(
            "Comptée au pixel, une grande parcelle pèse plus que dix petites, et ses pixels se ressemblent. Le service décide par parcelle."
        )
    if "parcelle" not in unit:
        return revise('`clause["unite"]` doit être « pixel » ou « parcelle ».')
    if "absente" in place:
        return None
    if "connue" in place:
        return revise(
            f"« {clause['lieu']} » : ce contrôle ne ressemble pas à l'usage. La sixième commune sera nouvelle ; la validation doit l'être aussi."
        )
    return revise('`clause["lieu"]` doit être l\'un des textes de `LIEUX`.')


def _judge_maximum(maximum: float) -> Outcome | None:
    errors = TRIALS["erreurs"] / TRIALS["reponses"]
    if 1 < maximum <= 100:
        return revise("`maximum` est un pourcentage ; il faut une part entre 0 et 1.")
    broken = errors.index[errors > maximum]
    if len(broken):
        return revise(
            f"Un maximum de {percent(maximum, 1)} n'aurait pas été tenu aux communes {listing(broken)}. La sixième commune ressemblera "
            "peut-être à la pire : partez d'elle, pas de la moyenne."
        )
    if maximum >= ERROR_WITHOUT_SILENCE:
        return revise(
            f"{percent(maximum)} : le modèle fait aussi bien en répondant à tout ({percent(ERROR_WITHOUT_SILENCE)}). L'exigence n'exige rien."
        )
    return None


def _judge_coverage(minimum: float) -> Outcome | None:
    coverage = TRIALS["reponses"] / TRIALS["parcelles"]
    if 1 < minimum <= 100:
        return revise("`couverture_minimum` est un pourcentage ; il faut une part entre 0 et 1.")
    broken = coverage.index[coverage < minimum - 1e-9]
    if len(broken):
        return revise(
            f"Une couverture d'au moins {percent(minimum)} n'aurait pas été tenue à {listing(broken)}. Le prestataire refusera, ou trichera "
            "sur l'erreur."
        )
    if minimum <= 0:
        return revise(
            "Un modèle muet ne se trompe jamais : sans couverture, l'erreur admise ne coûte rien à tenir."
        )
    if minimum < coverage.min() - 0.10:
        return revise(
            f"{percent(minimum)} : les essais ont tous répondu à {percent(coverage.min())} au moins. Vous payez pour des silences."
        )
    return None


def _judge_visits(clause: dict) -> Outcome:
    trust, visits = float(clause["confiance"]), float(clause["parcelles_a_controler"])
    if not 0.80 <= trust <= 0.99:
        return revise(f'`clause["confiance"]` vaut {number(trust, 2)} ; prenez entre 0,80 et 0,99.')
    if visits < 1 or visits != int(visits):
        return revise('`clause["parcelles_a_controler"]` doit être un nombre entier de parcelles.')
    maximum = float(clause["maximum"])
    needed = next(n for n in integers(2) if _bound(n, trust) <= maximum)
    if visits < needed:
        return revise(
            f"{int(visits)} visites ne permettraient pas de conclure : même un bon prestataire y verrait une borne de "
            f"{percent(_bound(int(visits), trust))}, au-dessus de votre maximum. Il en faut {needed}."
        )
    if visits > 2 * needed:
        return revise(
            f"{int(visits)} visites, quand {needed} suffisent pour conclure : l'acheteur paie le double."
        )
    return passed(
        f"Au plus {percent(maximum)} d'erreurs parmi les réponses, pour {percent(clause['couverture_minimum'])} de réponses au moins, "
        f"établi à {percent(trust)} sur {int(visits)} parcelles d'une commune absente de l'entraînement. Cinq essais l'auraient tenu ; "
        "cinq ne sont pas cent. À valider par la commande publique."
    )


def _bound(visits: int, trust: float) -> float:
    answers = max(1, int(visits * (TRIALS["reponses"] / TRIALS["parcelles"]).min()))
    rate = TRIALS["erreurs"].sum() / TRIALS["reponses"].sum()
    return learning.error_bound(round(answers * rate), answers, confidence=trust)
