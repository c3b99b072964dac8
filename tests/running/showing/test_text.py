"""What a terminal shows of a result: a line for everything that somebody must know."""

from sdeframe.running.result import Result
from tests.support.shown_runs import everything


def test_a_result_is_told_in_lines():
    result = everything()
    told = repr(result).splitlines()
    ds = result.dataset
    assert told[0].endswith(f"400 trajectories, seed 2, {result.seconds:.3g} s")
    assert told[1] == "mean at t = 6:"
    number = next(line for line in told if line.split()[0] == "photon_number")
    assert number.split()[1] == f"{float(ds['photon_number'][-1].real):.6g}"
    assert number.endswith(f"trusted up to t = {result.horizon('photon_number'):.4g}")
    window = next(line for line in told if line.split()[0] == "number")
    assert ", over its window, trusted up to t = " in window
    assert f"alive at the end: {int(ds['alive'][-1])} of 400" in repr(result)
    assert [line.removeprefix("warning: ") for line in told if line.startswith("warning: ")] == list(result.warnings)
    assert str(result) == repr(result)


def test_what_is_no_run_is_shown_as_a_dataset():
    dataset = everything().dataset.drop_attrs()
    assert repr(Result(dataset)) == str(dataset)
