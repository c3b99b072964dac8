"""The tables of open means and of the two schemes: they judge what they say, and see what is wrong."""

import attrs
import numpy as np
import pytest
import xarray as xr

from sdeframe.integrators import StochasticRK2
from sdeframe.models import TavisCummings
from sdeframe.storage.store import Store
from sdeframe.studies.ensembles import ensemble, figure_cases, grid
from sdeframe.studies.validations import open_system, schemes
from tests.support.findings import minimal

MODEL = TavisCummings(10, 10.0, decay=0.5)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("open") / "store")


@pytest.fixture(scope="module")
def run(store):
    return ensemble(store, MODEL, 2_000, 1)


@pytest.fixture(scope="module")
def exact():
    curves = MODEL.exact(grid(MODEL))
    return xr.Dataset({name: ("time", values) for name, values in curves.items()}, coords={"time": grid(MODEL)})


def rows_of(run, exact):
    return {row.quantity: row for row in open_system.deviation_rows("case", run, exact)}


BEFORE = "bound 10, before: |mean - exact| / se"


def test_a_true_mean_passes_and_a_shifted_one_does_not(run, exact):
    """Some 50 correlated comparisons at 5 standard errors: a false alarm below 3e-5 for this one fixed seed."""
    rows = rows_of(run.dataset, exact)
    assert rows[BEFORE].passed
    assert rows["bound 10, before: |imaginary part| / se"].passed
    shifted = exact.assign(excited=exact["excited"] + 8 * float(run.dataset["excited_low_se"].max()))
    assert rows_of(run.dataset, shifted)[BEFORE].passed is False
    late = exact["excited"].where(exact["time"] < rows["bound 10: share lost above se/2 from"].value, 0.9)
    only_late = rows_of(run.dataset, exact.assign(excited=late))
    assert only_late[BEFORE] == rows[BEFORE]
    assert only_late["bound 10, after: |mean - exact|"].value > 0.3


def test_the_error_of_the_reference_counts(run, exact):
    rows = rows_of(run.dataset, exact.assign(excited_se=0 * exact["excited"] + 1.0))
    assert rows[BEFORE].value < 0.1


def test_judging_ends_where_the_share_lost_exceeds_half_a_standard_error():
    lost, error = np.array([0.0, 0.0, 0.001, 0.002, 0.01]), np.array([0.0, 0.01, 0.01, 0.003, 0.1])
    ds = xr.Dataset({"lost_low": ("time", lost), "excited_low_se": ("time", error)})
    assert open_system.first_biased(ds) == 3
    assert open_system.first_biased(ds.isel(time=slice(3))) == 3


def test_a_case_has_its_damping_its_times_and_its_deviations(store, monkeypatch):
    monkeypatch.setattr(open_system, "searched_damping", lambda store, model, threads: minimal(0.5, 0.48, 0.53))
    rows = {row.quantity: row for row in open_system.case_rows(store, TavisCummings(10, 10.0), 2_000, 1)}
    assert rows["minimal damping"].value == 0.5
    assert rows["minimal damping"].note == "used: 0.5"
    assert 3 < rows["0.5 % time, bound 10"].value < rows["0.5 % time, bound 1000"].value < 8
    assert 2 < rows["trusted until"].value < rows["0.5 % time, bound 1000"].value
    assert rows["bound 1000: |mean - exact| / own se"].passed is None
    assert all(row.case == "N=10 ground nph=10" for row in rows.values())


def test_all_open_cases_of_the_figures_are_in_the_tables():
    cases = list(figure_cases())
    assert len(set(cases)) == 14
    assert {(m.atoms, m.start) for m in cases} == {(n, s) for n in (10, 100) for s in ("ground", "excited")}


def test_two_schemes_agree_and_another_model_does_not(store, run):
    """Two ensembles of fixed seeds at 5 standard errors of their difference."""
    other = ensemble(store, MODEL, 1_000, 1, scheme=StochasticRK2(dt=0.0125), seed=2)
    rows = list(schemes.compared_rows(MODEL, run, other))
    assert [row.passed for row in rows] == [None, True, True]
    wrong = ensemble(store, attrs.evolve(MODEL, decay=0.3), 1_000, 1, scheme=StochasticRK2(dt=0.0125), seed=2)
    assert [row.passed for row in schemes.compared_rows(MODEL, run, wrong)] == [None, False, False]
