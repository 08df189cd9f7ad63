"""Look at data before learning from it: controls, anomalies, report."""

from geoatelier.quality.inspection import inspect
from geoatelier.quality.kinds import KINDS, Kind
from geoatelier.quality.readable import readable
from geoatelier.quality.report import Report
from geoatelier.quality.source import UnreadableSource
from geoatelier.quality.topology import find_gaps, find_overlaps

__all__ = ["KINDS", "Kind", "Report", "UnreadableSource", "find_gaps", "find_overlaps", "inspect", "readable"]
