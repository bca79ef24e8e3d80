"""Parts that FHIR resources are made of."""

from __future__ import annotations

import re
from typing import Any

from ..intake import at_path, each

_ADDRESS = re.compile(r"(?:.*/)?[A-Z][A-Za-z]+/([A-Za-z0-9.\-]{1,64})(?:/_history/.*)?")


def reference(value: Any) -> Any:
    """Identifier of what a reference names, alike whether its address is relative, absolute or logical."""
    address = at_path(value, "reference")
    found = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
    return found.group(1) if found is not None else address or at_path(value, "identifier", "value")


def codes(concept: Any) -> list[str]:
    """Codes of a CodeableConcept, in small letters."""
    return [str(at_path(coding, "code") or "").lower() for coding, _ in each(at_path(concept, "coding"), "")]
