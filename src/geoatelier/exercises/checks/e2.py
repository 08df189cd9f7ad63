"""Checks of lesson E2, « Ce que coûte une donnée dégradée »."""

from collections.abc import Callable
from functools import cache
from typing import Annotated

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pandas import DataFrame, Series
from scipy import stats
from sklearn.base import BaseEstimator, ClassifierMixin

from geoatelier import datasets
from geoatelier.exercises.answers import close, missing_and_extra
from geoatelier.exercises.french import count, listing, number
from geoatelier.exercises.guards import needs
from geoatelier.exercises.outcome import Outcome, passed, revise

CLEAN = np.array([0.74, 0.79, 0.71, 0.77, 0.73, 0.80, 0.70, 0.76])
DAMAGED = np.array([0.71, 0.77, 0.69, 0.73, 0.71, 0.77, 0.68, 0.72])

Names = Annotated[list[str], needs(may_be_empty=True)]


@cache
def _parcels() -> GeoDataFrame:
    return gpd.read_file(datasets.path("galejade.gpkg"), layer="parcelles_agricoles")


def _stopped(error: Exception) -> Outcome:
    return revise(
        f"Essayée sur une petite table, votre fonction s'arrête : « {type(error).__name__} : {error} »."
    )


def e2_1(perte: float, demi_largeur: float) -> Outcome:
    """Mean paired loss in points, and the half-width of its 95 % interval."""
    losses = 100 * (CLEAN - DAMAGED)
    quantile = stats.t.ppf(0.975, losses.size - 1)
    mean, half = losses.mean(), stats.sem(losses) * quantile
    unpaired = 100 * np.sqrt(stats.sem(CLEAN) ** 2 + stats.sem(DAMAGED) ** 2)
    if close(perte, mean / 100, absolute=1e-4):
        return revise(f"`perte` vaut {number(perte, 4)}. Un point vaut 0,01 : multipliez par 100.")
    if close(perte, -mean, absolute=0.01):
        return revise(
            "`perte` est négative : vous avez soustrait le propre de l'abîmé. Une perte se compte en plus."
        )
    if not close(perte, mean, absolute=0.01):
        return revise(
            f"`perte` vaut {number(perte, 2)} ; la moyenne des huit différences, en points, est autre."
        )
    if close(demi_largeur, half, absolute=0.01):
        return passed(
            f"Perte : {number(mean, 1)} points, à {number(half, 1)} près. Deux à deux, l'intervalle est étroit : "
            f"sans appariement, il ferait {number(unpaired * quantile, 1)} points de part et d'autre et contiendrait zéro."
        )
    if any(
        close(demi_largeur, unpaired * t, absolute=0.02) for t in (quantile, 1.96, stats.t.ppf(0.975, 14))
    ):
        return revise(
            f"{number(demi_largeur, 1)} points : vous avez combiné les deux séries comme si les découpes étaient "
            "différentes. Ce qui varie d'une découpe à l'autre s'annule dans la différence : prenez-la d'abord."
        )
    if close(demi_largeur, losses.std(ddof=1), absolute=0.01) or close(
        demi_largeur, losses.std(), absolute=0.01
    ):
        return revise(
            "C'est l'écart-type des pertes. L'intervalle de leur moyenne se resserre avec le nombre de découpes : "
            "divisez par la racine de 8, puis multipliez par le quantile de Student."
        )
    if close(demi_largeur, stats.sem(losses), absolute=0.005):
        return revise("C'est l'erreur type. Il reste à la multiplier par le quantile de Student à 97,5 %.")
    if close(demi_largeur, stats.sem(losses) * 1.96, absolute=0.01):
        return revise(
            "1,96 vaut pour de grands échantillons. Avec huit découpes, prenez le quantile de Student."
        )
    if close(demi_largeur, 2 * half, absolute=0.02):
        return revise("C'est la largeur entière. La demi-largeur va de la moyenne à un bord.")
    return revise(
        f"`demi_largeur` vaut {number(demi_largeur, 2)}. Erreur type des huit pertes × quantile de Student."
    )


def e2_2(bruiter: Callable) -> Outcome:
    """A function that falsifies an exact share of labels, tried on a small table."""
    index = pd.Index(range(100, 300), name="rang")
    y = Series(np.resize(["VRC", "OLI", "BDH", "ORH"], 200), index=index, name="culture")
    original = y.copy()
    try:
        half, again, other, none = (
            bruiter(y, *arguments) for arguments in ((0.5, 1), (0.5, 1), (0.5, 2), (0, 1))
        )
    except Exception as error:
        return _stopped(error)
    if not y.equals(original):
        return revise(
            "`y` a été modifiée par votre fonction : la mesure « propre » ne le serait plus. Travaillez sur une copie."
        )
    if not isinstance(half, Series):
        return revise(f"Votre fonction rend un objet `{type(half).__name__}` ; il faut une Series.")
    if len(half) != len(y) or not half.index.equals(y.index):
        return revise(
            "L'index de la Series rendue n'est plus celui de `y` : les étiquettes ne sont plus en face des mesures."
        )
    unknown = set(half) - set(original)
    if unknown:
        return revise(f"Des étiquettes inconnues sont apparues : {listing(sorted(map(str, unknown)))}.")
    if not none.equals(original) and not (none == original).all():
        return revise("Avec une part de 0, des étiquettes ont changé. L'instrument doit être à zéro.")
    if not (half == again).all():
        return revise(
            "Deux appels avec la même graine donnent deux résultats. Fabriquez le générateur avec `graine`."
        )
    if (half == other).all():
        return revise("Deux graines différentes donnent le même résultat : `graine` ne sert pas.")
    changed = int((half != original).sum())
    if changed < 100 and changed > 50:
        return revise(
            f"{changed} étiquettes changées au lieu de 100. Certaines étiquettes tirées au sort sont retombées sur la leur : "
            "la dose annoncée serait fausse. Tirez parmi les **autres** cultures."
        )
    if changed != 100:
        return revise(f"{changed} étiquettes changées pour une part de 0,5 de 200 ; il en faut 100.")
    return passed("La dose est exacte, la graine la reproduit, et les données propres le restent.")


def e2_3(decaler: Callable) -> Outcome:
    """A function that moves each parcel by an exact distance in a direction of its own."""
    squares = shapely.box(np.arange(50) * 100 + 894_000, 6_195_000, np.arange(50) * 100 + 894_080, 6_195_080)
    layer = GeoDataFrame({"id_parcel": [f"p{k}" for k in range(50)]}, geometry=squares, crs=2154)
    original = layer.copy()
    try:
        moved, again = decaler(layer, 25, 1), decaler(layer, 25, 1)
    except Exception as error:
        return _stopped(error)
    if not layer.geometry.geom_equals_exact(original.geometry, 1e-9).all():
        return revise(
            "La couche reçue a été déplacée elle aussi. Travaillez sur une copie de ses géométries."
        )
    if not isinstance(moved, GeoDataFrame):
        return revise(f"Votre fonction rend un objet `{type(moved).__name__}` ; il faut un GeoDataFrame.")
    if moved.crs != layer.crs:
        return revise("Le système de coordonnées s'est perdu en route. Il doit rester EPSG:2154.")
    if "id_parcel" not in moved or list(moved["id_parcel"]) != list(layer["id_parcel"]):
        return revise("Les autres colonnes ou l'ordre des lignes ont changé.")
    if not moved.geometry.geom_equals_exact(again.geometry, 1e-6).all():
        return revise(
            "Deux appels avec la même graine donnent deux résultats. Fabriquez le générateur avec `graine`."
        )
    shift = np.column_stack([moved.centroid.x - original.centroid.x, moved.centroid.y - original.centroid.y])
    distance = np.hypot(*shift.T)
    if distance.max() < 1e-6:
        return revise("Aucune parcelle n'a bougé.")
    if np.ptp(shift, axis=0).max() < 1e-3:
        return revise(
            "Toutes les parcelles partent dans la même direction : c'est une erreur systématique. Tirez un angle par parcelle."
        )
    if np.abs(distance - 25).max() > 0.01:
        return revise(
            f"Pour 25 m demandés, le déplacement va de {number(distance.min(), 1)} à {number(distance.max(), 1)} m : "
            "il ne vaut pas toujours 25 m. Tirez un angle, et gardez la longueur."
        )
    if not np.allclose(moved.area, original.area):
        return revise("Des surfaces ont changé : une parcelle déplacée garde sa forme.")
    try:
        decaler(layer.to_crs(4326), 25, 1)
    except ValueError:
        return passed(
            "Chaque parcelle bouge de 25 m, dans une direction à elle, et une couche en degrés est refusée."
        )
    except Exception as error:
        return revise(
            f"Pour une couche en degrés, votre fonction lève `{type(error).__name__}`. Levez une `ValueError` qui dit quoi faire."
        )
    return revise(
        "Votre fonction accepte une couche en degrés : 25 degrés font 2 800 km. Vérifiez `parcelles.crs.is_geographic` "
        "et levez une `ValueError`."
    )


@cache
def _shifted_delivery() -> tuple[GeoDataFrame, GeoDataFrame]:
    reference = _parcels()[["id_parcel", "geometry"]].sample(200, random_state=3).reset_index(drop=True)
    delivered = reference.copy()
    old = reference.sample(60, random_state=4).index
    slid = reference.loc[old].to_crs(4275).set_crs(4326, allow_override=True).to_crs(2154)
    delivered.loc[old, "geometry"] = slid.geometry
    delivered["geometry"] = delivered.translate(0.5, -0.3)
    return delivered, reference


def e2_4(glissees: list, vecteur: tuple | list | NDArray) -> Outcome:
    """The parcels that slid by one vector, and the vector that puts them back."""
    delivered, reference = _shifted_delivery()
    dx, dy = (reference.centroid.x - delivered.centroid.x), (reference.centroid.y - delivered.centroid.y)
    slid = np.hypot(dx, dy) > 20
    missing, extra = missing_and_extra(glissees, delivered.loc[slid, "id_parcel"])
    if extra and not set(extra) <= set(delivered["id_parcel"]):
        return revise(
            "`glissees` doit contenir des identifiants `id_parcel`, tels qu'ils sont dans `livrees`."
        )
    if extra:
        small = np.hypot(dx, dy)[delivered["id_parcel"].isin(extra)].max()
        return revise(
            f"{count(len(extra), 'parcelle')} en trop : elles ne glissent que de {number(small, 1)} m, l'ordre de grandeur "
            "d'un arrondi. Gardez celles qui dépassent 20 m."
        )
    if missing:
        return revise(
            f"Il manque {count(len(missing), 'parcelle')} qui glissent de plus de 20 m, dont {listing(missing, limit=2)}."
        )
    if len(vecteur) != 2 or not all(isinstance(value, int | float | np.number) for value in vecteur):
        return revise("`vecteur` doit être un couple de deux nombres : (dx, dy), en mètres.")
    given, truth = np.asarray(vecteur, dtype=float), np.array([dx[slid].median(), dy[slid].median()])
    if not np.isfinite(given).all():
        return revise("`vecteur` contient une valeur qui n'est pas un nombre.")
    if np.hypot(*(given - truth)) < 1:
        return passed(
            f"{count(len(glissees), 'parcelle')} à ramener de ({number(given[0], 1)} ; {number(given[1], 1)}) m. "
            "Rien ne plantait, et tout mesurait le champ du voisin."
        )
    if np.hypot(*(given + truth)) < 2:
        return revise(
            "Le sens est inversé : ajouté aux coordonnées, ce vecteur doublerait l'écart. Prenez référence moins livraison."
        )
    if np.hypot(*(given - truth[::-1])) < 1:
        return revise("dx et dy sont échangés.")
    if np.hypot(given[0] - dx.mean(), given[1] - dy.mean()) < 1:
        return revise(
            "Vous avez fait la moyenne sur toutes les parcelles. Celles qui n'ont pas glissé la tirent vers zéro."
        )
    return revise(
        f"Avec ce vecteur, il resterait un écart de {number(np.hypot(*(given - truth)), 0)} m. "
        "Prenez la médiane de référence moins livraison, sur les parcelles glissées."
    )


@cache
def _renamed_copies() -> GeoDataFrame:
    originals = _parcels()[["id_parcel", "code_cultu", "geometry"]].sample(300, random_state=5)
    copies = originals.sample(45, random_state=6)
    return pd.concat([originals, copies]).sample(frac=1, random_state=7).reset_index(drop=True)


def e2_5(groupe: Series, en_trop: int) -> Outcome:
    """A group for each geometry, whatever its first vertex or its direction, and the rows in excess."""
    lot = _renamed_copies()
    truth = Series(lot.geometry.normalize().to_wkb().to_numpy())
    excess, copies = int(truth.duplicated().sum()), int(truth.duplicated(keep=False).sum())
    if len(groupe) != len(lot):
        return revise(
            f"`groupe` a {count(len(groupe), 'valeur')} ; il en faut une par ligne de `lot`, soit {len(lot)}."
        )
    given = Series(pd.factorize(groupe.to_numpy())[0])
    n_given, n_truth = given.nunique(), truth.nunique()
    if n_given == len(lot):
        return revise(
            f"{n_given} groupes pour {len(lot)} lignes : aucune copie trouvée. Un identifiant neuf cache la copie ; "
            "comparez les géométries."
        )
    if n_given > n_truth:
        return revise(
            f"{n_given} groupes au lieu de {n_truth} : {count(n_given - n_truth, 'copie')} vous échappent, parce que "
            "leurs formes sont parcourues autrement. Normalisez avant de comparer."
        )
    if pd.crosstab(given, truth).gt(0).sum(axis=1).max() > 1:
        return revise(
            "Des parcelles différentes portent la même valeur. Une surface ou un centre ne suffit pas à les reconnaître."
        )
    if en_trop == copies:
        return revise(
            f"{en_trop} : vous avez compté toutes les copies, l'original compris. Il faut en garder un par géométrie."
        )
    if en_trop != excess:
        return revise(f"`en_trop` vaut {en_trop}. Comptez les lignes moins les géométries différentes.")
    return passed(
        f"{excess} lignes en trop, toutes retrouvées malgré leur nouvel identifiant. Donnez `groupe` à "
        "`StratifiedGroupKFold`, et aucune copie ne passera du test à l'entraînement."
    )


class _Nearest(ClassifierMixin, BaseEstimator):
    """One nearest neighbour on a single column: what it learnt is what it answers."""

    def fit(self, X: DataFrame, y: Series) -> "_Nearest":
        self.known_, self.answers_ = np.asarray(X)[:, 0], np.asarray(y)
        self.classes_ = np.unique(self.answers_)
        return self

    def predict(self, X: DataFrame) -> NDArray:
        return self.answers_[np.abs(np.asarray(X)[:, [0]] - self.known_).argmin(axis=1)]


def e2_6(mesurer: Callable) -> Outcome:
    """A bench that measures the cost of any damage, tried with a damage that records what it received."""
    X = DataFrame({"mesure": np.arange(60, dtype=float)})
    y = Series(np.where(X["mesure"] % 10 < 7, "vigne", "blé"))
    y[[5, 17, 33]] = "luzerne"
    rng = np.random.default_rng(0)
    draws = [(order[:42], order[42:]) for order in (rng.permutation(60) for _ in range(3))]
    received: list[tuple[set[int], float, int]] = []

    def damage(X: DataFrame, y: Series, dose: float, seed: int) -> tuple[DataFrame, Series]:
        received.append((set(np.asarray(X)[:, 0].astype(int)), dose, seed))
        damaged = y.copy()
        touched = np.random.default_rng(seed).choice(len(y), round(dose * len(y)), replace=False)
        damaged.iloc[touched] = "jachère"
        return X.copy(), damaged

    model = _Nearest()
    try:
        result = mesurer(model, X, y, damage, [0, 0.5], draws)
    except Exception as error:
        return _stopped(error)
    if not isinstance(result, DataFrame):
        return revise(f"Votre fonction rend un objet `{type(result).__name__}` ; il faut un DataFrame.")
    if not {"dose", "perte"} <= set(result.columns) or len(result) != 2:
        return revise(
            f"Le DataFrame rendu a {count(len(result), 'ligne')} et les colonnes {listing(result.columns)} ; "
            "il faut une ligne par dose, avec `dose` et `perte`."
        )
    if not received:
        return revise("Votre fonction n'appelle jamais `abimer`.")
    trains = [set(train) for train, _ in draws]
    if any(rows not in trains for rows, _, _ in received):
        return revise(
            "`abimer` a reçu des lignes du test. Découpez d'abord, abîmez ensuite l'entraînement seul."
        )
    if hasattr(model, "known_"):
        return revise("Le modèle reçu a été entraîné. Travaillez sur `clone(modele)`.")
    if {seed for _, _, seed in received} != {0, 1, 2}:
        return revise(
            "`abimer` reçoit la même graine à tous les tirages, ou une autre que le rang du tirage : "
            "les pertes ne seraient pas indépendantes. Utilisez `enumerate(tirages)`."
        )
    truth = _true_losses(X, y, damage, draws)
    given = result.set_index("dose")["perte"].astype(float)
    if abs(given.get(0, np.nan)) > 1e-9:
        return revise(
            f"À dose nulle, votre banc annonce {number(given[0], 1)} points de perte. Rien n'est abîmé : comparez au modèle "
            "entraîné sur des données propres, pas à un score parfait."
        )
    if close(given[0.5], truth / 100, absolute=1e-6):
        return revise("`perte` est une part. Multipliez par 100 pour des points.")
    if close(given[0.5], -truth, absolute=1e-6):
        return revise("Le signe est inversé : une perte est le score propre moins le score abîmé.")
    if not close(given[0.5], truth, absolute=0.01):
        return revise(
            f"Sur la table d'essai, la dose 0,5 coûte {number(truth, 1)} points ; vous en trouvez {number(given[0.5], 1)}."
        )
    return passed(
        "Votre banc abîme l'entraînement seul, compare deux à deux et part de zéro. Il mesurera aussi bien un bruit "
        "d'étiquette qu'un décalage ou une date manquante."
    )


def _true_losses(X: DataFrame, y: Series, damage: Callable, draws: list) -> float:
    losses = []
    for seed, (train, test) in enumerate(draws):
        clean = _Nearest().fit(X.iloc[train], y.iloc[train]).score(X.iloc[test], y.iloc[test])
        spoiled = (
            _Nearest().fit(*damage(X.iloc[train], y.iloc[train], 0.5, seed)).score(X.iloc[test], y.iloc[test])
        )
        losses.append(100 * (clean - spoiled))
    return float(np.mean(losses))


def e2_7(a_payer: str, a_attendre: Names, ex_aequo: Names) -> Outcome:
    """The control to pay for first, those to wait for, and those that cannot be told from the first."""
    table = DataFrame(
        {
            "perte": [6.2, 1.6, 3.0, 0.3],
            "bas": [4.4, 0.7, 1.9, -0.5],
            "haut": [8.0, 2.5, 4.1, 1.1],
            "heures": [16, 2, 5, 0.25],
        },
        index=[
            "visite de terrain",
            "croisement des déclarations",
            "fond de référence",
            "décompte au bordereau",
        ],
    )
    hourly = table[["perte", "bas", "haut"]].div(table["heures"], axis=0)
    sure = hourly[hourly["bas"] > 0]
    best = sure["perte"].idxmax()
    overlapping = sure.index[
        (sure["bas"] <= sure.loc[best, "haut"]) & (sure["haut"] >= sure.loc[best, "bas"])
    ].drop(best)
    unknown = {a_payer, *a_attendre, *ex_aequo} - set(table.index)
    if unknown:
        return revise(f"{listing(sorted(map(str, unknown)))} : ce nom n'est pas dans `bilan`.")
    if a_payer not in sure.index:
        return revise(
            f"« {a_payer} » rend peut-être {number(hourly.loc[a_payer, 'perte'], 1)} point par heure, mais sa perte va de "
            f"{number(table.loc[a_payer, 'bas'], 1)} à {number(table.loc[a_payer, 'haut'], 1)} : elle ne se distingue pas de zéro."
        )
    if a_payer != best:
        if a_payer == table["perte"].idxmax():
            return revise(
                f"« {a_payer} » rend le plus de points, sans compter les heures : {number(hourly.loc[a_payer, 'perte'], 2)} "
                "point par heure seulement."
            )
        return revise(
            f"« {a_payer} » rend {number(hourly.loc[a_payer, 'perte'], 2)} point par heure ; un autre contrôle sûr fait mieux."
        )
    missing, extra = missing_and_extra(a_attendre, table.index[table["bas"] <= 0])
    if missing or extra:
        return revise(
            f"`a_attendre` doit contenir les contrôles dont l'intervalle contient zéro, et eux seuls. À revoir : {listing(missing + extra)}."
        )
    missing, extra = missing_and_extra(ex_aequo, overlapping)
    if missing:
        name = missing[0]
        return revise(
            f"« {name} » va de {number(hourly.loc[name, 'bas'], 2)} à {number(hourly.loc[name, 'haut'], 2)} point par heure, "
            f"et « {best} » de {number(hourly.loc[best, 'bas'], 2)} à {number(hourly.loc[best, 'haut'], 2)} : les deux se recouvrent."
        )
    if extra:
        return revise(
            f"{listing(extra)} n'est pas à égalité avec « {best} » : les intervalles par heure ne se touchent pas, ou c'est lui-même."
        )
    return passed(
        f"« {best} » d'abord, à égalité avec {listing(overlapping)}. Écrire « ex æquo » est un résultat : "
        "à rendement égal, commencez par le moins long."
    )
