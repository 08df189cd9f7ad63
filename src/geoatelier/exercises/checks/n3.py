"""Checks of lesson N3: the truth comes from the images, the declared crops and the models of the sheet."""

from functools import cache
from typing import Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.tree import DecisionTreeClassifier

from geoatelier import datasets, learning, maps
from geoatelier.exercises import Outcome, passed, revise
from geoatelier.exercises.answers import close
from geoatelier.exercises.french import count, number, percent

CEREALS, SUNFLOWER, MEADOW = ("BDH", "ORH"), "TRN", "PPH"
MEASURES = ["avril", "juin"]
APRIL, JUNE, JULY = "04-24", "06-18", "07-18"
RULE, RISE = 0.30, 0.25
SLIDER = range(10, 51, 5)
WANTED = 0.95
Opinion = Literal["il apporte quelque chose", "il n'apporte rien"]
Cause = Literal["herbe qui repousse", "herbe qui reste sèche", "céréale en retard", "bord mêlé"]
Model = Literal["ne rien savoir", "règle", "arbre de profondeur 2", "arbre de profondeur 6", "forêt"]
Reason = Literal[
    "il ne tient pas les exigences", "l'exigence est déjà tenue", "son score d'apprentissage est moins bon"
]
Decision = Literal["la carte seule", "la carte, puis une visite", "pas cette carte"]


class Matrix(NamedTuple):
    """A confusion matrix of two classes, and what is read on it."""

    found: int
    missed: int
    wrongly_flagged: int
    dismissed: int

    @property
    def total(self) -> int:
        """All the objects."""
        return sum(self)

    @property
    def recall(self) -> float:
        """Share of the true ones that are found."""
        return self.found / (self.found + self.missed)

    @property
    def precision(self) -> float:
        """Share of the flagged ones that are true; 0 where none is flagged."""
        return self.found / max(1, self.found + self.wrongly_flagged)

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return (self.found + self.dismissed) / self.total


def n3_1(oubliees: int, signalees_a_tort: int) -> Outcome:
    """The two kinds of error of a rule that looks for sunflowers over the whole island."""
    parcels = _parcels()
    matrix = _matrix(parcels["code_cultu"] == SUNFLOWER, parcels["juin"] - parcels["avril"] >= RISE)
    if (oubliees, signalees_a_tort) == (matrix.missed, matrix.wrongly_flagged):
        return passed(
            f"{count(matrix.missed, 'tournesol oublié', 'tournesols oubliés')}, {count(matrix.wrongly_flagged, 'parcelle signalée', 'parcelles signalées')} à tort. Deux erreurs, "
            "deux conséquences : un champ sans eau, ou un agent qui se déplace pour rien."
        )
    if (oubliees, signalees_a_tort) == (matrix.wrongly_flagged, matrix.missed):
        return revise(
            "Vous avez échangé les deux cases : lignes et colonnes. Une oubliée est un vrai tournesol : elle est sur "
            "la ligne « tournesol »."
        )
    readings = {
        matrix.missed: "ce sont les tournesols oubliés",
        matrix.wrongly_flagged: "ce sont les parcelles signalées à tort",
        matrix.found: "ce sont les tournesols bien trouvés",
        matrix.dismissed: "ce sont les autres parcelles, bien écartées",
        matrix.found + matrix.missed: "ce sont tous les tournesols, le total de la ligne",
        matrix.found
        + matrix.wrongly_flagged: "c'est le total de la colonne : toutes les parcelles signalées, bonnes ou non",
        matrix.missed + matrix.dismissed: "c'est le total de la colonne « répond autre »",
        matrix.wrongly_flagged + matrix.dismissed: "c'est le total de la ligne « autre »",
        matrix.missed + matrix.wrongly_flagged: "c'est la somme des deux sortes d'erreurs",
    }
    given = {
        "oubliees": (oubliees, matrix.missed),
        "signalees_a_tort": (signalees_a_tort, matrix.wrongly_flagged),
    }
    name, value = next((name, value) for name, (value, truth) in given.items() if value != truth)
    reading = readings.get(value, "ce nombre n'est pas dans le tableau")
    return revise(
        f"`{name}` vaut {number(value)} : {reading}. Il faut une seule case, à la croisée d'une ligne et d'une colonne."
    )


def n3_2(score_a_battre: float, avis: Opinion) -> Outcome:
    """The accuracy of the majority class of permanent meadows, and what a model that reaches no more is worth."""
    seen, judged = _quarter("A")
    meadow = judged["code_cultu"] == MEADOW
    share = float(meadow.mean())
    tree = _tree(seen, seen["code_cultu"] == MEADOW, depth=1)
    announced, truth = 100 * tree.score(judged[MEASURES], meadow), 100 * max(share, 1 - share)
    if close(score_a_battre, truth / 100, absolute=0.001):
        return revise(
            f"C'est une part entre 0 et 1. En pourcentage, {number(score_a_battre, 3)} s'écrit {number(truth, 1)}."
        )
    if close(score_a_battre, 100 * share, absolute=0.1):
        return revise(
            f"{number(score_a_battre, 1)} % : c'est le score d'un programme qui répond « prairie » partout. Un autre "
            "programme, aussi ignorant, fait beaucoup mieux : les prairies sont rares."
        )
    if close(score_a_battre, 50, absolute=0.1):
        return revise(
            "C'est le score d'un tirage à pile ou face. Répondre toujours la classe la plus fréquente ne demande pas "
            "plus de savoir, et rapporte davantage."
        )
    if score_a_battre in (meadow.sum(), (~meadow).sum()):
        return revise(
            "C'est un nombre de parcelles. Divisez-le par le nombre de parcelles jugées, puis multipliez par 100."
        )
    if not close(score_a_battre, truth, absolute=0.1):
        return revise(
            f"Vous donnez {number(score_a_battre, 1)} %. Répondre « autre » partout, c'est avoir raison sur "
            f"{number((~meadow).sum())} parcelles sur {number(len(judged))}."
        )
    if avis == "il apporte quelque chose" and announced <= truth + 0.05:
        return revise(
            f"{number(announced, 1)} % semble haut, mais ne dépasse pas {number(truth, 1)} %, le score de ne rien savoir. "
            "L'exactitude annoncée seule ne prouve rien."
        )
    return passed(
        f"La brochure annonce {number(announced, 1)} %, ne rien savoir en donne {number(truth, 1)} %. De fait, ce modèle "
        "répond « autre » partout : il ne trouve aucune prairie. Demandez le rappel."
    )


def n3_3(seuil_yanis: float, seuil_magali: float) -> Outcome:
    """One threshold for a recall, another for a precision, each at the least cost for the other."""
    given = {"Yanis": _in_hundredths(seuil_yanis), "Magali": _in_hundredths(seuil_magali)}
    for name, threshold in given.items():
        if not min(SLIDER) <= threshold <= max(SLIDER):
            return revise(
                f"Le seuil de {name}, {number(threshold)} centièmes, n'est pas sur le curseur, qui va de {min(SLIDER)} à {max(SLIDER)}."
            )
    matrices = {name: _rule_on_surveyed(threshold) for name, threshold in given.items()}
    if _suits_yanis(matrices["Magali"]) and _suits_magali(matrices["Yanis"]):
        return revise(
            "Vous avez échangé les deux seuils. Yanis ne veut pas oublier : c'est le rappel, et un seuil plus bas. "
            "Magali ne veut pas se déplacer pour rien : c'est la précision, et un seuil plus haut."
        )
    return (
        _judge_yanis(matrices["Yanis"])
        or _judge_magali(matrices["Magali"])
        or passed(_thresholds_elsewhere(given["Yanis"], given["Magali"]))
    )


def n3_4(profondeur: int, points_d_illusion: float) -> Outcome:
    """The smallest depth that is enough on unseen parcels, and what the training score adds at depth 6."""
    seen, elsewhere = _depth_scores()
    best = max(elsewhere.values())
    truth = min(depth for depth, score in elsewhere.items() if score > best - 1)
    illusion = {depth: seen[depth] - elsewhere[depth] for depth in seen}
    if profondeur not in elsewhere:
        return revise(f"Inès n'a pas essayé la profondeur {number(profondeur)} : la figure va de 1 à 6.")
    if profondeur != truth and seen[profondeur] == max(seen.values()):
        return revise(
            f"Vous avez choisi sur le score d'apprentissage : {number(seen[profondeur], 1)} % sur les parcelles relevées, "
            f"mais {number(elsewhere[profondeur], 1)} % ailleurs. Cet arbre récite."
        )
    if profondeur != truth and elsewhere[profondeur] == best:
        return revise(
            f"C'est le meilleur score, pas le plus petit modèle : la profondeur {truth} n'en perd que "
            f"{number(best - elsewhere[truth], 1)} point, et la consigne en tolère un."
        )
    if profondeur < truth:
        return revise(
            f"À la profondeur {profondeur}, l'arbre perd {number(best - elsewhere[profondeur], 1)} points sur le meilleur score "
            "d'ailleurs. La consigne en tolère un."
        )
    if profondeur > truth:
        return revise(f"Un arbre moins profond que {profondeur} tient déjà la consigne.")
    if close(points_d_illusion, illusion[6], absolute=0.11):
        return passed(
            f"Profondeur {truth}. À la profondeur 6, le score d'apprentissage promet {number(illusion[6], 1)} points qui n'existent "
            "pas ailleurs : c'est la mesure du surapprentissage."
        )
    if close(-points_d_illusion, illusion[6], absolute=0.11):
        return revise("Le signe est à l'envers : c'est le score d'apprentissage qui est le plus haut.")
    if close(100 * points_d_illusion, illusion[6], absolute=0.11):
        return revise("C'est une part. En points, multipliez par 100.")
    for depth, gap in illusion.items():
        if close(points_d_illusion, gap, absolute=0.051):
            return revise(f"C'est l'écart de la profondeur {depth}. La question porte sur la profondeur 6.")
    return revise(
        f"Vous donnez {number(points_d_illusion, 1)} points. À la profondeur 6, prenez le point du haut, et retirez celui du bas."
    )


def n3_5(parcelle_a: Cause, parcelle_b: Cause, parcelle_c: Cause, parcelle_d: Cause) -> Outcome:
    """The cause of four errors of the rule, told by the curve after June and by the core of the parcel."""
    given = {"A": parcelle_a, "B": parcelle_b, "C": parcelle_c, "D": parcelle_d}
    errors = _four_errors()
    wrong = [letter for letter, cause in given.items() if cause != errors.loc[letter, "cause"]]
    if not wrong:
        return passed(
            "Quatre erreurs, quatre causes, et un remède pour chacune : mesurer au cœur, attendre une image, aller voir. "
            "Aucune ne se règle par un plus gros modèle."
        )
    letter = wrong[0]
    return revise(_why_not(letter, given[letter], errors.loc[letter]) + _others(len(wrong) - 1))


def n3_6(phrase: Literal["A", "B", "C", "D"]) -> Outcome:
    """Which of four sentences tells the truth of a matrix: the one whose denominator is the flagged parcels."""
    matrix = _rule_elsewhere()
    flagged, true = matrix.found + matrix.wrongly_flagged, matrix.found + matrix.missed
    if phrase == "A":
        return revise(
            f"{percent(matrix.accuracy)}, c'est l'exactitude : la part des réponses justes parmi **toutes** les parcelles. Des {true} céréales, "
            f"la règle en trouve {matrix.found}, soit {percent(matrix.recall)}."
        )
    if phrase == "B":
        return revise(
            f"{matrix.found} sur {true}, c'est le rappel. Vous avez lu la ligne au lieu de la colonne : la phrase parle des {flagged} "
            "parcelles signalées."
        )
    if phrase == "D":
        return revise(
            f"La règle se trompe bien sur {percent(1 - matrix.precision)} des parcelles, mais parmi les parcelles signalées, pas parmi toutes. "
            f"Sur l'île, elle se trompe sur {percent(1 - matrix.accuracy)}."
        )
    return passed(
        f"{matrix.found} justes sur {flagged} signalées : c'est la précision. Devant un pourcentage, demandez toujours : "
        "un pourcentage de quoi ?"
    )


def n3_7(modele: Model, pourquoi_pas_le_suivant: Reason) -> Outcome:
    """The simplest model that holds a recall and a precision, and why no bigger one."""
    judged = _candidates()
    holding = [name for name, (_, there) in judged.items() if _holds(there)]
    truth = holding[0]
    here, there = judged[modele]
    if there.found == 0:
        return revise(
            f"« {modele} » ne trouve aucune céréale : son rappel est nul. Son exactitude de {percent(there.accuracy)} vient des "
            "autres cultures."
        )
    if modele not in holding:
        return revise(
            f"« {modele} » ne tient pas les exigences ailleurs : rappel {percent(there.recall)}, précision {percent(there.precision)}."
        )
    if modele != truth:
        praise = (
            f"« {modele} » est parfait sur les parcelles qu'il a vues, ce qui ne prouve rien. "
            if here.accuracy == 1 and modele != "forêt"
            else ""
        )
        return revise(
            f"{praise}« {modele} » tient les exigences. Un modèle plus simple les tient déjà : remontez le tableau."
        )
    if pourquoi_pas_le_suivant == "il ne tient pas les exigences":
        return revise(
            f"La forêt tient elle aussi les deux exigences : rappel {percent(judged['forêt'][1].recall)}, précision "
            f"{percent(judged['forêt'][1].precision)}. Ce n'est pas pour cela qu'on s'en passe."
        )
    if pourquoi_pas_le_suivant == "son score d'apprentissage est moins bon":
        return revise(
            "C'est l'inverse : les gros modèles ont les meilleurs scores sur les parcelles qu'ils ont vues. Et ce score-là "
            "ne compte pas."
        )
    gain = 100 * (judged["forêt"][1].accuracy - there.accuracy)
    return passed(
        f"La règle suffit. La forêt ajouterait {number(gain, 1)} point d'exactitude, soit {number(gain * there.total / 100)} parcelles sur "
        f"{number(there.total)}, avec 300 arbres que personne ne lira. Si l'exigence monte, on en reparlera."
    )


def n3_8(message: Decision, registre: Decision, garantie: Decision) -> Outcome:
    """What a map of that recall and precision is good for, knowing that a visit mends one and not the other."""
    matrix = _rule_elsewhere()
    uses = {
        "envoyer un message": (message, 0.75, 0.75),
        "remplir le registre": (registre, 0.75, 0.98),
        "garantir": (garantie, 0.98, 0.0),
    }
    for use, (choice, recall, precision) in uses.items():
        truth = _decision(matrix, recall, precision)
        if choice != truth:
            return revise(_why_not_decided(use, choice, truth, matrix, recall, precision))
    return passed(
        "La même carte sert seule, sert avec une visite, ou ne sert pas. Une visite répare les signalées à tort. "
        "Rien ne répare les oubliées : c'est au choix du seuil qu'il faut y penser."
    )


@cache
def _parcels() -> gpd.GeoDataFrame:
    parcels = datasets.layer("parcelles_agricoles")
    parcels[[*MEASURES, "juillet"]] = _greenness(parcels)[[APRIL, JUNE, JULY]]
    parcels["baisse"] = parcels["avril"] - parcels["juin"]
    parcels["cereale"] = parcels["code_cultu"].isin(CEREALS)
    return parcels


def _greenness(outlines: gpd.GeoDataFrame) -> pd.DataFrame:
    """Mean NDVI of each outline on each date, hidden pixels left out."""
    return learning.ndvi(
        learning.read_parcel_series(outlines, datasets.images(), datasets.masks(), bands=["B4", "B8"])
    )


@cache
def _quarters() -> dict[str, tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]]:
    """The surveyed parcels and the others, for each quarter of the island."""
    parcels = _parcels()
    blocks = learning.spatial_blocks(parcels.set_geometry(parcels.representative_point()), side=1000)
    folds = StratifiedGroupKFold(4, shuffle=True, random_state=0).split(parcels, parcels["cereale"], blocks)
    return {
        letter: (parcels.iloc[near], parcels.iloc[far])
        for letter, (far, near) in zip("ABCD", folds, strict=True)
    }


def _quarter(letter: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    return _quarters()[letter]


def _matrix(expected: ArrayLike, answered: ArrayLike) -> Matrix:
    cells = maps.outcomes(expected, answered)
    return Matrix(*(int((cells == name).sum()) for name in maps.OUTCOMES))


def _tree(parcels: gpd.GeoDataFrame, answers: pd.Series, *, depth: int) -> DecisionTreeClassifier:
    return DecisionTreeClassifier(max_depth=depth, random_state=0).fit(parcels[MEASURES], answers)


def _in_hundredths(threshold: float) -> float:
    return 100 * threshold if 0 < threshold < 1 else threshold


def _rule_on_surveyed(hundredths: float) -> Matrix:
    surveyed, _ = _quarter("A")
    return _matrix(surveyed["cereale"], surveyed["baisse"] >= hundredths / 100)


def _rule_elsewhere(hundredths: float = 100 * RULE) -> Matrix:
    _, elsewhere = _quarter("A")
    return _matrix(elsewhere["cereale"], elsewhere["baisse"] >= hundredths / 100)


def _suits_yanis(matrix: Matrix) -> bool:
    fewest = min(one.wrongly_flagged for one in map(_rule_on_surveyed, SLIDER) if one.recall >= WANTED)
    return matrix.recall >= WANTED and matrix.wrongly_flagged <= fewest


def _suits_magali(matrix: Matrix) -> bool:
    most = max(one.found for one in map(_rule_on_surveyed, SLIDER) if one.precision >= WANTED)
    return matrix.precision >= WANTED and matrix.found >= most


def _judge_yanis(matrix: Matrix) -> Outcome | None:
    if _suits_yanis(matrix):
        return None
    if matrix.recall >= WANTED:
        what = "trouve tout" if matrix.missed == 0 else "tient son exigence"
        return revise(
            f"Yanis : ce seuil {what}, mais il signale {count(matrix.wrongly_flagged, 'parcelle')} à tort. Un cran plus haut "
            "tient la même exigence et en signale moins."
        )
    best = max(one.accuracy for one in map(_rule_on_surveyed, SLIDER))
    praise = "c'est un seuil de bonne exactitude, mais " if close(matrix.accuracy, best) else ""
    return revise(
        f"Yanis : {praise or 'à ce seuil, '}{count(matrix.missed, 'céréale')} sur {matrix.found + matrix.missed} sont oubliées : "
        f"rappel {percent(matrix.recall)}, pour {percent(WANTED)} demandés."
    )


def _judge_magali(matrix: Matrix) -> Outcome | None:
    if _suits_magali(matrix):
        return None
    if matrix.precision >= WANTED:
        return revise(
            f"Magali : ce seuil ne signale presque rien à tort, mais il ne trouve plus que {count(matrix.found, 'céréale')} sur "
            f"{matrix.found + matrix.missed}. Un cran plus bas tient la même exigence et en trouve davantage."
        )
    return revise(
        f"Magali : {matrix.wrongly_flagged} des {matrix.found + matrix.wrongly_flagged} parcelles signalées le sont à tort : "
        f"précision {percent(matrix.precision)}, pour {percent(WANTED)} demandés."
    )


def _thresholds_elsewhere(yanis: float, magali: float) -> str:
    recall, precision = _rule_elsewhere(yanis).recall, _rule_elsewhere(magali).precision
    return (
        "Deux métiers, deux seuils, une seule règle. Vérifiés loin du quart relevé, ils donnent un rappel de "
        f"{percent(recall)} pour Yanis et une précision de {percent(precision)} pour Magali : un peu moins que promis, "
        "comme toujours. Gardez une marge."
    )


@cache
def _depth_scores() -> tuple[dict[int, float], dict[int, float]]:
    """Accuracy of each depth, in percent, on the surveyed parcels of quarter B and elsewhere."""
    seen, elsewhere = _quarter("B")
    trees = {depth: _tree(seen, seen["cereale"], depth=depth) for depth in range(1, 7)}
    return (
        {depth: 100 * tree.score(seen[MEASURES], seen["cereale"]) for depth, tree in trees.items()},
        {depth: 100 * tree.score(elsewhere[MEASURES], elsewhere["cereale"]) for depth, tree in trees.items()},
    )


@cache
def _four_errors() -> pd.DataFrame:
    """Four errors of the rule over the island, their measures and their cause, by letter."""
    parcels = _parcels()
    core = parcels.assign(geometry=parcels.buffer(-10))
    core = core[~core.is_empty]
    core_greenness = _greenness(core)
    core_drop = (core_greenness[APRIL] - core_greenness[JUNE]).reindex(parcels.index)
    table = pd.DataFrame(
        {
            "cereal": parcels["cereale"],
            "drop": parcels["baisse"],
            "core_drop": core_drop,
            "june": parcels["juin"],
            "july": parcels["juillet"],
            "case": maps.outcomes(parcels["cereale"], parcels["baisse"] >= RULE),
        }
    )
    missed, flagged = table[table["case"] == "oubliée"], table[table["case"] == "signalée à tort"]
    seen_at_core = missed[missed["core_drop"] >= RULE]
    recovery = flagged["july"] - flagged["june"]
    chosen = {
        "A": (seen_at_core["core_drop"] - seen_at_core["drop"]).idxmax(),
        "B": recovery.nlargest(2).index[-1],
        "C": missed["core_drop"].nsmallest(2).index[-1],
        "D": flagged["july"].idxmin(),
    }
    errors = table.loc[list(chosen.values())].set_axis(list(chosen))
    grass = np.where(errors["july"] - errors["june"] > 0.1, "herbe qui repousse", "herbe qui reste sèche")
    cereal = np.where(errors["core_drop"] >= RULE, "bord mêlé", "céréale en retard")
    return errors.assign(cause=np.where(errors["cereal"], cereal, grass))


def _why_not(letter: str, given: str, error: pd.Series) -> str:
    """Say what the figure shows against the cause given to one parcel."""
    if given.startswith("herbe") and error["cereal"]:
        return f"Le titre de la parcelle {letter} dit « oubliée » : une parcelle oubliée est une céréale, pas une herbe."
    if not given.startswith("herbe") and not error["cereal"]:
        return (
            f"Le titre de la parcelle {letter} dit « signalée à tort » : ce n'est pas une céréale. "
            "Cherchez ce qui est arrivé à son herbe."
        )
    if error["cause"] == "herbe qui repousse":
        return (
            f"Regardez après juin : la parcelle {letter} est verte de nouveau en juillet ({number(error['july'], 2)}). "
            "On l'avait coupée : elle a repoussé."
        )
    if error["cause"] == "herbe qui reste sèche":
        return (
            f"Regardez après juin : la parcelle {letter} reste à {number(error['july'], 2)} en juillet. "
            "Une herbe qui repousse aurait repoussé."
        )
    if error["cause"] == "bord mêlé":
        return (
            f"Dans la parcelle {letter}, le cœur baisse de {number(error['core_drop'], 2)}, au-dessus du seuil ; la moyenne n'est que de "
            f"{number(error['drop'], 2)}. Ce sont les pixels du tour qui la tirent vers le bas."
        )
    return (
        f"Dans la parcelle {letter}, même le cœur ne baisse que de {number(error['core_drop'], 2)} : le bord n'y est pour rien. "
        f"En juillet, elle est enfin sèche ({number(error['july'], 2)})."
    )


def _others(left: int) -> str:
    return f" {count(left, 'autre parcelle', 'autres parcelles')} à revoir." if left else ""


@cache
def _candidates() -> dict[str, tuple[Matrix, Matrix]]:
    """Each model, from the simplest to the dearest: its matrix where it learnt (quarter C), and elsewhere."""
    seen, elsewhere = _quarter("C")
    learnt = {
        "ne rien savoir": DummyClassifier(),
        "arbre de profondeur 2": DecisionTreeClassifier(max_depth=2, random_state=0),
        "arbre de profondeur 6": DecisionTreeClassifier(max_depth=6, random_state=0),
        "forêt": RandomForestClassifier(300, random_state=0),
    }

    def answers(name: str, parcels: gpd.GeoDataFrame) -> NDArray[np.bool_]:
        if name == "règle":
            return (parcels["baisse"] >= RULE).to_numpy()
        return learnt[name].predict(parcels[MEASURES])

    for model in learnt.values():
        model.fit(seen[MEASURES], seen["cereale"])
    names = ("ne rien savoir", "règle", "arbre de profondeur 2", "arbre de profondeur 6", "forêt")
    return {
        name: tuple(_matrix(parcels["cereale"], answers(name, parcels)) for parcels in (seen, elsewhere))
        for name in names
    }


def _holds(matrix: Matrix) -> bool:
    return matrix.recall >= 0.75 and matrix.precision >= 0.75


def _decision(matrix: Matrix, recall: float, precision: float) -> str:
    """The decision that a use calls for: a visit of what is flagged makes it all true, and finds nothing more."""
    if matrix.recall < recall:
        return "pas cette carte"
    return "la carte seule" if matrix.precision >= precision else "la carte, puis une visite"


def _why_not_decided(
    use: str, choice: str, truth: str, matrix: Matrix, recall: float, precision: float
) -> str:
    if truth == "pas cette carte" and choice == "la carte, puis une visite":
        return (
            f"« {use} » : l'agent ne va voir que les parcelles signalées. Les {matrix.missed} céréales oubliées le restent, "
            f"et le rappel ne bouge pas : {percent(matrix.recall)}, pour {percent(recall)} demandés."
        )
    if truth == "pas cette carte":
        return f"« {use} » : le rappel est de {percent(matrix.recall)}, pour {percent(recall)} demandés. {matrix.missed} céréales manquent."
    if choice == "pas cette carte":
        remedy = "telle quelle" if truth == "la carte seule" else "après une visite"
        return (
            f"« {use} » : vous refusez une carte qui convient, {remedy}. Rappel {percent(matrix.recall)} pour {percent(recall)} "
            f"demandés, précision {percent(matrix.precision)} pour {percent(precision)}."
        )
    if choice == "la carte seule":
        return (
            f"« {use} » : {count(matrix.wrongly_flagged, 'parcelle')} seraient inscrites à tort, pour une précision de "
            f"{percent(matrix.precision)} au lieu de {percent(precision)}. Une visite les retirerait."
        )
    flagged = matrix.found + matrix.wrongly_flagged
    return (
        f"« {use} » : l'exigence est déjà tenue par la carte seule (précision {percent(matrix.precision)}). "
        f"{count(flagged, 'visite')} ne changeraient rien à la décision."
    )
