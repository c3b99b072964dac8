"""The systems of the source paper, typed from its formulas and not from the package: the oracle of other tests."""

from __future__ import annotations

import sympy as sp

from sdeframe.symbolic.symbols import complex_noises, complex_variables, parameters
from sdeframe.symbolic.system import SDE

N = parameters("N", positive=True)
g = parameters("g")
A, Ad, rho_ee, rho_eg, rho_ge = complex_variables("A Ad rho_ee rho_eg rho_ge")
F, Fd, S = complex_noises("F Fd S")
i, sqrt, conj = sp.I, sp.sqrt, sp.conjugate


def symmetric_drift():
    """(A46), dτ terms; the same in (A39)."""
    return {
        A: -i * rho_eg,
        Ad: +i * rho_ge,
        rho_ee: -g * rho_ee + i * (rho_eg * Ad - rho_ge * A),
        rho_eg: -(g / 2) * rho_eg + i * (2 * rho_ee - 1) * A,
        rho_ge: -(g / 2) * rho_ge - i * (2 * rho_ee - 1) * Ad,
    }


def a46() -> SDE:
    """(A46): symmetric atoms after the diffusion gauge, scaled."""
    root = sqrt(rho_ee)
    noise = {
        A: -i * root * F / sqrt(N) - i * rho_eg * S / sqrt(N),
        Ad: +i * root * Fd / sqrt(N) + i * rho_ge * S / sqrt(N),
        rho_ee: -rho_ee * conj(S) / sqrt(N),
        rho_eg: root * conj(Fd) / sqrt(N) - rho_eg * conj(S) / sqrt(N),
        rho_ge: root * conj(F) / sqrt(N) - rho_ge * conj(S) / sqrt(N),
    }
    return SDE(symmetric_drift(), noise)


def a39() -> SDE:
    """(A39): symmetric atoms before the diffusion gauge, scaled."""
    q = (rho_eg * conj(F) + rho_ge * conj(Fd)) / sqrt(N)
    noise = {
        A: -i * F / sqrt(N),
        Ad: +i * Fd / sqrt(N),
        rho_ee: -rho_ee * q,
        rho_eg: rho_ee * conj(Fd) / sqrt(N) - rho_eg * q,
        rho_ge: rho_ee * conj(F) / sqrt(N) - rho_ge * q,
    }
    return SDE(symmetric_drift(), noise)


f, gamma, omega = parameters("f gamma omega_0", positive=True)
alpha, alphad = complex_variables("alpha alphad")


def dimensional(noise) -> SDE:
    """The drift of (A39), which is that of (6) in the laboratory frame, at resonance ωc = ω0."""
    return SDE(
        {
            alpha: -i * omega * alpha - i * f * sqrt(N) * rho_eg,
            alphad: +i * omega * alphad + i * f * sqrt(N) * rho_ge,
            rho_ee: i * f / sqrt(N) * (rho_eg * alphad - rho_ge * alpha) - gamma * rho_ee,
            rho_eg: -i * omega * rho_eg + i * f / sqrt(N) * (2 * rho_ee - 1) * alpha - gamma / 2 * rho_eg,
            rho_ge: +i * omega * rho_ge - i * f / sqrt(N) * (2 * rho_ee - 1) * alphad - gamma / 2 * rho_ge,
        },
        noise,
    )


def a39_dimensional() -> SDE:
    """(A39) as printed."""
    q = f / sqrt(N) * (rho_eg * conj(F) + rho_ge * conj(Fd))
    noise = {
        alpha: -i * F,
        alphad: +i * Fd,
        rho_ee: -rho_ee * q,
        rho_eg: f / sqrt(N) * rho_ee * conj(Fd) - rho_eg * q,
        rho_ge: f / sqrt(N) * rho_ee * conj(F) - rho_ge * q,
    }
    return dimensional(noise)


def a41_dimensional() -> SDE:
    """(A39) with the noise (A41), which is (6)."""
    root = sqrt(rho_ee)
    noise = {
        alpha: -i * root * F - i * rho_eg * S,
        alphad: +i * root * Fd + i * rho_ge * S,
        rho_ee: -f / sqrt(N) * rho_ee * conj(S),
        rho_eg: f / sqrt(N) * root * conj(Fd) - f / sqrt(N) * rho_eg * conj(S),
        rho_ge: f / sqrt(N) * root * conj(F) - f / sqrt(N) * rho_ge * conj(S),
    }
    return dimensional(noise)


def a19(n: int) -> SDE:
    """(A19): n individual atoms, scaled; the variables of atom μ are rho_ee_μ and so on."""
    drift, noise = {}, {}
    ees, ggs, egs, ges = (complex_variables(f"rho_{s}_:{n}") for s in ("ee", "gg", "eg", "ge"))
    drift[A], noise[A] = -(i / N) * sum(egs), -i * F / sqrt(N)
    drift[Ad], noise[Ad] = +(i / N) * sum(ges), +i * Fd / sqrt(N)
    for ee, gg, eg, ge in zip(ees, ggs, egs, ges, strict=True):
        q = (eg * conj(F) + ge * conj(Fd)) / sqrt(N)
        drift[ee], noise[ee] = -g * ee + i * (eg * Ad - ge * A), -ee * q
        drift[gg], noise[gg] = +g * ee - i * (eg * Ad - ge * A), (1 - gg) * q
        drift[eg], noise[eg] = -(g / 2) * eg + i * (ee - gg) * A, ee * conj(Fd) / sqrt(N) - eg * q
        drift[ge], noise[ge] = -(g / 2) * ge - i * (ee - gg) * Ad, ee * conj(F) / sqrt(N) - ge * q
    return SDE(drift, noise)


def a34(n: int) -> SDE:
    """(A34): (A19) with every `-ρ q` dropped, so that ρgg keeps `+q` and ρee has no noise."""
    base = a19(n)
    noise = {A: base.noise[A], Ad: base.noise[Ad]}
    for ee, gg, eg, ge in zip(*(base.family(f"rho_{s}") for s in ("ee", "gg", "eg", "ge")), strict=True):
        noise[gg] = (eg * conj(F) + ge * conj(Fd)) / sqrt(N)
        noise[eg] = ee * conj(Fd) / sqrt(N)
        noise[ge] = ee * conj(F) / sqrt(N)
    return SDE(base.drift, noise)
