"""The law that every plugin of a kind must pass, as plain functions that raise AssertionError with a reason."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Mapping, Sequence
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
from sdeframe.simulation import simulate
from sdeframe.symbols import complex_noises, complex_variables, log_weight, real_noises
from sdeframe.system import SDE
from sdeframe.twin import EagerSystem

if TYPE_CHECKING:
    import xarray as xr

STANDARD_ERRORS: Final = 5.0
"""Where a mean and its exact value part; the false-alarm probability of one comparison is 6e-7."""


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
    for name, (expression, drift) in model.balances.items():
        generated = system.generator(expression)
        assert equal(generated, drift), f"balance {name!r}: L f is {generated}, not the declared {drift}"
    for name, invariant in model.invariants.items():
        _check_invariant(model, name, invariant, integrator, end)
    if isinstance(model, SolvableModel):
        exact = model.exact(np.array([end]))
        missing = set(model.observables) - set(exact)
        assert not missing, f"observables without an exact value: {sorted(missing)}; exact() gives {sorted(exact)}"
        moments = values(model, integrator, model.observables, [end], trajectories, step_error=True)
        for name in model.observables:
            compare(name, moments[name].values[:, 0], complex(exact[name][0]), integrator.weak_order)


def _check_invariant(model: Model, name: str, invariant: sp.Expr, integrator: Integrator, end: float) -> None:
    """Check that the pathwise drift of an invariant falls with the step by the scheme's strong order."""
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

    Parameters
    ----------
    name
        What is compared.
    runs
        Values of the fine and of the coarse run, shape (2, trajectories).
    exact
        The right mean.
    weak_order
        Of the scheme.
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
        scheme = integrator(dt=1 / 32)
        found = values(model, scheme, {name: e for name, (e, _) in moments.items()}, [1.0], 16_384, step_error=True)
        for name, (_, exact) in moments.items():
            compare(f"{integrator.__name__}, {kind} noises, {name}", found[name].values[:, 0], exact, scheme.weak_order)
        _check_twin(model, scheme)


def _solvable_systems() -> list[tuple[str, SymbolicModel, dict[str, tuple[sp.Expr, complex]]]]:
    """Return two Itô systems without drift: dx = y a/2, dy = x b/2, whose <xx> + <yy> grows as e^(t/4)."""
    x, y = complex_variables("x y")
    (U, V), (F, G) = real_noises("U V"), complex_noises("F G")
    half = sp.Rational(1, 2)
    real = SDE(drift={x: 0, y: 0}, noise={x: half * y * U, y: half * x * V})
    bent = SDE(drift={x: 0, y: 0}, noise={x: half * y * F, y: half * x * (sp.conjugate(F) + G)})
    start = {x: 1, y: 1}
    # d<xx> = <yy>/4 dt and d<yy> = <xx>/4 dt, so both are e^(t/4); with F and F*, d<xy> = <xy>/4 dt
    growth = float(np.exp(0.25))
    return [
        ("real", SymbolicModel(real, start), {"x": (x, 1), "y": (y, 1), "xx": (x * x, growth), "xy": (x * y, 1)}),
        ("complex", SymbolicModel(bent, start), {"x": (x, 1), "y": (y, 1), "xx": (x * x, 1), "xy": (x * y, growth)}),
    ]


def _check_twin(model: SymbolicModel, scheme: Integrator) -> None:
    """Check one step of the kernel against the step run on arrays."""
    from sdeframe.trace import ordered_noises

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
        expected = scheme.step(EagerSystem(system), state, step * scheme.dt, Increments(scheme.dt, dW, signs))
        found = np.array([path[v.name].values[:, step + 1] for v in system.state])
        assert np.allclose(found, expected, rtol=1e-12, atol=1e-12), (
            f"{scheme}: the kernel's step is not that of step() on arrays, by {np.abs(found - expected).max():.2g}"
        )


def check_gauge(gauge: Gauge, sde: SDE) -> None:
    """Check that a gauge keeps the averages of analytic functions: L'[e^C0 f] = e^C0 L[f].

    Parameters
    ----------
    gauge
        The gauge.
    sde
        A system that it can transform; f runs over its variables and their products of two.

    Raises
    ------
    AssertionError
        With the function for which the law fails.
    """
    before = sde.to_ito()
    after = gauge.transform(sde if gauge.interpretation is None else before)
    assert tuple(after.variables) == tuple(sde.variables), f"{gauge} changes the variables: {list(after.variables)}"
    variables = tuple(sde.variables.values())
    weight = sp.exp(log_weight) if after.log_weight is not None else sp.Integer(1)
    old = sp.exp(log_weight) if before.log_weight is not None else sp.Integer(1)
    tested = [*variables, *itertools.starmap(sp.Mul, itertools.combinations_with_replacement(variables, 2))]
    for f in tested:
        left, right = after.generator(weight * f) / weight, before.generator(old * f) / old
        assert equal(left, right), f"{gauge}: L'[e^C0 f] = e^C0 L[f] fails for f = {f}"


def check_observer(observer: Observer, model: Model, integrator: Integrator, times: Sequence[float]) -> None:
    """Check that an observer's record adds, with the same bits for any grouping, and finishes when it is empty.

    Raises
    ------
    AssertionError
        With the block size that changes the dataset.
    """

    def dataset(block: int) -> xr.Dataset:
        return simulate(
            model, integrator, observers=[observer], times=times, trajectories=300, seed=3, progress=False, block=block
        ).dataset

    reference = dataset(300)
    for block in (7, 64):
        assert dataset(block).identical(reference), (
            f"{observer}: blocks of {block} give another dataset than one of 300"
        )
