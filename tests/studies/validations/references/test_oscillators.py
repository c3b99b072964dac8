"""Exact photon numbers of the two damped oscillators, and equations that mean them."""

import numpy as np
import pytest
import sympy as sp

from sdeframe.studies.validations.references.oscillators import (
    NUMBER,
    a,
    b,
    driven_kerr,
    driven_kerr_photons,
    two_photon_loss,
    two_photon_loss_photons,
)


def test_the_driven_kerr_oscillator_has_the_known_photon_numbers():
    found = driven_kerr_photons([5.0, 10.0, 20.0])
    assert found == pytest.approx([12.2936, 15.8209, 19.0369], abs=1e-4)


def test_two_photon_loss_has_the_known_photon_numbers():
    found = two_photon_loss_photons([0.0, 0.25, 0.5, 1.0, 2.0])
    assert found == pytest.approx([1.0, 0.709274, 0.588312, 0.487606, 0.439769], abs=1e-6)


def test_the_equations_have_the_moments_of_the_master_equation():
    """For driven photons d<n> = -iF<b - a> - <n>, for lost pairs d<n> = -2<b²a²>."""
    kerr, pairs = driven_kerr().system(), two_photon_loss().system()
    drive = sp.Float(2.4) * sp.I * (a - b)
    assert sp.expand(kerr.generator(NUMBER) - (drive - NUMBER)) == 0
    assert sp.expand(pairs.generator(NUMBER) + 2 * NUMBER**2) == 0
    assert sp.expand(pairs.correlator(a, a) + a**2) == 0


def test_bounds_are_those_of_a_photon_number():
    assert driven_kerr().poles.on_variables(10.0) == pytest.approx(np.sqrt(200))
    assert two_photon_loss().poles.on_variables(1e3) == pytest.approx(np.sqrt(400))
