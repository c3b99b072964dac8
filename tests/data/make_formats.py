"""Write a file of each format that this version writes to `tests/data/formats`, where there is none yet.

Run once for every new format: ``python tests/data/make_formats.py``. Files of earlier formats are never made anew: they
are there to show that what an earlier version wrote can still be read.
"""

import shutil
import tempfile
from pathlib import Path

from sdeframe import simulate
from sdeframe.checkpoints import file
from sdeframe.cli import commands
from sdeframe.integrators import W2S4
from sdeframe.models import KerrOscillator
from sdeframe.observers import Trajectories
from sdeframe.running.provenance import FORMAT

FORMATS = Path(__file__).parent / "formats"
PATHS = 1
"""The version of files of paths, which carry none."""


def keep(written: Path, name: str) -> None:
    if not (FORMATS / name).exists():
        shutil.copyfile(written, FORMATS / name)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        result, run, paths = (Path(name) / written for written in ("result.nc", "run.ckpt", "paths.nc"))
        experiment = str(FORMATS / "experiment-1.toml")
        commands.main(["run", experiment, "--output", str(result), "--checkpoint", str(run)], standalone_mode=False)
        keep(result, f"result-{FORMAT.rpartition('/')[2]}.nc")
        keep(run, f"checkpoint-{file.VERSION}.ckpt")
        kerr = KerrOscillator()
        observers = [Trajectories(range(4), file=paths, a=kerr.observables["amplitude"])]
        simulate(kerr, W2S4(dt=0.05), observers=observers, times=[0.5, 1.0], trajectories=256, seed=1)
        keep(paths, f"paths-{PATHS}.nc")


if __name__ == "__main__":
    main()
