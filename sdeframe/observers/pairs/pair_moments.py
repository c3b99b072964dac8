"""Quantum averages from stochastic kets, over all pairs of different groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.interfaces.kets import Field, KetOperator, NumberBasis
from sdeframe.interfaces.named_expressions import distinct_names
from sdeframe.interfaces.observer import CAVEAT, Ensemble, Observer, Snapshot
from sdeframe.observers.pairs.all_pairs import FEWEST, jackknife, pair_sums
from sdeframe.observers.pairs.features import group_vector
from sdeframe.observers.pairs.reports import OF_EVENTS, of_events
from sdeframe.observers.writing import suffixes, written
from sdeframe.sums.estimates import Estimates
from sdeframe.symbolic.averages import Operand
from sdeframe.symbolic.symbols import log_weight

if TYPE_CHECKING:
    import xarray as xr

    from sdeframe.interfaces.model import Model

Reals = NDArray[np.float64]

LARGEST: Final = 2**31
"""Bytes that vectors of all groups at all output times may take."""
ONCE: Final = ("norm", *(f"norm{error}" for error in suffixes()), "sum_w2", *OF_EVENTS)
"""What is written once."""
AT_EDGE: Final = 1e-3
"""What the last number state of a mode may hold."""
STRICT: Final = 5.0
"""Standard errors by which it must hold more to be told."""


@attrs.define
class PairRecord:
    """Of every group the mean of its weighted kets and of their squared norms, at every output time."""

    times: Reals
    size: int
    """Trajectories of a group."""
    event_times: tuple[float, ...]
    """When something happens to groups as a whole."""
    rows: tuple[int, ...]
    """Where the variables of the basis, factor by factor, and the log-weight stand in the state."""
    vectors: dict[int, NDArray[np.complex128]] = attrs.field(factory=dict)
    """Shape (times, states), by number of the group."""
    squares: dict[int, Reals] = attrs.field(factory=dict)
    """Shape (times,)."""
    reports: dict[int, Reals] = attrs.field(factory=dict)
    """What events did, shape (events, 3)."""

    def __add__(self, other: PairRecord) -> PairRecord:
        """Return the record of the groups of both."""
        both = {name: getattr(self, name) | getattr(other, name) for name in ("vectors", "squares", "reports")}
        return attrs.evolve(self, **both)


@attrs.frozen(init=False)
class PairMoments(Observer):
    """Quantum averages of stochastic kets (`sdeframe.derivation.Ket`), over all pairs of kets of different groups.

    With V_g the mean of exp(C0)|z> over group g, in number states, it writes for each name, over "time",

        <O> = Σ_{g≠h} V_g† O V_h / Σ_{g≠h} V_g† V_h

    as a complex mean with the standard errors ``..._se`` and ``..._imag_se`` of its parts, found by leaving out one
    group after the other, from eight groups on; in units of them deviations are those of Student's t with one degree of
    freedom less than there are groups. Once it writes ``norm``, Σ_{g≠h} V_g† V_h over the number of pairs, which is 1
    but for sampling, and ``sum_w2``, the mean squared norm of a weighted ket, from 1 on, in which the growth of weights
    shows; where there is a single number of quanta, that of its projection on it.

    A run needs ``groups=Groups(size=...)``. V takes as many numbers as the state has, of each group and
    output time. Trajectories that are lost count as 0.

    Parameters
    ----------
    **named
        ``**model.observables`` of a model in kets, or operators of it.

    Raises
    ------
    TypeError, ValueError
        If nothing is given, something is no operator, or a name is taken.
    """

    named: tuple[tuple[str, Any], ...]

    def __init__(self, /, **named: Any) -> None:
        distinct_names("PairMoments", named, suffixes(), ONCE)
        for name, value in named.items():
            if not isinstance(value, (KetOperator, Operand)):
                raise TypeError(
                    f"{name}={value!r} in PairMoments: must be an operator of a model in kets, such as a.dag() * a"
                )
        self.__attrs_init__(tuple(named.items()))

    def of_model(self, model: Model) -> Self:
        """Return the observer with operators in number states."""
        return type(self)(**{k: v if isinstance(v, KetOperator) else model.between(v) for k, v in self.named})

    @property
    def basis(self) -> NumberBasis:
        """The number states of all operators."""
        bases = {operator.basis for _, operator in self.named}
        if len(bases) > 1:
            raise ValueError(f"{self}: operators stand in different number states: take all from one model")
        return bases.pop()

    def start(self, ensemble: Ensemble) -> PairRecord:
        """Return an empty record."""
        groups, basis = ensemble.trajectories // ensemble.group_size, self.basis
        if ensemble.group_size == 1:
            raise ValueError(f"{self}: needs groups of trajectories: give groups=Groups(size=...) to the run")
        needed, known = [*(x for factor in basis.factors for x in factor.variables), log_weight], [*ensemble.variables]
        if lacking := [x for x in needed if x not in known]:
            raise ValueError(f"{self}: the system has no {lacking[0]}: run QuantumModel(master, Ket(), ...)")
        size = 16 * groups * len(ensemble.times) * basis.length
        if size > LARGEST:
            raise ValueError(
                f"{self}: {groups} groups at {len(ensemble.times)} times in {basis.length:,} number states take "
                f"{size / 2**30:.3g} GiB, and {LARGEST / 2**30:.3g} are allowed: take larger groups or fewer times"
            )
        rows = tuple(map(known.index, needed))
        return PairRecord(np.array(ensemble.times), ensemble.group_size, tuple(ensemble.event_times), rows)

    @usual_arithmetic
    def update(self, record: PairRecord, snapshot: Snapshot) -> None:
        """Take the groups of a block at an output time."""
        state, lost = snapshot.state[list(record.rows)], ~snapshot.alive
        state[:, lost], state[-1, lost] = 1.0, -np.inf
        variables, basis = [x for factor in self.basis.factors for x in factor.variables], self.basis
        for number in range(state.shape[1] // record.size):
            members, group = (
                slice(number * record.size, (number + 1) * record.size),
                snapshot.first // record.size + number,
            )
            if not snapshot.index:
                record.vectors[group] = np.zeros((len(record.times), basis.length), dtype=complex)
                record.squares[group] = np.zeros(len(record.times))
            of_group = state[:, members]
            found = group_vector(basis, dict(zip(variables, of_group, strict=False)), of_group[-1])
            record.vectors[group][snapshot.index], record.squares[group][snapshot.index] = found
            if record.event_times and snapshot.index == len(record.times) - 1:
                record.reports[group] = snapshot.reports[number].copy()

    @usual_arithmetic
    def finish(self, record: PairRecord) -> xr.Dataset:
        """Return averages and standard errors."""
        import xarray as xr

        operators = {name: operator.matrix() for name, operator in self.named}
        ends = [k for k, f in enumerate(self.basis.factors) if isinstance(f, Field) and not f.closed]
        edges = [_edge(self.basis, k) for k in ends]
        norms, *sums = _sums(record, self.basis, [None, *operators.values(), *edges])
        G = len(record.vectors)
        pairs = np.concatenate([[G * (G - 1)], np.full(G, (G - 1) * (G - 2))])[:, np.newaxis]
        variables = written("norm", jackknife(norms, pairs), "norm of the average ket")
        for (name, operator), found in zip(self.named, sums, strict=False):
            variables |= written(name, jackknife(found, norms), f"mean of {operator}")
            variables[name][2]["groups"] = G
        squares = np.array([record.squares[g] for g in sorted(record.squares)]).reshape(G, len(record.times))
        mean = squares.mean(axis=0) if G else np.full(len(record.times), np.nan)
        variables["sum_w2"] = ("time", mean, {"long_name": "mean squared norm of a weighted ket"})
        variables["norm"][2].update(_caveats(G, [jackknife(found, norms) for found in sums[len(operators) :]]))
        return xr.Dataset(variables, coords={"time": record.times}).assign(
            of_events(record.event_times, record.reports)
        )


def _edge(basis: NumberBasis, position: int) -> Any:
    """Return the projector on the last number state of a mode."""
    from scipy.sparse import diags_array

    shape = [factor.length for factor in basis.factors]
    share = np.zeros(shape)
    np.moveaxis(share, position, 0)[-1] = 1.0
    return diags_array(share.ravel()[basis.kept()])


def _sums(record: PairRecord, basis: NumberBasis, operators: list[Any]) -> NDArray[np.complex128]:
    """Return the sums over pairs of operators, shape (operators, 1 + groups, times)."""
    groups = sorted(record.vectors)
    found = np.empty((len(operators), 1 + len(groups), len(record.times)), dtype=complex)
    for index in range(len(record.times)):
        vectors = np.array([record.vectors[g][index] for g in groups]).reshape(len(groups), basis.length)
        for place, operator in zip(found, operators, strict=True):
            place[:, index] = pair_sums(vectors, operator)
    return found


def _caveats(groups: int, edges: list[Estimates]) -> dict[str, str]:
    """Return what must be known beside the averages, as an attribute."""
    told = []
    if 0 < groups < FEWEST:
        told.append(f"{groups} groups of kets tell no standard error: take {FEWEST} or more")
    if any(np.any(edge.mean.real - STRICT * edge.error.real > AT_EDGE) for edge in edges):
        told.append(
            f"the last number state of a mode holds more than {AT_EDGE:g}: say more of them, in Ket(cutoffs=...)"
        )
    return {CAVEAT: "; ".join(told)} if told else {}
