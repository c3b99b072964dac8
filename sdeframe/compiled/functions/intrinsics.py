"""Single machine instructions on scalar floats, as numba intrinsics that vectorise over lanes.

Everything here becomes one instruction without a branch and without a library call; no fast-math flag is set,
so that the bits do not depend on the width of the vector.
"""

from collections.abc import Callable
from typing import Any, Final

from llvmlite import ir
from numba import extending
from numba.core import types

_DOUBLE: Final = ir.DoubleType()
_INT64: Final = ir.IntType(64)

intrinsic: Final[Any] = extending.intrinsic

Codegen = tuple[Any, Callable[..., Any]]


@intrinsic
def to_bits(typing_context: Any, x: Any) -> Codegen:
    """Return the 64 bits of a float64 as uint64."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], _INT64)

    return types.uint64(types.float64), codegen


@intrinsic
def from_bits(typing_context: Any, n: Any) -> Codegen:
    """Return the float64 that has the 64 bits of a uint64."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], _DOUBLE)

    return types.float64(types.uint64), codegen


@intrinsic
def select(typing_context: Any, condition: Any, then: Any, otherwise: Any) -> Codegen:
    """Return `then` where the condition holds, else `otherwise` (both float64 or both uint64), without a branch."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.select(*args)

    kind = then if then == otherwise == types.uint64 else types.float64
    return kind(types.boolean, kind, kind), codegen


def _llvm_call(name: str, builder: Any, args: Any) -> Any:
    """Emit a call of the LLVM intrinsic of that name on doubles."""
    signature = ir.FunctionType(_DOUBLE, [_DOUBLE] * len(args))
    return builder.call(builder.module.declare_intrinsic(name, [_DOUBLE], signature), args)


@intrinsic
def sqrt(typing_context: Any, x: Any) -> Codegen:
    """Return the hardware square root (correctly rounded)."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _llvm_call("llvm.sqrt", builder, args)

    return types.float64(types.float64), codegen


@intrinsic
def fabs(typing_context: Any, x: Any) -> Codegen:
    """Return x with its sign bit cleared."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _llvm_call("llvm.fabs", builder, args)

    return types.float64(types.float64), codegen


@intrinsic
def copysign(typing_context: Any, magnitude: Any, sign: Any) -> Codegen:
    """Return `magnitude` with the sign bit of `sign`."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _llvm_call("llvm.copysign", builder, args)

    return types.float64(types.float64, types.float64), codegen
