"""Which peers there are, and why some are not run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from sdeframe.integrators import RK4, EulerMaruyama, Heun, SemiImplicitMidpoint
from sdeframe.interfaces.increments import Gaussian
from sdeframe.interfaces.integrator import Integrator


@attrs.frozen
class Peer:
    """A program: its script, what is installed for it, and the trajectories of a round, by scheme."""

    name: str
    script: str
    packages: Mapping[str, str]
    """Versions by name; none where they are sdeframe's own."""
    schemes: Mapping[str, int]
    beside: tuple[str, ...] = ()
    """Requirements more."""

    @property
    def requirements(self) -> tuple[str, ...]:
        """What pip is given."""
        return (*(f"{name}=={version}" for name, version in self.packages.items() if version), *self.beside)


JAX: Final = {"jax": "0.10.2"}
PEERS: Final = (
    Peer("numpy", "numpy_arrays.py", {"numpy": ""}, {"euler": 2048, "heun": 1024, "rk4": 1024}),
    Peer("numba", "numba_loop.py", {"numba": ""}, {"euler": 2048, "heun": 1024, "rk4": 1024}),
    Peer("jax", "jax_scan.py", JAX, {"euler": 2048, "heun": 2048, "rk4": 1024}),
    Peer("diffrax", "diffrax_solve.py", {"diffrax": "0.7.2", **JAX}, {"euler": 2048, "heun": 2048}),
    Peer("torchsde", "torchsde_solve.py", {"torchsde": "0.2.6", "torch": "2.13.0"}, {"euler": 1024, "heun": 1024}),
    Peer("brian2", "brian2_group.py", {"brian2": "2.9.0"}, {"euler": 4096}, beside=("numpy<2.4",)),
    Peer("py-pde", "pypde_fields.py", {"py-pde": "0.59.0"}, {"euler": 1024}),
    Peer("sdeint", "sdeint_solve.py", {"sdeint": "0.3.0"}, {"euler": 32, "heun": 16}),
)
XMDS2: Final = {"euler": 4096, "midpoint": 2048, "rk4": 2048}
"""Trajectories of XMDS2's rounds, which is a Debian package and writes a program of its own."""
QUTIP: Final = Peer("qutip", "qutip_homodyne.py", {"qutip": "5.3.1"}, {"euler": 64, "rouchon": 64, "platen": 32})
NOT_RUN: Final = {
    "jitcsde": "not run: its noise is diagonal, a Wiener process to a variable; here three drive all five",
    "DiffEqGPU.jl": "quoted, not run: 3.0e9 trajectory-steps/s on a V100-class card, of another problem",
    "DifferentialEquations.jl": "not run: needs Julia, which neither PyPI nor Debian has",
}
QUOTED: Final = {"DiffEqGPU.jl": 1 / 3.0}
"""Nanoseconds per trajectory and step."""
TWINS: Final[Mapping[str, Integrator]] = {
    "euler": EulerMaruyama(1.0), "heun": Heun(1.0, increments=Gaussian()), "rk4": RK4(1.0, increments=Gaussian()),
    "midpoint": SemiImplicitMidpoint(1.0, increments=Gaussian()),
}  # fmt: skip
"""The same formulas here, which tell the bias of a scheme."""
NAMES: Final = ("xmds2", *(peer.name for peer in PEERS), QUTIP.name)

SINGLE: Final[Mapping[str, Any]] = {
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_use_fusion_emitters=false --xla_cpu_prefer_vector_width=512 "
    "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}  # fmt: skip
"""One thread; for XLA also the settings that were fastest, by a factor of two."""
