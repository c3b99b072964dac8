"""The law that every plugin of a kind must pass, as plain functions that raise AssertionError with a reason."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.algebra import equal
from sdeframe.gauge import Gauge
from sdeframe.integrator import Increments, Integrator
from sdeframe.model import Model, SolvableModel, SymbolicModel
from sdeframe.observer import Ensemble, Observer, Snapshot
from sdeframe.result import Result
from sdeframe.simulation import simulate
from sdeframe.symbols import complex_noises, complex_variables, log_weight, real_noises
from sdeframe.system import SDE
from sdeframe.trace import ordered_noises
from sdeframe.twin import EagerSystem
from sdeframe.wirtinger import wirtinger

if TYPE_CHECKING:
    import xarray as xr

STANDARD_ERRORS: Final = 5.0
"""Where a mean and its exact value part; the false-alarm probability of one comparison is 6e-7."""


@contextmanager
def _accepted() -> Iterator[None]:
    """Turn a refusal of the program into a failed check."""
    try:
        yield
    except (TypeError, ValueError) as refusal:
        raise AssertionError(str(refusal)) from refusal


@attrs.define
class ValueRecord:
    """Values by output time and first trajectory."""

    values: dict[tuple[int, int], NDArray[np.complex128]]

    def __add__(self, other: ValueRecord) -> ValueRecord:
        """Return the record of the trajectories of both."""
        return ValueRecord({**self.values, **other.values})


@attrs.frozen(eq=False)
class Values(Observer):
    """Keeps expressions of every trajectory, of the coarse run too where there is one: for small ensembles."""

    expressions: Mapping[str, sp.Expr]

    def start(self, ensemble: Ensemble) -> ValueRecord:
        """Return an empty record."""
        return ValueRecord({})

    def update(self, record: ValueRecord, snapshot: Snapshot) -> None:
        """Keep a block's values, fine ones first."""
        chosen = tuple(self.expressions.values())
        runs = [snapshot] if snapshot.coarse is None else [snapshot, snapshot.coarse]
        record.values[snapshot.index, snapshot.first] = np.array([run.evaluate(chosen) for run in runs])

    def finish(self, record: ValueRecord) -> xr.Dataset:
        """Return the values over ("run", "time", "trajectory")."""
        import xarray as xr

        indices = sorted({index for index, _ in record.values})
        table = [
            np.concatenate([v for (i, _), v in sorted(record.values.items()) if i == index], axis=-1)
            for index in indices
        ]
        values = np.moveaxis(np.array(table), 0, 2) if table else np.zeros((1, len(self.expressions), 0, 0))
        return xr.Dataset({n: (("run", "moment", "path"), values[:, k]) for k, n in enumerate(self.expressions)})


def values(
    model: Model, integrator: Integrator, named: Mapping[str, sp.Expr], times: Sequence[float], count: int, **run: Any
) -> xr.Dataset:
    """Return expressions along every trajectory of a small ensemble."""
    result = simulate(
        model, integrator, observers=[Values(named)], times=times, trajectories=count, seed=1, progress=False, **run
    )
    return result.dataset


def check_model(model: Model, integrator: Integrator, end: float = 0.5, trajectories: int = 4096) -> None:
    """Check that a model is whole, that its declared laws hold and that its exact moments are those of its ensemble.

    Parameters
    ----------
    model
        With parameters for which trajectories do not run away before `end`.
    integrator
        The scheme of the ensemble; `end` must be an even multiple of its step.
    end
        Time at which moments are compared.
    trajectories
        Size of the ensemble.

    Raises
    ------
    AssertionError
        With what is wrong.
    """
    system = model.system()
    assert pickle.loads(pickle.dumps(system)) == system, "the system changes when it is pickled"
    assert hash(system) == hash(model.system()), "system() returns something else every time"
    everything = [*system.state, *model.observables.values()]
    with _accepted():
        values(model, integrator, {f"checked_{i}": e for i, e in enumerate(everything)}, [end], 1)
    for name, (expression, drift) in model.balances.items():
        generated = system.generator(expression)
        assert equal(generated, drift), f"balance {name!r}: L f is {generated}, not the declared {drift}"
    for name, invariant in model.invariants.items():
        _check_invariant(model, name, invariant, integrator, end)
    if isinstance(model, SolvableModel):
        exact = model.exact(np.array([end]))
        assert set(exact) == set(model.observables), (
            f"observables are {sorted(model.observables)}; exact() gives {sorted(exact)}"
        )
        moments = values(model, integrator, model.observables, [end], trajectories, step_error=True)
        for name in model.observables:
            compare(name, moments[name].values[:, 0], complex(exact[name][0]), integrator.weak_order)


def _check_invariant(model: Model, name: str, invariant: sp.Expr, integrator: Integrator, end: float) -> None:
    """Check that an invariant without noise has no drift; of any other, that its change falls by the strong order.

    The latter holds only where trajectories start, as the Bloch length 1 of (A39): dB = 2(1 - B) q.
    """
    system, numbers = model.system(), {p: sp.Rational(v) for p, v in model.parameters().items()}
    rows = {sp.conjugate(u): sp.conjugate(row) for u, row in system.noise.items()} | dict(system.noise)
    noise = sp.Add(*[wirtinger(invariant, u) * row for u, row in rows.items()])
    if equal(noise.xreplace(numbers), sp.Integer(0)):
        drift = system.generator(invariant).xreplace(numbers)
        assert equal(drift, sp.Integer(0)), f"invariant {name!r} has no noise, but the drift {drift}"
        return
    drifts = []
    for ratio in (1, 4):
        law = values(model, attrs.evolve(integrator, dt=integrator.dt / ratio), {"law": invariant}, [0.0, end], 512)
        start, stop = law["law"].values[0]
        drifts.append(float(np.median(np.abs(stop - start))))
    expected = 4**integrator.strong_order
    assert drifts[1] <= 1.5 * drifts[0] / expected + 1e-12, (
        f"invariant {name!r} drifts by {drifts[0]:.2g}, with a quarter of the step by {drifts[1]:.2g}: "
        f"strong order {integrator.strong_order:g} should divide it by {expected:g}"
    )


def compare(name: str, runs: NDArray[np.complex128], exact: complex, weak_order: float) -> None:
    """Check that a mean is exact within 5 standard errors plus twice its step error, real and imaginary part.

    Values of the fine and of the coarse run have the shape (2, trajectories).
    """
    fine, coarse = runs
    root, scale = np.sqrt(fine.size), 2**weak_order - 1
    for part in ("real", "imag"):
        mean, right = getattr(fine, part).mean(), getattr(exact, part)
        error = getattr(fine, part).std(ddof=1) / root
        difference = getattr(coarse - fine, part)
        step = (abs(difference.mean()) + 2 * difference.std(ddof=1) / root) / scale
        allowed = STANDARD_ERRORS * error + 2 * step + 1e-12
        assert abs(mean - right) <= allowed, (
            f"{name}: {part} part {mean:.6g} ± {error:.2g} (step {step:.2g}), not {right:.6g}"
        )


def check_integrator(integrator: type[Integrator]) -> None:
    """Check that a scheme declares itself, is plain arithmetic and converges to the right process.

    The right process is known for two real noises that do not commute and for complex ones, in first and second
    moments: a scheme whose random variables are wrong fails there, not in means of simpler systems.

    Raises
    ------
    AssertionError
        With what is wrong.
    """
    assert integrator.interpretation in ("ito", "stratonovich"), f"interpretation {integrator.interpretation!r}"
    assert 0 < integrator.strong_order <= integrator.weak_order, "orders must be positive, strong at most weak"
    for kind, model, moments in _solvable_systems():
        if kind not in integrator.noise_kinds:
            continue
        scheme, named = integrator(dt=1 / 32), {name: e for name, (e, _) in moments.items()}
        with _accepted():
            found = values(model, scheme, named, [1.0], 16_384, step_error=True)
        for name, (_, exact) in moments.items():
            compare(f"{integrator.__name__}, {kind} noises, {name}", found[name].values[:, 0], exact, scheme.weak_order)
        _check_twin(model, scheme)


def _solvable_systems() -> list[tuple[str, SymbolicModel, dict[str, tuple[sp.Expr, complex]]]]:
    """Return two Itô systems with noises that do not commute, of which first and second moments are known at time 1.

    Both have the drift (a x, a y), so that every <f> of degree n carries a factor e^(n a t), and besides
    real noises, dx = y U/2, dy = x V/2: d<xx> = <yy>/4 dt and d<yy> = <xx>/4 dt;
    complex noises, dx = (x + y) F/2, dy = x (F* + G)/2: d<xy> = (<xx> + <xy>)/4 dt, <xx> stays; with one sign for the
    real and imaginary part of F, which does not commute with itself either, <x> would turn by i/8.
    """
    x, y = complex_variables("x y")
    (U, V), (F, G) = real_noises("U V"), complex_noises("F G")
    half, a = sp.Rational(1, 2), -0.3 + 0.5j
    drift, start = {x: sp.sympify(a) * x, y: sp.sympify(a) * y}, {x: 1, y: 1}
    real = SDE(drift, noise={x: half * y * U, y: half * x * V})
    bent = SDE(drift, noise={x: half * (x + y) * F, y: half * x * (sp.conjugate(F) + G)})
    once, twice, growth = complex(np.exp(a)), complex(np.exp(2 * a)), float(np.exp(0.25))
    means, mixed = {"x": (x, once), "y": (y, once)}, twice * (2 * growth - 1)
    of_real, of_complex = (
        {"xx": (x * x, twice * growth), "xy": (x * y, twice)},
        {"xx": (x * x, twice), "xy": (x * y, mixed)},
    )
    return [
        ("real", SymbolicModel(real, start), means | of_real),
        ("complex", SymbolicModel(bent, start), means | of_complex),
    ]


def _check_twin(model: SymbolicModel, scheme: Integrator) -> None:
    """Check one step of the kernel against the step run on arrays."""
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


def check_gauge(gauge: Gauge, sde: SDE) -> None:
    """Check that a gauge keeps the averages of analytic functions: L'[e^C0 f] = e^C0 L[f].

    Here f runs over 1, the variables of the system, which the gauge can transform, and their products of two; the
    system is given in the Itô and in the Stratonovich reading.

    Raises
    ------
    AssertionError
        With the function for which the law fails.
    """
    _check_law(gauge, sde.to_ito())
    _check_law(gauge, sde.to_stratonovich())


def _check_law(gauge: Gauge, before: SDE) -> None:
    after = gauge.transform(before)
    assert tuple(after.variables) == tuple(before.variables), f"{gauge} changes the variables: {list(after.variables)}"
    variables = tuple(before.variables.values())
    weight = sp.exp(log_weight) if after.log_weight is not None else sp.Integer(1)
    old = sp.exp(log_weight) if before.log_weight is not None else sp.Integer(1)
    products = itertools.starmap(sp.Mul, itertools.combinations_with_replacement(variables, 2))
    for f in [sp.Integer(1), *variables, *products]:
        left, right = after.generator(weight * f) / weight, before.generator(old * f) / old
        assert equal(left, right), f"{gauge}: L'[e^C0 f] = e^C0 L[f] fails for f = {f} ({before.interpretation})"


def check_observer(observer: Observer, model: Model, integrator: Integrator, times: Sequence[float]) -> None:
    """Check that an observer's record adds, with the same bits for any grouping, and finishes when it is empty.

    Raises
    ------
    AssertionError
        With the block size that changes the dataset.
    """

    def run(block: int, step_error: bool) -> Result:
        return simulate(
            model, integrator, observers=[observer], times=times, trajectories=300, seed=3, progress=False,
            block=block, step_error=step_error,
        )  # fmt: skip

    for step_error in (False, True):
        reference = run(300, step_error)
        assert reference.problem is not None
        empty = observer.finish(observer.start(reference.problem))
        unlike = set(empty) ^ (set(reference.dataset) - {"alive", "losses", "weight_alive", "weight_losses"})
        assert not unlike, f"{observer}: {sorted(map(str, unlike))} is written for no or for all trajectories only"
        for block in (7, 64):
            assert run(block, step_error).dataset.identical(reference.dataset), (
                f"{observer}: blocks of {block} give another dataset than one of 300"
            )
