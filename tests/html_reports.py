"""Reports made by hand, to try the HTML report on: tidy, hostile, huge."""

import datetime as dt

import geopandas as gpd
import numpy as np
import shapely

from geoatelier.quality.anomalies import anomalies, layer_anomaly, together
from geoatelier.quality.layer import layer_of
from geoatelier.quality.measure import Measure
from geoatelier.quality.report import LayerFacts, Report, Unread

DAY = dt.date(2026, 11, 26)
FILE = "parcelles.gpkg"
HOSTILE = (
    "</script><script>window.hacked=1</script>",
    "<img src=x onerror='window.hacked=1'>",
    '"><svg onload=window.hacked=1>',
    "<!--<script>window.hacked=1//",
    "&lt;b&gt; {{ 7*7 }} ${hacked=1}",
    '=HYPERLINK("http://example.org";"ici")',
    "ligne\u2028suivante\u2029\x00fin",
    "\u202egnitrevni",
    "\ue000 \ue001 12",
    "'; window.hacked=1; '",
)


def parcels(n=6, *, crs=2154, west=900_000.0, keys=None):
    """A layer of n squares of 50 m, in rows of ten."""
    x, y = west + 100.0 * (np.arange(n) % 10), 6_200_000.0 + 100.0 * (np.arange(n) // 10)
    frame = gpd.GeoDataFrame(
        {"id_parcel": keys or [f"P{i:05d}" for i in range(n)]},
        geometry=shapely.box(x, y, x + 50, y + 50),
        crs=crs,
    )
    return layer_of(frame, "parcelles", file=FILE)


def report(layer, *tables, **changes):
    """What an inspection of `layer` that found `tables` would give."""
    facts = (LayerFacts.of(layer, FILE),)
    return Report(FILE, facts, together(tables, layer.frame.crs), day=DAY, **changes)


def damaged(crs=2154):
    """One anomaly that blocks, two overlaps, three values out of their domain."""
    layer = parcels(crs=crs)
    return report(
        layer,
        anomalies(layer, "hors-domaine", [3, 4, 5], "Corrigez-la.", attribute="code_cultu", values="ABC"),
        anomalies(
            layer, "chevauchement", [0, 1], ["P00000 couvre 12,5 m² : découpez.", "P00001 aussi : découpez."],
            geometry=shapely.points([900_010, 900_110], [6_200_010, 6_200_010]), related=["P00001", "P00000"],
        ),
        layer_anomaly(layer, "systeme-absent", "Demandez-le à qui a fait le fichier."),
    )  # fmt: skip


def hostile():
    """Names, keys, values and messages that would run if one of them were not escaped."""
    n = len(HOSTILE)
    layer = parcels(n, keys=list(HOSTILE))
    found = anomalies(
        layer, "hors-domaine", np.arange(n), [f"« {text} » : corrigez {text}" for text in HOSTILE],
        attribute=HOSTILE[0], values=HOSTILE, related=HOSTILE,
    )  # fmt: skip
    found["couche"] = HOSTILE[1]
    bounds = tuple(layer.frame.total_bounds)
    facts = LayerFacts(HOSTILE[1], n, 1, HOSTILE[2], "surfaces", layer.frame.crs, bounds, FILE)
    return Report(
        HOSTILE[0], (facts,), found, (measure(0.5, 1.0, title=HOSTILE[0], layer=HOSTILE[1]),),
        (Unread(HOSTILE[1], HOSTILE[0]),), HOSTILE[2], DAY,
    )  # fmt: skip


def huge(n=50_000):
    """n anomalies of ten kinds, each of an object with an outline, a key and a value of its own."""
    generator = np.random.default_rng(0)
    centres = np.column_stack([generator.uniform(6e5, 6.6e5, n), generator.uniform(6.2e6, 6.24e6, n)])
    turn = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    circle = np.column_stack([np.cos(turn), np.sin(turn)]) * 25
    frame = gpd.GeoDataFrame(
        {"cleabs": [f"BATIMENT{i:016d}" for i in range(n)]},
        geometry=shapely.polygons(centres[:, None] + circle),
        crs=2154,
    )
    layer = layer_of(frame, "batiment", file="batiment.gpkg")
    codes = (
        "auto-intersection", "chevauchement", "doublon-geometrie", "valeur-absente", "hors-domaine",
        "texte-illisible", "multi-parties", "sommet-repete", "systeme-melange", "micro-surface",
    )  # fmt: skip
    tables = []
    for place, code in enumerate(codes):
        rows = np.arange(place, n, len(codes))
        messages = [f"« {layer.keys[row]} » porte {row / 7:.2f}, que la règle n'admet pas." for row in rows]
        tables.append(
            anomalies(layer, code, rows, messages, attribute="hauteur", values=[f"{r / 7:.3f}" for r in rows])
        )
    facts = (LayerFacts.of(layer, "batiment.gpkg"),)
    return Report("batiment.gpkg", facts, together(tables, frame.crs), day=DAY)


def measure(value, threshold=None, *, title="Part d'objets en double", layer="parcelles", at_most=True):
    """A measure in percent."""
    return Measure(
        FILE, layer, "taux-doublon", title, "Exhaustivité, excédent", 4, "txEx", value, "%", 944, threshold,
        at_most,
    )  # fmt: skip
