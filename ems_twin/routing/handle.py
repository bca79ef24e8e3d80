"""Labels as one pointer, for queries that are called from Python one at a time.

Numba takes a named tuple apart array by array at every call, which for labels takes 2.5 µs: as long as the question
"80 units to one call" itself. A handle refers to the same arrays and costs 0.4 µs.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.experimental import structref

from .._compiled import kernel
from .customise import Labels


@structref.register
class _LabelsType(types.StructRef):
    def preprocess_fields(self, fields: Any) -> Any:
        return tuple((name, types.unliteral(of)) for name, of in fields)


class LabelsHandle(structref.StructRefProxy):
    """Stands for :class:`~ems_twin.routing.customise.Labels` in compiled calls."""


structref.define_proxy(LabelsHandle, _LabelsType, list(Labels._fields))


@kernel
def labels_handle(nodes, head_depth, up, down, metrics):  # type: ignore[no-untyped-def]
    """Handle of labels: give it ``*labels``."""
    return LabelsHandle(nodes, head_depth, up, down, metrics)
