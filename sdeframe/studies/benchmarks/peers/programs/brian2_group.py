"""Brian 2: a group with a member for every trajectory, whose equations it writes as C++ and compiles."""

import protocol  # noqa: I001, before any library starts threads

import brian2
import numpy as np
import sympy as sp
from equations import increment

EULER = brian2.ExplicitStateUpdater("x_new = x + dt*f(x, t) + dW*g(x, t)", stochastic="multiplicative")
"""Brian's own Euler-Maruyama is for additive noise; its Heun takes the drift as Euler does, so it is no better."""
NAMES = ("A", "Ad", "ee", "eg", "ge")


def complex_symbol(name):
    """Return a complex number of two real ones."""
    return sp.Symbol(f"{name}_re", real=True) + sp.I * sp.Symbol(f"{name}_im", real=True)


def equations(atoms):
    """Return Brian's equations for real and imaginary parts."""
    z = tuple(complex_symbol(name) for name in NAMES)
    w = tuple(complex_symbol(f"w{name}") for name in ("F", "Fd", "S"))
    dt = sp.Symbol("dt", real=True)
    of = increment(lambda _: complex_symbol("root"), sp.conjugate)
    rows = of(z, dt, w, sp.Float(atoms), 0.0)
    lines = [
        "size = sqrt(ee_re**2 + ee_im**2) : 1", "root_re = sqrt((size + ee_re)/2) : 1",
        "root_im = sqrt((size - ee_re)/2)*(2*int(ee_im >= 0) - 1) : 1",
    ]  # fmt: skip
    for name, row in zip(NAMES, rows, strict=True):
        for part, value in zip(("re", "im"), sp.expand(row, complex=True).as_real_imag(), strict=True):
            polynomial = sp.expand(value)
            terms = [f"({sp.horner(polynomial.coeff(dt))})/second"]
            factors = {s: polynomial.coeff(s) * 0.5**0.5 for n in w for s in sorted(n.free_symbols, key=str)}
            terms += [f"({factor})*xi_{noise}*second**-0.5" for noise, factor in factors.items() if factor]
            lines.append(f"d{name}_{part}/dt = {' + '.join(terms)} : 1")
    return brian2.Equations("\n".join(lines))


def prepare(task, scheme, trajectories):
    """Return a solver, which runs the program that was built."""
    brian2.device.reinit()
    brian2.set_device("cpp_standalone", build_on_run=False)
    brian2.seed(task["seed"])
    brian2.defaultclock.dt = task["dt"] * brian2.second
    group = brian2.NeuronGroup(
        trajectories, equations(task["atoms"]), name="group",
        method=EULER,
    )  # fmt: skip
    group.A_re = group.Ad_re = (task["photons"] / task["atoms"]) ** 0.5
    brian2.run(task["steps"] * task["dt"] * brian2.second)
    brian2.device.build(run=False)

    def solve(seed):
        brian2.device.run()
        return np.array(group.ee_re[:])

    return solve


protocol.serve(prepare)
