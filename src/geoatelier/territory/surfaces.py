"""What covers the ground outside farm parcels, through the year: woods, garrigue, gardens, stone, sand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from geoatelier.territory.phenology import Curve, at_day
from geoatelier.territory.reflectance import BARE_WOOD, CANOPY, MINERAL, Array

# Green share of wild grass, and the share of what it leaves that its own straw hides.
WILD_HERBS: Curve = {
    1: 0.42,
    49: 0.46,
    84: 0.54,
    114: 0.60,
    139: 0.52,
    169: 0.30,
    199: 0.16,
    239: 0.11,
    289: 0.30,
}
WILD_STRAW: Curve = {1: 0.30, 84: 0.20, 139: 0.30, 185: 0.60, 239: 0.65, 289: 0.45}
DECIDUOUS_LEAVES: Curve = {
    1: 0.0,
    92: 0.0,
    108: 0.35,
    122: 0.85,
    140: 1.0,
    280: 0.95,
    300: 0.65,
    325: 0.05,
    340: 0.0,
}


@dataclass(frozen=True)
class Surface:
    """One kind of ground cover.

    Parameters
    ----------
    crowns : share of ground under each canopy of `reflectance.CANOPY`, in summer
    herbs : what wild grass keeps of its usual cover between crowns
    mineral, stony : kind of stone and its share of the bare ground; the rest is soil
    contrast : how unevenly plants grow, standard deviation of the logarithm of leaf area
    shade : how much crowns shade the gaps between them, 0 for a lawn
    """

    crowns: Mapping[str, float] = field(default_factory=dict)
    herbs: float = 0.0
    mineral: str = "rock"
    stony: float = 0.0
    contrast: float = 0.35
    shade: float = 0.0


SURFACES = {
    "conifer": Surface({"conifer": 0.76, "garrigue": 0.08}, 0.3, stony=0.2, contrast=0.32, shade=0.9),
    "broadleaf": Surface(
        {"evergreen_oak": 0.48, "deciduous": 0.34}, 0.4, stony=0.15, contrast=0.32, shade=0.9
    ),
    "mixed": Surface({"conifer": 0.40, "evergreen_oak": 0.25, "deciduous": 0.15}, 0.35, stony=0.2, shade=0.9),
    "open_forest": Surface(
        {"conifer": 0.25, "evergreen_oak": 0.13, "garrigue": 0.18}, 0.6, stony=0.3, contrast=0.7, shade=0.8
    ),
    "hedge": Surface({"evergreen_oak": 0.35, "deciduous": 0.40}, 0.6, shade=0.8),
    "garrigue": Surface({"garrigue": 0.55}, 0.5, stony=0.4, contrast=0.42, shade=0.25),
    "grass": Surface({"garrigue": 0.03}, 1.0, stony=0.1, contrast=0.5),
    "garden": Surface({"garden": 0.22, "conifer": 0.05}, 0.45, "gravel", 0.45, contrast=0.9, shade=0.6),
    "yard": Surface({"garden": 0.05}, 0.15, "gravel", 0.9, contrast=0.8, shade=0.3),
    "paved": Surface({"garden": 0.04}, 0.05, "asphalt", 0.85, contrast=0.8, shade=0.3),
    "sand": Surface(mineral="sand", stony=1.0),
    "rock": Surface({"garrigue": 0.10}, 0.15, stony=0.9, contrast=0.8, shade=0.2),
    "pond": Surface({"grass": 0.05}, mineral="pond", stony=1.0),
}
SURFACE_NAMES = tuple(SURFACES)

FOREST_OF = {
    "Forêt fermée de feuillus": "broadleaf",
    "Forêt fermée de conifères": "conifer",
    "Forêt fermée mixte": "mixed",
    "Forêt ouverte": "open_forest",
    "Lande ligneuse": "garrigue",
    "Bois": "mixed",
    "Haie": "hedge",
}
COVER_OF = {
    "CS1.1.1.1": "yard",
    "CS1.1.1.2": "paved",
    "CS1.1.2.1": "yard",
    "CS1.2.1": "rock",
    "CS2.1.1.1": "broadleaf",
    "CS2.1.1.2": "conifer",
    "CS2.1.1.3": "mixed",
    "CS2.1.2": "garrigue",
    "CS2.1.3": "grass",
    "CS2.2.1": "grass",
    "CS1.2.2": "pond",
}
# Grass between houses is a garden.
_HOMES = ("US5", "US3", "US2")


def surface_of(cover: str, use: str) -> str:
    """Name of the surface for a cover and a use of OCS GE."""
    return "garden" if cover == "CS2.2.1" and use in _HOMES else COVER_OF[cover]


@dataclass(frozen=True)
class SurfaceState:
    """Every surface on a day, in the order of `SURFACE_NAMES`: shares (k,) and spectra (k, 6)."""

    crown: Array
    herbs: Array
    residue: Array
    canopy: Array


def surface_state(day: int) -> SurfaceState:
    """What grows on each surface on a day of the year."""
    grass, straw, leaves = (at_day(curve, day) for curve in (WILD_HERBS, WILD_STRAW, DECIDUOUS_LEAVES))
    crown, canopy = [], []
    for surface in SURFACES.values():
        share = np.float32(0)
        spectrum = np.zeros(6, np.float32)
        for name, cover in surface.crowns.items():
            # Bare branches hide half of what leaves would.
            hidden = cover * (0.5 + 0.5 * leaves) if name == "deciduous" else np.float32(cover)
            seen = CANOPY[name]
            if name == "deciduous":
                seen = BARE_WOOD + leaves * (seen - BARE_WOOD)
            share = share + hidden
            spectrum = spectrum + hidden * seen
        crown.append(share)
        canopy.append(spectrum / max(share, np.float32(1e-6)))
    herbs = np.array([surface.herbs for surface in SURFACES.values()], np.float32)
    return SurfaceState(
        np.array(crown, np.float32), herbs * grass, np.minimum(herbs, 1) * straw, np.stack(canopy)
    )


def stone() -> tuple[Array, Array]:
    """Share of stone in the bare ground of each surface, array of shape (k,), and its spectrum, (k, 6)."""
    kinds = SURFACES.values()
    return np.array([s.stony for s in kinds], np.float32), np.stack([MINERAL[s.mineral] for s in kinds])
