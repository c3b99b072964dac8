"""Runs of all numbers of quanta that matter, as one result."""

import attrs
import numpy as np
import pytest

from sdeframe import load
from sdeframe.campaigns import by_sector, sectors
from sdeframe.derivation import Boson, Emitters, Ket, Master
from sdeframe.derivation.quantum_model import QuantumModel
from sdeframe.gauges import Decoupled
from sdeframe.groups import Groups
from sdeframe.integrators import W2S4
from sdeframe.sampling.errors import student_limit
from sdeframe.storage.store import Store, cached_run

a, cloud = Boson("a"), Emitters("s", "ge", 2)
MODEL = QuantumModel(
    Master(a * cloud.sum("eg") + a.dag() * cloud.sum("ge")), Ket(), start={a: 1.0, cloud: "e"},
    observables={"e": cloud.sum("ee"), "n": a.dag() * a},
)  # fmt: skip
OPTIONS = {
    "gauge": Decoupled(MODEL.log_norm), "times": [0.0, 0.25, 0.5], "trajectories": 160, "groups": Groups(20), "seed": 4,
    "progress": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("store"))
    return sectors(MODEL, W2S4(0.05), left_out=0.05, store=store, **OPTIONS), store


def test_averages_are_exact_but_for_errors_that_are_told(together):
    """Within 5.2 standard errors in terms of 8 groups, of 6 numbers: false alarms below 1e-6."""
    result, _ = together
    ds, exact = result.dataset, MODEL.exact([0.0, 0.25, 0.5])
    assert ds.sector.values.tolist() == [2, 3, 4, 5]
    out = 1 - sum(MODEL.sector_weights[E] for E in range(2, 6))
    assert out <= 0.05
    assert ds.attrs["left_out"] == pytest.approx(out)
    assert ds.attrs["trajectories"] == 640
    for name in ("e", "n"):
        off = abs(ds[name].values.real - exact[name].real)
        assert np.all(off <= student_limit(8, 5.2) * ds[f"{name}_se"] + ds[f"{name}_left_out"] + 1e-4)
        assert np.all(off <= result.total_error(name, 5.2).values.real + 1e-4)
    assert 0 < off[0] <= ds["n_left_out"][0] < 0.2  # the photons of sectors left out; nothing else is off at the start


def test_a_result_is_the_sum_of_its_sectors(together):
    ds = together[0].dataset
    p = (ds["probability"] / ds["probability"].sum()).values
    np.testing.assert_allclose(ds["e"], p @ ds["e_of_sector"].values)
    np.testing.assert_allclose(ds["e_se"], np.sqrt(p**2 @ ds["e_of_sector_se"].values ** 2))


def test_what_is_kept_is_not_run_again(together, tmp_path):
    result, store = together
    again = sectors(MODEL, W2S4(0.05), left_out=0.05, store=store, threads=2, **OPTIONS)
    assert again.dataset.drop_attrs().identical(result.dataset.drop_attrs())
    assert np.isnan(again.seconds)
    result.save(tmp_path / "kets.nc")
    assert load(tmp_path / "kets.nc").dataset["e_left_out"].equals(result.dataset["e_left_out"])


def test_sectors_have_trajectories_of_their_own(tmp_path, monkeypatch):
    given = []

    def run(*args, **options):
        given.append(options["trajectories"])
        return cached_run(*args, **options)

    monkeypatch.setattr(by_sector, "cached_run", run)
    sectors(MODEL, W2S4(0.05), left_out=0.3, store=Store(tmp_path), **(OPTIONS | {"times": [0.0]}))
    assert given == [range(320, 480), range(480, 640)]


def test_what_must_be_known_of_some_is_said(tmp_path):
    few = OPTIONS | {"trajectories": 40, "times": [0.0]}
    with pytest.warns(UserWarning, match="2 groups of kets tell no standard error"):
        found = sectors(MODEL, W2S4(0.05), left_out=0.5, store=Store(tmp_path), **few)
    assert found.warnings[0].startswith("sector 3: 2 groups of kets") or found.warnings[0].startswith(
        "sector 2: 2 groups"
    )


def test_what_does_not_fit_is_refused():
    def run(model=MODEL, **options):
        return sectors(model, W2S4(0.05), **(OPTIONS | options))

    with pytest.raises(TypeError, match=r"must be QuantumModel\(master, Ket\(\), ...\), without a sector"):
        run(attrs.evolve(MODEL, representation=Ket(sector=3)))
    with pytest.raises(ValueError, match="left_out=2 in sectors: must be between 0 and 1"):
        run(left_out=2)
    with pytest.raises(ValueError, match=r"trajectories=range\(0, 40\) in sectors"):
        run(trajectories=range(40))
    with pytest.raises(ValueError, match="changes the number of quanta"):
        run(attrs.evolve(MODEL, observables={"a": a}))
