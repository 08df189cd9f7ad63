"""Checks of lesson N2: the truth comes from the delivery, its ledger and the exact layer of the territory."""

from functools import cache
from itertools import product
from typing import Literal

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError

from geoatelier import datasets
from geoatelier.exercises import Outcome, passed, revise
from geoatelier.exercises.answers import close, off_by_factor
from geoatelier.exercises.french import count, join_words, number

DELIVERY = "livraison/parcelles_2025.gpkg"
VINE, FALLOW = "VRC", "J6S"
Decision = Literal["accepter", "corriger", "refuser"]
Place = Literal["doublon", "chevauchement", "trou", "auto-intersection", "micro-surface"]


def n2_1(lignes_a_retirer: int) -> Outcome:
    """Rows to delete, in the commune that has most duplicated outlines, for each outline to be there once."""
    suspects = _suspects()
    rows, outlines = len(suspects), suspects["outline"].nunique()
    repeated_keys = int(suspects["id_parcel"].duplicated().sum())
    truth = rows - outlines
    if lignes_a_retirer == truth:
        return passed(
            f"{count(truth, 'ligne')} à retirer sur {rows}. Un exemplaire de chaque contour reste : "
            "on compte les copies en trop, pas les copies."
        )
    if lignes_a_retirer == rows:
        return revise(
            f"Vous avez compté toutes les lignes du tableau, originaux compris. Si vous retirez ces {rows} lignes, "
            f"{count(outlines, 'champ')} disparaissent de la commune."
        )
    if lignes_a_retirer == repeated_keys:
        return revise(
            f"Vous avez compté les identifiants répétés : {repeated_keys}. Une copie peut porter un autre "
            "identifiant. Comparez les lettres, qui disent le contour."
        )
    if lignes_a_retirer > rows:
        return revise(f"Le tableau n'a que {rows} lignes : on ne peut pas en retirer {lignes_a_retirer}.")
    if lignes_a_retirer <= 0:
        return revise("Deux lignes de même lettre ont le même contour : il y a bien des lignes à retirer.")
    return revise(
        f"Avec {count(lignes_a_retirer, 'ligne')} en moins, il en resterait {rows - lignes_a_retirer} "
        f"pour {count(outlines, 'contour')}. Une ligne par lettre doit rester."
    )


def n2_2(jachere_ha: float) -> Outcome:
    """Hectares of fallow, all writings of its code together, empty codes left apart."""
    parcels = _parcels()
    hectares = parcels.area / 10_000
    written = parcels["code_cultu"]
    fallow = (written.str.strip().str.upper() == FALLOW).fillna(False).to_numpy(dtype=bool)
    empty = written.isna().to_numpy()
    exact = (written == FALLOW).fillna(False).to_numpy(dtype=bool)
    truth, without, plus = hectares[fallow].sum(), hectares[exact].sum(), hectares[fallow | empty].sum()
    if abs(jachere_ha - truth) <= 0.15:
        return passed(
            f"{number(truth, 1)} ha de jachère. Les {count(int(empty.sum()), 'parcelle')} sans culture restent à part, "
            "et on le dit dans le rapport."
        )
    if abs(jachere_ha - plus) <= 0.15 or abs(jachere_ha - hectares[exact | empty].sum()) <= 0.15:
        return revise(
            "Vous avez ajouté les parcelles sans culture. Personne n'a déclaré de jachère pour elles : "
            f"vous inventez {number(plus - truth, 1)} ha."
        )
    if close(jachere_ha, truth * 10_000, relative=0.01):
        return revise(
            f"Ce sont des mètres carrés. Un hectare en fait 10 000 : {number(jachere_ha)} m² font "
            f"{number(jachere_ha / 10_000, 1)} ha."
        )
    if jachere_ha in (int(fallow.sum()), int(exact.sum()), int((fallow | empty).sum())):
        return revise(f"C'est un nombre de parcelles : {number(jachere_ha)}. Lisez la colonne « hectares ».")
    if without < truth and abs(jachere_ha - without) <= 0.15:
        return revise(
            f"Il manque {number(truth - without, 1)} ha : des parcelles dont le code de jachère est écrit autrement "
            "(espace en trop, minuscules)."
        )
    if abs(jachere_ha - hectares[empty].sum()) <= 0.15:
        return revise("C'est la surface des cases vides. La jachère a son propre code : `J6S`.")
    return revise(
        f"{number(jachere_ha, 1)} ha ne correspond pas aux lignes de la jachère. Additionnez la surface de chaque "
        "écriture de `J6S`, et d'elles seules."
    )


def n2_3(lieu_a: Place, lieu_b: Place, lieu_c: Place, lieu_d: Place, lieu_e: Place) -> Outcome:
    """The name of the defect at five places of the delivery."""
    given = {"A": lieu_a, "B": lieu_b, "C": lieu_c, "D": lieu_d, "E": lieu_e}
    truth = {
        "A": ("trou", "le sol n'est à personne : les deux parcelles s'écartent"),
        "B": ("auto-intersection", "un seul contour passe deux fois par le même point"),
        "C": (
            "doublon",
            "les deux contours couvrent presque tout le même sol : c'est un champ saisi deux fois",
        ),
        "D": ("micro-surface", "l'objet est trop petit pour exister sur le terrain"),
        "E": ("chevauchement", "deux parcelles voisines partagent une bande de sol, et elle seule"),
    }
    wrong = [place for place, name in given.items() if name != truth[place][0]]
    if wrong:
        first = wrong[0]
        others = (
            "" if len(wrong) == 1 else f" {count(len(wrong) - 1, 'autre lieu', 'autres lieux')} à revoir."
        )
        return revise(f"Au lieu {first}, {truth[first][1]}. Ce n'est pas : {given[first]}.{others}")
    return passed(
        "Cinq défauts, cinq noms. Deux se mesurent en sol compté deux fois (doublon, chevauchement), "
        "un en sol compté nulle part (trou), deux sont des accidents de dessin."
    )


def n2_4(systeme_lot_a: int, systeme_lot_b: int) -> Outcome:
    """The EPSG codes that bring two lots of buildings back to the island."""
    lots = _lots()
    given = {"A": systeme_lot_a, "B": systeme_lot_b}
    if all(_share_at_home(lots[lot], code) > 0.9 for lot, code in given.items()):
        return passed(
            "Les deux lots retombent sur les rues de l'île. Reste à écrire au fournisseur : une livraison, un système."
        )
    if _share_at_home(lots["A"], systeme_lot_b) > 0.9 and _share_at_home(lots["B"], systeme_lot_a) > 0.9:
        return revise("Vous avez échangé les deux lots : chaque code est bon pour l'autre.")
    lot = next(lot for lot, code in given.items() if _share_at_home(lots[lot], code) <= 0.9)
    code = given[lot]
    if code == 2154:
        return revise(
            f"C'est le système où le lot {lot} est déjà lu, et il n'y est pas à sa place. Essayez les autres du menu."
        )
    try:
        name = CRS.from_epsg(code).name
    except CRSError:
        return revise(f"{code} n'est pas un code EPSG connu. Choisissez parmi ceux du menu.")
    distance = _distance_from_home(lots[lot], code)
    if distance is None:
        return revise(
            f"Lu en EPSG:{code} ({name}), le lot {lot} ne tombe nulle part : ces nombres n'y ont pas de sens."
        )
    return revise(
        f"Lu en EPSG:{code}, le lot {lot} tombe à {number(distance / 1000)} km de l'île. Essayez un autre système du menu."
    )


def n2_5(chevauchements: list[int]) -> Outcome:
    """Which of eight numbered places are overlaps."""
    truth, gaps, touching = {1, 4, 7}, {2, 5, 6}, {3, 8}
    given = set(chevauchements)
    unknown = sorted(given - truth - gaps - touching)
    if unknown:
        return revise(f"Il n'y a pas de lieu n° {unknown[0]} : les vues vont de 1 à 8.")
    if found := sorted(given & gaps):
        also = "" if len(found) == 1 else f" De même pour {_numbers(found[1:])}."
        return revise(
            f"Le n° {found[0]} est un trou : une bande blanche que personne n'occupe.{also} "
            "Un chevauchement montre une teinte plus foncée."
        )
    if found := sorted(given & touching):
        return revise(
            f"N° {_numbers(found)} : ces deux parcelles se touchent, et c'est ce qu'on attend de deux voisines. "
            "Rien à corriger, rien à payer."
        )
    if lost := truth - given:
        return revise(
            f"Il vous en manque {len(lost)}. Cherchez une bande plus foncée, même mince, à la limite des parcelles."
        )
    return passed(
        "Trois chevauchements sur huit. Les autres étaient des trous, qui se corrigent autrement, "
        "et deux limites parfaitement saines."
    )


def n2_6(hectares_vigne: float) -> Outcome:
    """Total declared area of vines after the three corrections, in hectares."""
    totals = {done: _vines(*done)["surf_parc"].sum() for done in product((False, True), repeat=3)}
    truth = totals[True, True, True]
    if abs(hectares_vigne - truth) <= 0.6:
        return passed(
            f"{number(truth)} ha de vigne. Les trois corrections s'appliquent ensemble, et chacune s'écrit dans le "
            "rapport : qui relira ce chiffre doit pouvoir le refaire."
        )
    if off_by_factor(hectares_vigne, truth, 10_000):
        return revise(f"Ce sont des mètres carrés. En hectares : {number(hectares_vigne / 10_000)}.")
    if hectares_vigne in {len(_vines(*done)) for done in totals}:
        return revise("C'est un nombre de parcelles. Le titre de la figure donne aussi les hectares.")
    for (copies, units, writings), total in totals.items():
        if abs(hectares_vigne - total) <= 0.6:
            return revise(" ".join(_missing_corrections(copies, units, writings)))
    island = _communes().area.sum() / 10_000
    if hectares_vigne > island:
        return revise(
            f"L'île entière fait {number(island)} ha : {number(hectares_vigne)} ha de vigne n'y tiennent pas."
        )
    return revise(
        f"{number(hectares_vigne)} ha ne sort d'aucune combinaison des trois corrections. "
        "Lisez le total dans le titre de la figure."
    )


def n2_7(
    carte_de_situation: Decision,
    placer_un_engin: Decision,
    compter_la_vigne: Decision,
    entrainer_un_modele: Decision,
) -> Outcome:
    """Accept, correct or refuse the delivery for four uses, each by its own threshold."""
    choices = {
        "carte de situation": carte_de_situation,
        "placer un engin": placer_un_engin,
        "compter la vigne": compter_la_vigne,
        "entraîner un modèle": entrainer_un_modele,
    }
    for use, (verdict, as_is, corrected, threshold) in _verdicts().items():
        if choices[use] != verdict:
            return revise(_why(use, choices[use], verdict, as_is, corrected, threshold))
    return passed(
        "Une livraison, quatre usages, trois décisions. Vous avez jugé l'usage et non le fichier. "
        "Le courrier au fournisseur ne porte que sur ce que vous ne pouvez pas corriger vous-même."
    )


def n2_8(a_verifier_sur_le_terrain: list[int]) -> Outcome:
    """Which of eight kinds of defect no rule sees in the file alone, as the ledger says."""
    proofs = {
        "chevauchement": "les deux contours, posés l'un sur l'autre, la montrent",
        "unite-confondue": "le dessin de la parcelle la contredit",
        "identifiant-duplique": "deux lignes portent le même identifiant",
        "valeur-manquante": "la case est vide",
        "systeme-de-coordonnees": "la parcelle tombe hors de l'île",
        "etiquette-fausse": "la culture est plausible et rien ne la contredit",
        "objet-manquant": "une parcelle absente ne laisse aucune trace",
        "decalage-de-lot": "quelques mètres de décalage laissent des contours parfaits",
    }
    kinds = (
        "chevauchement", "etiquette-fausse", "unite-confondue", "objet-manquant",
        "identifiant-duplique", "decalage-de-lot", "valeur-manquante", "systeme-de-coordonnees",
    )  # fmt: skip
    seen = _ledger().drop_duplicates("type_defaut").set_index("type_defaut")["visible_par_regle"]
    truth = {number_ for number_, kind in enumerate(kinds, start=1) if not seen[kind]}
    given = set(a_verifier_sur_le_terrain)
    if unknown := sorted(given - set(range(1, 9))):
        return revise(f"Il n'y a pas de défaut n° {unknown[0]} : ils vont de 1 à 8.")
    if extra := sorted(given - truth):
        one = extra[0]
        also = (
            ""
            if len(extra) == 1
            else f" De même pour {count(len(extra) - 1, 'autre numéro', 'autres numéros')}."
        )
        return revise(f"N° {one} : une règle suffit, car {proofs[kinds[one - 1]]}.{also}")
    if lost := sorted(truth - given):
        return revise(
            f"Il en manque {len(lost)}. Pour chaque défaut écarté, demandez-vous quelle règle le prouverait : "
            "un objet absent, par exemple, se voit-il dans le fichier ?"
        )
    reasons = join_words([proofs[kinds[one - 1]] for one in sorted(truth)])
    return passed(
        f"Trois défauts échappent à toute règle : {reasons}. C'est pourquoi un contrôle se finit dehors."
    )


@cache
def _parcels() -> gpd.GeoDataFrame:
    return gpd.read_file(datasets.path(DELIVERY))


@cache
def _true_parcels() -> gpd.GeoDataFrame:
    return gpd.read_file(datasets.path("galejade.gpkg"), layer="parcelles_agricoles").set_index("id_parcel")


@cache
def _communes() -> gpd.GeoDataFrame:
    return gpd.read_file(datasets.path("galejade.gpkg"), layer="communes")


@cache
def _ledger() -> gpd.GeoDataFrame:
    ledger = gpd.read_file(datasets.path("livraison/registre_defauts.gpkg"), layer="defauts")
    return ledger[ledger["couche"] == "parcelles_agricoles"]


def _island() -> shapely.Polygon:
    return shapely.box(*_communes().total_bounds)


def _has_shape(parcels: gpd.GeoDataFrame) -> pd.Series:
    return parcels.area > 0


def _outlines(parcels: gpd.GeoDataFrame) -> pd.Series:
    return parcels.geometry.normalize().to_wkb()


def _suspects() -> pd.DataFrame:
    """Parcels of one commune whose outline is there several times.

    The commune is the one with most of them, among those where some copies have another key and some have not.
    """
    parcels = _parcels()
    outlines = _outlines(parcels)
    twice = outlines.duplicated(keep=False) & _has_shape(parcels)
    communes = parcels[twice].groupby("code_insee")["id_parcel"].agg(rows="size", keys="nunique")
    mixed = communes[(communes["keys"] < communes["rows"]) & (communes["keys"] > communes["rows"] / 2)]
    return parcels[twice & (parcels["code_insee"] == mixed["rows"].idxmax())].assign(outline=outlines)


@cache
def _lots() -> dict[str, gpd.GeoDataFrame]:
    """The two lots of buildings that Lambert-93 does not put on the island."""
    buildings = gpd.read_file(datasets.path("livraison/batiments.shp")).set_crs(2154)
    astray = buildings[_has_shape(buildings) & ~buildings.intersects(_island())]
    south = astray.centroid.y < 4_000_000
    return {"A": astray[south], "B": astray[~south]}


def _read_as(lot: gpd.GeoDataFrame, epsg: int) -> gpd.GeoDataFrame | None:
    try:
        return lot.set_crs(epsg, allow_override=True).to_crs(2154)
    except ProjError:
        return None


def _share_at_home(lot: gpd.GeoDataFrame, epsg: int) -> float:
    read = _read_as(lot, epsg)
    return 0.0 if read is None else float(read.intersects(_island()).mean())


def _distance_from_home(lot: gpd.GeoDataFrame, epsg: int) -> float | None:
    """Metres between the middle of the island and the lot read in a system; None where it is nowhere."""
    read = _read_as(lot, epsg)
    if read is None:
        return None
    bounds = read.geometry.bounds.median()
    if not bounds.map(lambda value: abs(value) < 1e9).all():
        return None
    return float(shapely.Point(bounds["minx"], bounds["miny"]).distance(_island().centroid))


def _one_writing(codes: pd.Series) -> pd.Series:
    """Crop codes without stray spaces nor lower case, and the supplier's `VIG` for vines."""
    return codes.str.strip().str.upper().replace({"VIG": VINE})


def _in_hectares(parcels: gpd.GeoDataFrame) -> pd.Series:
    """Declared area in hectares: no parcel of the island reaches 100 ha, beyond it is in square metres."""
    declared = parcels["surf_parc"]
    return declared.mask(declared > 100, declared / 10_000)


@cache
def _vines(copies: bool, units: bool, writings: bool) -> gpd.GeoDataFrame:
    """Parcels of vines after the corrections that are asked for."""
    parcels = _parcels()
    if copies:
        parcels = parcels[~(_outlines(parcels).duplicated() & _has_shape(parcels))]
    if units:
        parcels = parcels.assign(surf_parc=_in_hectares(parcels))
    if writings:
        parcels = parcels.assign(code_cultu=_one_writing(parcels["code_cultu"]))
    return parcels[parcels["code_cultu"] == VINE]


def _missing_corrections(copies: bool, units: bool, writings: bool) -> list[str]:
    sentences = []
    if not units:
        sentences.append(
            "Des surfaces sont encore en mètres carrés : une seule parcelle pèse alors plus que toute l'île."
        )
    if not copies:
        sentences.append("Des parcelles sont encore comptées deux fois.")
    if not writings:
        sentences.append(
            "Il manque les vignes dont le code est écrit autrement : en minuscules, avec une espace, ou `VIG`."
        )
    return sentences


@cache
def _corrected() -> gpd.GeoDataFrame:
    """The delivery after what its receiver can correct without the supplier."""
    parcels = _parcels()
    parcels = parcels[~(_outlines(parcels).duplicated() & _has_shape(parcels))].copy()
    astray = _has_shape(parcels) & ~parcels.intersects(_island())
    back = parcels[astray].set_crs(3943, allow_override=True).to_crs(2154)
    parcels.loc[astray, "geometry"] = back.geometry
    return parcels.assign(surf_parc=_in_hectares(parcels), code_cultu=_one_writing(parcels["code_cultu"]))


def _well_placed(parcels: gpd.GeoDataFrame) -> float:
    """Percentage of the drawn parcels of which an inner point is within 25 m of the true parcel of that key."""
    true = _true_parcels()
    drawn = parcels[_has_shape(parcels) & parcels["id_parcel"].isin(true.index)]
    inside = drawn.make_valid().representative_point()
    return 100 * float((inside.distance(true.geometry.loc[drawn["id_parcel"]], align=False) <= 25).mean())


def _vine_error(parcels: gpd.GeoDataFrame) -> float:
    """Percentage by which the total of vines differs from the truth."""
    true = _true_parcels()
    total = parcels.loc[parcels["code_cultu"] == VINE, "surf_parc"].sum()
    return 100 * abs(total / true.loc[true["code_cultu"] == VINE, "surf_parc"].sum() - 1)


def _label_errors(parcels: gpd.GeoDataFrame) -> float:
    """Percentage of delivered parcels whose crop is missing or wrong."""
    true = parcels["id_parcel"].map(_true_parcels()["code_cultu"])
    return 100 * float((parcels["code_cultu"] != true)[true.notna()].mean())


@cache
def _verdicts() -> dict[str, tuple[str, float, float, float]]:
    """For each use: the decision, the measure as delivered and after corrections, and the threshold."""
    uses = {
        "carte de situation": (_well_placed, 95.0, True),
        "placer un engin": (_well_placed, 98.5, True),
        "compter la vigne": (_vine_error, 10.0, False),
        "entraîner un modèle": (_label_errors, 1.0, False),
    }
    verdicts = {}
    for use, (measure, threshold, higher_is_better) in uses.items():
        as_is, corrected = measure(_parcels()), measure(_corrected())
        holds = [
            value >= threshold if higher_is_better else value <= threshold for value in (as_is, corrected)
        ]
        verdict = "accepter" if holds[0] else "corriger" if holds[1] else "refuser"
        verdicts[use] = (verdict, as_is, corrected, threshold)
    return verdicts


def _why(use: str, choice: str, verdict: str, as_is: float, corrected: float, threshold: float) -> str:
    measured = (
        f"« {use} » : {number(as_is, 1)} % telle que livrée, {number(corrected, 1)} % après vos corrections, "
        f"pour un seuil de {number(threshold, 1)} %."
    )
    if choice == "refuser" and verdict == "accepter":
        return (
            f"{measured} Le seuil est déjà tenu : les défauts sont là, mais le défaut ne gêne pas cet usage."
        )
    if choice == "refuser":
        return f"{measured} Vous pouvez corriger vous-même ce qui gêne : un refus coûterait des semaines."
    if verdict == "refuser" and use == "entraîner un modèle":
        return f"{measured} Aucune de vos corrections ne retrouve une culture fausse : il faut le fournisseur, ou le terrain."
    if verdict == "refuser":
        return f"{measured} Même corrigée, elle ne tient pas ce seuil."
    if choice == "accepter":
        return f"{measured} Telle que livrée, elle ne tient pas ce seuil."
    return f"{measured} Le seuil est tenu sans rien corriger."


def _numbers(numbers: list[int]) -> str:
    return join_words([str(one) for one in numbers])
