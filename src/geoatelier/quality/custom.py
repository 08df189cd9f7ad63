"""Controls that a service writes for itself, in a Python file of its own."""

import fnmatch
import importlib.util
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geoatelier.quality.anomalies import anomalies, layer_anomaly, no_anomaly, together
from geoatelier.quality.kinds import CONCEPTUAL, KINDS, LEVELS, Kind, Level
from geoatelier.quality.layer import Layer, layer_of
from geoatelier.quality.profiles import Profile
from geoatelier.quality.wording import quote, some

Judge = Callable[[gpd.GeoDataFrame], "pd.Series | np.ndarray"]


class FaultyControl(ValueError):  # noqa: N818 - it names what is wrong, as UnreadableSource does
    """A control of one's own that cannot be used; its message says, in French, why and what to do."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


@dataclass(frozen=True)
class CustomControl:
    """A control written by its user. Make one with `control`.

    Parameters
    ----------
    kind : the kind of anomaly that it finds
    judge : takes the layer; gives True for each row at fault, or a sentence for it and None for the others
    columns : columns that a layer must have to be judged
    layers : pattern of the names of the layers to judge
    """

    kind: Kind
    judge: Judge
    columns: tuple[str, ...]
    layers: str

    def __call__(self, frame: gpd.GeoDataFrame) -> "pd.Series | np.ndarray":
        """Judge a layer, as the function itself does."""
        return self.judge(frame)

    def is_for(self, layer_name: str) -> bool:
        """Whether it judges layers of this name."""
        return fnmatch.fnmatch(layer_name, self.layers)

    def lacks(self, columns: Collection[str]) -> list[str]:
        """The columns that it wants and that are not among these."""
        return [name for name in self.columns if name not in columns]

    def anomalies(self, layer: Layer) -> gpd.GeoDataFrame:
        """What it finds in `layer`. An error inside it becomes an anomaly that says so: others still run."""
        if not self.is_for(layer.name) or self.lacks(layer.attributes):
            return no_anomaly(layer)
        try:
            rows, messages = self._verdict(self.judge(layer.frame.copy()), len(layer.frame))
        except Exception as error:  # whatever a stranger's code raises
            return layer_anomaly(
                layer,
                "controle-en-panne",
                f"Le contrôle {quote(self.kind.code)} s'est arrêté : {type(error).__name__}, {error}. "
                "Essayez-le seul sur cette couche.",
                value=self.kind.code,
            )
        return anomalies(layer, self.kind.code, rows, messages)

    def _verdict(self, answer: object, n: int) -> tuple[np.ndarray, list[str]]:
        given = pd.Series(np.asarray(answer, dtype=object))
        if len(given) != n:
            raise ValueError(f"il rend {len(given)} valeurs pour {n} lignes")
        at_fault = given.notna() & ~given.isin([False, ""])
        rows = np.flatnonzero(at_fault.to_numpy(dtype=bool))
        return rows, [
            value if isinstance(value, str) else f"{self.kind.title}. {self.kind.prevents}"
            for value in given[rows]
        ]


def control(
    code: str,
    title: str,
    *,
    prevents: str,
    level: Level = "erreur",
    columns: Sequence[str] = (),
    layers: str = "*",
    element: str = CONCEPTUAL,
    measure: int | None = None,
    quadogeo: str | None = None,
) -> Callable[[Judge], CustomControl]:
    """Make a control out of a function that takes a layer and tells the rows at fault.

    A layer that does not fit in memory is given to it in batches: judge each row by itself.

    Parameters
    ----------
    code : identifier of the anomaly, in lower case with hyphens
    title : its name, in French
    prevents : what goes wrong for the one who ignores it
    columns : columns that a layer must have to be judged
    layers : pattern of the names of the layers to judge, such as « parcelles* »
    element, measure, quadogeo : its place in ISO 19157 and in the QuaDoGéo register

    Raises
    ------
    FaultyControl
        If the code is already that of a control of GéoAtelier, or the level is unknown.
    """
    if level not in LEVELS:
        raise FaultyControl(f"Le niveau {quote(level)} est inconnu. Choix : {some(LEVELS)}.")
    known = KINDS.get(code)
    if known is not None and not known.own:
        raise FaultyControl(
            f"{quote(code)} est déjà un contrôle de GéoAtelier ({known.title}). "
            "Donnez un autre code au vôtre."
        )
    kind = Kind(code, title, level, prevents, element, measure, quadogeo, own=True)

    def make(judge: Judge) -> CustomControl:
        KINDS[code] = kind
        return CustomControl(kind, judge, tuple(columns), layers)

    return make


def idle_controls(
    controls: Iterable[CustomControl], layers: Iterable[tuple[str, Collection[str]]], file: str = ""
) -> gpd.GeoDataFrame:
    """One anomaly for each control that judged no layer of a delivery: its silence proves nothing.

    Parameters
    ----------
    layers : name of each layer of the delivery, with the names of its columns
    file : what was delivered
    """
    layers = list(layers)
    found = []
    for own in controls:
        lacks = [(name, own.lacks(columns)) for name, columns in layers if own.is_for(name)]
        if all(absent for _, absent in lacks):
            found.append(_idle(own, lacks, file))
    return together(found)


def _idle(own: CustomControl, lacks: Sequence[tuple[str, list[str]]], file: str) -> gpd.GeoDataFrame:
    """The anomaly of a control that judged nothing, from what each layer that it is for lacks."""
    if lacks:
        places = dict.fromkeys(f"{some(map(quote, absent))} dans {quote(name)}" for name, absent in lacks)
        why = (
            f"il lui manque {some(places)}. Redemandez la colonne, ou corrigez `columns` dans votre fichier "
            "de contrôles."
        )
    else:
        why = (
            f"aucune n'a un nom comme {quote(own.layers)}. Redemandez la couche, ou corrigez `layers` "
            "dans votre fichier de contrôles."
        )
    name = lacks[0][0] if len(lacks) == 1 else own.layers
    layer = layer_of(gpd.GeoDataFrame(geometry=[]), name, file=file, profile=Profile())
    message = f"Le contrôle {quote(own.kind.code)} n'a jugé aucune couche : {why}"
    return layer_anomaly(layer, "controle-non-fait", message, value=own.kind.code)


def load_controls(path: str | Path) -> list[CustomControl]:
    """The controls of a Python file. Its code is run: give only a file that you trust.

    Raises
    ------
    FaultyControl
        If the file cannot be run, or has no control.
    """
    path = Path(path)
    if not path.is_file():
        raise FaultyControl(f"Le fichier de contrôles {quote(path)} n'existe pas. Vérifiez le chemin.")
    name = f"geoatelier_controls_{path.stem}"
    specification = importlib.util.spec_from_file_location(name, path)
    if specification is None or specification.loader is None:
        raise FaultyControl(f"{quote(path.name)} n'est pas un fichier Python. Son nom doit finir par .py.")
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    try:
        specification.loader.exec_module(module)
    except FaultyControl:
        raise
    except Exception as error:  # whatever a stranger's code raises
        raise FaultyControl(
            f"Le fichier de contrôles {quote(path.name)} ne s'exécute pas : {type(error).__name__}, {error}."
        ) from error
    found = [value for value in vars(module).values() if isinstance(value, CustomControl)]
    if not found:
        raise FaultyControl(
            f"{quote(path.name)} ne contient aucun contrôle. "
            "Placez `@quality.control(…)` au-dessus de vos fonctions."
        )
    return found
