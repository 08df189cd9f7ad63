"""The answer key of a linkage: which real object each row of a delivered file describes."""

from pandas import DataFrame, Series

COPIES = ("doublon-exact", "doublon-de-geometrie", "quasi-doublon")
REUSED = "identifiant-duplique"


def true_objects(identifiers: Series, ledger: DataFrame) -> Series:
    """Identifier of the real object that each row describes, read from the ledger of planted defects.

    A copy describes the object that it copies; a row that carries the identifier of another describes the
    object that it lost the identifier of. Two rows with the same true object are duplicates, and rows of two
    files with the same true object are to be linked.

    Parameters
    ----------
    identifiers : the key of every row of a delivered file, in its order, indexed 0 … n - 1
    ledger : rows of the ledger for this file, columns `rang`, `type_defaut`, `objet_lie` and `valeur_vraie`

    Returns
    -------
    Series of the same index, named `objet`

    Raises
    ------
    ValueError
        If the ledger speaks of a row that the file does not have.
    """
    placed = ledger[ledger["rang"].notna()]
    rows = placed["rang"].astype(int)
    if not rows.isin(identifiers.index).all():
        raise ValueError(
            "Le registre désigne des lignes que la table n'a pas. Passez la colonne du fichier entier, "
            "et du registre les lignes de ce seul fichier."
        )
    found = identifiers.rename("objet")
    copies, reused = placed["type_defaut"].isin(COPIES), placed["type_defaut"] == REUSED
    found.loc[rows[copies]] = placed.loc[copies, "objet_lie"].to_numpy()
    found.loc[rows[reused]] = placed.loc[reused, "valeur_vraie"].to_numpy()
    return found
