"""The law of an integrator."""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np

from sdeframe.conformance.orders import Linear, weak_orders
from sdeframe.conformance.values import Values, accepted
from sdeframe.drives.sampled import sampled
from sdeframe.interfaces.integrator import Increments, Integrator
from sdeframe.interfaces.model import SymbolicModel
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.kernels.layout import ordered_noises
from sdeframe.kernels.trace import trace_step
from sdeframe.running.simulation import simulate
from sdeframe.symbolic.symbols import time
from sdeframe.symbolic.system import SDE
from sdeframe.validators import is_real, shown

NOISES: Final = {"real": (3, 0), "complex": (0, 2)}
"""Numbers of real and complex noises with which orders are enumerated: with fewer, wrong schemes may look right."""
DECLARED: Final = {"strong_order": "0.5", "weak_order": "1.0", "interpretation": '"ito"'}
"""What a scheme must declare, and how."""
TOLERANCE: Final = 0.2
"""Of an order between steps of 1/64 and 1/128, where the next order still shows; it tells whole orders apart."""


def check_integrator(integrator: type[Integrator]) -> None:
    """Check that a scheme declares itself, is plain arithmetic and converges to the right process with its weak order.

    Orders are those of the second moments of linear systems with several noises, which do not commute unless the
    scheme wants them to, enumerated over all values that the increments can take: a scheme whose random variables are
    wrong fails there, not in means of simpler systems. A wrong limit shows as the order 0. That the compiled step is
    the same as `step` on arrays is checked at two steps, of a system with a sampled drive too, and that signs decide
    nothing where path increments are 0, if it says so.

    Raises
    ------
    AssertionError
        With what is wrong.
    """
    _check_declared(integrator)
    for kind, (real, complex_) in NOISES.items():
        if kind in integrator.noise_kinds:
            linear = Linear.draw(real, complex_, seed=7, commuting=integrator.commuting)
            _check_step(integrator, linear)
            _check_orders(integrator, linear, kind)
            with accepted():
                for sde in (linear.sde(), _driven(linear.sde())):
                    _check_twin(integrator(dt=1 / 32), sde)


def _check_declared(integrator: type[Integrator]) -> None:
    if not (isinstance(integrator, type) and issubclass(integrator, Integrator)):
        raise TypeError(f"integrator={shown(integrator)}: must be a class derived from Integrator, not an object")
    name = integrator.__name__
    declared: dict[str, Any] = {k: getattr(integrator, k, None) for k in DECLARED}
    for attribute, value in declared.items():
        assert value is not None, (
            f"{name}: class data is missing: write `{attribute}: ClassVar[...] = {DECLARED[attribute]}`"
        )
    assert declared["interpretation"] in ("ito", "stratonovich"), (
        f"{name}: interpretation={declared['interpretation']!r}: must be 'ito' or 'stratonovich'"
    )
    strong, weak = declared["strong_order"], declared["weak_order"]
    ordered = is_real(strong) and is_real(weak) and 0 < strong <= weak
    assert ordered, (
        f"{name}: strong_order={strong!r}, weak_order={weak!r}: must be positive numbers, strong at most weak"
    )
    assert {*integrator.noise_kinds} <= {*NOISES}, (
        f"{name}: noise_kinds={integrator.noise_kinds!r}: must be of frozenset({{'real', 'complex'}})"
    )


def _check_step(integrator: type[Integrator], linear: Linear) -> None:
    try:
        trace_step(linear.sde(), integrator(dt=1 / 32))
    except Exception as error:  # of any class, as schemes are plugins
        raise AssertionError(
            f"{integrator.__name__}: no step can be made, {type(error).__name__}: {error}; write "
            f"`def step(self, f, x, t, dW)` in plain arithmetic, of f.drift(x, t) and f.noise(x, t, dW.path)"
        ) from error


def _check_orders(integrator: type[Integrator], linear: Linear, kind: str) -> None:
    for law in integrator.admits:
        with accepted():
            found = weak_orders(integrator, linear, increments=law())
        for moment in ("xx", "xx*"):
            order = found[moment].order
            assert abs(order - integrator.weak_order) < TOLERANCE, (
                f"{integrator.__name__}, {kind} noises, {law.__name__}: <{moment}> converges with order {order:.2f}, "
                f"not {integrator.weak_order:g}; near 0 means to another process"
            )


def _driven(sde: SDE) -> SDE:
    """Return a system whose drift and noise are multiplied by a complex drive."""
    times = np.linspace(-1.0, 1.0, 9)
    drive = sampled("drive", times=times, values=np.exp((0.5 + 1j) * times))(time)
    drift, noise = ({x: e * drive for x, e in part.items()} for part in (sde.drift, sde.noise))
    return sde.with_rows(drift, noise)


def _check_twin(scheme: Integrator, sde: SDE) -> None:
    """Check two steps of the kernel against the step run on arrays."""
    model = SymbolicModel(sde, dict.fromkeys(sde.state, 1))
    result = simulate(
        model, scheme, observers=[Values({"x": next(iter(model.sde.drift))})], times=[2 * scheme.dt], trajectories=64,
        seed=2, progress=False,
    )  # fmt: skip
    path = result.replay(np.arange(64))
    assert result.problem is not None
    system = result.problem.sde
    noises = ordered_noises(system)
    for step in range(2):
        state = np.array([path[v.name].values[:, step] for v in system.state])
        dW = np.array([path[f"d{w.name}"].values[:, step] for w in noises])
        signs = np.array([path[f"s_{w.name}"].values[:, step] for w in noises]) if scheme.signs else None
        other = attrs.evolve(scheme, dt=2 * scheme.dt)  # the coarse run of step_error has another step than the field
        expected = other.step(EagerSystem(system), state, step * scheme.dt, Increments(scheme.dt, dW, signs))
        found = np.array([path[v.name].values[:, step + 1] for v in system.state])
        assert np.allclose(found, expected, rtol=1e-12, atol=1e-12), (
            f"{scheme}: the kernel's step is not that of step() on arrays, by {np.abs(found - expected).max():.2g}: "
            f"write it in plain arithmetic, with dW.dt as the step"
        )
        if signs is not None and scheme.signs_multiply_path:
            still = Increments(scheme.dt, 0 * dW, signs), Increments(scheme.dt, 0 * dW, -signs)
            one, other = (scheme.step(EagerSystem(system), state, step * scheme.dt, noise) for noise in still)
            assert np.allclose(one, other, rtol=1e-12, atol=1e-12), (
                f"{scheme}: signs_multiply_path is True, but signs decide where path increments are 0, so that "
                f"balanced runs lose what they gain: leave it False"
            )
