"""What a block of code costs: seconds and memory measured, energy and gases estimated as a range."""

from geoatelier.footprint.arithmetic import Arithmetic
from geoatelier.footprint.comparison import CostTable, table
from geoatelier.footprint.cost import Cost
from geoatelier.footprint.estimate import Assumptions, Range
from geoatelier.footprint.extrapolation import Extrapolation, extrapolate
from geoatelier.footprint.measure import measure
from geoatelier.footprint.report import Report, Run, report

__all__ = [
    "Arithmetic",
    "Assumptions",
    "Cost",
    "CostTable",
    "Extrapolation",
    "Range",
    "Report",
    "Run",
    "extrapolate",
    "measure",
    "report",
    "table",
]
