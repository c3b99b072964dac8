"""Elements of kets in number states.

An element is c_s Π_v z_v^{n_sv} with powers n of the variables z. Moduli are multiplied as sums of logarithms, so
that no power overflows.
"""

from __future__ import annotations

from math import sqrt
from typing import Any, Final

from sdeframe.compiled.functions.exponential import exp, log
from sdeframe.compiled.jit import inlined

TINY: Final = 1e-300
"""In place of 0, of which there is no logarithm."""


@inlined
def turns(z: Any, most: Any, logs: Any, table: Any) -> None:
    """Write ln|z| and the powers of z/|z| of every variable of a ket."""
    for v in range(z.size):
        modulus = sqrt(z[v].real * z[v].real + z[v].imag * z[v].imag)
        logs[v] = log(max(modulus, TINY))
        unit = complex(z[v].real / modulus, z[v].imag / modulus) if modulus > 0.0 else complex(1.0, 0.0)
        table[v, 0] = complex(1.0, 0.0)
        for n in range(most[v]):
            table[v, n + 1] = table[v, n] * unit


@inlined
def log_norm(z: Any, factor: Any, size: Any) -> float:
    """Return the logarithm of the norm of a ket in all number states."""
    found, v = 0.0, 0
    while v < z.size:
        total, of = 0.0, factor[v]
        while v < z.size and factor[v] == of:
            total += z[v].real * z[v].real + z[v].imag * z[v].imag
            v += 1
        found += 0.5 * size[of] * log(total) if size[of] > 0 else 0.5 * total
    return found


@inlined
def elements(powers: Any, log_sizes: Any, logs: Any, table: Any, sizes: Any, out: Any) -> float:
    """Write the elements of a ket, normalised in the states that there are, and return the logarithm of its norm."""
    top = log_sizes[0] - 1e306
    for s in range(log_sizes.size):
        sizes[s] = log_sizes[s]
        for v in range(logs.size):
            sizes[s] += powers[s, v] * logs[v]
        top = max(top, sizes[s])
    total = 0.0
    for s in range(log_sizes.size):
        sizes[s] = exp(sizes[s] - top)
        total += sizes[s] * sizes[s]
    norm = sqrt(total)
    for s in range(log_sizes.size):
        turned = table[0, powers[s, 0]]
        for v in range(1, logs.size):
            turned *= table[v, powers[s, v]]
        size = sizes[s] / norm
        out[s] = complex(size * turned.real, size * turned.imag)
    return top + log(norm)
