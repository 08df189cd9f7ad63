"""Several repairs in the order where none spoils another, and which ones a report calls for."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import geopandas as gpd

from geoatelier.quality.repair.duplicates import drop_duplicates
from geoatelier.quality.repair.encoding import fix_encoding
from geoatelier.quality.repair.frames import layer_to_repair
from geoatelier.quality.repair.log import Repaired, joined
from geoatelier.quality.repair.sharing import cut_overlaps, fill_gaps
from geoatelier.quality.repair.slivers import merge_slivers
from geoatelier.quality.repair.systems import set_right_crs
from geoatelier.quality.repair.validity import make_valid
from geoatelier.quality.repair.values import fix_decimal_and_zero, fix_spaces_and_case
from geoatelier.quality.repair.vertices import orient, remove_repeated_vertices, remove_spikes
from geoatelier.quality.report import Report
from geoatelier.quality.wording import quote

Operation = str | tuple[str, Mapping[str, object]]

# In the safe order: values, places, validity, copies (which would pass for neighbours), then neighbours.
OPERATIONS: Mapping[str, Callable[..., Repaired]] = MappingProxyType(
    {
        operation.__name__: operation
        for operation in (
            fix_encoding,
            fix_spaces_and_case,
            fix_decimal_and_zero,
            set_right_crs,
            remove_repeated_vertices,
            make_valid,
            drop_duplicates,
            remove_spikes,
            merge_slivers,
            cut_overlaps,
            fill_gaps,
            orient,
        )
    }
)
_PASSES = 5
_MENDS = {
    "fix_encoding": {"texte-illisible", "colonne-illisible"},
    "fix_spaces_and_case": {"espaces-en-trop", "casse-differente"},
    "fix_decimal_and_zero": {"zero-perdu"},
    "set_right_crs": {"systeme-absent", "systeme-invraisemblable", "systeme-melange", "axes-echanges"},
    "remove_repeated_vertices": {"sommet-repete"},
    "remove_spikes": {"pointe"},
    "make_valid": {"auto-intersection", "geometrie-invalide"},
    "drop_duplicates": {"doublon-geometrie", "doublon-approche"},
    "merge_slivers": {"micro-surface"},
    "cut_overlaps": {"chevauchement"},
    "fill_gaps": {"trou"},
    "orient": {"sens-contour"},
}
# These give ground to one object rather than to another: nothing in the file says which is right.
_CHOOSE = ("merge_slivers", "cut_overlaps", "fill_gaps")


def repair(source: gpd.GeoDataFrame, operations: Sequence[Operation]) -> Repaired:
    """A new frame on which `operations` were run, whatever order they are given in, and the log of all.

    They are run again until nothing changes: a cut may leave a spike, a spike hide a gap.

    Parameters
    ----------
    source : the layer as it was read; it is not changed
    operations : names of `OPERATIONS`, or pairs (name, options)

    Returns
    -------
    Repaired whose frame keeps the index of `source`, so that `rang` in the log is the row of the source

    Raises
    ------
    ValueError
        If an operation does not exist, comes twice, does not know an option, or cannot run on this layer.
    """
    wanted = _options(operations)
    layer_to_repair(source)
    frame = source.copy()
    changes = []
    for _ in range(_PASSES):
        repaired = _one_pass(frame, wanted)
        frame = repaired.frame
        changes.append(repaired.changes)
        if repaired.changes.empty:
            break
    left = repaired.log[repaired.log["etat"] == "à décider"]
    return Repaired(frame, joined([*changes, left]))


def _one_pass(frame: gpd.GeoDataFrame, wanted: Mapping[str, Mapping[str, object]]) -> Repaired:
    logs = []
    for name, operation in OPERATIONS.items():
        if name not in wanted:
            continue
        try:
            repaired = operation(frame, **wanted[name])
        except TypeError as error:
            if "unexpected keyword argument" not in str(error):
                raise
            raise ValueError(f"Option inconnue pour {quote(name)} : {', '.join(wanted[name])}.") from error
        frame = repaired.frame
        logs.append(repaired.log)
    return Repaired(frame, joined(logs))


def suggest(report: Report, *, layer: str | None = None, choices: bool = False) -> list[str]:
    """Operations that mend what a report found, in the safe order.

    Parameters
    ----------
    layer : name of the layer to repair; all those of the report together when not given
    choices : also those that give ground to one object rather than to another, without proof: slivers,
        overlaps, gaps
    """
    found = report.anomalies
    if layer is not None:
        found = found[found["couche"] == layer]
    codes = set(found["code"])
    return [
        name for name in OPERATIONS if codes & _MENDS.get(name, set()) and (choices or name not in _CHOOSE)
    ]


def _options(operations: Sequence[Operation]) -> dict[str, Mapping[str, object]]:
    wanted: dict[str, Mapping[str, object]] = {}
    for operation in operations:
        name, options = (operation, {}) if isinstance(operation, str) else operation
        if name not in OPERATIONS:
            raise ValueError(
                f"Réparation inconnue : {quote(name)}. Réparations possibles : {', '.join(OPERATIONS)}."
            )
        if name in wanted:
            raise ValueError(
                f"La réparation {quote(name)} est demandée deux fois : ne la donnez qu'une fois."
            )
        wanted[name] = options
    return wanted
