"""The table of proposed poles: its verdicts on planted outcomes, and on a case that nothing was chosen on."""

import numpy as np
import pytest

from sdeframe.studies.validations.proposals.held_out import held_out_cases, reciprocal
from sdeframe.studies.validations.proposals.table import HELD_OUT_SIZES, Pair, group_rows, pairs, verdicts
from sdeframe.studies.validations.trust_cases import Outcome

GOOD, SHORT, WRONG, NONE = (Outcome(h, 2.0, 2.0, 2.0) for h in (1.0, 0.5, 2.5, 0.0))


def test_wrong_certificates_and_short_horizons_fail():
    def passed(*found):
        return [row.passed for row in verdicts("x", list(found))]

    assert passed(Pair(GOOD, GOOD)) == [True, None, True]
    assert passed(Pair(GOOD, SHORT)) == [True, None, False]
    assert passed(Pair(GOOD, GOOD), Pair(GOOD, WRONG)) == [False, None, True]
    assert passed(Pair(WRONG, GOOD), Pair(NONE, NONE), Pair(NONE, GOOD)) == [True, None, True]


def test_a_mean_that_poles_displace_is_not_trusted_for_too_long():
    """dx = −x² dt − s x² dF: the mean is off by exp(−(1+t)²/(s²t))/(1+t), 0.18 at t = 1 and 0.02 at 0.2."""
    case = reciprocal()
    assert case.exact[-1] == 0.5
    found = pairs(case, {2_000: 2}, 1, 2)
    assert all(0 < p.proposed.horizon <= p.proposed.valid < 1 for p in found)


@pytest.mark.long
def test_no_certificate_of_held_out_cases_is_wrong():
    *_, bad, _, share = group_rows("held out", held_out_cases(), HELD_OUT_SIZES, None, 2)
    assert bad.value == 0
    assert share.passed
    assert np.isfinite(share.value)
