"""Checks of lesson E6, « Voir avec un petit réseau »."""

from collections.abc import Callable
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pandas import DataFrame
from scipy import ndimage

from geoatelier import datasets, learning
from geoatelier.exercises.answers import close
from geoatelier.exercises.french import count, join_words, number, percent
from geoatelier.exercises.outcome import Outcome, passed, revise

RED, BLUE, INFRARED = 1, 3, 4
CLASSES = ("autre", "toit", "piscine")
WEST, EAST = np.s_[..., 400:1500, :1480], np.s_[..., 400:1500, 1480:]
PIXEL_AREA = 0.25
WINDOW = 64
WIDTHS = (4, 8, 16)
THRESHOLDS = np.arange(0.10, 0.41, 0.02).round(2)


def _path() -> str:
    return str(datasets.path("orthophoto/port_galejade_50cm.tif"))


def _index(high: int, low: int, side: tuple) -> NDArray[np.float32]:
    """(high − low) / (high + low) of two bands of the orthophoto, numbered from 1, on a side of the cut."""
    with rasterio.open(_path()) as image:
        first, second = image.read([high, low]).astype("int16")[side]
    return np.divide(first - second, first + second, dtype="float32")


@cache
def _pools() -> GeoDataFrame:
    return gpd.read_file(datasets.path("orthophoto/piscines.geojson"))


@cache
def _buildings() -> GeoDataFrame:
    with rasterio.open(_path()) as image:
        bounds = tuple(image.bounds)
    return gpd.read_file(datasets.path("galejade.gpkg"), layer="batiments", bbox=bounds)


@cache
def _labels() -> NDArray[np.uint8]:
    communes = gpd.read_file(datasets.path("galejade.gpkg"), layer="communes")
    return learning.draw_labels(_path(), {1: _buildings(), 2: _pools()}, known=communes)


def _land() -> NDArray[np.bool_]:
    return _labels() != learning.UNKNOWN


def _blue(threshold: float) -> NDArray[np.bool_]:
    """Pixels of the eastern land that are blue enough."""
    return (_index(BLUE, RED, EAST) > threshold) & _land()[EAST]


def _tiles(redness: float) -> NDArray[np.bool_]:
    """Pixels of the eastern land that a rule of colours takes for tiles."""
    return (_index(RED, BLUE, EAST) > redness) & (_index(INFRARED, RED, EAST) < 0.1) & _land()[EAST]


def _stopped(error: Exception, tried_on: str) -> Outcome:
    return revise(f"Essayée sur {tried_on}, votre fonction s'arrête : « {type(error).__name__} : {error} ».")


@cache
def _blue_patches() -> tuple[int, int, int, NDArray[np.int64]]:
    """Blue pixels of the east, their patches by the sides, by the corners too, and pixels of each patch."""
    blue = _blue(0.2)
    numbers, patches = ndimage.label(blue)
    with_corners = ndimage.label(blue, np.ones((3, 3)))[1]
    return int(blue.sum()), patches, with_corners, np.bincount(numbers.ravel())[1:]


def e6_1(nombre_taches: int, nombre_grandes: int) -> Outcome:
    """Patches of blue pixels in the east, and those of 10 m² or more."""
    blue, patches, with_corners, pixels = _blue_patches()
    large = int((pixels * PIXEL_AREA >= 10).sum())
    if nombre_taches == blue:
        return revise(
            f"{number(blue)} est le nombre de pixels bleus. `ndimage.label` réunit ceux qui se touchent, et rend "
            "le nombre de taches en second."
        )
    if nombre_taches == with_corners:
        return revise(
            f"Vous comptez {nombre_taches} taches : vous réunissez aussi les pixels qui ne se touchent que par un "
            "coin. Gardez le voisinage par défaut de `ndimage.label`."
        )
    if nombre_taches != patches:
        return revise(
            f"Vous annoncez {count(nombre_taches, 'tache')}. Ce n'est pas ce que rend `ndimage.label(bleue)` ; "
            "le numéro 0, le fond, n'est pas une tache."
        )
    if nombre_grandes == (pixels >= 10).sum():
        return revise(
            f"{count(nombre_grandes, 'tache')} : ce sont celles de 10 pixels ou plus, soit 2,5 m². Un pixel mesure "
            "0,25 m² : multipliez avant de comparer à 10 m²."
        )
    if nombre_grandes == large + 1:
        return revise(
            f"Vous comptez {count(nombre_grandes, 'tache')} : une de trop. Le numéro 0 est le fond ; c'est le plus "
            "grand de tous, et ce n'est pas une tache."
        )
    if nombre_grandes != large:
        return revise(
            f"Vous comptez {count(nombre_grandes, 'grande tache', 'grandes taches')}. Gardez celles dont la "
            "surface, nombre de pixels × 0,25 m², atteint 10 m²."
        )
    pools = len(np.unique(learning.draw_objects(_path(), _pools())[EAST])) - 1
    return passed(
        f"{number(patches)} taches, dont {large} de 10 m² ou plus, pour {pools} piscines à l'est. Les grains ne pèsent "
        "presque rien en pixels ; ils ruinent un compte."
    )


@cache
def _truth_and_map() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    return _labels()[EAST], _tiles(0.2).astype("uint8")


def _shares(truth: NDArray, found: NDArray) -> tuple[float, dict[str, float], dict[str, dict[str, float]]]:
    """Share of right pixels; for each class, intersection over union, and what is often taken for it."""
    unions, others = {}, {"rappel": {}, "précision": {}, "F1": {}}
    for code, name in enumerate(CLASSES):
        true, told = truth == code, found == code
        both = (true & told).sum()
        unions[name], others["rappel"][name] = both / (true | told).sum(), both / true.sum()
        others["précision"][name] = both / max(told.sum(), 1)
        others["F1"][name] = 2 * both / (true.sum() + told.sum())
    return float(np.mean(truth == found)), unions, others


_MISTAKEN = {
    "rappel": (
        "Vous divisez par les pixels vrais de la classe : c'est le rappel, qui ignore ce que la carte invente."
    ),
    "précision": (
        "Vous divisez par les pixels que la carte donne à la classe : c'est la précision, qui ignore ce qu'elle oublie."
    ),
    "F1": "C'est le score F1 (ou Dice), qui compte deux fois les pixels communs.",
}


def e6_2(exactitude: float, iou: dict[str, float]) -> Outcome:
    """Share of right pixels and intersection over union of each class, where the truth is known."""
    truth, found = _truth_and_map()
    known = truth != learning.UNKNOWN
    accuracy, unions, others = _shares(truth[known], found[known])
    with_sea, unions_with_sea, _ = _shares(truth, found)
    if missing := [name for name in CLASSES if name not in iou]:
        return revise(
            f"Il manque {join_words([f'`{name}`' for name in missing])} dans `iou`. La classe que l'on n'affiche "
            "pas est celle que l'on cache."
        )
    if close(exactitude, with_sea, absolute=1e-4) or close(
        iou["autre"], unions_with_sea["autre"], absolute=1e-4
    ):
        return revise(
            f"Vous jugez aussi la mer : {percent(1 - known.mean())} des pixels, dont la vérité est 255. La carte ne "
            "peut y avoir ni raison ni tort. Gardez `verite != 255`."
        )
    if close(exactitude, 100 * accuracy, relative=1e-3):
        return revise(f"{number(exactitude, 1)} est un pourcentage ; donnez une part, de 0 à 1.")
    if not close(exactitude, accuracy, absolute=1e-3):
        return revise(
            f"`exactitude` vaut {number(exactitude, 3)}. Comparez `verite` et `carte` là où `verite` n'est pas 255, "
            "puis prenez la moyenne."
        )
    wrong = [name for name in CLASSES if not close(iou[name], unions[name], absolute=1e-3)]
    if not wrong:
        return passed(
            f"{percent(accuracy)} de pixels justes, un IoU moyen de {number(np.mean(list(unions.values())), 2)}, et "
            f"{number(unions['piscine'], 2)} pour les piscines : la carte n'en montre aucune. Le premier nombre le cache, "
            "la moyenne l'adoucit, seul le dernier le dit."
        )
    for mistaken, scores in others.items():
        if all(close(iou[name], scores[name], absolute=1e-3) for name in CLASSES):
            return revise(f"{_MISTAKEN[mistaken]} L'IoU divise par l'union : vrais ou annoncés.")
    return revise(
        f"L'IoU de {join_words([f'`{name}`' for name in wrong])} n'est pas celui de la carte. Divisez les pixels "
        "communs par ceux qui sont à la classe dans la vérité ou dans la carte."
    )


@cache
def _weights(width: int) -> tuple[int, int, int]:
    """Adjusted weights of a U-Net, tables that hold them, and all the numbers that it keeps."""
    from geoatelier.learning.networks import UNet

    network = UNet(n_bands=4, n_classes=3, width=width)
    tables = list(network.parameters())
    kept = sum(table.numel() for table in network.state_dict().values())
    return sum(table.numel() for table in tables), len(tables), kept


def e6_3(parametres: dict[int, int], rapport: float) -> Outcome:
    """Weights of a U-Net of three widths, and by how much twice the width multiplies them."""
    if missing := [width for width in WIDTHS if width not in parametres]:
        return revise(
            f"Il manque la largeur {join_words([str(width) for width in missing])} dans `parametres`."
        )
    given = [parametres[width] for width in WIDTHS]
    counts, tables, kept = zip(*(_weights(width) for width in WIDTHS), strict=True)
    if given == list(tables):
        return revise(
            f"{given[0]} est le nombre de tableaux, le même pour toute largeur : vous comptez des tableaux de poids. "
            "Comptez ce qu'ils contiennent, avec `numel`."
        )
    if given == list(kept):
        return revise(
            "Vous comptez tout ce que le réseau garde : `state_dict` contient aussi des moyennes qu'il mesure, "
            "que la perte n'ajuste pas. Comptez `parameters()`."
        )
    if given != list(counts):
        return revise(
            f"Pour la largeur {WIDTHS[0]}, vous annoncez {number(given[0])} poids ; le réseau en a un autre nombre. "
            "Additionnez `tableau.numel()` sur `parameters()`."
        )
    ratio = counts[2] / counts[1]
    if close(rapport, 2):
        return revise(
            f"Le rapport n'est pas 2. La largeur 16 a {number(counts[2])} poids, la largeur 8 en a {number(counts[1])} : "
            "divisez l'un par l'autre."
        )
    if close(rapport, 1 / ratio, relative=0.01):
        return revise("Vous divisez la petite par la grande. Le rapport demandé dépasse 1.")
    if not close(rapport, ratio, relative=0.01):
        return revise(
            f"`rapport` vaut {number(rapport, 2)}. Divisez le nombre de poids de 16 par celui de 8."
        )
    return passed(
        f"Deux fois plus large, {number(ratio, 1)} fois plus de poids : chaque convolution relie toutes les entrées à "
        "toutes les sorties. La taille d'un réseau grandit comme un carré."
    )


@cache
def _roofs(smallest: float = 0) -> tuple[DataFrame, DataFrame]:
    """Roofs of the east and patches of a rule of colours, of `smallest` m² or more, matched."""
    roofs = learning.draw_objects(_path(), _buildings())[EAST]
    match = learning.match_objects(roofs, _tiles(0.16), pixel_area=PIXEL_AREA, smallest=smallest)
    return match.objects, match.patches


def e6_4(trouves: int, inventes: int, part_petits: float) -> Outcome:
    """Roofs found by more than half, patches of 5 m² that touch none, and the share of small roofs found."""
    roofs, patches = _roofs()
    found, touched = roofs["trouve"], int((roofs["part_trouvee"] > 0).sum())
    invented = ~patches["touche"]
    truth = int((invented & (patches["surface_m2"] >= 5)).sum())
    small = roofs["surface_m2"] < 20
    if trouves == touched:
        return revise(
            f"Vous comptez {trouves} toits : ceux dont un seul pixel est sur la carte. La règle demande plus de la moitié."
        )
    if trouves == len(patches):
        return revise(
            f"{number(trouves)} est le nombre de taches de la carte. Un toit se compte dans la vérité : partez des "
            "numéros de `toits`."
        )
    if trouves == _roofs(smallest=5)[0]["trouve"].sum():
        return revise(
            f"Vous comptez {trouves} toits : ceux qui restent une fois les petites taches retirées de la carte. Ici, "
            "la taille ne compte que pour les inventions : un toit se juge sur toute la carte."
        )
    if trouves != found.sum():
        return revise(
            f"Vous comptez {count(trouves, 'toit trouvé', 'toits trouvés')} sur {len(roofs)}. Un toit est trouvé si la "
            "moyenne de `carte_toits` sur ses pixels dépasse 0,5."
        )
    if inventes == invented.sum():
        return revise(
            f"{number(inventes)} taches ne touchent aucun toit, mais vous comptez aussi les grains. Gardez celles "
            "de 5 m² ou plus."
        )
    if inventes == (invented & (patches["surface_m2"] > 5)).sum():
        return revise(
            f"Vous comptez {count(inventes, 'invention')} : il manque les taches de 5 m² tout juste. « 5 m² ou plus » "
            "s'écrit `>= 5`."
        )
    if inventes != truth:
        return revise(
            f"Vous comptez {count(inventes, 'invention')}. Une tache inventée mesure 5 m² ou plus, et n'a pas un pixel "
            "sur un toit."
        )
    if close(part_petits, found[small].sum() / len(roofs), absolute=1e-3):
        return revise(
            f"{percent(part_petits)} : vous divisez les petits trouvés parmi tous les toits. Divisez par le nombre de "
            "petits toits."
        )
    if close(part_petits, found[roofs["surface_m2"] < 20 * PIXEL_AREA].mean(), absolute=1e-3):
        return revise(
            f"{percent(part_petits)} : c'est la part des toits de moins de 20 pixels, soit 5 m². Multipliez les pixels "
            "par 0,25 avant de comparer à 20 m²."
        )
    if close(part_petits, 100 * found[small].mean(), relative=1e-3):
        return revise(f"{number(part_petits, 1)} est un pourcentage ; donnez une part, de 0 à 1.")
    if not close(part_petits, found[small].mean(), absolute=1e-3):
        return revise(
            f"`part_petits` vaut {number(part_petits, 3)}. Prenez les toits de moins de 20 m², puis la part de ceux "
            "qui sont trouvés."
        )
    return passed(
        f"{int(found.sum())} toits trouvés sur {len(roofs)}, mais {percent(found[small].mean())} des petits, et {truth} "
        "inventions. Une règle de couleur prend aussi des sols clairs pour des tuiles."
    )


@cache
def _reports() -> DataFrame:
    """What the rule finds, misses and invents in the west, by threshold."""
    blueness = np.where(_land()[WEST], _index(BLUE, RED, WEST), -1)
    pools = learning.draw_objects(_path(), _pools())[WEST]
    rows = {}
    for threshold in THRESHOLDS:
        match = learning.match_objects(pools, blueness > threshold, pixel_area=PIXEL_AREA, smallest=5)
        rows[float(threshold)] = (match.found, match.missed, match.invented)
    return DataFrame.from_dict(rows, orient="index", columns=["found", "missed", "invented"])


def e6_5(seuil_pompiers: float, seuil_courriers: float) -> Outcome:
    """A threshold that misses no pool, and one that invents none, each the best of its kind."""
    reports = _reports()
    rows = []
    for name, threshold in (("seuil_pompiers", seuil_pompiers), ("seuil_courriers", seuil_courriers)):
        near = reports.index[np.isclose(reports.index, threshold)]
        if near.empty:
            return revise(f"`{name}` vaut {number(threshold, 3)}, qui n'est pas un seuil de `bilans`.")
        rows.append(reports.loc[near[0]])
    firemen, letters = rows
    complete, innocent = reports[reports["missed"] == 0], reports[reports["invented"] == 0]
    if seuil_pompiers == seuil_courriers:
        return revise(
            f"Un même seuil pour les deux usages : il oublie {firemen['missed']} et invente {firemen['invented']}. Les "
            "pompiers ne veulent aucun oubli, le service fiscal aucune invention : aucun seuil ne fait les deux."
        )
    if firemen["missed"]:
        return revise(
            f"Pour les pompiers, ce seuil oublie {count(firemen['missed'], 'piscine')}. Baissez-le jusqu'à n'en oublier "
            "aucune."
        )
    if firemen["invented"] > complete["invented"].min():
        return revise(
            f"Pour les pompiers, ce seuil n'oublie rien, mais en invente {firemen['invented']} qu'il faudrait aller "
            f"vérifier pour rien ; un autre seuil n'oublie rien et en invente {complete['invented'].min()}."
        )
    if letters["invented"]:
        return revise(
            f"Pour les courriers, ce seuil invente {count(letters['invented'], 'piscine')} : autant de personnes mises "
            "en cause à tort. Montez-le."
        )
    if letters["found"] < innocent["found"].max():
        return revise(
            f"Pour les courriers, ce seuil n'accuse personne à tort, mais ne trouve que {letters['found']} piscines ; "
            f"un autre n'en invente pas non plus et en trouve {innocent['found'].max()}."
        )
    return passed(
        f"Pompiers : aucune oubliée, {firemen['invented']} à vérifier sur place. Courriers : aucune inventée, "
        f"{letters['missed']} non signalées. La carte est la même ; l'usage choisit l'erreur. Dans les deux cas, un agent regarde."
    )


def e6_6(couper: Callable) -> Outcome:
    """A cut of windows along a column, which leaves out those that straddle it."""
    # At every column: on a grid of halves of a window, a limit missed by one would go unseen.
    corners = [(row, column) for row in range(0, 129, 64) for column in range(641)]
    for limit in (320, 330):
        try:
            result = couper(list(corners), limit)
        except Exception as error:
            return _stopped(error, "une grille de fenêtres")
        if not isinstance(result, tuple | list) or len(result) != 2:
            return revise("Votre fonction doit rendre deux listes : `return entrainement, test`.")
        try:
            train, test = ({(int(row), int(column)) for row, column in part} for part in result)
        except (TypeError, ValueError):
            return revise("Chaque liste doit contenir des coins `(ligne, colonne)`, comme ceux reçus.")
        outcome = _judge_cut(corners, limit, train, test)
        if outcome is not None:
            return outcome
    return passed(
        "Aucun pixel des deux côtés, aucune fenêtre perdue pour rien. Celles à cheval sont le prix d'un test honnête : "
        "comptez-les avant de choisir la taille des fenêtres."
    )


def _judge_cut(corners: list, limit: int, train: set, test: set) -> Outcome | None:
    """Say what is wrong with a cut, if anything is."""
    west = {corner for corner in corners if corner[1] + WINDOW <= limit}
    east = {corner for corner in corners if corner[1] >= limit}
    if (train, test) == (west, east):
        return None
    if train - set(corners) or test - set(corners):
        return revise("Vos listes contiennent des coins qui n'étaient pas dans ceux reçus.")
    if (train, test) == (east, west):
        return revise("Les deux côtés sont échangés : l'entraînement est à l'ouest de la limite.")
    columns = [{corner[1] for corner in part} for part in (train, test)]
    rows = [{corner[0] for corner in part} for part in (train, test)]
    if not train or not test or (rows[0] != rows[1] and columns[0] == columns[1]):
        return revise(
            f"Coupe à la colonne {limit} : vous comparez peut-être les lignes. Un coin s'écrit `(ligne, colonne)` ; "
            "la limite est une colonne."
        )
    shared = _ground(train) & _ground(test)
    if shared.any():
        wrong = sum(corner not in west for corner in train) + sum(corner not in east for corner in test)
        how = (
            "C'est un tirage au hasard : des fenêtres voisines couvrent le même sol."
            if columns[0] & columns[1]
            else f"{count(wrong, 'fenêtre')} à cheval sur la limite : elles portent des pixels du test."
        )
        return revise(
            f"Coupe à la colonne {limit} : {count(int(shared.sum()), 'pixel')} du test sont aussi dans l'entraînement. "
            f"{how}"
        )
    lost = len(west - train) + len(east - test)
    return revise(
        f"Coupe à la colonne {limit} : aucun pixel partagé, mais {count(lost, 'fenêtre')} de moins que l'on pourrait "
        "garder. Une fenêtre qui finit juste avant la limite, ou y commence, n'est pas à cheval."
    )


def _ground(corners: set) -> NDArray[np.bool_]:
    """Pixels that windows cover."""
    covered = np.zeros((256, 768), dtype=bool)
    for row, column in corners:
        covered[row : row + WINDOW, column : column + WINDOW] = True
    return covered


# Losses by epoch, from epoch 10 on: the label of an epoch is not its place.
_CURVES = (
    ("une courbe qui descend puis remonte", [0.9, 0.7, 0.5, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8]),
    ("une courbe qui descend jusqu'au bout", [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]),
    ("une courbe qui remonte puis redescend plus bas, trop tard", [0.9, 0.5, 0.6, 0.7, 0.6, 0.65, 0.3, 0.2]),
    ("une courbe qui hésite deux époques avant de baisser", [0.9, 0.6, 0.7, 0.65, 0.4, 0.5, 0.6, 0.7]),
    ("une courbe qui hésite deux fois", [0.9, 0.6, 0.7, 0.65, 0.5, 0.55, 0.4, 0.6, 0.7, 0.8]),
)
_PATIENCE = 3


def e6_7(arreter: Callable) -> Outcome:
    """Early stopping on the loss of validation, tried on curves made for it."""
    for name, losses in _CURVES:
        curve = DataFrame(
            {"entraînement": np.linspace(0.9, 0.05, len(losses)), "validation": losses},
            index=pd.RangeIndex(10, 10 + len(losses)),
        )
        try:
            given = arreter(curve.copy(), _PATIENCE)
        except Exception as error:
            return _stopped(error, name)
        truth, read = _stop(losses)
        if not isinstance(given, int | np.integer) or isinstance(given, bool):
            return revise(f"Essayée sur {name}, votre fonction rend {given!r} ; il faut un numéro d'époque.")
        if given == truth:
            continue
        return _judge_stop(name, curve, int(given), truth, read)
    return passed(
        "Votre fonction lit la validation, patiente, puis s'arrête. Cette validation a servi à choisir : le score à annoncer "
        "se mesure sur un troisième terrain."
    )


def _stop(losses: list[float]) -> tuple[int, int]:
    """Epoch to keep, and the last one read."""
    best = 0
    for rank, loss in enumerate(losses):
        if loss < losses[best]:
            best = rank
        elif rank - best == _PATIENCE:
            return 10 + best, 10 + rank
    return 10 + best, 10 + len(losses) - 1


def _kept_with_one_patience_for_all(losses: list[float]) -> int:
    """Rank kept if epochs without progress are counted from the start, and not since the last progress."""
    best = waited = 0
    for rank, loss in enumerate(losses[1:], start=1):
        if loss < losses[best]:
            best = rank
        else:
            waited += 1
        if waited == _PATIENCE:
            break
    return best


def _judge_stop(name: str, curve: DataFrame, given: int, truth: int, read: int) -> Outcome:
    tried = f"Essayée sur {name}, époques {curve.index[0]} à {curve.index[-1]}, patience {_PATIENCE} : "
    if given == truth - 10:
        return revise(
            f"{tried}vous rendez {given}, le rang dans le tableau. Rendez le numéro d'époque, celui de l'index."
        )
    if given == read:
        return revise(
            f"{tried}vous rendez {given}, l'époque où la lecture s'arrête. Rendez celle de la meilleure perte vue "
            "avant."
        )
    if given == curve["entraînement"].idxmin() != curve["validation"].idxmin():
        return revise(
            f"{tried}vous rendez {given}, l'époque où la perte d'entraînement est la plus basse. Elle descend toujours : "
            "lisez la validation."
        )
    if given == 10 + _kept_with_one_patience_for_all(curve["validation"].tolist()):
        return revise(
            f"{tried}vous rendez {given} : votre attente ne repart pas de zéro quand la perte baisse. La patience "
            "compte des époques de suite."
        )
    if given == curve["validation"].idxmin():
        return revise(
            f"{tried}vous rendez {given}, le minimum de toute la courbe : vous lisez sans patience, jusqu'au bout. "
            f"À l'époque {read}, {_PATIENCE} époques de suite n'avaient pas fait mieux : la lecture s'arrêtait."
        )
    return revise(
        f"{tried}vous rendez {given}, dont la perte de validation n'est pas la meilleure des époques lues."
    )


def _candidates(**rows: tuple[float, int, float]) -> DataFrame:
    return DataFrame.from_dict(rows, orient="index", columns=["trouves", "inventes", "wh"])


_CALLS = (
    (_candidates(règle=(0.81, 40, 0.0001), forêt=(0.90, 6, 0.02), réseau=(0.95, 5, 0.15)), 0.85, 10, "forêt"),
    (_candidates(règle=(0.92, 60, 0.0001), forêt=(0.90, 6, 0.02), réseau=(0.95, 5, 0.15)), 0.85, 10, "forêt"),
    (_candidates(règle=(0.85, 10, 0.0001), forêt=(0.90, 6, 0.02)), 0.85, 10, "règle"),
    (_candidates(règle=(0.50, 90, 0.0001), réseau=(0.80, 50, 0.15)), 0.85, 10, None),
    (_candidates(a=(0.90, 5, 0.02), b=(0.94, 5, 0.02), c=(0.99, 5, 0.30)), 0.85, 10, "b"),
)


def e6_8(choisir: Callable) -> Outcome:
    """The answer that meets two requirements and uses the least energy, or none."""
    for table, least, most, truth in _CALLS:
        call = f"{join_words(list(table.index))}, {percent(least)} trouvés au moins, {most} inventés au plus"
        try:
            given = choisir(table.copy(), least, most)
        except Exception as error:
            if truth is None:
                return revise(
                    f"Aucune réponse ne tient les exigences ({call}), et votre fonction s'arrête : "
                    f"« {type(error).__name__} : {error} ». Elle doit rendre `None`."
                )
            return _stopped(error, call)
        if given == truth and type(given) is type(truth):
            continue
        if truth is None:
            return revise(
                f"Aucune réponse ne tient les exigences ({call}) : rendez `None`, et non {given!r}."
            )
        if not isinstance(given, str) or given not in table.index:
            kept, limit = table.loc[truth], (least, most)
            just = (kept["trouves"], kept["inventes"]) == limit
            return revise(
                f"Sur {call}, vous rendez {given!r}. "
                + (
                    f"« {truth} » atteint tout juste les deux exigences : elle les tient."
                    if just
                    else f"Rendez un nom de l'index ; « {truth} » tient les exigences."
                )
            )
        return _judge_choice(table, least, most, truth, given, call)
    return passed(
        "Votre fonction filtre d'abord, économise ensuite, et sait répondre que personne ne convient. C'est une grille "
        "d'analyse des offres, écrite avant de les ouvrir."
    )


def _judge_choice(table: DataFrame, least: float, most: int, truth: str, given: str, call: str) -> Outcome:
    chosen, kept = table.loc[given], table.loc[truth]
    told = f"Sur {call}, vous rendez « {given} »"
    if chosen["inventes"] > most:
        return revise(f"{told}, qui invente {chosen['inventes']:.0f} objets : c'est plus que permis.")
    if chosen["trouves"] < least:
        return revise(f"{told}, qui ne trouve que {percent(chosen['trouves'])} des objets.")
    if chosen["wh"] > kept["wh"]:
        just = (kept["trouves"], kept["inventes"]) == (least, most)
        return revise(
            f"{told}. « {truth} » tient aussi les exigences{', tout juste,' if just else ''} et consomme moins : "
            f"{number(kept['wh'], 4)} Wh au lieu de {number(chosen['wh'], 4)}."
        )
    return revise(f"{told}. « {truth} » consomme autant et trouve davantage.")
