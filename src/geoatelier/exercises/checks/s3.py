"""Checks of lesson S3, « Classer sans se mentir »."""

import re
from collections.abc import Callable
from functools import cache
from typing import Annotated

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from pandas import DataFrame, Series
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import StratifiedKFold
from sklearn.utils.validation import check_is_fitted

from geoatelier import datasets, learning
from geoatelier.exercises.answers import close
from geoatelier.exercises.french import count, number, percent
from geoatelier.exercises.guards import needs
from geoatelier.exercises.outcome import Outcome, passed, revise

ORCHARD = "VRG"
VALIDATIONS = ("au hasard", "par parcelle", "par commune")
# How a sentence may name a crop, in lower case.
NAMES_OF_CROPS = {
    "VRC": "vigne", "OLI": "oliv", "LAV": "lavand", "VRG": "verger", "BDH": "blé", "ORH": "orge",
    "TRN": "tournesol", "LUZ": "luzerne", "PPH": "prairie", "SPH": "pastoral", "J6S": "jachère",
}  # fmt: skip


@cache
def _pixels() -> gpd.GeoDataFrame:
    parcels = gpd.read_file(datasets.path("galejade.gpkg"), layer="parcelles_agricoles")
    return learning.draw_pixels(parcels, datasets.image(datasets.dates()[0]), per_parcel=4, seed=0)


@cache
def _series() -> DataFrame:
    return learning.read_series(_pixels(), datasets.images(), datasets.masks())


def s3_1(culture_frequente: str, score_a_battre: float) -> Outcome:
    """The most frequent crop of the pixels and its share, the accuracy of the laziest model."""
    shares = _pixels()["code_cultu"].value_counts(normalize=True)
    areas = _pixels().drop_duplicates("id_parcel").groupby("code_cultu")["surf_parc"].sum()
    truth = shares.iloc[0]
    if culture_frequente != shares.index[0]:
        if culture_frequente == areas.idxmax():
            return revise(
                f"`{culture_frequente}` est la culture la plus étendue, en hectares. Ici chaque pixel tiré "
                "compte pour un : cherchez la plus fréquente dans `y`."
            )
        return revise(
            f"`{culture_frequente}` représente {percent(shares.get(culture_frequente, 0))} des pixels de `y` ; "
            "une autre culture est plus fréquente."
        )
    if close(score_a_battre, 100 * truth, relative=0.01):
        return revise(
            f"C'est un pourcentage. Une exactitude est une part entre 0 et 1 : {number(score_a_battre, 1)} % "
            f"s'écrit {score_a_battre / 100:.3f}."
        )
    if score_a_battre > 1:
        return revise(
            "C'est un nombre de pixels. Divisez-le par le nombre total de pixels pour avoir une part."
        )
    if close(score_a_battre, areas[culture_frequente] / areas.sum(), absolute=0.005):
        return revise(
            f"{number(score_a_battre, 2)} est la part de `{culture_frequente}` dans la surface, en hectares. "
            "Le modèle répond pixel par pixel : comptez les pixels de `y`."
        )
    if not close(score_a_battre, truth, absolute=0.005):
        return revise(
            f"Vous annoncez {score_a_battre:.3f}. Comptez les pixels de `{culture_frequente}` dans `y`, "
            "puis divisez par le nombre de pixels de `y`."
        )
    return passed(
        f"Score à battre : {number(truth, 2)}. Un modèle qui fait moins bien que toujours répondre "
        f"`{culture_frequente}` ne sert à rien."
    )


def s3_2(ndvi: NDArray) -> Outcome:
    """NDVI of the June image, computed in real numbers."""
    with rasterio.open(datasets.image("2025-06-18")) as image:
        red, infrared = image.read([3, 4]).astype("float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        truth = (infrared - red) / (infrared + red)
    if ndvi.shape != truth.shape:
        return revise(
            f"`ndvi` a la forme {ndvi.shape} ; il faut une valeur par pixel de l'image, soit {truth.shape}."
        )
    known = np.isfinite(truth)
    given, truth = ndvi[known].astype("float64"), truth[known]
    if np.isnan(given).any():
        return revise(
            f"{count(int(np.isnan(given).sum()), 'pixel')} sans valeur, là où l'image en a une. "
            "Ne masquez rien pour cet exercice."
        )
    if np.allclose(given, truth, atol=1e-3):
        return passed(
            f"Le NDVI va de {number(truth.min(), 2)} à {number(truth.max(), 2)}. L'eau est négative, la végétation monte vers 1."
        )
    if np.allclose(given, -truth, atol=1e-3):
        return revise(
            "Le signe est à l'envers : la mer est positive et la végétation négative. Dans votre formule, "
            "les deux bandes sont inversées."
        )
    if np.allclose(given, infrared[known] - red[known]):
        return revise(
            f"Vos valeurs vont de {given.min():.0f} à {given.max():.0f}. Il manque la division "
            "par la somme des deux bandes, qui ramène l'indice entre −1 et 1."
        )
    if given.max() > 1.001:
        wrapped = int((given > 1.001).sum())
        return revise(
            f"{count(wrapped, 'pixel')} au-dessus de 1, jusqu'à {given.max():.1f}. Le type `uint16` ne connaît pas "
            "les nombres négatifs : 300 − 500 y devient 65 336. Convertissez les bandes avant de soustraire."
        )
    if np.array_equal(given, np.round(given)):
        return revise("Toutes vos valeurs sont entières. La division `//` arrondit : utilisez `/`.")
    return revise(
        f"Vos valeurs vont de {number(given.min(), 2)} à {number(given.max(), 2)} ; l'indice attendu va de {number(truth.min(), 2)} à "
        f"{number(truth.max(), 2)}. Relisez la formule : différence divisée par somme."
    )


def s3_3(parcelles_vues: int) -> Outcome:
    """How many parcels of a random test set also have a pixel in the training set."""
    pixels, crops = _pixels()["id_parcel"], _pixels()["code_cultu"]
    train, test = next(StratifiedKFold(2, shuffle=True, random_state=7).split(_series(), crops))
    truth = len(learning.shared_groups(pixels, train, test))
    in_test = pixels.iloc[test].nunique()
    if parcelles_vues == truth:
        return passed(
            f"{truth} des {in_test} parcelles du test ont déjà été vues, soit {percent(truth / in_test)}. "
            "Ce test ne mesure pas ce que vaut le modèle sur un champ nouveau."
        )
    if parcelles_vues == pixels.iloc[test].isin(pixels.iloc[train]).sum():
        return revise(
            "Vous avez compté des pixels. Une parcelle qui a deux pixels dans le test compte pour une seule."
        )
    if parcelles_vues == in_test:
        return revise(
            f"{in_test}, ce sont toutes les parcelles du test. Ne gardez que celles qui sont aussi à l'entraînement."
        )
    if parcelles_vues == pixels.iloc[train].nunique():
        return revise("Ce sont toutes les parcelles de l'entraînement. Croisez-les avec celles du test.")
    if parcelles_vues == crops.nunique():
        return revise(
            f"{parcelles_vues} : Vous avez croisé les cultures, que l'on retrouve toutes des deux côtés. "
            "Croisez les parcelles."
        )
    return revise(
        f"Vous trouvez {parcelles_vues}. Croisez l'ensemble des parcelles du test et celui des parcelles "
        "de l'entraînement, puis comptez."
    )


def s3_4(plis: list, scores: Annotated[NDArray, needs(length=5)]) -> Outcome:
    """Five folds that never split a parcel, and the model's accuracy on each of them."""
    n, crops, parcels = len(_pixels()), _pixels()["code_cultu"], _pixels()["id_parcel"]
    if len(plis) != 5 or not all(isinstance(fold, tuple | list) and len(fold) == 2 for fold in plis):
        return revise(
            "`plis` doit être une liste de cinq couples (entraînement, test), comme les rend `split`."
        )
    folds = [(np.asarray(train), np.asarray(test)) for train, test in plis]
    shared = [len(learning.shared_groups(parcels, train, test)) for train, test in folds]
    if any(shared):
        return revise(
            f"{count(max(shared), 'parcelle')} sont des deux côtés d'un même pli. Le modèle reverra au test "
            "des champs de son entraînement. Donnez à `split` le groupe à ne pas couper."
        )
    if not np.array_equal(np.sort(np.concatenate([test for _, test in folds])), np.arange(n)):
        return revise(
            "Chaque pixel doit passer une fois, et une seule, dans le test. Vos cinq tests ne le font pas."
        )
    if not any(learning.shared_groups(crops, train, test) for train, test in folds):
        return revise(
            "Vous avez groupé par culture : le modèle est testé sur des cultures qu'il n'a jamais apprises. "
            "Le groupe à garder entier est la parcelle."
        )
    communes = _pixels()["code_insee"]
    if not any(learning.shared_groups(communes, train, test) for train, test in folds):
        return revise(
            "Chaque pli met une commune de côté. C'est honnête, mais c'est une autre question : celle d'un "
            "territoire nouveau. Ici le groupe est la parcelle."
        )
    model = RandomForestClassifier(30, random_state=0, n_jobs=2)
    train, test = folds[0]
    expected = model.fit(_series().iloc[train], crops.iloc[train]).score(
        _series().iloc[test], crops.iloc[test]
    )
    if abs(scores[0] - expected) > 1e-3:
        return revise(
            f"Vos scores ne viennent pas de vos plis : sur le premier, `modele` obtient {number(expected, 3)} et vous "
            f"donnez {number(scores[0], 3)}. Passez la liste à `cross_val_score` : `cv=plis`."
        )
    return passed(
        f"Aucune parcelle coupée. Exactitude moyenne : {number(np.mean(scores), 2)}, de {number(np.min(scores), 2)} "
        f"à {number(np.max(scores), 2)} selon le pli."
    )


def s3_5(valeurs_claires: DataFrame) -> Outcome:
    """Reflectances of the cloudiest date, with NaN wherever the mask is not clear."""
    values, state = _cloudiest()
    if len(valeurs_claires) != len(values):
        return revise(
            f"Votre table a {count(len(valeurs_claires), 'ligne')} au lieu de {number(len(values))}. Les pixels "
            "ne sont plus en face de `y`. Gardez toutes les lignes et mettez des valeurs manquantes."
        )
    missing = [band for band in values.columns if band not in valeurs_claires.columns]
    if missing:
        return revise(f"Il manque à `valeurs_claires` les bandes {', '.join(missing)}.")
    given = valeurs_claires[list(values.columns)].to_numpy(dtype="float64")
    hidden = state != 0
    holes = np.isnan(given).all(axis=1)
    if np.array_equal(holes, ~hidden):
        return revise(
            "C'est l'inverse : vous avez effacé les pixels clairs et gardé les nuages. `where` garde ce qui est vrai."
        )
    if (given[hidden] == 0).all():
        return revise(
            "Zéro est une réflectance : le modèle y verra un objet noir, pas une absence. Mettez `np.nan`."
        )
    if not holes[state == 2].any() and holes[state == 1].all():
        return revise(
            f"Les ombres sont restées : {count(int((state == 2).sum()), 'pixel')} d'état 2. Une ombre assombrit "
            "toutes les bandes ; elle trompe le modèle autant qu'un nuage."
        )
    if not holes[hidden].all():
        left = int((hidden & ~holes).sum())
        return revise(f"{count(left, 'pixel')} d'état 1 ou 2 gardent leurs valeurs.")
    if holes[~hidden].any():
        lost = int((holes & ~hidden).sum())
        return revise(f"{count(lost, 'pixel')} d'état 0 ont perdu leurs valeurs : le ciel y était clair.")
    if not np.allclose(given[~hidden], values.to_numpy()[~hidden]):
        return revise("Des pixels clairs ont changé de valeur. Ils doivent rester tels quels.")
    return passed(
        f"{count(int(hidden.sum()), 'pixel')} marqués manquants, soit {percent(hidden.mean())}, et aucune ligne perdue. "
        "La forêt saura que la valeur manque."
    )


@cache
def _cloudiest() -> tuple[DataFrame, NDArray]:
    rows, columns = _pixels()["ligne"], _pixels()["colonne"]
    states = {}
    for day, path in datasets.masks().items():
        with rasterio.open(path) as mask:
            states[day] = mask.read(1)[rows, columns]
    day = max(states, key=lambda each: (states[each] != 0).mean())
    with rasterio.open(datasets.image(day)) as image:
        values = DataFrame(image.read()[:, rows, columns].T / 10_000, columns=image.descriptions)
    return values, states[day]


def s3_6(prevu: Series, rappel: float, precision: float, confondue_avec: str) -> Outcome:
    """Recall, precision and main confusion of orchards in the given predictions."""
    declared = _pixels()["code_cultu"]
    if len(prevu) != len(declared):
        return revise("`prevu` a été modifié. Exécutez de nouveau la cellule de données de l'exercice.")
    matrix = pd.crosstab(declared.to_numpy(), prevu.to_numpy())
    if ORCHARD not in matrix.columns:
        return revise("`prevu` a été modifié. Exécutez de nouveau la cellule de données de l'exercice.")
    right = matrix.loc[ORCHARD, ORCHARD]
    recall, exactness = right / matrix.loc[ORCHARD].sum(), right / matrix[ORCHARD].sum()
    confused = matrix.loc[ORCHARD].drop(ORCHARD)
    near = {"absolute": 0.005}
    if (
        close(rappel, exactness, **near)
        and close(precision, recall, **near)
        and not close(recall, exactness, **near)
    ):
        return revise(
            "Vous avez échangé rappel et précision. Le rappel divise par ce qui est déclaré, "
            "la précision par ce qui est annoncé."
        )
    for name, value, truth in (("rappel", rappel, recall), ("precision", precision, exactness)):
        if close(value, truth, **near):
            continue
        if close(value, 100 * truth, absolute=0.5):
            return revise(f"`{name}` est un pourcentage ; il faut une part entre 0 et 1.")
        if close(value, float((declared.to_numpy() == prevu.to_numpy()).mean()), **near):
            return revise(
                f"`{name}` vaut {number(value, 2)} : C'est l'exactitude de tout le modèle, toutes cultures mêlées. "
                f"Ne regardez que `{ORCHARD}`."
            )
        if close(value, right / len(declared), **near):
            return revise(f"`{name}` divise par tous les pixels. Divisez par ceux de `{ORCHARD}` seulement.")
        return revise(
            f"`{name}` vaut {number(value, 2)}, ce n'est pas la bonne part. Au numérateur : les {right} pixels de verger "
            "reconnus. Cherchez le bon dénominateur : la ligne ou la colonne."
        )
    if confondue_avec == ORCHARD:
        return revise(
            f"`{ORCHARD}` répondu pour `{ORCHARD}`, c'est la bonne réponse, pas une confusion. Retirez-la de la ligne."
        )
    if confondue_avec not in confused[confused == confused.max()].index:
        column = matrix[ORCHARD].drop(ORCHARD)
        if confondue_avec in column[column == column.max()].index:
            return revise(
                f"`{confondue_avec}` est la culture que le modèle appelle le plus souvent verger : vous avez lu "
                "la colonne. Lisez la ligne du verger déclaré."
            )
        return revise(
            f"`{confondue_avec}` reçoit {int(confused.get(confondue_avec, 0))} pixels de verger ; "
            "une autre culture en reçoit davantage."
        )
    return passed(
        f"Le modèle retrouve {percent(recall)} des vergers, et {percent(exactness)} de ce qu'il appelle verger en est. "
        f"Il les prend surtout pour `{confondue_avec}`."
    )


class _Witness(ClassifierMixin, BaseEstimator):
    """A classifier that remembers, on its class, which rows it learnt from; it answers the commonest class."""

    seen: list[set[int]] = []  # noqa: RUF012 - shared by the clones, on purpose

    def fit(self, X: DataFrame, y: Series) -> "_Witness":
        rows = set(np.asarray(X)[:, 0].astype(int))
        _Witness.seen.append(rows)
        self.rows_ = rows
        self.classes_, counts = np.unique(np.asarray(y), return_counts=True)
        self.answer_ = self.classes_[counts.argmax()]
        return self

    def predict(self, X: DataFrame) -> NDArray:
        check_is_fitted(self)
        return np.full(len(X), self.answer_)


def s3_7(valider_ailleurs: Callable) -> Outcome:
    """A function that leaves each territory out in turn, tried on a model that remembers what it saw."""
    X = DataFrame({"rang": np.arange(60, dtype=float)})
    territories = Series(["plaine"] * 30 + ["plateau"] * 20 + ["cap"] * 10)
    y = Series(["vigne"] * 24 + ["blé"] * 6 + ["vigne"] * 5 + ["blé"] * 15 + ["vigne"] * 7 + ["blé"] * 3)
    truth = {"plaine": 6 / 30, "plateau": 5 / 20, "cap": 7 / 10}
    model = _Witness()
    _Witness.seen.clear()
    try:
        result = valider_ailleurs(model, X, y, territories)
    except Exception as error:
        return revise(
            f"Essayée sur une petite table de trois territoires, votre fonction s'arrête : "
            f"« {type(error).__name__} : {error} »."
        )
    if result is None:
        return revise("Votre fonction ne rend rien. Terminez-la par `return`.")
    if np.isscalar(result):
        return revise(
            f"Votre fonction rend un seul nombre, {number(result, 2)}. Or une moyenne cache la commune où la carte échoue. "
            "Rendez une Series, un territoire par ligne."
        )
    if not isinstance(result, Series):
        return revise(f"Votre fonction rend un objet `{type(result).__name__}` ; il faut une Series.")
    if _is_fitted(model):
        return revise(
            "Le modèle reçu a été entraîné. Un appel suivant partirait de ce qu'il a déjà vu : "
            "travaillez sur `clone(modele)`."
        )
    if set(result.index) != set(truth):
        return revise(
            f"L'index de votre Series vaut {list(result.index)} ; il faut les noms des territoires : {sorted(truth)}."
        )
    outside = [set(np.flatnonzero(territories != name)) for name in truth]
    inside = [set(np.flatnonzero(territories == name)) for name in truth]
    if any(rows in inside for rows in _Witness.seen) and not any(rows in outside for rows in _Witness.seen):
        return revise(
            "C'est l'inverse : votre modèle apprend sur un seul territoire et se teste sur les autres."
        )
    if any(rows not in outside for rows in _Witness.seen):
        return revise(
            "Le territoire de test a servi à l'entraînement. Pour chaque nom, gardez pour `fit` "
            "les lignes où `territoires != nom`."
        )
    wrong = [name for name in truth if not close(float(result[name]), truth[name], absolute=1e-6)]
    if wrong:
        return revise(
            f"Sur le territoire d'essai « {wrong[0]} », votre fonction donne {number(result[wrong[0]], 2)} au lieu de "
            f"{number(truth[wrong[0]], 2)}. Mesurez l'exactitude sur ce territoire seul."
        )
    return passed(
        "Votre fonction laisse chaque territoire entier de côté et rend son modèle intact. Elle marche avec "
        "des communes, des départements ou des années."
    )


def _is_fitted(model: BaseEstimator) -> bool:
    try:
        check_is_fitted(model)
    except NotFittedError:
        return False
    return True


def s3_8(exactitudes: dict, rappels: Series, choix: dict) -> Outcome:
    """A score, the validation that suits its use, its weak class, and a sentence that holds together."""
    wanted = {"validation", "exactitude", "culture_fragile", "phrase"}
    missing = sorted(wanted - set(choix))
    if missing:
        return revise(f"Il manque à `choix` : {', '.join(missing)}.")
    if choix["validation"] not in VALIDATIONS:
        return revise('`choix["validation"]` doit être « au hasard », « par parcelle » ou « par commune ».')
    if choix["validation"] == "au hasard":
        return revise(
            "Le tirage au hasard dit si le modèle sait finir un champ commencé. Vos parcelles seront nouvelles : "
            "le test doit l'être aussi."
        )
    if choix["validation"] == "par commune":
        return revise(
            "Cette validation est celle d'une commune nouvelle. Vous restez dans les cinq communes connues : "
            "vous annonceriez un chiffre qui n'est pas celui de votre usage."
        )
    return _judge_figure(exactitudes, choix) or _judge_weak_class(rappels, choix) or _judge_sentence(choix)


def _judge_figure(scores: dict, choice: dict) -> Outcome | None:
    given, truth = choice["exactitude"], scores["par parcelle"]
    if isinstance(given, bool) or not isinstance(given, int | float | np.number):
        return revise('`choix["exactitude"]` doit être un nombre entre 0 et 1.')
    if close(float(given), truth, absolute=0.006):
        return None
    others = [name for name in VALIDATIONS if close(float(given), scores[name], absolute=0.006)]
    if others:
        return revise(f"{number(given, 2)} est le score d'une autre validation, « {others[0]} ».")
    return revise(f"Vous annoncez {number(given, 2)} ; la validation par parcelle donne {number(truth, 2)}.")


def _judge_weak_class(recalls: Series, choice: dict) -> Outcome | None:
    given = choice["culture_fragile"]
    if given not in recalls.index:
        return revise(f"« {given} » n'est pas un code de culture de `rappels`.")
    if recalls[given] > recalls.min() + 0.005:
        return revise(
            f"Le rappel de `{given}` est de {number(recalls[given], 2)}. Une autre culture est moins bien retrouvée."
        )
    return None


def _judge_sentence(choice: dict) -> Outcome:
    sentence = choice["phrase"]
    if not isinstance(sentence, str):
        return revise('`choix["phrase"]` doit être un texte entre guillemets.')
    words = len(sentence.split())
    if not 15 <= words <= 60:
        return revise(f"Votre phrase compte {count(words, 'mot')}. En commission, il en faut entre 15 et 60.")
    score = float(choice["exactitude"])
    figures = {round(float(text.replace(",", ".")), 4) for text in re.findall(r"\d+(?:[.,]\d+)?", sentence)}
    if not figures & {round(score, 2), round(score, 1), round(100 * score), round(100 * score, 1)}:
        return revise(
            f"Votre phrase ne donne pas le score. Écrivez {number(score, 2)} ou {100 * score:.0f} %."
        )
    lower = sentence.lower()
    if "parcelle" not in lower and "champ" not in lower:
        return revise("Votre phrase ne dit pas sur quoi le score a été mesuré. Parlez des parcelles du test.")
    weak = choice["culture_fragile"]
    if weak.lower() not in lower and NAMES_OF_CROPS[weak] not in lower:
        return revise(
            f"Votre phrase ne nomme pas la culture fragile. Celui qui décide doit savoir que `{weak}` "
            "n'est pas sûre."
        )
    return passed(
        "Votre phrase donne le chiffre, ce qu'il mesure et ce qu'il ne couvre pas. Elle se défend. "
        "Reste à la dire à quelqu'un : si cette personne demande « et la commune d'à côté ? », "
        "vous savez quelle validation lui montrer."
    )
