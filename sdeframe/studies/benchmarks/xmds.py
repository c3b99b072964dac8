"""The benchmark's problem in XMDS2 (Dennis, Hope and Johnsson 2013), run where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

SCRIPT: Final = """<?xml version="1.0" encoding="UTF-8"?>
<simulation xmds-version="2">
  <name>tavis_cummings</name>
  <features>
    <globals><![CDATA[const double N = {atoms}; const double root = sqrt(N);]]></globals>
    <validation kind="none" />
  </features>
  <driver name="multi-path" paths="{paths}" />
  <geometry><propagation_dimension> t </propagation_dimension></geometry>
  <vector name="main" type="complex" initial_space="">
    <components> A Ad ree reg rge </components>
    <initialisation><![CDATA[A = sqrt({photons} / N); Ad = A; ree = 0.0; reg = 0.0; rge = 0.0;]]></initialisation>
  </vector>
  <noise_vector name="noises" kind="wiener" type="complex" method="dsfmt" seed="1 2">
    <components> F Fd S </components>
  </noise_vector>
  <sequence>
    <integrate {algorithm} interval="{end}" steps="{steps}">
      <samples> {outputs} </samples>
      <operators>
        <dependencies> noises </dependencies>
        <integration_vectors> main </integration_vectors>
        <![CDATA[
          complex r = sqrt(ree);
          dA_dt = -i * {field} * reg - i * (r * F + reg * S) / root;
          dAd_dt = i * {field} * rge + i * (r * Fd + rge * S) / root;
          dree_dt = i * (reg * Ad - rge * A) - ree * conj(S) / root;
          dreg_dt = i * (2 * ree - 1) * A + (r * conj(Fd) - reg * conj(S)) / root;
          drge_dt = -i * (2 * ree - 1) * Ad + (r * conj(F) - rge * conj(S)) / root;
        ]]>
      </operators>
    </integrate>
  </sequence>
  <output format="hdf5">
    <sampling_group initial_sample="yes">
      <moments> excited </moments>
      <dependencies> main </dependencies>
      <![CDATA[ excited = ree.Re(); ]]>
    </sampling_group>
  </output>
</simulation>
"""


def installed() -> bool:
    """Return whether XMDS2 can be run."""
    return shutil.which("xmds2") is not None


ALGORITHMS: Final = {
    "euler": 'algorithm="SI" iterations="1"', "midpoint": 'algorithm="SI" iterations="3"', "rk4": 'algorithm="RK4"',
}  # fmt: skip
"""Its schemes; the semi-implicit one with one iteration is Euler-Maruyama, the others want Stratonovich's drift."""


def build(
    atoms: int, photons: float, dt: float, end: float, outputs: int, paths: int, scheme: str = "euler"
) -> Callable[[], Path]:
    """Compile the script and return a function that runs it once and returns the file that it writes."""
    folder = Path(tempfile.mkdtemp(prefix="sdeframe-xmds-"))
    text = SCRIPT.format(
        atoms=atoms, photons=photons, end=end, steps=round(end / dt), outputs=outputs - 1, paths=paths,
        algorithm=ALGORITHMS[scheme], field=1.0 if scheme == "euler" else 1 + 1 / (2 * atoms),
    )  # fmt: skip
    (folder / "tavis_cummings.xmds").write_text(text, encoding="utf-8")
    subprocess.run(["xmds2", "tavis_cummings.xmds"], cwd=folder, check=True, capture_output=True)

    def run() -> Path:
        subprocess.run(["./tavis_cummings"], cwd=folder, check=True, capture_output=True)
        return folder / "tavis_cummings.h5"

    return run


def prepare(atoms: int, photons: float, dt: float, end: float, outputs: int, paths: int) -> Callable[[], float]:
    """Compile the script and return a function that runs it once and returns ns per trajectory and step."""
    run = build(atoms, photons, dt, end, outputs, paths)

    def timed() -> float:
        begin = time.perf_counter()
        run()
        return 1e9 * (time.perf_counter() - begin) / (paths * round(end / dt))

    return timed


def last_mean(file: Path) -> tuple[float, float]:
    """Return the mean of the excited atoms at the last output time, with its standard error."""
    import h5py

    with h5py.File(file) as data:
        group = data["1"]
        return float(group["mean_excited"][-1]), float(group["stderr_excited"][-1])
