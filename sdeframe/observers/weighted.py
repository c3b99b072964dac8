"""Means with the weight of a gauge, as the paper takes them, and what tells how far they can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.observer import Ensemble, Observer, Snapshot, distinct_names, expressions, valid_bound
from sdeframe.observers.moments import add_leaves, add_moments, add_nodes, statistics, total_or_zeros, written
from sdeframe.sums.log_weights import (
    NOTHING,
    Weighed,
    difference_leaves,
    merge_scaled,
    power_of_two,
    split,
    times_power_of_two,
)
from sdeframe.sums.tree import Tree, merge_moments
from sdeframe.sums.weights import Rows, merge_weights, plain_moments, ratio, reduce_weights
from sdeframe.symbolic.symbols import log_weight

if TYPE_CHECKING:
    import xarray as xr

POLICIES: Final = ("dropped", "kept", "zero")
"""What can happen to a lost trajectory."""

ERRORS: Final = ("_se", "_imag_se")
SUFFIXES: Final = (
    *ERRORS,
    *(kind + error for kind in ("_ratio", "_unweighted", "_step_error") for error in ("", *ERRORS)),
)
"""What is written for a name beside its mean."""

ONCE: Final = ("weight", "weight_se", "weight_imag_se", "effective_sample_size", "heaviest_share")
"""What is written once."""

HEAVIEST: Final = 1000
"""One in so many trajectories, at least one, is among the heaviest."""

PHASE: Final = (sp.cos(sp.im(log_weight)), sp.sin(sp.im(log_weight)))


@attrs.define
class WeightRecord:
    """Sums over trajectories by output time."""

    times: NDArray[np.float64]
    richardson: float | None
    """2^p − 1 for weak order p, where the step error is wanted."""
    heaviest: NDArray[np.float64]
    """The largest Re C0, in no order, shape (times, as many as the heaviest share of the run can need)."""
    weighted: Tree = attrs.field(factory=lambda: Tree(merge_weights))
    unweighted: Tree = attrs.field(factory=lambda: Tree(merge_moments))
    differences: Tree = attrs.field(factory=lambda: Tree(merge_scaled))

    def __add__(self, other: WeightRecord) -> WeightRecord:
        """Return the record of the trajectories of both."""
        return WeightRecord(
            self.times,
            self.richardson,
            largest(self.heaviest, other.heaviest),
            self.weighted + other.weighted,
            self.unweighted + other.unweighted,
            self.differences + other.differences,
        )


def largest(kept: NDArray[np.float64], more: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return as many of the largest numbers of both as are kept, along the last axis."""
    size = kept.shape[-1]
    return np.partition(np.concatenate([kept, more], axis=-1), -size, axis=-1)[..., -size:]


@attrs.frozen(init=False)
class WeightedMoments(Observer):
    """Means with the weight Ω = exp(C0) of a system with a log-weight C0 (Appendix C), such as a drift gauge makes.

    For each name it writes, over "time", three complex means, each with the standard errors ``..._se`` of its real
    and ``..._imag_se`` of its imaginary part: ``<name>`` = `<OΩ>`, ``<name>_ratio`` = `<OΩ>/<Ω>`, and
    ``<name>_unweighted``. Errors of ratios are by the delta method, which resolves nothing below 1e-8 of the size of O
    and says little where one weight dominates. Once it writes ``weight`` = `<Ω>` with its errors,
    ``effective_sample_size`` = (Σ|Ω|)²/Σ|Ω|², and ``heaviest_share``, the share of Σ|Ω| that the heaviest 0.1 % (at
    least one) of the trajectories that count carry. With ``step_error=True`` also ``<name>_step_error``, of `<OΩ>`, as
    in `Moments`, over the pairs of which both count.

    Only averages of analytic functions keep their meaning under a gauge: take the real part of `<OΩ>`, never the mean
    of a real part. Sums are kept in the log domain, whatever C0 is; ``weight`` and ``<name>`` are infinite, or 0,
    where no float holds them.

    Parameters
    ----------
    policy
        What happens to lost trajectories, those that passed the bound:

        "dropped"
            They are left out, and means divide by the number that remains, as in the paper. `<Ω>` is the mean weight
            of survivors, not 1 in general, and all means are those of survivors, biased where the lost differ.
        "kept"
            They count with the state and weight that they were frozen with. `<Ω>` stays 1, as that of a stopped
            martingale does, but for the step past the bound, which the lost do not take; and `<OΩ>` holds the values
            O that the lost had when they were frozen.
        "zero"
            They count with the weight 0. `<Ω>` falls short of 1 by the weight that was lost, `<OΩ>` is that of
            "dropped" times the share that remains, and the ratio is the same. Unweighted means are over survivors.
    bound
        Who has ever passed this bound is lost; the run's freezing bound decides if not given. Under "kept" it only
        takes part in setting that bound.
    **named
        Sympy expressions in the model's variables, parameters and time, by name.

    Raises
    ------
    TypeError, ValueError
        If there is no expression, one is no expression, a name is taken, the policy is unknown, or the bound is not
        positive.
    """

    named: tuple[tuple[str, sp.Expr], ...]
    policy: str = attrs.field()
    bound: float | None = attrs.field(validator=attrs.validators.optional(valid_bound))

    def __init__(self, *, policy: str = "dropped", bound: float | None = None, **named: Any) -> None:
        distinct_names("WeightedMoments", named, SUFFIXES, ONCE)
        self.__attrs_init__(tuple(expressions(named).items()), policy, bound)

    @policy.validator
    def _known(self, _: object, value: Any) -> None:
        if value not in POLICIES:
            raise ValueError(f"policy={value!r} in WeightedMoments: must be one of {', '.join(map(repr, POLICIES))}")

    def start(self, ensemble: Ensemble) -> WeightRecord:
        """Return an empty record."""
        if log_weight not in ensemble.variables:
            raise ValueError(
                "WeightedMoments: this run has no weight; use Moments, or give the run a drift gauge or the system a "
                "log_weight=(drift, noise)"
            )
        for _, expression in self.named:
            ensemble.check(expression, self)
        richardson = 2**ensemble.weak_order - 1 if ensemble.step_error else None
        most = -(-ensemble.trajectories // HEAVIEST)
        return WeightRecord(ensemble.times, richardson, np.full((len(ensemble.times), most), NOTHING))

    def update(self, record: WeightRecord, snapshot: Snapshot) -> None:
        """Add a block's values at an output time."""
        self.add(record, snapshot, self.weigh(snapshot))

    def weigh(self, run: Snapshot) -> Weighed:
        """Return the values of the expressions with their weights."""
        *values, cosine, sine = run.evaluate((*(expression for _, expression in self.named), *PHASE))
        parts, phase = np.stack([np.real(values), np.imag(values)]), np.stack([cosine.real, sine.real])
        survivors = run.survivors(self.bound)
        everybody = np.ones_like(survivors)
        counted = survivors if self.policy == "dropped" else everybody
        carries = everybody if self.policy == "kept" else survivors
        return Weighed.of(run.state[-1].real, phase, parts, counted, carries)

    def add(self, record: WeightRecord, snapshot: Snapshot, fine: Weighed) -> None:
        """Add what `weigh` returns of a block at an output time."""
        times = len(record.times)
        add_nodes(record.weighted, snapshot, times, reduce_weights(snapshot.first, fine))
        add_moments(record.unweighted, snapshot, times, np.concatenate(list(fine.values)), fine.carries)
        heavy = snapshot.state[-1].real[fine.carries]
        record.heaviest[snapshot.index] = largest(record.heaviest[snapshot.index], heavy)
        if snapshot.coarse is not None:
            leaves = difference_leaves(self.weigh(snapshot.coarse), fine)
            add_leaves(record.differences, snapshot, times, leaves)

    def finish(self, record: WeightRecord) -> xr.Dataset:
        """Return means and standard errors."""
        import xarray as xr

        m, times = len(self.named), len(record.times)
        node = total_or_zeros(record.weighted, Rows(m).quadratic.stop, times)
        count, means, errors = statistics(plain_moments(node))
        means, errors = (times_power_of_two(z, node[0]) for z in (means, errors))
        carriers, plain, plain_errors = statistics(total_or_zeros(record.unweighted, 1 + 4 * m, times))
        ratios, ratio_errors = (parts[0] + 1j * parts[1] for parts in ratio(node))
        ratio_errors = np.where(carriers > 1, ratio_errors, np.nan)
        variables = written("weight", means[0], errors[0], "mean weight <Ω>")
        total, squares = node[Rows(m).linear][0], node[Rows(m).quadratic][0]
        heaviest = _heaviest(record.heaviest, count, node[0])
        with np.errstate(invalid="ignore", divide="ignore"):
            variables["effective_sample_size"] = ("time", total**2 / squares)
            variables["heaviest_share"] = ("time", np.where(total > 0, heaviest / total, np.nan))
        for i, (name, expression) in enumerate(self.named):
            variables |= written(name, means[1 + i], errors[1 + i], f"weighted mean of {expression}")
            variables |= written(f"{name}_ratio", ratios[i], ratio_errors[i], f"weighted mean of {expression} by <Ω>")
            variables |= written(f"{name}_unweighted", plain[i], plain_errors[i], f"mean of {expression}")
        if record.richardson is not None:
            node = total_or_zeros(record.differences, 2 + 4 * m, times)
            _, means, errors = statistics(node[1:])
            means, errors = (times_power_of_two(z / record.richardson, node[0]) for z in (means, errors))
            for i, (name, expression) in enumerate(self.named):
                variables |= written(f"{name}_step_error", means[i], errors[i], f"step error of <Ω {expression}>")
        return xr.Dataset(variables, coords={"time": record.times})


def _heaviest(
    log_moduli: NDArray[np.float64], count: NDArray[np.float64], exponent: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return Σ|Ω| over the heaviest trajectories, divided by 2^exponent."""
    own, modulus = split(-np.sort(-log_moduli, axis=-1))
    scaled = modulus * power_of_two(own - exponent[:, None])
    chosen = np.arange(log_moduli.shape[-1]) < np.ceil(count / HEAVIEST)[:, None]
    total: NDArray[np.float64] = np.where(chosen, scaled, 0.0).sum(axis=-1)
    return total
