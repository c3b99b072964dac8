"""Loops over lanes become vector instructions."""

import platform
import re

import llvmlite.binding
import pytest
from numba import njit, types

from sdeframe.compiled import normals as nm
from sdeframe.compiled import random_numbers as rn
from sdeframe.compiled.signs import fill_signs

FEATURES_OF_CPU = llvmlite.binding.get_host_cpu_features()
VECTORS = platform.machine() in ("x86_64", "AMD64") and FEATURES_OF_CPU.get("avx2") and FEATURES_OF_CPU.get("fma")


def compile_normals(loop) -> str:
    @njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
    def kernel(z, trajectories, step, k0, k1):
        for channel in range(3):
            loop(z, 128 * channel, 64, trajectories, step, channel, rn.PATH, 0, k0, k1, 0.1)

    word = types.uint64
    kernel.compile((types.float64[::1], word[::1], types.int64, word, word))
    return next(iter(kernel.inspect_asm().values()))


def compile_signs() -> str:
    @njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
    def kernel(z, words, trajectories, step, k0, k1):
        rn.fill_words(words, 0, 64, trajectories, step, 2, rn.SIGN, k0, k1)
        for j in range(6):
            fill_signs(z, 64 * j, 64, words, j, step, 0.1)

    word = types.uint64
    kernel.compile((types.float64[::1], word[::1], word[::1], types.int64, word, word))
    return next(iter(kernel.inspect_asm().values()))


def count(pattern: str, assembly: str) -> int:
    return len(re.findall(rf"^\s+{pattern}", assembly, re.MULTILINE))


FLOATS = r"v(?:mul|add|sub|div|sqrt|fn?madd\d+|fn?msub\d+)"


@pytest.mark.skipif(not VECTORS, reason="needs AVX2 and FMA")
@pytest.mark.parametrize("loop", [nm.fill_normals, nm.add_normals])
def test_normals_compile_to_vector_instructions(loop) -> None:
    assembly = compile_normals(loop)
    packed, single = count(rf"{FLOATS}pd\b.*[yz]mm", assembly), count(rf"{FLOATS}sd\b", assembly)
    assert packed > 60
    assert single <= packed  # at most one more copy, for lanes that fill no vector
    check_words_are_packed(assembly)


@pytest.mark.skipif(not VECTORS, reason="needs AVX2 and FMA")
def test_signs_compile_to_vector_instructions() -> None:
    assembly = compile_signs()
    assert count(r"vpsll\w+\b.*[yz]mm", assembly) >= count(r"shlx?[ql]\b", assembly)
    check_words_are_packed(assembly)


def check_words_are_packed(assembly: str) -> None:
    """Check that words are multiplied by 32 bits in vectors, and that nothing is called or fetched lane by lane.

    A processor that multiplies vectors by 64 bits may do so now and then; three times the work, it must stay rare.
    """
    short, long = count(r"vpmuludq\b.*[yz]mm", assembly), count(r"vpmullq\b", assembly)
    assert short > 10
    assert long < short / 10
    assert count(r"imul|mul[ql]\b|mulx", assembly) <= 1.2 * short
    assert not count(r"call|v\w*gather|v\w*scatter", assembly)
