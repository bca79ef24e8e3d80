"""Files of past calls that can be imported: one file a format, found by the names of the columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from ...errors import CallsError
from . import montgomery, new_york, plain, san_francisco, seattle
from .layout import FIELDS as FIELDS
from .layout import Layout as Layout
from .layout import plain_name

LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (san_francisco.LAYOUT, new_york.LAYOUT, montgomery.LAYOUT, seattle.LAYOUT, plain.LAYOUT)
}
"""All formats by name; the first whose marks a file has is taken."""


def choose_layout(path: Path, header: Collection[str], name: str, columns: Mapping[str, str]) -> Layout:
    """Format of a file.

    Parameters
    ----------
    path
        The file, for messages.
    header
        Its columns.
    name
        Name of a format, or ``auto``.
    columns
        Columns by field that go before those of the format.

    Raises
    ------
    CallsError
        The format or a field is unknown, a named column is missing, or the file has no format that is known.
    """
    if name != "auto" and name not in LAYOUTS:
        raise CallsError(
            f"there is no format '{name}'", field="format", remedy=f"There are auto, {', '.join(LAYOUTS)}."
        )
    known = {plain_name(column) for column in header}
    for field, column in columns.items():
        if field not in FIELDS:
            raise CallsError(f"there is no field '{field}'", field="columns", remedy=f"There are {', '.join(FIELDS)}.")
        if plain_name(column) not in known:
            raise CallsError("the column is missing", file=path, field=column, remedy=_columns_are(header))
    own = {field: (plain_name(column),) for field, column in columns.items()}
    layouts = [
        replace(layout, columns={**layout.columns, **own})
        for layout in ((LAYOUTS[name],) if name != "auto" else LAYOUTS.values())
    ]
    for layout in layouts:
        if not layout.missing(known):
            return layout
    wanted = layouts[-1]
    raise CallsError(
        f"is not in the format {wanted.title}: there is no column for {', '.join(wanted.missing(known))}"
        if name != "auto"
        else f"is in no known format: there is no column for {', '.join(wanted.missing(known))}",
        file=path,
        remedy=f"Say which column is which, as in --column time=CallTime. {_columns_are(header)}",
    )


def _columns_are(header: Collection[str]) -> str:
    return f"The columns are {', '.join(header)}."
