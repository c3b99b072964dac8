"""What is given for a system, as expressions; what is refused is in `test_checks`."""

import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from sdeframe.symbolic.rows import drift_rows, noise_rows, pairs
from sdeframe.symbolic.symbols import complex_variables, real_noises, real_variables

z = complex_variables("z")
x, y = real_variables("x y")
W1, W2, W3 = real_noises("W1 W2 W3")

COVARIANCE = {(W1, W2): sp.Rational(1, 2), (W1, W3): 0, (W2, W3): -0.25}


@given(st.permutations([z, x, y]))
def test_rows_stay_in_the_order_given(variables):
    for rows in (drift_rows, noise_rows):
        read = rows({v: n for n, v in enumerate(variables)})
        assert read == tuple((v, sp.Integer(n)) for n, v in enumerate(variables))
        assert rows(dict(read)) == read


@given(st.permutations([*COVARIANCE.items()]), st.sets(st.sampled_from([*COVARIANCE])))
def test_a_covariance_has_one_form_however_it_is_given(items, turned):
    read = pairs({pair[::-1] if pair in turned else pair: c for pair, c in items})
    assert read == (((W1, W2), sp.Rational(1, 2)), ((W2, W3), sp.Float(-0.25)))
    assert pairs(dict(read)) == read
