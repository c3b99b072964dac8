"""Short runs of small systems, held against known values."""

from sdeframe import (
    SymbolicModel,
    simulate,
)
from sdeframe.observers import Moments


def run(sde, initial, integrator, times, trajectories=20_000, values=(), **named):
    """Return the moments of a system with their step errors."""
    model = SymbolicModel(sde, initial=initial, parameters=dict(values))
    result = simulate(
        model, integrator, observers=[Moments(**named)], times=times, trajectories=trajectories, seed=3,
        progress=False, step_error=True,
    )  # fmt: skip
    return result.dataset


def assert_right(ds, name, expected, time=None):
    """Check real and imaginary part of a mean against its known value, at the last time if none is given."""
    at = ds.isel(time=-1) if time is None else ds.sel(time=time)
    difference = complex(at[name]) - complex(expected)
    step_error = complex(at[f"{name}_step_error"])
    real, imag = (5 * float(at[f"{name}{part}"]) for part in ("_se", "_imag_se"))
    rounding = 1e-12
    assert abs(difference.real) <= real + 2 * abs(step_error.real) + rounding, (name, expected, complex(at[name]))
    assert abs(difference.imag) <= imag + 2 * abs(step_error.imag) + rounding, (name, expected, complex(at[name]))
