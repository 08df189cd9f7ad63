"""The supplier's delivery note: what it claims of its files, and what the files say."""

from dataclasses import asdict, dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoatelier.territory.defects import addresses as address_file
from geoatelier.territory.defects import buildings as building_file
from geoatelier.territory.defects import field_points as field_point_file
from geoatelier.territory.defects import parcels as parcel_file
from geoatelier.territory.defects.text import number
from geoatelier.territory.schemas import BUILDING_USES, CROPS
from geoatelier.territory.world import ISLAND_GRID, YEAR

DELIVERED_ON = date(2025, 12, 1)
EVERY_FILE = "tous"
COMMUNES = 5

_NOTE = """\
# Bordereau de livraison

> Document fictif. L'île de la Galéjade, l'entreprise et ses données n'existent pas. Certaines affirmations \
de ce bordereau sont fausses : les vérifier est l'exercice.

- **Fournisseur** : Topographie du Mistral (entreprise imaginaire)
- **Client** : communauté de communes de la Galéjade
- **Marché** : mise à jour du référentiel agricole et du bâti, lot unique
- **Date de livraison** : 1er décembre 2025

## Fichiers livrés

| fichier | contenu | format |
|---|---|---|
| `parcelles_2025.gpkg` | parcelles agricoles déclarées | GeoPackage |
| `batiments.shp` (`.shx`, `.dbf`) | bâtiments | Shapefile |
| `adresses.csv` | adresses | texte, séparateur point-virgule, virgule décimale |
| `releves_terrain.csv` | relevés de culture au GNSS | texte, séparateur virgule, point décimal |

## Ce que le fournisseur affirme

| n° | fichier | affirmation |
|---|---|---|
{claims}

Le fournisseur certifie que la livraison a passé ses contrôles internes.
"""


@dataclass(frozen=True)
class Claim:
    """One claim of the note.

    Parameters
    ----------
    fichier : delivered file that it speaks of
    affirmation : what the supplier writes
    vraie : whether the files bear it out
    constat : what the files show
    """

    fichier: str
    affirmation: str
    vraie: bool
    constat: str


def make_claims(
    parcels: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    addresses: pd.DataFrame,
    field_points: pd.DataFrame,
    declared_parcels: int,
) -> pd.DataFrame:
    """What the supplier claims, each claim judged on the delivered tables.

    Parameters
    ----------
    declared_parcels : number of parcels of the clean layer, which the supplier copies from its order form

    Returns
    -------
    DataFrame with columns id_affirmation, fichier, affirmation, vraie, constat
    """
    claims = [
        *_on_counts(parcels, buildings, addresses, field_points, declared_parcels),
        *_on_files(parcels, buildings, addresses),
        *_on_parcels(parcels),
        *_on_buildings(buildings),
        *_on_addresses(addresses),
        *_on_field_points(field_points, parcels),
    ]
    table = pd.DataFrame([asdict(claim) for claim in claims])
    table.insert(0, "id_affirmation", [f"A{rank:02d}" for rank in range(1, len(table) + 1)])
    return table


def write_note(claims: pd.DataFrame) -> str:
    """The delivery note in Markdown, which does not say what is true."""
    lines = [
        f"| {claim.id_affirmation} | {_file(claim.fichier)} | {claim.affirmation} |"
        for claim in claims.itertuples()
    ]
    return _NOTE.format(claims="\n".join(lines))


def _file(name: str) -> str:
    return name if name == EVERY_FILE else f"`{name}`"


def _on_counts(
    parcels: pd.DataFrame,
    buildings: pd.DataFrame,
    addresses: pd.DataFrame,
    field_points: pd.DataFrame,
    declared_parcels: int,
) -> list[Claim]:
    files = (
        (parcel_file.FILE, "parcelles", parcels, declared_parcels),
        (building_file.FILE, "bâtiments", buildings, len(buildings)),
        (address_file.FILE, "adresses", addresses, len(addresses)),
        (field_point_file.FILE, "relevés", field_points, len(field_points)),
    )
    return [
        Claim(
            file,
            f"{number(claimed)} {name}.",
            claimed == len(table),
            f"Le fichier compte {number(len(table))} lignes.",
        )
        for file, name, table, claimed in files
    ]


def _on_files(parcels: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, addresses: pd.DataFrame) -> list[Claim]:
    outlines = np.concatenate([layer.geometry.to_numpy() for layer in (parcels, buildings)])
    outlines = outlines[~shapely.is_missing(outlines) & ~shapely.is_empty(outlines)]
    away = int((~shapely.intersects(outlines, shapely.box(*ISLAND_GRID.bounds))).sum())
    accented = int(addresses["nom_voie"].str.contains("[^\x00-\x7f]", na=False).sum())
    return [
        Claim(
            EVERY_FILE,
            "Coordonnées en RGF93 / Lambert-93 (EPSG:2154).",
            away == 0,
            f"{number(away)} parcelles et bâtiments tombent hors de l'île dans ce système.",
        ),
        Claim(
            EVERY_FILE,
            "Textes encodés en UTF-8.",
            address_file.ENCODING == "utf-8" or accented == 0,
            f"`{address_file.FILE}` est en cp1252 : {number(accented)} noms de voie ont des accents.",
        ),
    ]


def _on_parcels(parcels: gpd.GeoDataFrame) -> list[Claim]:
    repeated = int(parcels["id_parcel"].duplicated().sum())
    bodiless = int((parcels.geometry.isna() | parcels.geometry.is_empty).sum())
    unknown = int((~parcels["code_cultu"].isin(list(CROPS))).sum())
    other_years = int((parcels["millesime"] != YEAR).sum())
    geometric = parcels.geometry.area / 10_000
    square_metres = int(((geometric > 0) & (parcels["surf_parc"] > 1000 * geometric)).sum())
    file = parcel_file.FILE
    return [
        Claim(
            file,
            "Chaque parcelle a un identifiant unique.",
            repeated == 0,
            f"{repeated} identifiants sont repris.",
        ),
        Claim(
            file,
            "Chaque parcelle a une géométrie.",
            bodiless == 0,
            f"{bodiless} géométries sont nulles ou vides.",
        ),
        Claim(
            file,
            "Les codes de culture sont ceux de la liste du marché.",
            unknown == 0,
            f"{unknown} codes sont vides ou hors de la liste.",
        ),
        Claim(
            file,
            f"Toutes les parcelles sont du millésime {YEAR}.",
            other_years == 0,
            f"{other_years} ne le sont pas.",
        ),
        Claim(
            file,
            "Les surfaces déclarées sont en hectares.",
            square_metres == 0,
            f"{square_metres} surfaces sont en mètres carrés.",
        ),
        Claim(
            file,
            "La seconde culture dérobée est vide, ou est un code de trois signes.",
            bool(parcels["culture_d2"].dropna().str.fullmatch("[A-Z0-9]{3}").all()),
            "Aucune valeur ne s'en écarte.",
        ),
    ]


def _on_buildings(buildings: gpd.GeoDataFrame) -> list[Claim]:
    uses = int((~buildings["USAGE1"].isin(BUILDING_USES)).sum())
    created = pd.to_datetime(buildings["DATE_CREAT"], errors="coerce")
    late = int((created > pd.Timestamp(DELIVERED_ON)).sum())
    file = building_file.FILE
    return [
        Claim(
            file,
            "L'usage principal est renseigné et conforme à la BD TOPO.",
            uses == 0,
            f"{uses} usages sont vides ou hors de la liste.",
        ),
        Claim(
            file,
            "Aucune date n'est postérieure à la livraison.",
            late == 0,
            f"{late} dates de création le sont.",
        ),
        Claim(
            file,
            "Chaque bâtiment a un identifiant de 24 caractères.",
            bool(buildings["ID"].str.fullmatch("BATIMENT[0-9]{16}").all()),
            "Tous ont cette forme ; certains sont portés deux fois.",
        ),
    ]


def _on_addresses(addresses: pd.DataFrame) -> list[Claim]:
    communes = addresses["code_insee"].nunique()
    dotted = int(addresses["lon"].str.contains(".", regex=False).sum())
    return [
        Claim(
            address_file.FILE,
            f"Les adresses relèvent des {COMMUNES} communes de l'île.",
            communes == COMMUNES,
            f"{communes} codes de commune sont présents.",
        ),
        Claim(
            address_file.FILE,
            "Les nombres ont une virgule décimale.",
            dotted == 0,
            f"{dotted} lignes ont un point décimal.",
        ),
        Claim(
            address_file.FILE,
            "Les codes postaux ont cinq chiffres ; certains peuvent manquer.",
            bool(addresses["code_postal"].dropna().str.fullmatch("[0-9]{5}").all()),
            "Tous ceux qui sont renseignés les ont.",
        ),
    ]


def _on_field_points(field_points: pd.DataFrame, parcels: pd.DataFrame) -> list[Claim]:
    orphans = int((~field_points["id_parcel"].isin(parcels["id_parcel"])).sum())
    days = field_points["date_releve"].dropna()
    return [
        Claim(
            field_point_file.FILE,
            "Chaque relevé désigne une parcelle livrée.",
            orphans == 0,
            f"{orphans} relevés désignent une parcelle absente.",
        ),
        Claim(
            field_point_file.FILE,
            "Les dates sont écrites JJ/MM/AAAA ; certaines peuvent manquer.",
            bool(days.str.fullmatch("[0-9]{2}/[0-9]{2}/[0-9]{4}").all()),
            "Toutes ont cette forme, y compris celles qui n'existent pas au calendrier.",
        ),
    ]
