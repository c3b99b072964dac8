"""The framework's elementary functions on scalar float64, for loops over lanes.

A loop `for l in range(L): y[l] = exp(x[l])` compiles to packed arithmetic: there is no branch, no library call but the
hardware square root and no fast-math flag, and the bits of a result depend on neither the width of the vector nor the
processor. Errors stay below 4 ulp over all of float64; subnormals, signed zeros, infinities and NaN are as in C99,
which is what numpy returns. Complex functions take a real and an imaginary part and return both.
"""

from sdeframe.compiled.functions.complex_plane import ccos, ccosh, cexp, clog, cpower, csin, csinh, csqrt, ctan, ctanh
from sdeframe.compiled.functions.exponential import cosh, exp, log, sinh, tanh
from sdeframe.compiled.functions.extended import power
from sdeframe.compiled.functions.intrinsics import copysign, fabs, select, sqrt
from sdeframe.compiled.functions.magnitude import hypot, maximum, minimum, sign
from sdeframe.compiled.functions.trigonometric import atan2, cos, sin, tan

__all__ = [
    "atan2",
    "ccos",
    "ccosh",
    "cexp",
    "clog",
    "copysign",
    "cos",
    "cosh",
    "cpower",
    "csin",
    "csinh",
    "csqrt",
    "ctan",
    "ctanh",
    "exp",
    "fabs",
    "hypot",
    "log",
    "maximum",
    "minimum",
    "power",
    "select",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
]
