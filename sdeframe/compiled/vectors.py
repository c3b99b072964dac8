"""How wide the vectors of kernels are: the widest that the processor has, unless timing on it told otherwise.

Compilers stop at half the width on many processors, which once ran slower with wider ones. No bit depends on it.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from llvmlite import binding

from sdeframe.compiled.cache import read_private_file, write_private_file

AS_COMPILED: Final = 0
"""What the compiler takes."""


def widths() -> tuple[int, ...]:
    """Return the bits of vectors that can be chosen on this processor, the widest last."""
    return (AS_COMPILED, 512) if binding.get_host_cpu_features().get("avx512f") else (AS_COMPILED,)


def chosen_width() -> int | None:
    """Return the choice that was stored for this processor, if any."""
    return {str(bits): bits for bits in widths()}.get(read_private_file(_file()) or "")


def store_width(bits: int) -> None:
    """Store the choice for this processor."""
    write_private_file(_file(), str(bits))


def vector_width() -> int:
    """Return the choice, or the widest."""
    known = chosen_width()
    return widths()[-1] if known is None else known


def prefer(function: Any, bits: int) -> None:
    """Ask for vectors of so many bits in a function of LLVM."""
    if bits != AS_COMPILED:
        set.add(function.attributes, f'"prefer-vector-width"="{bits}"')  # a text that llvmlite does not know of


def _file() -> str:
    features = ",".join(sorted(name for name, has in binding.get_host_cpu_features().items() if has))
    processor = hashlib.sha256(f"{binding.get_host_cpu_name()} {features}".encode()).hexdigest()
    return f"vectors_{processor[:32]}.txt"
