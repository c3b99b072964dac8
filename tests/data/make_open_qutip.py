"""Write open_qutip.json: the Tavis-Cummings model with individual decay, by two other programs (needs QuTiP).

One to five atoms by brute force, every atom a spin of its own; four to six by ``qutip.piqs`` beside a small cavity,
whose rates are single-precision numbers (C floats), so that it is good to about 1e-8 of the decay times the time.
Run it as ``python tests/data/make_open_qutip.py``; the tests load the two solvers from here for their live comparison.
"""

import json
from pathlib import Path

import numpy as np
import qutip
from qutip import piqs

FILE = Path(__file__).parents[2] / "sdeframe/studies/validations/data" / "open_qutip.json"
TIMES = np.linspace(0.0, 6.0, 13)
EVERY = 4  # the photon distribution is written at every fourth time
BRUTE = [
    (N, nph, start, g) for N in (1, 2, 3) for nph, start in ((0.0, "excited"), (0.4, "ground")) for g in (0.5, 2.6)
]
BRUTE += [(2, 0.4, "excited", 0.5), (3, 0.4, "excited", 0.5), (4, 0.0, "excited", 0.5), (5, 0.0, "excited", 1.3)]
DICKE = [(4, 0.4, "ground", 0.5), (4, 0.0, "excited", 0.5), (5, 0.0, "excited", 1.3), (6, 0.0, "excited", 0.5)]
OPTIONS = {"method": "vern9", "atol": 1e-14, "rtol": 1e-12, "nsteps": 1_000_000, "progress_bar": ""}


def cutoff(atoms, photons, start):
    """Give a number of photon states beyond which there is nothing: at mean 0.4, less than 1e-13."""
    return (12 if photons else 1) + (atoms if start == "excited" else 0)


def brute_force(atoms, photons, start, decay, times):
    """Integrate eq. (1) (f = 1, rotating frame) in the full product space."""
    size = cutoff(atoms, photons, start)
    spin, ground, excited = qutip.qeye(2), qutip.basis(2, 0), qutip.basis(2, 1)

    def on_atom(operator, mu):
        return qutip.tensor(qutip.qeye(size), *[operator if nu == mu else spin for nu in range(atoms)])

    a = qutip.tensor(qutip.destroy(size), *[spin] * atoms)
    up = [on_atom(excited * ground.dag(), mu) for mu in range(atoms)]
    absorption = sum(up) * a / np.sqrt(atoms)
    e_ops = [sum(s * s.dag() for s in up) / atoms, a.dag() * a]
    if atoms > 1:
        e_ops.append(up[0] * up[-1].dag())
    means = len(e_ops)
    e_ops += [qutip.tensor(qutip.fock_dm(size, n), *[spin] * atoms) for n in range(size)]
    coherent = qutip.coherent(size, np.sqrt(photons), method="analytic")
    psi = qutip.tensor(coherent, *[{"ground": ground, "excited": excited}[start]] * atoms)
    lose = [np.sqrt(decay) * s.dag() for s in up]
    found = qutip.mesolve(absorption + absorption.dag(), psi, times, lose, e_ops=e_ops, options=OPTIONS)
    values = np.real(found.expect)
    named = dict(zip(("excited", "photon_number", "pair"), values[:means], strict=False))
    return named | {"photon_distribution": values[means:].T}


def dicke_space(atoms, photons, start, decay, times):
    """Integrate the same with the atoms in the Dicke space of ``qutip.piqs``."""
    size, atomic = cutoff(atoms, photons, start), piqs.num_dicke_states(atoms)
    a = qutip.tensor(qutip.qeye(atomic), qutip.destroy(size))
    up = qutip.tensor(piqs.jspin(atoms, "+"), qutip.qeye(size))
    inversion = qutip.tensor(piqs.jspin(atoms, "z"), qutip.qeye(size))
    coupling = (up * a + up.dag() * a.dag()) / np.sqrt(atoms)
    spins = piqs.Dicke(atoms, emission=decay)
    spins.hamiltonian = 0 * piqs.jspin(atoms, "z")
    generator = qutip.super_tensor(spins.liouvillian(), qutip.to_super(qutip.qeye(size))) + qutip.liouvillian(coupling)
    coherent = qutip.coherent(size, np.sqrt(photons), method="analytic")
    rho = qutip.tensor(getattr(piqs, start)(atoms), coherent.proj())
    e_ops = [inversion, a.dag() * a, up * up.dag()]
    e_ops += [qutip.tensor(qutip.qeye(atomic), qutip.fock_dm(size, n)) for n in range(size)]
    values = np.real(qutip.mesolve(generator, rho, times, e_ops=e_ops, options=OPTIONS).expect)
    excited = values[0] / atoms + 0.5
    pair = (values[2] / atoms - excited) / (atoms - 1)
    return {"excited": excited, "photon_number": values[1], "pair": pair, "photon_distribution": values[3:].T}


def main():
    rows = []
    for solve, cases in ((brute_force, BRUTE), (dicke_space, DICKE)):
        for atoms, photons, start, decay in cases:
            values = solve(atoms, photons, start, decay, TIMES)
            values["photon_distribution"] = values["photon_distribution"][::EVERY]
            rounded = {name: np.round(x, 12).tolist() for name, x in values.items()}
            case = {"solver": solve.__name__, "atoms": atoms, "photons": photons, "start": start, "decay": decay}
            rows.append(case | rounded)
    table = {"program": f"QuTiP {qutip.__version__}", "times": TIMES.tolist(), "every": EVERY, "cases": rows}
    FILE.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
