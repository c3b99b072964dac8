"""Write closed_qutip.json: the closed Tavis-Cummings model by brute force, every atom a spin (needs QuTiP).

Run it as ``python tests/data/make_closed_qutip.py``; the tests load `solve` from here for their live comparison.
"""

import itertools
import json
from pathlib import Path

import numpy as np
import qutip

FILE = Path(__file__).parents[2] / "sdeframe/studies/validations/data" / "closed_qutip.json"
TIMES = np.linspace(0.0, 10.0, 21)
EVERY = 5  # the photon distribution is written at every fifth time
CASES = [
    (atoms, photons, start)
    for atoms, photons, start in itertools.product((1, 2, 3), (0.0, 0.3, 1.5), ("ground", "excited"))
    if photons or start == "excited"
]
CUTOFF = 40  # photon states; beyond it a Poisson law of mean 1.5 holds less than 1e-40
WRITTEN = 22  # those of which the probability is written: the others have less than 1e-16 together


def solve(atoms, photons, start, times):
    """Integrate the Schrödinger equation of eq. (1) (f = 1, rotating frame) in the full product space."""
    spin, ground, excited = qutip.qeye(2), qutip.basis(2, 0), qutip.basis(2, 1)
    field = qutip.qeye(CUTOFF)

    def on_atom(operator, mu):
        return qutip.tensor(field, *[operator if nu == mu else spin for nu in range(atoms)])

    a = qutip.tensor(qutip.destroy(CUTOFF), *[spin] * atoms)
    raising = sum(on_atom(excited * ground.dag(), mu) for mu in range(atoms))
    absorption = raising * a / np.sqrt(atoms)
    share = sum(on_atom(excited * excited.dag(), mu) for mu in range(atoms)) / atoms
    pair = [on_atom(excited * ground.dag(), 0) * on_atom(ground * excited.dag(), 1)] if atoms > 1 else []
    number = [qutip.tensor(qutip.fock_dm(CUTOFF, n), *[spin] * atoms) for n in range(WRITTEN)]
    coherent = qutip.coherent(CUTOFF, np.sqrt(photons), method="analytic")
    psi = qutip.tensor(coherent, *[{"ground": ground, "excited": excited}[start]] * atoms)
    options = {"method": "vern9", "atol": 1e-14, "rtol": 1e-12, "nsteps": 100_000, "progress_bar": ""}
    e_ops = [share, a.dag() * a, *number, *pair]
    found = np.real(qutip.sesolve(absorption + absorption.dag(), psi, times, e_ops=e_ops, options=options).expect)
    values = {"excited": found[0], "photon_number": found[1], "photon_distribution": found[2 : WRITTEN + 2].T}
    return values | ({"pair": found[-1]} if pair else {})


def main():
    rows = []
    for atoms, photons, start in CASES:
        found = solve(atoms, photons, start, TIMES)
        found["photon_distribution"] = found["photon_distribution"][::EVERY]
        values = {name: np.round(x, 12).tolist() for name, x in found.items()}
        rows.append({"atoms": atoms, "photons": photons, "start": start, **values})
    table = {"program": f"QuTiP {qutip.__version__}", "times": TIMES.tolist(), "every": EVERY, "cases": rows}
    FILE.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
