"""Look at data before learning from it: controls, anomalies, measures, report.

Each name is loaded when it is first asked for: an image, a sample or a reference calls for libraries that
take time and memory, and most controls do without.
"""

from importlib import import_module

# Not on demand, since it bears the name of its module.
from geoatelier.quality.readable import readable as readable

_WHERE = {
    "Comparison": "deliveries",
    "FaultyControl": "custom",
    "KINDS": "kinds",
    "Kind": "kinds",
    "MEASURES": "measures",
    "Report": "report",
    "Sheet": "sheets",
    "UnreadableSource": "source",
    "builtin_sheets": "sheets",
    "check": "checking",
    "compare": "deliveries",
    "control": "custom",
    "decide": "sampling",
    "draw": "drawing",
    "find_gaps": "topology",
    "find_overlaps": "topology",
    "inspect": "inspection",
    "load_controls": "custom",
    "load_sheet": "sheets",
    "measures_table": "measures",
    "plan": "sampling",
    "publish": "publishing",
}

__all__ = sorted((*_WHERE, "readable"))


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
