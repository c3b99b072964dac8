"""Couplings and rates of emitters that vanish at times: noise without 0/0, whatever the rule."""

import pytest
import sympy as sp

from sdeframe import parameters, time
from sdeframe.derivation import Boson, Emitters, Master, PositiveP, derive

a = Boson("a")
atoms = Emitters("rho", levels="ge", size=2, individual=True)
same = Emitters("s", levels="ge", size=parameters("N", positive=True))
f, g = parameters("f g", positive=True)
off = sp.Piecewise((1, time < 1), (0, True))
pulses = f * sp.sin(time) ** 2, g * sp.cos(time) ** 2
swing = f * (1 + sp.cos(time))


def coupled(*couplings):
    each = (c * (atoms.on(k, "eg") * a + atoms.on(k, "ge") * a.dag()) for k, c in enumerate(couplings))
    return Master(sum(each, 0 * a))


@pytest.mark.parametrize(
    "master",
    [
        coupled(off, off), coupled(off, 2 * off), coupled(off, 1 - off), coupled(*pulses), coupled(swing, swing),
        coupled(swing, g),
        Master(off * (same.sum("eg") * a + same.sum("ge") * a.dag())),
        Master(0 * a, loss=[(off, atoms.on(0, "ge") + a)]),
        Master(0 * a, loss=[(swing, atoms.on(0, "ge") + a)]),
        Master(0 * a, loss=[(off, same.sum("ge"))]),
    ],
)  # fmt: skip
def test_noise_is_finite_at_all_times(master):
    by_rule = [derive(master, PositiveP()).sde(noise=rule) for rule in ("structure", "field", "split")]
    for sde in by_rule:
        assert sde.equal_in_law(by_rule[0])
        for row in sde.noise.values():
            for t in (0, sp.pi / 2, sp.pi):
                assert not row.subs(time, t).has(sp.zoo, sp.nan, sp.oo)


def test_what_is_off_has_no_noise():
    """Both atoms have couplings of one shape, which stays on the mode; different shapes stay on the atoms."""
    A = a.mode.variables[0]
    for master, still in ((coupled(off, 2 * off), True), (coupled(*pulses), False)):
        noise = derive(master, PositiveP()).sde(noise="field").noise[A]
        assert (noise.subs(time, 2 if still else 0) == 0) == still


def test_products_of_emitters_follow_units_and_frames():
    """A frame in which they turn, then another unit of time: the phases of the noise are in the new time."""
    master = Master(f * same.sum("ee"), loss=[(g, same.sum("ge") + same.sum("eg") / 2)])
    derivation = derive(master, PositiveP()).rotate(f * same.sum("ee")).scale(time=g)
    sde = derivation.sde(noise="structure")
    assert sde.equal_in_law(derivation.sde(noise="field"))
