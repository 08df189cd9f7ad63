"""Tables of sentences: a notebook aligns cells on the right, which suits numbers and not words."""

import html

import pandas as pd


class ReadableTable:
    """A table shown with its words on the left and whole sentences, whatever pandas' own options.

    Parameters
    ----------
    frame : the table; its index is shown when it has a name or is not a plain range
    caption : what the table is, in French
    """

    def __init__(self, frame: pd.DataFrame, caption: str | None = None) -> None:
        plain = isinstance(frame.index, pd.RangeIndex) and frame.index.name is None
        self.frame = frame if plain else frame.reset_index()
        self.caption = caption

    def __repr__(self) -> str:
        text = self.frame.to_string(index=False, na_rep="", max_colwidth=None)
        return f"{self.caption}\n{text}" if self.caption else text

    def _repr_html_(self) -> str:
        if self.frame.empty:
            return ""
        left = 'style="text-align:left"'
        head = "".join(f'<th scope="col" {left}>{_cell(name)}</th>' for name in self.frame.columns)
        body = "".join(
            "<tr>" + "".join(f"<td {left}>{_cell(value)}</td>" for value in row) + "</tr>"
            for row in self.frame.itertuples(index=False)
        )
        title = f"<caption {left}>{_cell(self.caption)}</caption>" if self.caption else ""
        return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def readable(frame: pd.DataFrame, caption: str | None = None) -> ReadableTable:
    """`frame` as a table of words that reads well in a notebook (see `ReadableTable`)."""
    return ReadableTable(frame, caption)


def _cell(value: object) -> str:
    return "" if pd.isna(value) else html.escape(str(value))
