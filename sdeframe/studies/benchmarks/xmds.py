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
    <integrate algorithm="SI" iterations="1" interval="{end}" steps="{steps}">
      <samples> {outputs} </samples>
      <operators>
        <dependencies> noises </dependencies>
        <integration_vectors> main </integration_vectors>
        <![CDATA[
          complex r = sqrt(ree);
          dA_dt = -i * reg - i * (r * F + reg * S) / root;
          dAd_dt = i * rge + i * (r * Fd + rge * S) / root;
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


def prepare(atoms: int, photons: float, dt: float, end: float, outputs: int, paths: int) -> Callable[[], float]:
    """Compile the script and return a function that runs it once and returns ns per trajectory and step."""
    folder = Path(tempfile.mkdtemp(prefix="sdeframe-xmds-"))
    steps = round(end / dt)
    text = SCRIPT.format(atoms=atoms, photons=photons, end=end, steps=steps, outputs=outputs - 1, paths=paths)
    (folder / "tavis_cummings.xmds").write_text(text, encoding="utf-8")
    subprocess.run(["xmds2", "tavis_cummings.xmds"], cwd=folder, check=True, capture_output=True)

    def timed() -> float:
        begin = time.perf_counter()
        subprocess.run(["./tavis_cummings"], cwd=folder, check=True, capture_output=True)
        return 1e9 * (time.perf_counter() - begin) / (paths * steps)

    return timed
