"""Plain values as text of TOML, and what is refused before it is read."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdeframe.studies.experiments.text import LARGEST, parsed, written

words = st.text(st.characters(categories=["L", "N", "P", "S"], include_characters=" "), max_size=8)
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.booleans()
values = st.recursive(
    numbers | words, lambda v: st.lists(v, max_size=3) | st.dictionaries(words, v, max_size=3), max_leaves=6
)
tables = st.dictionaries(words, values, max_size=4)


@given(tables)
def test_a_table_comes_back_from_its_text_to_the_bit(table):
    assert repr(parsed(written(table))) == repr(table)


def test_a_number_of_numpy_is_written_as_a_plain_one():
    assert written({"dt": np.float64(0.1)}) == "dt = 0.1\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed = ", "is no TOML: "),
        ("seed = 1\nseed = 2", "is no TOML: "),
        ("when = 2020-01-01", "when=datetime.date(2020, 1, 1): must be a number, text, "),
        ("[a]\nx = [1.0, nan]", "a.x[1]=nan: must be a number"),
        ("x = 9223372036854775808", "x: holds an integer that is too large"),
        ("x = 0x" + "f" * 10_000, "x: holds an integer that is too large"),
        ("x = 1" + "0" * 10_000, "is no TOML: "),
        ('x = "a\\nb"', "x='a\\nb': must be text of one line that can be printed"),
        ('"a\\u0007" = 1', "a key of the table='a\\x07': must be text"),
        ("x = " + "[" * 50_000, "holds tables deeper than 8"),
        ("x = " + "[" * 20 + "]" * 20, "holds tables deeper than 8"),
        ("a = {" * 50_000, "holds tables deeper than 8"),
        ("a = " + "{a = " * 50_000, "holds tables deeper than 8"),
        ("a." * 500_000 + "b = 1", "holds tables deeper than 8"),
        ("[" + "'a' . " * 100_000 + "b]", "holds tables deeper than 8"),
        ("a" * LARGEST + " = 1", "is longer than 1048576 letters"),
    ],
    ids=lambda text: text[:20],
)
def test_what_is_no_plain_table_is_refused_soon(text, message):
    """The reader of the standard library takes minutes for the long keys."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}") as caught:
        parsed(text)
    assert "\n" not in str(caught.value)
