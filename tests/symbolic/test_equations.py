"""A system is its equations with an algebra: no field more, and no property otherwise."""

import attrs

from sdeframe.symbolic.equations import Equations
from sdeframe.symbolic.system import SDE


def test_a_system_adds_algebra_and_nothing_else():
    assert [field.name for field in attrs.fields(SDE)] == [field.name for field in attrs.fields(Equations)]
    own = {name for name in vars(SDE) if not name.startswith("_")}
    assert {"to_ito", "generator", "diffusion"} <= own
    assert not own & set(dir(Equations))
