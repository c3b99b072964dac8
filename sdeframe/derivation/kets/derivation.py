"""From a Hamiltonian to the equations of stochastic kets."""

from __future__ import annotations

from typing import Any, NoReturn

import attrs
import sympy as sp

from sdeframe.derivation.kets.left_action import KetKey, ket_keys, left_action, spinor
from sdeframe.derivation.kets.noise import ket_noise
from sdeframe.derivation.kets.representation import Ket
from sdeframe.derivation.noise.rows import noise_rows
from sdeframe.derivation.operators.master import Master
from sdeframe.derivation.phase_space.generator import Generator
from sdeframe.derivation.phase_space.generator_latex import generator_latex
from sdeframe.derivation.phase_space.polynomials import Poly, add_up, scaled
from sdeframe.symbolic.system import SDE

__all__ = ["KetDerivation", "ket_derivation"]


@attrs.frozen(eq=False, repr=False)
class KetDerivation:
    """A Hamiltonian on kets: H|z> = [h_0 + h_i ∂_i + ½ h_ij ∂_i ∂_j]|z>, and so drift −i h_i and D_ij = −i h_ij.

    Parameters
    ----------
    master
        H.
    representation
        The representation.
    generator
        Drift and diffusion as polynomials in the variables.
    weight
        −i h_0, the drift of the log-weight.
    """

    master: Master
    representation: Ket
    generator: Generator
    weight: Poly

    def __repr__(self) -> str:
        return f"KetDerivation({', '.join(map(str, self.generator.variables))})"

    def _repr_latex_(self) -> str:
        return generator_latex(self.generator)

    def sde(self) -> SDE:
        """Return the Itô equations with their log-weight: the average of exp(C0)|z> is exp(−iHt)|z(0)>."""
        g = self.generator
        drift = {x: g.expression(g.drift[k]) for k, x in enumerate(g.variables)}
        polynomials = [*g.drift.values(), *g.diffusion.values(), self.weight]
        coefficients = [c for p in polynomials for c in p.values()]
        taken = {str(s) for c in (*coefficients, *g.variables) for s in c.free_symbols}
        return SDE(drift, noise_rows(g, ket_noise(g), taken), log_weight=(g.expression(self.weight), sp.S.Zero))

    @property
    def log_norm(self) -> Any:
        """ln<z|z> = Σ|α|² + Σ N ln(ψ†ψ)."""
        parts = self.master.parts
        norm = sp.S.Zero
        for mode in self.master.modes:
            norm += _squared(KetKey(mode.name).variable(parts))
        for e in self.master.emitters:
            for mu in e.numbers if e.individual else [None]:
                size = sp.S.One if e.individual else e.size
                norm += size * sp.log(sp.Add(*[_squared(key.variable(parts)) for key in spinor(e, mu)]))
        return norm

    def average(self, operator: Any) -> NoReturn:
        """Raise TypeError: no expression in the variables of one ket has a quantum average.

        Raises
        ------
        TypeError
            Always, with the way out.
        """
        raise TypeError(
            f"{operator} in kets: averages are taken between two kets: take PairMoments(**model.observables)"
        )

    def correlation(self, A: Any, B: Any) -> NoReturn:
        """Raise TypeError, as `average` does.

        Raises
        ------
        TypeError
            Always.
        """
        self.average(f"{A}, {B}")


def _squared(z: Any) -> Any:
    return z * sp.conjugate(z)


def ket_derivation(master: Master, representation: Ket) -> KetDerivation:
    """Derive the equations of stochastic kets.

    Raises
    ------
    ValueError
        If there are losses, or a term of H is one of third or higher order.
    """
    if master.loss:
        raise ValueError(
            f"loss with L = {master.loss[0].jump} in kets: only closed systems have them; take PositiveP(), or leave "
            f"losses out"
        )
    keys = ket_keys(master)
    H = left_action(master, {key: k for k, key in enumerate(keys)})
    diffusion = {s: scaled(p, -2 * sp.I if s[0] == s[1] else -sp.I) for s, p in H.items() if len(s) == 2}
    g = Generator(
        keys,  # type: ignore[arg-type]
        tuple(key.variable(master.parts) for key in keys),
        {k: scaled(H.get((k,), {}), -sp.I) for k in range(len(keys))},
        diffusion,
    )
    return KetDerivation(master, representation, g, add_up(scaled(H.get((), {}), -sp.I)))
