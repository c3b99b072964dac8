"""Elementary functions compile to packed code with stable bits."""

import platform
import re

import numpy as np
import pytest

from tests.support.lane_functions import ALL, COMPLEX, ORDER, SPECIAL, arguments, evaluate, lane_loop


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="reads x86 assembly")
@pytest.mark.parametrize("name", ALL)
def test_lane_loop_is_packed_and_calls_nothing(name: str) -> None:
    loop = lane_loop(name)
    evaluate(name, *[np.ones(1)] * (loop.py_func.__code__.co_argcount - (2 if name in COMPLEX else 1)))
    (signature,) = loop.signatures
    label = re.escape(loop.overloads[signature].fndesc.mangled_name)
    body = re.search(rf"^{label}:$(.*?)^\.Lfunc_end", loop.inspect_asm(signature), re.DOTALL | re.MULTILINE)
    assert body is not None
    assert not re.search(r"\bcall", body[1])
    assert not re.search(r"vfn?m(add|sub)", body[1])  # no contraction: it would change the bits between processors
    arithmetic = r"cmp\w*|max|min|and\w*" if name in ORDER else "mul"
    assert re.search(rf"\bv?({arithmetic})pd\b", body[1])


@pytest.mark.parametrize("name", ALL)
def test_bits_do_not_depend_on_length_or_offset(name: str) -> None:
    inputs = [x[:203] for x in arguments(name, np.random.default_rng(3))]
    inputs = [np.concatenate([x, SPECIAL]) for x in inputs]
    whole = evaluate(name, *inputs)
    for start, length in ((0, 1), (1, 3), (3, 8), (5, 31), (7, inputs[0].size - 7)):
        part = evaluate(name, *(x[start : start + length] for x in inputs))
        np.testing.assert_array_equal(part, whole[:, start : start + length])
        np.testing.assert_array_equal(
            np.signbit(part[part == 0]), np.signbit(whole[:, start : start + length][part == 0])
        )
