"""World and ground by reference: kernels hand each other two pointers instead of some three hundred words.

Numba passes a named tuple by value, array by array. A kernel of ten lines then compiles to thousands of instructions
that only pack and unpack its arguments, once for every call of another kernel: the law took twice as long to compile.
A reference has the attributes of the named tuple it points to; a nested named tuple comes as a reference again.

References are for kernels without reference counting (:func:`~ems_twin._compiled.lean_kernel`); they do not keep
what they point to alive, which the caller of the outermost kernel does.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.core.typing.templates import AttributeTemplate
from numba.experimental.structref import _Utils
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, register_model


class Reference(types.Type):
    """Type of a pointer to a named tuple of arrays."""

    def __init__(self, of: Any) -> None:
        self.of = of
        super().__init__(name=f"Reference({of})")


@register_model(Reference)
class _ReferenceModel(models.PrimitiveModel):
    def __init__(self, manager: Any, reference: Reference) -> None:
        super().__init__(manager, reference, cgutils.voidptr_t)


@infer_getattr
class _ReferenceAttributes(AttributeTemplate):
    key = Reference

    def generic_resolve(self, reference: Reference, name: str) -> Any:
        if name not in reference.of.fields:
            return None
        part = reference.of.types[reference.of.fields.index(name)]
        return Reference(part) if isinstance(part, types.NamedTuple) else part


@lower_getattr_generic(Reference)
def _get(context: Any, builder: Any, reference: Reference, value: Any, name: str) -> Any:
    field = reference.of.fields.index(name)
    part = reference.of.types[field]
    whole = context.get_value_type(reference.of).as_pointer()
    pointer = builder.gep(builder.bitcast(value, whole), [cgutils.int32_t(0), cgutils.int32_t(field)], inbounds=True)
    if isinstance(part, types.NamedTuple):
        return builder.bitcast(pointer, cgutils.voidptr_t)
    return builder.load(pointer)


def _refer_to(name: str) -> Any:
    @intrinsic
    def refer(_: Any, handle: Any) -> Any:
        def codegen(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
            payload = _Utils(context, builder, handle).get_data_struct(arguments[0])
            return builder.bitcast(payload._get_ptr_by_name(name), cgutils.voidptr_t)

        return Reference(handle.field_dict[name])(handle), codegen

    return refer


world_of = _refer_to("world")
"""Reference to the world that a handle holds."""
ground_of = _refer_to("ground")
"""Reference to the ground that a handle holds."""


def _call(result: Any, address: Any, taken: tuple[Any, ...]) -> Any:
    """Signature and code of a call of the compiled function at an address.

    By numba's own convention, so that what the function raises goes on to whoever called the outermost kernel.
    """

    def codegen(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        convention = context.call_conv
        kind = convention.get_function_type(result, taken)
        function = builder.inttoptr(arguments[0], kind.as_pointer())
        status, answer = convention.call_function(builder, function, result, taken, arguments[1:])
        with cgutils.if_unlikely(builder, status.is_error):
            convention.return_status_propagate(builder, status)
        return answer

    return result(address, *taken), codegen


@intrinsic
def ask(_: Any, address: Any, world: Any, ground: Any, row: Any) -> Any:
    """Row that the function at an address answers for world, ground and a row."""
    return _call(types.int64, address, (world, ground, row))


@intrinsic
def tell(_: Any, address: Any, world: Any, ground: Any) -> Any:
    """Let the function at an address write into a world."""
    return _call(types.none, address, (world, ground))
