"""What an earlier version wrote is read by this one: a file of each format, made once (`data/make_formats.py`)."""

import math
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from sdeframe import load
from sdeframe.checkpoints import file
from sdeframe.running.provenance import FORMAT
from sdeframe.studies.experiments.reading import read
from sdeframe.studies.experiments.resolved import resolved

FORMATS = Path(__file__).parents[1] / "data" / "formats"
EXCITED = [0.0, 0.21289657, 0.57276955, 0.77747309, 0.80135442, 0.66197879]
"""Of ten atoms and ten photons at the first output times, as they were written."""


def of(kind: str, suffix: str) -> list[Path]:
    found = sorted(FORMATS.glob(f"{kind}-*.{suffix}"))
    assert found, kind
    return found


def test_there_is_a_file_of_each_format_that_is_written_now() -> None:
    """Where this fails a format has changed: make its file, and keep those of earlier ones."""
    assert (FORMATS / f"result-{FORMAT.rpartition('/')[2]}.nc").is_file()
    assert (FORMATS / f"checkpoint-{file.VERSION}.ckpt").is_file()


@pytest.mark.parametrize("path", of("result", "nc"), ids=lambda path: path.stem)
def test_a_result_answers_as_it_did(path: Path) -> None:
    result = load(path)
    assert result.dataset["excited"].values.real[:6] == pytest.approx(EXCITED, abs=1e-8)
    assert result.dataset["time"].values == pytest.approx(np.linspace(0, 5, 11))
    assert result.horizon("excited") == result.horizon("photon_number") == 2.5
    assert result.runaway_time(0.005) == pytest.approx(3.8)
    assert result.runaway_time(0.005, bound=10.0) == pytest.approx(3.0)
    assert result.runaway_time(0.5) == math.inf
    assert result.total_error("excited").values.real[1] == pytest.approx(0.00234606, abs=1e-8)
    assert result.warnings == ()
    assert result.ended.startswith("after 4,000 trajectories")


@pytest.mark.parametrize("path", [*of("result", "nc"), *of("experiment", "toml")], ids=lambda path: path.name)
def test_an_experiment_is_what_it_was(path: Path) -> None:
    """That it gives the same numbers is another matter: of a new version bits may differ, and it says so."""
    experiment = read(path)
    assert (experiment.model, experiment.trajectories, experiment.seed) == ("tavis-cummings", 4_000, 1)
    assert resolved(experiment).options["times"] == pytest.approx(np.linspace(0, 5, 11))


@pytest.mark.parametrize("path", of("checkpoint", "ckpt"), ids=lambda path: path.stem)
def test_a_checkpoint_is_read_down_to_its_sums(path: Path) -> None:
    """Whether a run goes on with them, hashes of what their bits depend on decide, in which versions differ."""
    page, members = file.read(path)
    assert page.done == page.trajectories == 4_000
    assert page.command is not None
    assert page.command["model"] == "tavis-cummings"
    for span in page.spans:
        assert file.unsealed_sum(page.key, span, members[file.name_of(span)])


@pytest.mark.parametrize("path", of("paths", "nc"), ids=lambda path: path.stem)
def test_paths_are_plain_netcdf(path: Path) -> None:
    with xr.open_dataset(path) as paths:
        assert paths["a"].sizes == {"time": 2, "trajectory": 4, "complex_part": 2}
        assert np.isfinite(paths["a"].values).all()
