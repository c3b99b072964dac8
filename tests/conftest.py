"""Settings of every test: how many random examples hypothesis tries, always the same ones; what runs seldom."""

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("fast", deadline=None, derandomize=True, max_examples=25)
settings.register_profile("thorough", deadline=None, derandomize=True, max_examples=1000)
settings.load_profile(os.environ.get("SDEFRAME_HYPOTHESIS", "fast"))

SELDOM = {
    "compiled/test_chunks.py::test_chunks_give_the_bits_of_one_loop": 2,
    "compiled/test_independence.py::test_neighbouring_addresses_are_independent": 3,
    "compiled/test_packed_functions.py::test_lane_loop_is_packed_and_calls_nothing": 4,
    "compiled/test_special_values.py::test_two_special_values": 4,
    "compiled/test_tied_words.py::test_bits_are_those_of_their_rule": 2,
    "conformance/test_conformance.py::test_integrators": 2,
    "conformance/test_conformance.py::test_models": 2,
    "conformance/test_conformance.py::test_observers": 4,
    "conformance/test_local_orders.py::test_one_step_has_the_declared_order_with_time_and_with_weights": 3,
    "conformance/test_local_orders.py::test_w2s4_has_order_two_for_other_moments": 2,
    "conformance/test_strong_orders.py::test_a_missing_ito_correction_shows_in_the_strong_order": 4,
    "conformance/test_strong_orders.py::test_strong_order_for_a_single_real_noise": 3,
    "conformance/test_strong_orders.py::test_strong_order_for_additive_noise": 3,
    "conformance/test_strong_orders.py::test_strong_order_for_noises_that_do_not_commute": 3,
    "conformance/test_weak_orders.py::test_a_complex_noise_where_a_real_one_was_declared_is_caught": 3,
    "conformance/test_weak_orders.py::test_second_moments_converge_with_the_declared_order_to_the_right_limit": 3,
    "conformance/test_weak_orders.py::test_w2s4_has_order_two_in_second_moments_and_four_in_means": 2,
    "derivation/test_cat_states.py::test_what_is_drawn_has_the_exact_moments": 3,
    "derivation/test_exact_means.py::test_tabulated_values": 2,
    "derivation/test_gaussian_starts.py::test_a_run_starts_from_the_squeezed_vacuum": 2,
    "derivation/test_gaussian_starts.py::test_moments_of_one_mode": 3,
    "derivation/test_initial_states.py::test_moments": 5,
    "derivation/test_linear_losses.py::test_complex_numbers_in_a_loss_have_noise": 2,
    "derivation/test_linear_losses.py::test_drift_and_diffusion_are_those_of_the_lyapunov_equation": 3,
    "gauges/test_gauges.py::test_every_gauge_keeps_the_law_of_the_tavis_cummings_equations": 4,
    "groups/test_events.py::test_no_bit_depends_on_blocks_and_threads": 2,
    "interfaces/test_increments.py::test_a_coarse_increment_is_the_sum_of_two_fine_ones": 2,
    "interfaces/test_increments.py::test_lane_count_changes_no_bit": 2,
    "kernels/test_array_system.py::test_every_step_of_a_run_is_the_step_of_the_twin": 5,
    "kernels/test_jumps.py::test_the_kernel_is_the_literal_twin": 2,
    "laws/test_every_model_runs.py::test_all_observers_see_it": 3,
    "laws/test_every_model_runs.py::test_the_command_runs_it": 3,
    "laws/test_gauge_means.py::test_both_readings_give_the_same_weighted_means": 3,
    "laws/test_gauge_means.py::test_the_gauge_of_two_photon_loss_gives_the_exact_photon_number": 2,
    "laws/test_gauge_means.py::test_the_switched_gauge_is_exact_while_its_weights_carry": 2,
    "laws/test_gauge_means.py::test_without_its_correction_the_weight_of_a_stratonovich_scheme_is_wrong": 2,
    "laws/test_small_systems.py::test_complex_phase_noise_differs_from_a_real_one": 2,
    "laws/test_small_systems.py::test_noises_that_do_not_commute": 2,
    "laws/test_small_systems.py::test_phase_noise_in_both_calculi": 2,
    "laws/test_small_systems.py::test_several_real_noises_on_complex_variables": 2,
    "laws/test_small_systems.py::test_time_in_the_noise": 2,
    "laws/test_spectra.py::test_squeezing_of_the_output_of_a_parametric_oscillator": 2,
    "models/test_quantum_jumps.py::test_a_huge_field_drives_independent_atoms": 2,
    "models/test_quantum_jumps.py::test_equals_the_density_matrix": 2,
    "models/test_quantum_jumps.py::test_equals_the_master_equation": 3,
    "observers/correlations/test_correlation.py::test_the_law_of_observers": 2,
    "observers/correlations/test_known_systems.py::test_errors_are_the_spread": 2,
    "observers/distributions/test_histogram.py::test_counts_are_those_of_collected_trajectories": 2,
    "observers/functions/test_functions.py::test_a_function_is_right_within_its_error": 4,
    "observers/functions/test_weights.py::test_the_size_of_weights_does_not_matter": 4,
    "observers/spectra/test_spectrum.py::test_means_and_errors_are_those_of_single_trajectories": 2,
    "observers/spectra/test_spectrum.py::test_no_grouping_changes_a_bit": 4,
    "observers/test_summing.py::test_bits_do_not_depend_on_how_many_output_times_are_taken_at_once": 2,
    "observers/test_weighted.py::test_the_record_adds": 6,
    "project/test_broken_plugins.py::test_help_names_them": 2,
    "running/steps/test_stability.py::test_of_every_scheme_the_variance_is_known_and_judged": 4,
    "running/steps/test_switching.py::test_random_switchings_in_drive_loss_and_noise": 3,
    "running/stopping/test_ending.py::test_what_every_observer_tells_is_that_of_a_plain_run": 3,
    "running/test_balanced_runs.py::test_increments_and_signs_are_those_of_the_rule": 3,
    "running/test_balanced_runs.py::test_the_bits_depend_on_problem_and_seed_alone": 3,
    "studies/validations/test_gauges.py::test_a_diffusion_gauge_has_no_weight": 3,
    "sums/test_moments.py::test_bits_are_those_of_the_literal_merge": 3,
    "symbolic/test_commutation.py::test_random_linear_systems_commute_when_drawn_so": 3,
    "symbolic/test_wirtinger.py::test_every_function_of_a_function_that_is_not_analytic": 5,
}
"""Tests of many like cases that take long together: of how many one runs each time, the others as long tests."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark the cases of `SELDOM` that run as long tests only."""
    seen = Counter()
    for item in items:
        name = f"{item.path.relative_to(Path(__file__).parent).as_posix()}::{getattr(item, 'originalname', '')}"
        if seen[name] % SELDOM.get(name, 1):
            item.add_marker(pytest.mark.long)
        seen[name] += 1
