"""Quantities as the French sentences of the ledger write them."""


def number(value: float, digits: int = 0) -> str:
    """« 12 345,6 »: a narrow no-break space between thousands, a comma before decimals."""
    return f"{value:,.{digits}f}".replace(",", "\u202f").replace(".", ",")


def metres(value: float) -> str:
    return f"{number(value, 1)}\u00a0m"


def displacement(east: float, north: float) -> str:
    """« 7,5 m vers l'est et 4,2 m vers le sud »."""
    along = f"{metres(abs(east))} vers l'{'est' if east > 0 else 'ouest'}"
    return f"{along} et {metres(abs(north))} vers le {'nord' if north > 0 else 'sud'}"


def square_metres(value: float) -> str:
    return f"{number(value, 0 if value >= 10 else 1)}\u00a0m²"


def hectares(square_metres: float) -> str:
    return f"{number(square_metres / 10_000, 2)}\u00a0ha"
