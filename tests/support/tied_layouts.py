"""Plans with their layouts, and the literal twins that belong to them."""

from sdeframe.kernels.layout import Layout
from sdeframe.sampling.plan import Draws, Plan
from tests.support.tied_bits import TiedBits

CASES = {
    "real": {"real": 1},
    "complex": {"complex_": 1, "signs": True},
    "both, signs beside increments": {"real": 1, "complex_": 2, "signs": True, "exponent": 9},
    "both, signs that stand alone": {"real": 2, "complex_": 2, "signs": True, "multiply": False},
    "octagons": {"complex_": 2, "octagon": True, "signs": True, "exponent": 9},
    "octagons beside a real noise": {"real": 1, "complex_": 2, "octagon": True, "signs": True, "multiply": False},
    "initial numbers": {"real": 1, "complex_": 1, "signs": True, "numbers": 2, "normals": 1, "exponent": 9},
    "uniform ones alone": {"real": 1, "numbers": 2},
    "shared codes": {"real": 3, "complex_": 1, "steps": 70},
}
"""Runs of 40 steps of replicates of 256 trajectories, but for what is changed."""
SEED = 11


def made(
    real=0,
    complex_=0,
    octagon=False,
    signs=False,
    multiply=True,
    numbers=0,
    normals=0,
    exponent=8,
    steps=40,
    replicates=8,
):
    """Return plan, layout and twin of a run."""
    layout = Layout((True,), complex_, real, signs, 3, 4 if octagon else 6)
    factors, dimension = real + complex_ * (1 if octagon else 2), 4 if octagon else 3
    draws = Draws(replicates << exponent, steps, factors, dimension, layout.sign_count, multiply, numbers, normals)
    plan = Plan(exponent, draws)
    twin = TiedBits(SEED, exponent, dimension, factors, layout.sign_count, multiply, normals > 0)
    return plan, layout, twin


def expected_bit(twin, layout, trajectory, step, row):
    """Return the bit of a row of words: signs, then bits of increments, each filled up to fours."""
    if row < 4 * layout.sign_groups:
        return twin.sign_bit(trajectory, step, row) if row < layout.sign_count else None
    bit, own = row - 4 * layout.sign_groups, layout.bits_of_complex * layout.complex_noises
    if bit >= layout.bit_count:
        return None
    if bit >= own or layout.bits_of_complex == 6:
        return twin.role_bit(trajectory, step, *factor_and_role(layout, bit), bit)
    factor, place = divmod(bit, 4)
    still, diagonal, swap, sign = (
        twin.role_bit(trajectory, step, factor, role, 4 * factor + k) for k, role in enumerate((1, 2, 3, 0))
    )
    return (still, diagonal, swap ^ (diagonal & sign), sign)[place]


def factor_and_role(layout, bit):
    """Return of a bit of a four-point increment which one it belongs to, and the vector of its slot that it has."""
    octagons = layout.complex_noises if layout.bits_of_complex == 4 else 0
    factor, role = divmod(bit - 4 * octagons, 3)
    return octagons + factor, role
