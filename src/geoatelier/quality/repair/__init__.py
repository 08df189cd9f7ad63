"""Repairs: each gives a new frame and a log of what it changed and of what it leaves to people."""

from geoatelier.quality.repair.duplicates import drop_duplicates
from geoatelier.quality.repair.encoding import fix_encoding
from geoatelier.quality.repair.log import Repaired, joined
from geoatelier.quality.repair.plan import OPERATIONS, repair, suggest
from geoatelier.quality.repair.saving import save, write_log
from geoatelier.quality.repair.sharing import cut_overlaps, fill_gaps
from geoatelier.quality.repair.slivers import merge_slivers
from geoatelier.quality.repair.systems import set_right_crs
from geoatelier.quality.repair.validity import make_valid
from geoatelier.quality.repair.values import fix_decimal_and_zero, fix_spaces_and_case
from geoatelier.quality.repair.vertices import orient, remove_repeated_vertices, remove_spikes

__all__ = [
    "OPERATIONS",
    "Repaired",
    "cut_overlaps",
    "drop_duplicates",
    "fill_gaps",
    "fix_decimal_and_zero",
    "fix_encoding",
    "fix_spaces_and_case",
    "joined",
    "make_valid",
    "merge_slivers",
    "orient",
    "remove_repeated_vertices",
    "remove_spikes",
    "repair",
    "save",
    "set_right_crs",
    "suggest",
    "write_log",
]
