"""Stochastic differential equations as symbols, and their algebra."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any

import attrs
import sympy as sp

from sdeframe.symbolic import checks
from sdeframe.symbolic.algebra import equal, noises_in, tidy
from sdeframe.symbolic.algebra import noise_coefficients as coefficients
from sdeframe.symbolic.change_of_variables import changed_rows, scaled_rows
from sdeframe.symbolic.covariance import independent_noises
from sdeframe.symbolic.equations import Equations
from sdeframe.symbolic.jumps.changes import changed_jumps, same_jumps, slowed_jumps
from sdeframe.symbolic.jumps.generator import compensators, jump_generator
from sdeframe.symbolic.jumps.rows import Jumps
from sdeframe.symbolic.latex import system_latex
from sdeframe.symbolic.rows import Rows, expression, with_carried
from sdeframe.symbolic.symbols import log_weight, time
from sdeframe.symbolic.wirtinger import wirtinger

__all__ = ["SDE"]


@attrs.frozen(repr=False)
class SDE(Equations):
    """A system dx = a dt + noise, written as in a paper, that cannot change.

    Parameters
    ----------
    drift
        Right-hand side a of every variable, as a mapping. A random number in drift or noise, such as one made by
        `random_normal`, becomes a variable of its name that keeps the value that it is drawn with.
    noise
        Noise of the variables, linear in noise symbols and their conjugates; none for variables left out.
        A real noise W has `<W W> = dt`, a complex one `<F F*> = dt` and `<F F> = 0`.
    interpretation
        "ito" or "stratonovich".
    covariance
        `<W1 W2>/dt` of pairs of different real noises, numbers or expressions in parameters; 0 if not given.
    log_weight
        Drift and noise of the log-weight C0 of a gauged system (Appendix C), if it has one.
    jumps
        What is added to variables where a noise of `poisson_noises` jumps, ``{N: {x: 1}}``: in the state, time and
        parameters before the jump, and in random symbols, drawn afresh at each jump.

    Raises
    ------
    TypeError
        If something is text or of another unusable type.
    ValueError
        If the system is not well posed; the message names the symbol and the way out.
    """

    def __attrs_post_init__(self) -> None:
        for name, rows in zip(("_drift", "_noise"), with_carried(self._drift, self._noise), strict=True):
            object.__setattr__(self, name, rows)
        checks.check(self)

    def __getitem__(self, name: str) -> Any:
        """Return the variable of that name."""
        return self.variables[name]

    def __repr__(self) -> str:
        weight = "" if self.log_weight is None else ", weighted"
        jumps = f"jumps {{{', '.join(N.name for N in self.jumps)}}}, " if self.jumps else ""
        return (
            f"SDE({self.interpretation}{weight}: variables {self.variables}, noises {self.noises}, {jumps}"
            f"parameters {self.parameters})"
        )

    def _repr_latex_(self) -> str:
        return system_latex(self)

    def family(self, name: str) -> tuple[Any, ...]:
        """Return the variables name_0, name_1, ... in order, or the one variable of that name.

        Raises
        ------
        KeyError
            If there are neither.
        """
        members = {int(n.rpartition("_")[2]): x for n, x in self.variables.items() if _numbered(name, n)}
        if name in self.variables or not members:
            return (self[name],)
        return tuple(members[k] for k in sorted(members))

    def correlation(self, p: Any, q: Any) -> Any:
        """Return `<p q>/dt` of two expressions linear in noises, such as two right-hand sides or a gauge's kernel.

        Raises
        ------
        ValueError
            If one is not linear in noises.
        """
        return tidy(
            sp.Add(
                *[
                    b * c * self._pair(n, m)
                    for n, b in coefficients(expression(p, "a noise")).items()
                    for m, c in coefficients(expression(q, "a noise")).items()
                ]
            )
        )

    def _pair(self, n: Any, m: Any) -> Any:
        """Return `<n m>/dt` of two noises or conjugate noises."""
        if n == sp.conjugate(m):
            return sp.S.One
        return self.covariance.get((n, m), self.covariance.get((m, n), sp.S.Zero))

    def _noise_of(self, coordinate: Any) -> Any:
        if coordinate in self.noise:
            return self.noise[coordinate]
        return sp.conjugate(self.noise[sp.conjugate(coordinate)])

    def correlator(self, x: Any, y: Any) -> Any:
        """Return `<dx dy>/dt` of two coordinates: variables or their conjugates."""
        return self.correlation(self._noise_of(x), self._noise_of(y))

    def diffusion(self) -> Any:
        """Return the matrix D_ij = `<noise_i noise_j>/dt` over `state`, all that analytic averages feel."""
        return sp.Matrix([[self.correlator(x, y) for y in self.state] for x in self.state])

    def diffusion_conjugate(self) -> Any:
        """Return the matrix `<noise_i noise_j*>/dt` over `state`, on which the spread of trajectories depends."""
        return sp.Matrix([[self.correlator(x, sp.conjugate(y)) for y in self.state] for x in self.state])

    def generator(self, f: Any) -> Any:
        """Return L(f), the mean rate of change of an expression in variables, conjugates and time.

        L = ∂_t + Σ_u a_u ∂_u + ½ Σ_uv <n_u n_v> ∂_u ∂_v with the Itô drift a, over `coordinates` u, v: right for
        functions that are not analytic. On analytic ones it is L = Σ a_i ∂_i + ½ Σ D_ij ∂_i ∂_j. Jumps j at a rate λ
        add λ `<f(x + j) − f(x)>`.

        Raises
        ------
        ValueError
            If the function holds a symbol that the system lacks, or the average over random symbols is not known.
        """
        f = checks.check_function(self, f)
        drift = self.to_ito().uncompensated().drift
        present = [u for u in self.coordinates if u.free_symbols <= f.free_symbols]
        slope = {u: wirtinger(f, u) for u in present}
        rate = {u: drift[u] if u in drift else sp.conjugate(drift[sp.conjugate(u)]) for u in present}
        first = [rate[u] * slope[u] for u in present]
        second = [self.correlator(u, v) * wirtinger(slope[u], v) / 2 for u in present for v in present]
        return tidy(sp.Add(wirtinger(f, time), *first, *second, jump_generator(self.jumps, f)))

    def correction(self) -> Rows:
        """Return c_x for everything in `state`, with a_Stratonovich = a_Itô - c.

        With noise_i = Σ_k B_ik W_k + B̃_ik W_k*: c_i = ½ Σ_k (D̃_k B_ik + D_k B̃_ik), with
        D_k = Σ_j (B_jk ∂_j + B̃_jk* ∂̄_j), D̃_k = Σ_j (B̃_jk ∂_j + B_jk* ∂̄_j) and Wirtinger derivatives. In coordinates u
        this is c_i = ½ Σ_u <noise_u ∂_u noise_i>, which holds for correlated real noises too.
        """
        return MappingProxyType({x: self._correction_of(noise) for x, noise in self.noise.items()})

    def _correction_of(self, noise: Any) -> Any:
        present = [u for u in self.coordinates if u.free_symbols <= noise.free_symbols]
        terms = [self.correlation(self._noise_of(u), wirtinger(noise, u)) for u in present]
        return tidy(sp.Add(*terms) / 2)

    def to_ito(self) -> SDE:
        """Return the Itô system with the same solutions."""
        return self if self.interpretation == "ito" else self._shifted(+1, "ito")

    def to_stratonovich(self) -> SDE:
        """Return the Stratonovich system with the same solutions."""
        return self if self.interpretation == "stratonovich" else self._shifted(-1, "stratonovich")

    def _shifted(self, sign: int, interpretation: str) -> SDE:
        drift = {x: self.drift[x] + sign * c for x, c in self.correction().items()}
        return self.with_rows(drift, {}, interpretation)

    def with_rows(self, drift: Rows, noise: Rows, interpretation: str | None = None) -> SDE:
        """Return the system with other rows for some variables; rows of C0 make it a weighted one.

        Raises
        ------
        TypeError, ValueError
            If the system with these rows is not well posed.
        """
        drift = {**self.drift, **{x: expression(a, f"drift of {x}") for x, a in drift.items()}}
        noise = {**self.noise, **{x: expression(n, f"noise of {x}") for x, n in noise.items()}}
        used = {*noises_in(sp.Tuple(*noise.values()))}
        covariance = {pair: c for pair, c in self.covariance.items() if {*pair} <= used}
        return _weighed(drift, noise, interpretation or self.interpretation, covariance, self.jumps)

    def noiseless(self) -> SDE:
        """Return the system without its noise and jumps."""
        return self.with_jumps({}).with_rows({}, dict.fromkeys(self.state, sp.S.Zero))

    def with_jumps(self, jumps: Jumps) -> SDE:
        """Return the system with other jumps.

        Raises
        ------
        TypeError, ValueError
            If the system with these jumps is not well posed.
        """
        return _weighed(self.drift, self.noise, self.interpretation, self.covariance, jumps)

    def uncompensated(self) -> SDE:
        """Return the same process with the compensators of its jumps in the drift.

        Raises
        ------
        ValueError
            If the mean of a jump over its random symbols is not known.
        """
        rates = compensators(self.jumps)
        if not rates:
            return self
        plain = self.with_jumps({N.uncompensated: rows for N, rows in self.jumps.items()})
        return plain.with_rows({x: self.drift[x] + rate for x, rate in rates.items()}, {})

    def change_variables(self, new: Rows, inverse: Rows) -> SDE:
        """Return the same process in other variables, by Itô's formula in coordinates and their conjugates.

        Parameters
        ----------
        new
            For every new variable an expression in the old ones, parameters and time, analytic or not.
        inverse
            For every old variable that goes an expression in the new ones and those that stay. A symbol may be the
            name of an old and a new variable: ``A.change_variables({A: A / sqrt(N)}, {A: sqrt(N) * A})`` scales A.

        Raises
        ------
        ValueError
            If the inverse does not give the old variables back, or a new right-hand side is not well posed.
        """
        ito = self.to_ito().uncompensated()
        new = {y: checks.check_function(ito, f) for y, f in new.items()}
        inverse = {x: expression(g, f"inverse for {x}") for x, g in inverse.items()}
        drift, noise = changed_rows(ito, ito.generator, new, inverse)
        changed = _weighed(drift, noise, "ito", self.covariance, changed_jumps(ito.jumps, new, inverse))
        return changed if self.interpretation == "ito" else changed.to_stratonovich()

    def scale_time(self, rate: Any) -> SDE:
        """Return the system in the time τ = rate·t, with unit noises of that time: d/dτ, `<W W> = dτ` (A45).

        Raises
        ------
        ValueError
            If the rate is not a positive number or an expression in positive parameters.
        """
        return self.with_rows(*scaled_rows(self, rate)).with_jumps(slowed_jumps(self.jumps, rate))

    def uncorrelated(self) -> SDE:
        """Return a system of the same law whose noises are independent.

        A real noise with a covariance to earlier ones (by name) becomes a sum of them and of a new noise
        `<name>_rest`, by a Cholesky decomposition; one that the earlier ones determine has no rest. All others keep
        their symbol.
        """
        if not self.covariance:
            return self
        mixed = independent_noises(self.covariance, {*self.noises, *self.variables, *self.parameters})
        noise = {x: row.xreplace(mixed) for x, row in self.noise.items()}
        return self.with_rows({}, noise)

    def equal_in_law(self, other: SDE) -> bool:
        """Tell whether both systems give the same averages of analytic functions of their variables.

        They do when they have the same variables, Itô drift and correlators `<noise_i noise_j>`, and the same jumps at
        the same rates by name. Spreads of complex variables, which `<noise_i noise_j*>` decides, may differ.
        """
        ours, theirs = self.to_ito().uncompensated(), other.to_ito().uncompensated()
        if set(self.state) != set(other.state) or not same_jumps(ours.jumps, theirs.jumps):
            return False
        pairs = [(x, y) for k, x in enumerate(self.state) for y in self.state[k:]]
        return all(equal(ours.drift[x], theirs.drift[x]) for x in self.state) and all(
            equal(ours.correlator(x, y), theirs.correlator(x, y)) for x, y in pairs
        )


def _numbered(family: str, name: str) -> bool:
    return re.fullmatch(re.escape(family) + r"_\d+", name) is not None


def _weighed(drift: Rows, noise: Rows, interpretation: str, covariance: Rows, jumps: Jumps) -> SDE:
    """Return the system of rows among which those of C0 may be."""
    weight = None
    if log_weight in drift:
        weight = drift[log_weight], noise.get(log_weight, sp.S.Zero)
        drift, noise = ({x: row for x, row in rows.items() if x != log_weight} for rows in (drift, noise))
    return SDE(drift, noise, interpretation=interpretation, covariance=covariance, log_weight=weight, jumps=jumps)
