"""When a noisy trajectory leaves the well of the effective potential (III.B)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.models.tavis_cummings.inversion import InversionMotion, maxima
from sdeframe.models.tavis_cummings.potential import E, w

if TYPE_CHECKING:
    import xarray as xr


@usual_arithmetic
def barrier_passage(path: xr.Dataset, motion: InversionMotion) -> xr.Dataset:
    """Return the effective energy along trajectories, the barrier they see, and when they pass it.

    With noise, w and E of (13) are complex and E changes in time: the potential is that of the Re E reached, and

        h_w = ẇ²/2 + U(w; E),    ẇ the drift of w at the same state.

    A trajectory passes the barrier when Re w first lies beyond the maximum of that potential, from where the force
    drives w outwards. Every runaway does so before it is lost, but noise brings many others back: of 1000 trajectories
    (N = 10, nph = 100, ground start, τ ≤ 6, step 2.5e-3) all 45 lost at bound 1e3 had passed, and 101 of those kept.
    Re h_w above the barrier's height, while w may be inside the well still, tells them apart less well (140 kept).

    Parameters
    ----------
    path
        From `Result.replay` of a run of the same model and gauge: variables over ("trajectory", "time").
    motion
        The model and the gauge.

    Returns
    -------
    xarray.Dataset
        Over ("trajectory", "time"): complex "inversion", "energy" (E) and "h_w"; "barrier", the position of the
        maximum, and "barrier_height", not a number where there is none. Over "trajectory": "passage_time", inf for
        those that stay inside.

    Raises
    ------
    ValueError
        If the path lacks a variable of the model, named.
    """
    import xarray as xr

    equation, variables = motion.equation, motion.model.system().variables
    for name in variables:
        if name not in path:
            raise ValueError(f"the path has no variable {name!r}: give what replay of a TavisCummings run returned")
    state = [path[name].transpose("trajectory", "time").values for name in variables]
    evaluate = sp.lambdify(list(variables.values()), [equation.integral, equation.velocity], "numpy")
    energy, velocity = evaluate(*state)
    inversion = 2 * state[list(variables).index("rho_ee")] - 1
    potential = sp.Poly(equation.potential, w)
    h = velocity**2 / 2 + _value(potential, energy, inversion)
    top = maxima(_coefficients(potential, energy.real.ravel())).reshape(inversion.shape)
    passed = inversion.real > top
    first = np.where(passed.any(axis=1), path["time"].values[passed.argmax(axis=1)], np.inf)
    dims = ("trajectory", "time")
    return xr.Dataset(
        {
            "inversion": (dims, inversion),
            "energy": (dims, energy),
            "h_w": (dims, h),
            "barrier": (dims, top),
            "barrier_height": (dims, _value(potential, energy.real, top)),
            "passage_time": ("trajectory", first),
        },
        coords={"trajectory": path["trajectory"], "time": path["time"]},
    )


def _coefficients(potential: Any, energy: NDArray[Any]) -> NDArray[Any]:
    """Return the coefficients of U in w, from the highest power on, at every energy."""
    return np.array([np.broadcast_to(sp.lambdify(E, c, "numpy")(energy), energy.shape) for c in potential.all_coeffs()])


def _value(potential: Any, energy: NDArray[Any], inversion: NDArray[Any]) -> NDArray[Any]:
    """Return U(w; E), elementwise."""
    return np.asarray(sp.lambdify((E, w), potential.as_expr(), "numpy")(energy, inversion))
