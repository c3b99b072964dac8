"""How a generator looks in a notebook."""

from __future__ import annotations

from sdeframe.derivation.phase_space.generator import Generator
from sdeframe.symbolic.latex import tex

__all__ = ["generator_latex"]


def generator_latex(g: Generator) -> str:
    """Return a generator as LaTeX: its drift, then the correlators that are not zero."""
    lines = [rf"a_{{{tex(x)}}} &= {tex(g.expression(g.drift[k]))}" for k, x in enumerate(g.variables)]
    for i, j in sorted(g.diffusion):
        names = tex(g.variables[i]), tex(g.variables[j])
        lines.append(rf"D_{{{names[0]},{names[1]}}} &= {tex(g.expression(g.D(i, j)))}")
    for slopes, p in g.dropped.items():
        derivatives = "".join(rf"\partial_{{{tex(g.variables[k])}}}" for k in slopes)
        lines.append(rf"\text{{dropped: }} &\left({tex(g.expression(p))}\right) {derivatives}")
    return r"$\displaystyle \begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}$"
