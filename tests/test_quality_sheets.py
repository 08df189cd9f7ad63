"""Control sheets: what can be written in them, what is refused and how, and drafts made from data."""

import json
import subprocess
import sys
import textwrap

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from shapely import Point

from geoatelier import datasets
from geoatelier.quality import attributes, dates, numbers
from geoatelier.quality.anomalies import together
from geoatelier.quality.conformity import rows_against_sheet, whole_against_sheet
from geoatelier.quality.layer import layer_of
from geoatelier.quality.links import opener
from geoatelier.quality.profiles import (
    Clause,
    Code,
    Comparison,
    Condition,
    Extent,
    Reference,
    Sampling,
    Topology,
    profile_of,
)
from geoatelier.quality.reading import read_layers
from geoatelier.quality.sheets import (
    MalformedSheetError,
    builtin_sheets,
    draft_sheet,
    load_sheet,
)
from geoatelier.quality.sheets.inference import common_pattern
from geoatelier.quality.sheets.reading import BUILTIN
from geoatelier.quality.sheets.validation import SCHEMA

TODAY = pd.Timestamp("2025-12-31").date()


def write(tmp_path, text, name="fiche.yaml"):
    path = tmp_path / name
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def refusal(tmp_path, text, **options):
    with pytest.raises(MalformedSheetError) as caught:
        load_sheet(write(tmp_path, text), **options)
    return caught.value


# Built-in sheets


def test_every_built_in_sheet_follows_the_published_schema():
    titles = builtin_sheets()
    assert set(titles) == {"ban", "bdtopo-batiment", "generique", "ocs-ge", "plu", "rpg"}
    for name, title in titles.items():
        sheet = load_sheet(BUILTIN / f"{name}.yaml")
        assert (sheet.name, sheet.title, sheet.layers) == (name, title, load_sheet(name).layers)
        assert sheet.description


def test_the_published_schema_explains_every_key_in_words():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    described = []

    def visit(node):
        if isinstance(node, dict):
            for name, child in node.get("properties", {}).items():
                described.append(
                    (name, bool(child.get("title")) and child.get("description", "").endswith("."))
                )
            for child in node.values():
                visit(child)
        elif isinstance(node, list):
            for child in node:
                visit(child)

    visit(schema)
    assert len(described) > 60
    assert [name for name, good in described if not good] == []


def test_known_layers_are_recognised_as_before_and_only_their_values_are_judged():
    rpg = pd.DataFrame({"ID_PARCEL": ["1"], "CODE_CULTU": ["VRC"], "SURF_PARC": [1.0], "CODE_GROUP": [21]})
    profile = profile_of(rpg)
    assert profile.title == "parcelles agricoles (RPG)"
    assert profile.key == "ID_PARCEL"
    assert profile.required == ("ID_PARCEL", "SURF_PARC", "CODE_CULTU")
    assert profile.codes == {"CODE_CULTU": Code("[A-Z][A-Z0-9]{2}", 3)}
    assert profile.declared_area == ("SURF_PARC", 10_000.0)
    assert profile.implied == (("CODE_CULTU", "CODE_GROUP"),)
    assert (profile.smallest_area, profile.single_part, profile.shares_edges) == (25.0, True, True)
    assert (profile.columns, profile.geometry, profile.systems) == ((), None, ())

    shapefile = profile_of(pd.DataFrame({"ID": ["B1"], "USAGE1": ["Annexe"], "HAUTEUR": [3.0]}))
    assert shapefile.title == "bâtiments (BD TOPO, Shapefile)"
    assert shapefile.domains["USAGE1"][3] == "Indifférencié"
    assert not shapefile.shares_edges

    ban = profile_of(pd.DataFrame({"numero": [1], "nom_voie": ["x"], "code_insee": ["13902"], "rep": [None]}))
    assert ban.natural_key == ("numero", "rep", "nom_voie", "code_insee")
    assert ban.codes["code_insee"].width == 5

    unknown = profile_of(pd.DataFrame({"gid": [1, 2], "cp": ["13990", "13991"]}))
    assert (unknown.title, unknown.key, unknown.codes["cp"].width) == ("couche", "gid", 5)


def test_a_named_sheet_also_tells_which_columns_must_exist():
    table = pd.DataFrame({"id_parcel": ["1"], "code_cultu": ["VRC"], "surf_parc": [1.0]})
    profile = load_sheet("rpg").rules_for("RPG_Parcelles", table)
    assert "code_group" in [rule.name for rule in profile.columns if rule.expected]
    assert (profile.geometry, profile.systems[0]) == ("surface", 2154)


def test_the_buildings_of_a_shapefile_get_the_short_names_whatever_the_layer_is_called():
    short = pd.DataFrame({"ID": ["B1"], "USAGE1": ["Annexe"], "HAUTEUR": [3.0]})
    assert load_sheet("bdtopo-batiment").rules_for("batiments", short).title.endswith("Shapefile)")


def test_importing_the_quality_room_loads_neither_pandera_nor_jsonschema():
    code = (
        "import sys, geoatelier.quality, geoatelier.quality.conformity;"
        "print([m for m in ('pandera', 'jsonschema') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# What a sheet says

FULL = """\
    titre: Ma fiche
    version: 1.2
    ignorer: [sommet-repete]
    niveaux: {trou: info, chevauchement: info}
    seuils: {taux-valeurs-absentes: 5}
    couches:
      - nom: Parcelles*
        titre: parcelles
        obligatoire: true
        geometrie: surface
        systemes: [2154]
        emprise: [0, 0, 10, 10]
        cle: numero
        cle_naturelle: [numero, nature]
        colonnes:
          numero: {type: code, obligatoire: true, remplie: true, unique: true, motif: '\\d{4}', longueur: 4}
          nature: {type: texte, valeurs: [A, "NO", "01"]}
          surface: {type: décimal, min: 0, max: 12.5, surface_en: a}
          debut: {type: date, min: 2020-01-01}
          fin: {type: date}
          no:
        dependances: [{colonne: nature, determine: surface}]
        conditions:
          - si: {colonne: nature, vaut: [A, "01"]}
            alors: {colonne: surface, remplie: true}
          - comparer: debut <= fin
        references:
          - {colonne: numero, couche: registre, vers: id}
        topologie:
          chevauchements: {surface_min: 2}
          trous: {largeur_max: 4, surface_max: 50}
          micro_surfaces: {surface_min: 9, largeur_min: 0.3}
          morceau_unique: true
          recouvrement: true
          contours_fragiles: true
        niveaux: {chevauchement: bloquant}
        ignorer: [pointe]
        seuils: {taux-chevauchement: 1}
        echantillon: {nqa: 2.5, taux_limite: 10, graine: 7}
    images:
      - {nom: ortho_*.tif, resolution: 0.5, systeme: 2154, bandes: 3, type: uint8, nodata: 0, cog: true}
"""


def test_everything_written_in_a_sheet_reaches_the_rules(tmp_path):
    sheet = load_sheet(write(tmp_path, FULL), measures={"taux-valeurs-absentes", "taux-chevauchement"})
    table = pd.DataFrame({name: ["1"] for name in ("NUMERO", "nature", "surface", "debut", "fin", "no")})
    rules = sheet.rules_for("parcelles_2025", table)
    assert (sheet.title, sheet.version, sheet.expected_layers) == ("Ma fiche", "1.2", ("Parcelles*",))
    assert (rules.key, rules.required, rules.natural_key) == ("NUMERO", ("NUMERO",), ("NUMERO", "nature"))
    assert rules.codes == {"NUMERO": Code(r"\d{4}", 4)}
    assert rules.domains == {"nature": ("A", "NO", "01")}
    assert rules.numbers == ("surface",)
    assert rules.declared_area == ("surface", 100.0)
    assert rules.implied == (("nature", "surface"),)
    by_name = {rule.name: rule for rule in rules.columns}
    assert list(by_name) == ["NUMERO", "nature", "surface", "debut", "fin", "no"]
    assert (by_name["NUMERO"].expected, by_name["NUMERO"].unique) == (True, True)
    assert (by_name["surface"].minimum, by_name["surface"].maximum) == (0, 12.5)
    assert by_name["debut"].minimum == pd.Timestamp("2020-01-01")
    assert rules.conditions == (
        Condition(Clause("nature", equals=("A", "01")), Clause("surface", filled=True)),
        Comparison("debut", "<=", "fin"),
    )
    assert rules.references == (Reference("NUMERO", "id", None, "registre"),)
    assert rules.extent == Extent((0, 0, 10, 10), 2154)
    assert rules.topology == Topology(True, 2.0, 4.0, 50.0, 0.3, covers_extent=True, fragile=True)
    assert (rules.smallest_area, rules.single_part, rules.shares_edges) == (9.0, True, True)
    assert rules.levels == {"trou": "info", "chevauchement": "bloquant"}
    assert rules.ignored == {"sommet-repete", "pointe"}
    assert rules.thresholds == {"taux-valeurs-absentes": 5, "taux-chevauchement": 1}
    assert rules.sampling == Sampling(nqa=2.5, limit=10, seed=7)
    image = sheet.image_for("ORTHO_12.TIF")
    rules = image.rules
    assert (rules.pixel_size, rules.systems, rules.bands, rules.dtype, rules.nodata) == (
        0.5,
        (2154,),
        3,
        "uint8",
        0,
    )
    assert rules.cloud_optimised and sheet.image_for("mnt.tif") is None


def test_paths_are_taken_from_the_folder_of_the_sheet(tmp_path):
    (tmp_path / "ref").mkdir()
    for name in ("communes.gpkg", "vrai.gpkg", "grille.tif"):
        (tmp_path / "ref" / name).touch()
    sheet = load_sheet(
        write(
            tmp_path,
            """\
            titre: Fiche
            couches:
              - nom: a
                emprise: {fichier: ref/communes.gpkg, couche: communes}
                reference: {fichier: ref/vrai.gpkg, cle: id, tolerance: 2}
                references: [{colonne: id, fichier: ref/vrai.gpkg}]
            images: [{nom: "*.tif", alignement: ref/grille.tif}]
            """,
        )
    )
    rules = sheet.rules_for("A", pd.DataFrame({"id": [1]}))
    assert rules.extent == Extent(path=tmp_path / "ref/communes.gpkg", layer="communes")
    assert (rules.reference.path, rules.reference.tolerance) == (tmp_path / "ref/vrai.gpkg", 2.0)
    assert rules.references == (Reference("id", "id", tmp_path / "ref/vrai.gpkg", None),)
    assert sheet.images[0].aligned_on == tmp_path / "ref/grille.tif"


def test_a_layer_the_sheet_does_not_name_is_still_recognised(tmp_path):
    sheet = load_sheet(write(tmp_path, "titre: F\nignorer: [trou]\ncouches: [{nom: routes}]\n"))
    rules = sheet.rules_for("autre", pd.DataFrame({"cleabs": ["B"], "usage_1": ["Annexe"], "hauteur": [3.0]}))
    assert rules.title == "bâtiments (BD TOPO)"
    assert rules.ignored == {"trou"}


def test_what_a_sheet_says_of_a_code_replaces_what_its_name_lets_guess(tmp_path):
    text = "titre: F\ncouches: [{nom: a, colonnes: {code_insee: {valeurs: ['13901']}, cp: {}}}]\n"
    table = pd.DataFrame({"code_insee": ["13901"], "cp": ["13990"]})
    rules = load_sheet(write(tmp_path, text)).rules_for("a", table)
    assert (set(rules.codes), set(rules.domains)) == ({"cp"}, {"code_insee"})


def test_layers_that_a_delivery_lacks_are_named(tmp_path):
    text = """\
        titre: F
        couches:
          - {nom: parcelles*, obligatoire: true}
          - {titre: bâti, reconnue_par: [cleabs], obligatoire: true}
          - {nom: routes, obligatoire: true}
          - {nom: haies}
        """
    sheet = load_sheet(write(tmp_path, text))
    two_of_a_name = [("b", ["CLEABS", "x"]), ("b", ["x"])]
    assert sheet.missing_layers([("PARCELLES_25", ["id"]), *two_of_a_name]) == ("routes",)
    assert sheet.missing_layers([]) == ("parcelles*", "bâti", "routes")


# What is refused

LAYER = "titre: F\ncouches:\n  - nom: a\n"
COLUMN = LAYER + "    colonnes:\n      c: "


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", None, "vide"),
        ("couches: [{nom: a}]\n", 1, "il manque « titre »"),
        ("titre: F\ncouche: []\n", 2, "Vouliez-vous dire « couches »"),
        (LAYER + "    topologie:\n      chevauchement: false\n", 5, "Vouliez-vous dire « chevauchements »"),
        ("titre: F\ntitre: G\n", 2, "déjà donnée ligne 1"),
        ("titre: NO\n", 1, 'lu par YAML comme « faux ». Il faut un texte. Mettez-le entre guillemets : "NO"'),
        ("titre: 13:30\n", 1, "une durée"),
        ("titre: 0123\n", 1, "le nombre 83"),
        ("titre:\n", 1, "pas de valeur"),
        (COLUMN + "{valeurs: [oui, NO]}\n", 5, '« NO » est lu par YAML comme « faux »'),
        (COLUMN + "\n        valeurs:\n          - 01\n          - 12\n", 7, 'entre guillemets : "01"'),
        (COLUMN + "{valeurs: [13:30]}\n", 5, '"13:30"'),
        (COLUMN + "{motif: '(ab'}\n", 5, "expression régulière"),
        (COLUMN + "{type: entier, motif: 'a'}\n", 5, "un motif ne s'applique pas au type « entier »"),
        (COLUMN + "{type: nombre}\n", 5, "Valeurs possibles : texte, code, entier, décimal, date, booléen"),
        (COLUMN + "{type: decimal}\n", 5, "Vouliez-vous dire « décimal »"),
        (COLUMN + "{obligatoire: oui}\n", 5, "Écrivez true"),
        (COLUMN + "{type: entier, min: 5, max: 2}\n", 5, "le maximum (2) est sous le minimum (5)"),
        (COLUMN + "{type: date, min: 3}\n", 5, "il faut une date AAAA-MM-JJ"),
        (COLUMN + "{type: date, min: 2020-02-31}\n", 5, "n'est pas une date"),
        (COLUMN + "{min: 2020-01-01}\n", 5, "il faut un nombre"),
        (COLUMN + "{type: décimal, valeurs: [1.5]}\n", 5, "une liste ne s'applique pas"),
        (COLUMN + "{type: entier, valeurs: [a]}\n", 5, "n'est pas un nombre entier"),
        (COLUMN + "{type: entier, valeurs: ['2025']}\n", 5, "écrivez 2025, sans guillemets"),
        (COLUMN + "{min: '3'}\n", 5, "écrivez 3, sans guillemets"),
        (COLUMN + "{longueur: 5}\n", 5, "Ajoutez « motif »"),
        (COLUMN + "{}\n    cle: C2\n", 6, "la colonne « C2 » n'est pas dans « colonnes »"),
        (COLUMN + "{}\n    references: [{colonne: d, couche: b}]\n", 6, "la colonne « d »"),
        (COLUMN + "{}\n    conditions: [{comparer: c <= d}]\n", 6, "la colonne « d »"),
        (COLUMN + "{}\n    conditions: [{comparer: c}]\n", 6, "deux colonnes séparées par un signe"),
        (COLUMN + "{}\n    conditions: [{si: {colonne: c, vaut: 1}}]\n", 6, "« si » et « alors »"),
        (COLUMN + "{}\n    conditions: [{si: {colonne: c}, alors: {colonne: c, vaut: 1}}]\n", 6, "une seule"),
        (LAYER + "    references: [{colonne: c}]\n", 4, "dites où chercher"),
        (LAYER + "    niveaux: {chevauchment: info}\n", 4, "Vouliez-vous dire « chevauchement »"),
        (LAYER + "    niveaux: {chevauchement: grave}\n", 4, "Valeurs possibles : bloquant"),
        (LAYER + "    ignorer: [pointes]\n", 4, "Vouliez-vous dire « pointe »"),
        (LAYER + "    systemes: [999998]\n", 4, "EPSG:999998 n'existe pas"),
        (LAYER + "    systemes: [2154]\n    emprise: [5, 0, 1, 9]\n", 5, "à l'envers"),
        (LAYER + "    emprise: [0, 0, 1, 9]\n", 4, "système de ces bornes"),
        (LAYER + "    emprise: {systeme: 2154}\n", 4, "quatre nombres"),
        (LAYER + "    emprise: {fichier: absent.gpkg}\n", 4, "le fichier « absent.gpkg » n'existe pas"),
        (LAYER + "    echantillon: {graine: 1}\n", 4, "« taille »"),
        (LAYER + "    geometrie: polygone\n", 4, "Valeurs possibles : point, ligne, surface, aucune"),
        (LAYER + "  - nom: A\n", 4, "déjà décrite ligne 3"),
        ("titre: F\ncouches: [{titre: x}]\n", 2, "rien ne dit à quelle couche"),
        ("titre: F\n\tcouches: []\n", 2, "une tabulation"),
        ("titre: F: G\n", 1, "guillemets"),
        ("titre: [F\ncouches: 1\n", 2, "crochets à fermer"),
        ("titre: F\n---\ntitre: G\n", 2, "un seul document"),
        ("titre: !!python/object/apply:os.system [ls]\n", 1, "texte"),
        ("titre: !cmd ls\n", 1, "balise"),
        ("a: &a [*a]\n", 1, "se contient lui-même"),
        ("[" * 5000, 1, "niveaux s'emboîtent"),
        ("titre: .inf\n", 1, "nombre utilisable"),
        ("- a\n- b\n", 1, "il faut des clés"),
    ],
)  # fmt: skip
def test_a_wrong_sheet_is_answered_with_its_line_and_what_to_do(tmp_path, text, line, words):
    error = refusal(tmp_path, text)
    message = str(error).replace("\u00a0", " ")
    assert words in message
    assert message.startswith("fiche.yaml")
    assert line in [problem.line for problem in error.problems]
    if line:
        assert f"ligne {line}" in message
    assert "Traceback" not in message


def test_all_problems_are_told_at_once_in_the_order_of_the_file(tmp_path):
    error = refusal(tmp_path, "titre: NO\ncouches:\n  - nom: a\n    cles: b\n    geometrie: rond\n")
    assert [problem.line for problem in error.problems] == [1, 4, 5]
    assert "« couches › 1 › geometrie »" in str(error).replace("\u00a0", " ")


def test_aliases_that_unfold_without_end_are_refused(tmp_path):
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12)
    )
    assert "renvois" in str(refusal(tmp_path, text))


def test_a_threshold_must_be_on_a_known_measure(tmp_path):
    text = "titre: F\nseuils: {taux-de-trou: 1}\n"
    assert load_sheet(write(tmp_path, text)).thresholds == {"taux-de-trou": 1}
    assert "taux-de-trous" in str(refusal(tmp_path, text, measures={"taux-de-trous"}))


def test_a_sheet_that_is_not_there_is_answered_with_the_ones_that_are(tmp_path):
    with pytest.raises(MalformedSheetError, match="bdtopo-batiment"):
        load_sheet("bdtopo-batiments")
    with pytest.raises(MalformedSheetError, match="generique"):
        load_sheet("xyz")
    write(tmp_path, "titre: F\n", "parcelles.yaml")
    with pytest.raises(MalformedSheetError, match=r"parcelles\.yaml"):
        load_sheet(tmp_path / "parcelle.yaml")
    (tmp_path / "latin.yaml").write_bytes("titre: Forêt\n".encode("latin-1"))
    with pytest.raises(MalformedSheetError, match="UTF-8"):
        load_sheet(tmp_path / "latin.yaml")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(st.sampled_from(FULL.splitlines()), max_size=20).map("\n".join),
        st.tuples(st.integers(0, len(FULL)), st.text(max_size=3)).map(
            lambda cut: textwrap.dedent(FULL)[: cut[0]] + cut[1] + textwrap.dedent(FULL)[cut[0] :]
        ),
    )
)
def test_any_text_is_read_or_refused_in_french(tmp_path, text):
    path = tmp_path / "fiche.yaml"
    path.write_text(text, encoding="utf-8", errors="replace", newline="")
    try:
        load_sheet(path)
    except MalformedSheetError as error:
        assert error.problems and all(problem.message for problem in error.problems)


# Drafts


def new_anomalies(sheet, layer):
    """What `layer` breaks under `sheet` and not without it."""

    def others(under):
        controls = (
            attributes.missing_values,
            attributes.out_of_domain,
            attributes.malformed_codes,
            numbers.unreadable_numbers,
        )
        found = [control(under) for control in controls]
        return together([*found, dates.impossible_dates(under, TODAY)], under.frame.crs)

    profile = sheet.rules_for(layer.name, layer.frame.drop(columns=layer.frame.geometry.name))
    under = layer_of(layer.frame, layer.name, spatial=layer.spatial, profile=profile)
    before, with_sheet = others(layer), others(under)
    rows = rows_against_sheet(under, with_sheet, opener({}))
    found = together([with_sheet, rows, whole_against_sheet(under, with_sheet)], layer.frame.crs)
    known = set(zip(before["code"], before["rang"], before["attribut"], strict=True))
    return [
        anomaly
        for anomaly in zip(found["code"], found["rang"], found["attribut"], strict=True)
        if anomaly not in known
    ]


@pytest.fixture(scope="module")
def island():
    return [
        layer_of(source.frame, source.name, spatial=source.spatial)
        for source in read_layers(datasets.path("galejade.gpkg"))
    ]


def test_a_draft_of_the_island_loads_back_and_the_island_holds_it(island, tmp_path):
    sheet = load_sheet(write(tmp_path, draft_sheet(island)))
    assert sheet.missing_layers((layer.name, layer.attributes) for layer in island) == ()
    assert {layer.name: new_anomalies(sheet, layer) for layer in island} == {
        layer.name: [] for layer in island
    }


def test_a_draft_says_what_the_data_show(island, tmp_path):
    sheet = load_sheet(write(tmp_path, draft_sheet(island)))
    by_name = {layer.name: layer for layer in sheet.layers}
    vegetation = by_name["zones_de_vegetation"].rules
    assert (vegetation.geometry, vegetation.systems, vegetation.key) == ("surface", (2154,), "cleabs")
    assert "Haie" in vegetation.domains["nature"] and len(vegetation.domains["nature"]) == 7
    assert vegetation.codes["cleabs"] == Code(r"[A-Z]{8}\d{16}", 24)
    bounds = next(layer for layer in island if layer.name == "zones_de_vegetation").frame.total_bounds
    assert (np.array(vegetation.extent.bounds[:2]) < bounds[:2]).all()
    assert (np.array(vegetation.extent.bounds[2:]) > bounds[2:]).all()
    assert not by_name["batiments"].rules.shares_edges
    roads = {rule.name: rule for rule in by_name["troncons_de_route"].rules.columns}
    assert roads["cleabs"].unique and roads["largeur_de_chaussee"].type == "décimal"
    assert "largeur_de_chaussee" not in by_name["troncons_de_route"].rules.required


VALUES = st.one_of(
    st.none(),
    st.text(max_size=6),
    st.sampled_from(
        ["NO", "01", "13:30", "null", "2024-02-30", "12/05/2024", "1,5", "a'b", "x: y", "VRC", "é"]
    ),
)
NAMES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8),
    st.sampled_from(
        ["id", "no", "code_insee", "date_maj", "surf_parc", "y", "01", "numero", "hauteur", "x: y"]
    ),
)


@st.composite
def tables(draw):
    rows = draw(st.integers(1, 25))
    names = draw(st.lists(NAMES, min_size=1, max_size=5, unique_by=str.lower))
    columns = {}
    for name in names:
        kind = draw(st.sampled_from(["text", "few", "integer", "float", "boolean", "date", "code"]))
        columns[name] = draw(
            {
                "text": st.lists(VALUES, min_size=rows, max_size=rows),
                "few": st.lists(st.sampled_from(["a", "b ", "NO", None]), min_size=rows, max_size=rows),
                "integer": st.lists(st.integers(-(2**40), 2**40), min_size=rows, max_size=rows),
                "float": st.lists(
                    st.one_of(st.none(), st.floats(-1e6, 1e6), st.integers(0, 9).map(float)),
                    min_size=rows,
                    max_size=rows,
                ).map(lambda values: pd.Series(values, dtype="float64")),
                "boolean": st.lists(st.booleans(), min_size=rows, max_size=rows),
                "date": st.lists(st.datetimes(), min_size=rows, max_size=rows).map(
                    lambda values: pd.Series(values, dtype="datetime64[us]")
                ),
                "code": st.just([f"A{i:03d}-x" for i in range(rows)]),
            }[kind]
        )
    points = [Point(893_000 + i, 6_195_000 + i) for i in range(rows)]
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=gpd.GeoSeries(points, crs=2154))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables())
def test_a_draft_of_any_table_loads_back_and_the_table_holds_it(tmp_path, table):
    layer = layer_of(table, "couche [1]*")
    path = tmp_path / "fiche.yaml"
    path.write_text(draft_sheet([layer]), encoding="utf-8")
    assert new_anomalies(load_sheet(path), layer) == []


@pytest.mark.parametrize(
    ("texts", "pattern", "width"),
    [
        (["13901", "13902"], r"\d{5}", 5),
        (["A1", "AB12"], r"[A-Z]{1,2}\d{1,2}", None),
        (["AG-01", "BC-77"], r"[A-Z]{2}\-\d{2}", 5),
        (["x.1", "y.2"], r"[a-z]\.\d", 3),
        (["bis", "ter"], None, None),
        (["A1", "1A"], None, None),
    ],
)
def test_a_pattern_is_that_of_texts_built_alike(texts, pattern, width):
    assert common_pattern(texts) == (pattern, width)


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("wrong", [(np.nan, 6_195_000), (np.nan, np.nan), (np.inf, -np.inf), (1e308, 1e308)])
def test_a_draft_frames_the_objects_that_have_a_place(wrong):
    places = [Point(893_000, 6_195_000), Point(893_150, 6_195_000), *[Point(wrong)] * 3]
    layer = layer_of(gpd.GeoDataFrame({"id": range(5)}, geometry=places, crs=2154))
    assert "emprise: [892900, 6194900, 893300, 6195100]" in draft_sheet([layer])


def test_a_draft_needs_a_layer():
    with pytest.raises(ValueError, match="au moins une couche"):
        draft_sheet([])
