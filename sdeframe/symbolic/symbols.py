"""The symbols a system is written in: variables, noises, parameters, time and random initial values.

Every kind is its own subclass of `sympy.Symbol`, so that a system can tell them apart, and two symbols of one
name but of different kinds are different. Whether a symbol is real or complex is its sympy assumption (`is_real`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import sympy as sp

__all__ = [
    "Carried",
    "Drawn",
    "Names",
    "Noise",
    "Parameter",
    "RandomComplexNormal",
    "RandomMap",
    "RandomNormal",
    "RandomSymbol",
    "RandomUniform",
    "StateVariable",
    "complex_noises",
    "complex_parameters",
    "complex_variables",
    "log_weight",
    "parameters",
    "parts_of",
    "random_choice",
    "random_complex_normal",
    "random_map",
    "random_normal",
    "random_uniform",
    "real_noises",
    "real_variables",
    "time",
]


PARTS: Final = ("re", "im")
"""What the names of the parts of a complex parameter end in."""


class StateVariable(sp.Symbol):
    """A state variable of a system, real or complex."""

    __slots__ = ()


class Noise(sp.Symbol):
    """A unit white noise: real with `<W W> = dt`, or complex with `<F F*> = dt` and `<F F> = 0`."""

    __slots__ = ()


class Parameter(sp.Symbol):
    """A real number that is given when a simulation starts, so that a scan over it compiles nothing."""

    __slots__ = ()


class RandomSymbol(sp.Symbol):
    """A random number drawn once for each trajectory, for use in initial states and in drift and noise."""

    __slots__ = ()


class RandomNormal(RandomSymbol):
    """A real normal random number of mean 0 and variance 1."""

    __slots__ = ()


class RandomComplexNormal(RandomSymbol):
    """A complex normal random number g with `<|g|^2> = 1` and `<g^2> = 0`."""

    __slots__ = ()


class RandomUniform(RandomSymbol):
    """A real random number, uniform on [0, 1)."""

    __slots__ = ()


class RandomMap(RandomSymbol):
    """A complex random number that a law makes of two uniform ones."""

    __slots__ = ("law",)

    law: Callable[[Any, Any], Any]

    def __new__(cls, name: str, law: Callable[[Any, Any], Any]) -> RandomMap:
        """Return the symbol of this name and law."""
        # not from sympy's cache, which knows a symbol by its name and assumptions alone
        symbol = cls.__xnew__(cls, name, complex=True)
        symbol.law = law
        return symbol

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.law)

    def __getnewargs_ex__(self) -> tuple[Any, dict[str, Any]]:
        return (self.name, self.law), {}


class Carried(StateVariable):
    """A variable that brings its rows and its start along, into any system that holds it."""

    __slots__ = ()

    drift: Any = sp.S.Zero
    noise: Any = sp.S.Zero
    start: Any

    @property
    def companions(self) -> tuple[Carried, ...]:
        """The variables that come together."""
        return (self,)


class Drawn(Carried):
    """A variable that stays what it was drawn to be: a random number in the rows of a system."""

    __slots__ = ("start",)

    def __new__(cls, start: RandomSymbol) -> Drawn:
        """Return the variable of a random number, which has its name."""
        variable = cls.__xnew__(cls, start.name, **({"real": True} if start.is_real else {"complex": True}))
        variable.start = start
        return variable

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.start)

    def __getnewargs_ex__(self) -> tuple[Any, dict[str, Any]]:
        return (self.start,), {}


class Names(Mapping[str, Any]):
    """The symbols of one kind in a system, by name; asking for another name tells which there are."""

    def __init__(self, what: str, symbols: Iterable[Any]) -> None:
        self._what = what
        self._symbols = {s.name: s for s in symbols}

    def __getitem__(self, name: str) -> Any:
        if name not in self._symbols:
            raise KeyError(f"no {self._what} {name!r} in this system: it has {', '.join(self) or 'none'}")
        return self._symbols[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._symbols)

    def __len__(self) -> int:
        return len(self._symbols)

    def __repr__(self) -> str:
        return f"{{{', '.join(self)}}}"


time = sp.Symbol("t", real=True)
"""The one time symbol, allowed in every drift and noise coefficient."""

log_weight = StateVariable("C0", complex=True)
"""The log-weight C0 of a gauged system (Appendix C): averages are taken with the weight exp(C0)."""


def complex_variables(names: str) -> Any:
    """Declare complex state variables: one name gives a symbol, several a tuple, as in `sympy.symbols`."""
    return _declare(names, StateVariable, complex=True)


def real_variables(names: str) -> Any:
    """Declare real state variables: one name gives a symbol, several a tuple, as in `sympy.symbols`."""
    return _declare(names, StateVariable, real=True)


def real_noises(names: str) -> Any:
    """Declare real unit white noises, `<W W> = dt`: one name gives a symbol, several a tuple."""
    return _declare(names, Noise, real=True)


def complex_noises(names: str) -> Any:
    """Declare complex white noises, `<F F*> = dt`, `<F F> = 0`: one name gives a symbol, several a tuple."""
    return _declare(names, Noise, complex=True)


def parameters(names: str, *, positive: bool = False) -> Any:
    """Declare real parameters, known to be positive if so said: one name gives a symbol, several a tuple."""
    return _declare(names, Parameter, **({"positive": True} if positive else {"real": True}))


def complex_parameters(names: str) -> Any:
    """Declare complex parameters, each the sum F_re + i F_im of two real ones: one name gives one, several a tuple."""
    found = _declare(names, Parameter, real=True)
    return tuple(map(_of_parts, found)) if isinstance(found, (tuple, list)) else _of_parts(found)


def _of_parts(parameter: Parameter) -> Any:
    real, imaginary = (Parameter(f"{parameter.name}_{part}", real=True) for part in PARTS)
    return real + sp.I * imaginary


def parts_of(parameter: Any) -> tuple[Parameter, Parameter] | None:
    """Return the real parameters that one made by `complex_parameters` is the sum of; None of anything else."""
    if not isinstance(parameter, sp.Add):
        return None
    real, imaginary = parameter.as_real_imag()
    both = isinstance(real, Parameter) and isinstance(imaginary, Parameter)
    if both and parameter == _of_parts(Parameter(real.name.removesuffix(f"_{PARTS[0]}"))):
        return real, imaginary
    return None


def random_normal(names: str) -> Any:
    """Declare real normal random numbers (mean 0, variance 1): one name gives a symbol, several a tuple."""
    return _declare(names, RandomNormal, real=True)


def random_complex_normal(names: str) -> Any:
    """Declare complex normal random numbers, `<|g|^2> = 1`: one name gives a symbol, several a tuple."""
    return _declare(names, RandomComplexNormal, complex=True)


def random_uniform(names: str) -> Any:
    """Declare random numbers uniform on [0, 1): one name gives a symbol, several a tuple."""
    return _declare(names, RandomUniform, real=True)


def random_map(name: str, law: Callable[[Any, Any], Any]) -> Any:
    """Declare a complex random number with a law of its own.

    Parameters
    ----------
    name
        Its name.
    law
        Function of two independent uniform random numbers on [0, 1), float64 arrays of one shape, to a complex array of
        that shape, element by element. It must be hashable and pickle, as an instance of a frozen class does.
    """
    return RandomMap(name, law)


def random_choice(name: str, values: Sequence[Any], probabilities: Sequence[Any] | None = None) -> Any:
    """Give a random value out of several, as a `sympy.Piecewise` over one uniform random number.

    Parameters
    ----------
    name
        Name of the uniform random number; two choices of one name are the same draw.
    values
        The possible values: numbers or expressions.
    probabilities
        One non-negative number for each value, together 1; equal ones if not given.

    Raises
    ------
    TypeError
        If a value or a probability is text.
    ValueError
        If there is no value, or the probabilities do not fit.
    """
    if len(values) == 0:
        raise ValueError(f"random_choice {name!r} has no values: give at least one")
    if probabilities is None:
        probabilities = [sp.Rational(1, len(values))] * len(values)
    if any(isinstance(entry, str) for entry in (*values, *probabilities)):
        raise TypeError(f"random_choice {name!r}: values and probabilities must be numbers, not text")
    _check_probabilities(name, len(values), probabilities)
    u = _declare(name, RandomUniform, real=True)
    thresholds = [sum(probabilities[: k + 1]) for k in range(len(values) - 1)]
    branches = [(value, u < below) for value, below in zip(values, thresholds, strict=False)]
    return sp.Piecewise(*branches, (values[-1], True))


def _check_probabilities(name: str, count: int, probabilities: Sequence[Any]) -> None:
    if len(probabilities) != count:
        raise ValueError(
            f"random_choice {name!r}: {len(probabilities)} probabilities for {count} values; give one each"
        )
    numbers = [float(p) for p in probabilities]
    if not all(p >= 0 for p in numbers) or abs(sum(numbers) - 1) > 1e-12:
        raise ValueError(f"random_choice {name!r}: probabilities {numbers} must be non-negative and add up to 1")


def _declare(names: str, kind: type[sp.Symbol], **assumptions: bool) -> Any:
    if not isinstance(names, str):
        raise TypeError(f'names must be one text such as "a b" or "x:3", not {names!r}')
    return sp.symbols(names, cls=kind, **assumptions)
