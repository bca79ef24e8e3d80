"""The report of a what-if scenario: one page that opens without a network, the answer in words first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .escape import escape_ten
from .page import write_atomically
from .plain_page import plain_page

if TYPE_CHECKING:
    from ..scenario.whatif import Answer


def write_whatif_page(answer: Answer, record: dict[str, Any], path: str | Path) -> Path:
    """Write the report."""
    body = f"<p>{escape_ten(record['question'])}</p><p>{escape_ten(record['answer'])}</p>"
    return write_atomically(plain_page(record["name"], body), path)
