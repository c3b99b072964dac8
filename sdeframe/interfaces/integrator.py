"""How one step is made: a formula in the drift, the noise and the increments."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Protocol

import attrs
import numpy as np

from sdeframe.interfaces.increments import FourPoint, Gaussian, Law, Octagon
from sdeframe.validators import is_finite, shown

Vector = Any
"""One entry a state variable: an object array of traced values, or a complex array (variables, trajectories)."""


class System(Protocol):
    """The callables that a step is written in."""

    def drift(self, x: Vector, t: Any) -> Vector:
        """Return the drift at state x and time t."""

    def noise(self, x: Vector, t: Any, y: Vector) -> Vector:
        """Return the noise terms at state x and time t, with y in place of the noises (one entry a noise)."""

    def noise_jvp(self, x: Vector, t: Any, y: Vector, direction: Vector) -> Vector:
        """Return the derivative of `noise(x, t, y)` in x along a direction, real-linear in it."""

    def correction(self, x: Vector, t: Any) -> Vector:
        """Return the Itô-Stratonovich correction c at x and t: the Stratonovich drift is the Itô drift − c."""


@attrs.frozen(eq=False)
class Increments:
    """What the noises do in one step of length `dt`; one entry a noise, complex where the noise is."""

    dt: Any
    path: Vector
    """Increments: real ones have variance dt; complex ones <|dW|²> = dt and <dW²> = 0."""
    _signs: Vector | None = None

    @property
    def signs(self) -> Vector:
        """Random signs scaled as increments, independent of the path.

        √dt·S for a real noise and √(dt/2)·(S₁ + iS₂) for a complex one, every S an independent ±1.

        Raises
        ------
        ValueError
            If the integrator does not declare that it needs signs.
        """
        if self._signs is None:
            raise ValueError("this integrator uses dW.signs: declare `signs: ClassVar[bool] = True` in its class")
        return self._signs


def admitted(instance: Integrator, attribute: object, law: Any) -> None:
    """Raise an error unless a scheme admits increments of a law (attrs validator)."""
    names = " or ".join(f"{kind.__name__}()" for kind in instance.admits)
    if not isinstance(law, Law):
        raise TypeError(f"increments={law!r} in {type(instance).__name__}: must be {names}")
    if type(law) not in instance.admits:
        raise ValueError(f"increments={law!r}: {type(instance).__name__} takes {names} only, since {instance.why}")


def _plain(dt: Any) -> Any:
    """Return a number of numpy as the plain one, which is what stands in messages and files."""
    return dt.item() if isinstance(dt, np.generic) else dt


def _valid_dt(instance: object, attribute: object, dt: Any) -> None:
    if not is_finite(dt) or dt <= 0:
        raise ValueError(
            f"dt={shown(dt)} in {type(instance).__name__}: must be a positive finite number, such as dt=1e-3"
        )


@attrs.frozen
class Integrator(ABC):
    """A scheme of fixed step.

    Parameters
    ----------
    dt
        The step, in units of the system's time.
    increments
        The law of the increments; `Gaussian()` unless a scheme says otherwise.

    Raises
    ------
    TypeError, ValueError
        If dt is not positive and finite, or the scheme does not admit the increments.
    """

    strong_order: ClassVar[float]
    weak_order: ClassVar[float]
    interpretation: ClassVar[str]
    """The calculus of the system that the scheme converges to: "ito" or "stratonovich"."""
    signs: ClassVar[bool] = False
    """Whether a step uses `Increments.signs`."""
    signs_multiply_path: ClassVar[bool] = False
    """Whether signs decide nothing where path increments are 0, so that `Balanced` needs no codes of their own."""
    noise_kinds: ClassVar[frozenset[str]] = frozenset({"real", "complex"})
    """The kinds of noise that the scheme can take."""
    commuting: ClassVar[bool] = False
    """Whether the scheme takes noises only that commute with each other."""
    admits: ClassVar[tuple[type[Law], ...]] = (Gaussian, FourPoint, Octagon)
    """The laws of increments with which the scheme has its weak order."""
    why: ClassVar[str] = ""
    """Why it does not admit others."""

    dt: float = attrs.field(converter=_plain, validator=_valid_dt)
    increments: Law = attrs.field(factory=Gaussian, kw_only=True, validator=admitted)

    @abstractmethod
    def step(self, f: System, x: Vector, t: Any, dW: Increments) -> Vector:
        """Return the state one step after x at time t, in plain arithmetic on vectors."""
