"""What a block of code costs: seconds, memory, energy and greenhouse gases, as a range with its sources."""

from geoatelier.footprint.estimate import Assumptions, Range
from geoatelier.footprint.measure import Cost, measure, table

__all__ = ["Assumptions", "Cost", "Range", "measure", "table"]
