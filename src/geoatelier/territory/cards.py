"""Data cards: one page a dataset, in French, with counts and extents read from the files."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio

from geoatelier.territory import defects
from geoatelier.territory.catalogue import LICENCE, VERSION
from geoatelier.territory.defects.addresses import FILE as ADDRESSES_FILE
from geoatelier.territory.defects.buildings import FILE as BUILDINGS_FILE
from geoatelier.territory.defects.field_points import FILE as FIELD_POINTS_FILE
from geoatelier.territory.defects.kinds import KINDS
from geoatelier.territory.defects.parcels import FILE as PARCELS_FILE
from geoatelier.territory.defects.text import number
from geoatelier.territory.files import (
    CARDS,
    CATALOGUE,
    DELIVERY,
    ELEVATION,
    GEOPACKAGE,
    ORTHOPHOTO,
    french_day,
    image_days,
    image_path,
    mask_path,
)
from geoatelier.territory.files import POOLS as POOLS_FILE
from geoatelier.territory.schemas import LAYERS, POOLS, Column, Layer
from geoatelier.territory.texts import FICTION, TEXTS, Text
from geoatelier.territory.world import YEAR

_KINDS = {
    "string": "texte",
    "integer": "entier",
    "number": "nombre",
    "boolean": "vrai ou faux",
    "date": "date",
    "datetime": "date et heure",
}
_GEOMETRIES = {
    "MultiPolygon": "multipolygones",
    "Polygon": "polygones",
    "LineString": "lignes",
    "Point": "points",
}
_BANDS = {
    "B2": "bleu, 490 nm",
    "B3": "vert, 560 nm",
    "B4": "rouge, 665 nm",
    "B8": "proche infrarouge, 842 nm",
    "B11": "infrarouge à ondes courtes, 1 610 nm",
    "B12": "infrarouge à ondes courtes, 2 190 nm",
}

_LICENCE_PAGE = f"""\
# Licence des données

Les données de ce dossier sont publiées sous la **{LICENCE["title"]}** d'Etalab : {LICENCE["path"]}

Vous pouvez les réutiliser librement, y compris à des fins commerciales, à condition de citer leur source : \
« GéoAtelier, île de la Galéjade (territoire fictif), version {VERSION} ».

Ces données sont fictives. Ne les présentez jamais comme celles d'un lieu réel.
"""


def write_cards(folder: Path) -> None:
    """Write the card of each dataset, the readme and the licence, from the files of a folder."""
    cards = folder / CARDS
    cards.mkdir(exist_ok=True)
    pages = {
        name: _layer_card(folder, GEOPACKAGE, f", couche `{name}`", schema) for name, schema in LAYERS.items()
    }
    pages["mnt_10m"] = _elevation_card(folder)
    pages["sentinel2"] = _series_card(folder)
    pages["port_galejade_50cm"] = _orthophoto_card(folder)
    pages[POOLS.name] = _layer_card(folder, POOLS_FILE, "", POOLS)
    pages["livraison"] = _delivery_card(folder)
    for name, page in pages.items():
        (cards / f"{name}.md").write_text(page, encoding="utf-8")
    (folder / "README.md").write_text(_readme(pages), encoding="utf-8")
    (folder / "LICENCE.md").write_text(_LICENCE_PAGE, encoding="utf-8")


def _readme(names: Iterable[str]) -> str:
    rows = [
        (f"[{TEXTS[name].title}]({CARDS}/{name}.md)", f"`{_file_of(name)}`", TEXTS[name].summary)
        for name in names
    ]
    return f"""\
# L'île de la Galéjade

> {FICTION}

{_table(("données", "fichier", "en bref"), rows)}

Le catalogue complet est dans [`{CATALOGUE}`]({CATALOGUE}) (Frictionless Data Package). Tout est en \
Lambert-93 (EPSG:2154). La commande `geoatelier territory` refait ce dossier à l'identique.

Licence : [{LICENCE["title"]}](LICENCE.md).
"""


def _file_of(name: str) -> str:
    others = {
        "mnt_10m": ELEVATION,
        "sentinel2": "sentinel2/",
        "port_galejade_50cm": ORTHOPHOTO,
        POOLS.name: POOLS_FILE,
    }
    return GEOPACKAGE if name in LAYERS else others.get(name, f"{name}/")


def _page(name: str, facts: Sequence[tuple[str, str]], sections: Iterable[str]) -> str:
    """A card: the fiction first, then facts, causes, what is peculiar to the dataset, limits, licence."""
    text = TEXTS[name]
    body = "\n\n".join(section.strip() for section in sections)
    return f"""\
# {text.title}

> {FICTION}

{text.summary}

{_table(("", ""), facts)}

## Comment c'est fait

{text.causes}

{body}

## Limites connues

{_bullets(text.limits)}

## Licence et citation

{LICENCE["title"]} (Etalab) : {LICENCE["path"]}

À citer ainsi : « GéoAtelier, île de la Galéjade (territoire fictif), {_lower(text)}, \
version {VERSION}, {YEAR} ».
"""


def _lower(text: Text) -> str:
    return text.title[0].lower() + text.title[1:]


# Vector layers


def _layer_card(folder: Path, file: str, inside: str, schema: Layer) -> str:
    """Card of a layer; `inside` tells where it is in a file that holds several."""
    table = pyogrio.read_dataframe(folder / file, layer=schema.name)
    facts = [
        ("Fichier", f"`{file}`{inside}"),
        ("Modèle imité", schema.imitates),
        ("Objets", f"{number(len(table))} {_GEOMETRIES[schema.geometry]}"),
        *_measures(table),
        ("Système", "RGF93 / Lambert-93 (EPSG:2154), en mètres"),
        ("Emprise", _extent(table.total_bounds)),
        ("Clé", f"`{schema.key}`"),
    ]
    return _page(schema.name, facts, [_columns(schema, table)])


def _measures(table: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    kind = table.geom_type.iloc[0]
    if kind == "Point":
        return []
    if "Line" in kind:
        return [("Longueur totale", f"{number(table.length.sum() / 1000, 1)} km")]
    hectares = table.area / 10_000
    return [
        ("Surface totale", f"{number(hectares.sum(), 1)} ha"),
        ("Surface d'un objet", f"médiane {_area(hectares.median())}, maximum {_area(hectares.max())}"),
    ]


def _area(hectares: float) -> str:
    return f"{number(hectares, 2)} ha" if hectares >= 0.1 else f"{number(hectares * 10_000)} m²"


def _columns(schema: Layer, table: pd.DataFrame) -> str:
    rows = [
        (f"`{column.name}`", column.alias, _type(column), _filled(table[column.name]), _values(column, table))
        for column in schema.columns
    ]
    return f"""\
## Colonnes

{_table(("colonne", "sens", "type", "remplie", "valeurs"), rows)}
"""


def _type(column: Column) -> str:
    return f"{_KINDS[column.kind]}, {column.unit}" if column.unit else _KINDS[column.kind]


def _filled(values: pd.Series) -> str:
    share = 100 * values.notna().mean()
    return f"{number(share, 0 if share in (0, 100) else 1)} %"


def _values(column: Column, table: pd.DataFrame) -> str:
    values = table[column.name].dropna()
    if values.empty:
        return ""
    if column.kind == "boolean":
        return f"vrai pour {number(100 * values.mean(), 1)} %"
    if column.domain or values.nunique() <= 6:
        counts = values.value_counts()
        shown = ((_written(value, column), number(count)) for value, count in counts.head(12).items())
        return ", ".join(f"{value} ({count})" for value, count in shown)
    if column.kind in ("integer", "number"):
        digits = 0 if column.kind == "integer" else 2
        least, most = (_plain(edge, digits, column) for edge in (values.min(), values.max()))
        return f"de {least} à {most}"
    if column.kind in ("date", "datetime"):
        return f"du {values.min():%d/%m/%Y} au {values.max():%d/%m/%Y}"
    return f"{number(values.nunique())} valeurs, par exemple « {values.iloc[0]} »"


def _written(value: object, column: Column) -> str:
    """A value of a column that has few: numbers the French way."""
    if column.kind not in ("integer", "number"):
        return str(value)
    return number(value, 0 if value == round(value) else 1)


def _plain(value: float, digits: int, column: Column) -> str:
    """A number of the column; coordinates in degrees keep their decimals."""
    return number(float(value), 5 if column.unit == "°" else digits)


# Rasters


def _elevation_card(folder: Path) -> str:
    with rasterio.open(folder / ELEVATION) as raster:
        elevation = raster.read(1)
        facts = [("Fichier", f"`{ELEVATION}`"), *_raster_facts(raster)]
    land = elevation > 0
    facts += [
        ("Unité", "mètre au-dessus de la mer ; la mer vaut 0"),
        ("Terre", f"{number(land.sum() * 100 / 1e6, 1)} km²"),
        ("Altitude", f"de {number(elevation[land].min(), 1)} m à {number(elevation.max(), 1)} m"),
        ("Altitude moyenne des terres", f"{number(elevation[land].mean(), 1)} m"),
    ]
    return _page("mnt_10m", facts, [])


def _series_card(folder: Path) -> str:
    days = image_days(folder)
    with rasterio.open(folder / image_path(days[0])) as raster:
        facts = [("Fichiers", "`sentinel2/galejade_AAAAMMJJ.tif` et `…_masque.tif`"), *_raster_facts(raster)]
        bands = [(f"{rank}", band, _BANDS[band]) for rank, band in enumerate(raster.descriptions, 1)]
    facts += [
        ("Dates", f"{len(days)}, du {french_day(days[0])} au {french_day(days[-1])}"),
        ("Valeur", "réflectance × 10 000 ; 0 : pas de donnée"),
    ]
    rows = []
    for day in days:
        with rasterio.open(folder / image_path(day)) as image, rasterio.open(folder / mask_path(day)) as mask:
            sun = image.tags()
            codes = mask.read(1)
        cloud, shadow = (number(100 * np.mean(codes == code), 1) for code in (1, 2))
        height = number(float(sun["SUN_ELEVATION"]), 0)
        rows.append((french_day(day), f"{cloud} %", f"{shadow} %", f"{height}°"))
    sections = [
        f"## Bandes\n\n{_table(('rang', 'bande', 'domaine'), bands)}",
        f"## Dates\n\n{_table(('date', 'nuages', 'ombres de nuage', 'hauteur du soleil'), rows)}\n\n"
        "Parts comptées sur toute l'image, mer comprise. Masque : 0 clair, 1 nuage, 2 ombre de nuage.",
    ]
    return _page("sentinel2", facts, sections)


def _orthophoto_card(folder: Path) -> str:
    with rasterio.open(folder / ORTHOPHOTO) as raster:
        facts = [
            ("Fichier", f"`{ORTHOPHOTO}`"),
            *_raster_facts(raster),
            ("Bandes", ", ".join(raster.descriptions)),
        ]
    return _page("port_galejade_50cm", facts, [])


def _raster_facts(raster: rasterio.DatasetReader) -> list[tuple[str, str]]:
    bands = "1 bande" if raster.count == 1 else f"{raster.count} bandes"
    return [
        ("Format", "GeoTIFF optimisé pour l'infonuagique (COG)"),
        (
            "Taille",
            f"{number(raster.height)} lignes × {number(raster.width)} colonnes × {bands}",
        ),
        ("Pixel", f"{number(raster.res[0], 1 if raster.res[0] < 1 else 0)} m"),
        ("Type", f"`{raster.dtypes[0]}`"),
        ("Système", "RGF93 / Lambert-93 (EPSG:2154)"),
        ("Emprise", _extent(raster.bounds)),
    ]


# The delivery


def _delivery_card(folder: Path) -> str:
    ledger_path = folder / DELIVERY / defects.LEDGER_FILE
    ledger = pyogrio.read_dataframe(ledger_path, layer=defects.LEDGER_LAYER)
    claims = pyogrio.read_dataframe(ledger_path, layer=defects.CLAIMS_LAYER, read_geometry=False)
    facts = [
        ("Dossier", f"`{DELIVERY}/`"),
        ("Défauts plantés", number(len(ledger))),
        ("Dont visibles par une règle", number(int(ledger["visible_par_regle"].sum()))),
        ("Affirmations du bordereau", f"{len(claims)}, dont {int((~claims['vraie']).sum())} fausses"),
    ]
    names = {
        PARCELS_FILE: TEXTS["parcelles_2025"],
        BUILDINGS_FILE: TEXTS["batiments_livres"],
        ADDRESSES_FILE: TEXTS["adresses_livrees"],
        FIELD_POINTS_FILE: TEXTS["releves_livres"],
        defects.NOTE_FILE: TEXTS["bordereau"],
        defects.LEDGER_FILE: TEXTS["registre_defauts"],
    }
    files = [(f"`{file}`", text.summary) for file, text in names.items()]
    counts = ledger.pivot_table(index="type_defaut", columns="fichier", aggfunc="size", fill_value=0)
    delivered = [PARCELS_FILE, BUILDINGS_FILE, ADDRESSES_FILE, FIELD_POINTS_FILE]
    kinds = [
        (
            f"`{kind}`",
            KINDS[kind].meaning,
            KINDS[kind].element,
            *(number(counts.loc[kind, file]) if counts.loc[kind, file] else "" for file in delivered),
        )
        for kind in KINDS
        if kind in counts.index
    ]
    header = ("type", "sens", "élément ISO 19157", "parcelles", "bâtiments", "adresses", "relevés")
    text = TEXTS["registre_defauts"]
    columns = [(f"`{name}`", _LEDGER_COLUMNS[name]) for name in ledger.columns if name != "geometry"]
    sections = [
        f"## Fichiers\n\n{_table(('fichier', 'contenu'), files)}",
        f"## Défauts\n\n{_table(header, kinds)}",
        f"## Le registre, qui est le corrigé\n\n{text.causes}\n\n{_bullets(text.limits)}\n\n"
        f"{_table(('colonne', 'sens'), columns)}\n\n"
        f"La couche `{defects.CLAIMS_LAYER}` du même fichier dit, pour chaque affirmation du bordereau, si "
        "elle est vraie et ce que les fichiers montrent.",
    ]
    return _page("livraison", facts, sections)


_LEDGER_COLUMNS = {
    "id_defaut": "Numéro du défaut",
    "couche": "Couche saine dont vient le fichier",
    "fichier": "Fichier livré",
    "objet": "Identifiant de l'objet, tel qu'il est dans le fichier livré",
    "rang": "Position dans le fichier livré, à partir de 0 ; vide pour un objet manquant ou un fichier",
    "objet_lie": "Identifiant de l'autre objet, s'il y en a un",
    "type_defaut": "Type de défaut (tableau ci-dessus)",
    "attribut": "Attribut touché ; `geometrie` pour la forme ou la place",
    "valeur_livree": "Valeur dans le fichier livré",
    "valeur_vraie": "Valeur vraie",
    "element_iso": "Élément de qualité ISO 19157",
    "mesure_iso": "Numéro de la mesure ISO 19157 qui compte ce défaut",
    "quadogeo": "Code du registre QuaDoGéo",
    "visible_par_regle": "Une règle peut-elle le voir dans les seuls fichiers livrés",
    "description": "Le défaut en une ou deux phrases",
}


# Markdown


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _extent(bounds: Sequence[float]) -> str:
    west, south, east, north = (number(edge) for edge in bounds)
    return f"X de {west} à {east} m, Y de {south} à {north} m"
