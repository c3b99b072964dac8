"""Write piqs_cost.json: how far ``qutip.piqs`` with a cavity gets, in time and memory (needs QuTiP).

Run it as ``python tests/data/make_piqs_cost.py``. Every case is a process of its own on one thread, which ends at
`SECONDS` of processor time or at `GIBIBYTES`: the case is then beyond reach, and so are those with more photons.
Initial state, decay, time and observables are those of ``sdeframe bench exact``; the solver has QuTiP's own tolerances.
"""

import json
import resource
import signal
import subprocess
import sys
from pathlib import Path
from time import process_time

import numpy as np

FILE = Path(__file__).parents[2] / "sdeframe/studies/validations/data" / "piqs_cost.json"
ATOMS, PHOTONS = (2, 4, 6, 10, 20, 100), (0.1, 1.0, 10.0)
SECONDS, GIBIBYTES = 30, 8
DECAY, LAST = 0.5, 10.0


def measure(atoms, photons):
    """Return size, seconds and peak memory of a case, photons given per atom."""
    import qutip
    from qutip import piqs

    from sdeframe.models.tavis_cummings.closed_exact import poisson_window

    size = int(poisson_window(photons * atoms, 1e-8)[0][-1]) + 1
    begin = process_time()
    atomic = piqs.num_dicke_states(atoms)
    a = qutip.tensor(qutip.qeye(atomic), qutip.destroy(size))
    up = qutip.tensor(piqs.jspin(atoms, "+"), qutip.qeye(size))
    coupling = (up * a + up.dag() * a.dag()) / np.sqrt(atoms)
    spins = piqs.Dicke(atoms, emission=DECAY)
    spins.hamiltonian = 0 * piqs.jspin(atoms, "z")
    generator = qutip.super_tensor(spins.liouvillian(), qutip.to_super(qutip.qeye(size))) + qutip.liouvillian(coupling)
    built = process_time()
    rho = qutip.tensor(piqs.ground(atoms), qutip.coherent(size, np.sqrt(photons * atoms), method="analytic").proj())
    inversion = qutip.tensor(piqs.jspin(atoms, "z"), qutip.qeye(size))
    options = {"progress_bar": "", "nsteps": 1_000_000}
    qutip.mesolve(generator, rho, np.linspace(0.0, LAST, 11), e_ops=[inversion, a.dag() * a], options=options)
    return {
        "elements": (atomic * size) ** 2, "seconds": round(process_time() - begin, 2),
        "to_build": round(built - begin, 2),
        "mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def limited(atoms, photons):
    """Return what `measure` finds in a process of its own, or why it did not come to an end."""

    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (GIBIBYTES << 30, GIBIBYTES << 30))

    command = [sys.executable, __file__, str(atoms), str(photons)]
    environment = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, env=environment)
    if done.returncode == 0:
        return json.loads(done.stdout.splitlines()[-1])
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return {"beyond": f"{SECONDS} s"}
    if "MemoryError" in done.stderr or "llocat" in done.stderr:
        return {"beyond": f"{GIBIBYTES} GiB"}
    raise RuntimeError(done.stderr)


def main():
    import qutip

    rows = []
    for atoms in ATOMS:
        for photons in PHOTONS:
            row = {"atoms": atoms, "photons": photons * atoms, **limited(atoms, photons)}
            print(row, flush=True)
            rows.append(row)
            if "beyond" in row:
                break
        if photons == PHOTONS[0] and "beyond" in row:
            break
    about = {"program": f"QuTiP {qutip.__version__}", "decay": DECAY, "last": LAST, "threads": 1}
    FILE.write_text(json.dumps(about | {"cases": rows}, indent=1) + "\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]), float(sys.argv[2]))))
    else:
        main()
