"""Datasets of one mean over time, by hand."""

import numpy as np
import xarray as xr


def dataset(mean, real_error, imaginary_error, **more):
    """Return a mean with its errors."""
    time = np.arange(float(len(mean)))
    errors = {"x_se": ("time", real_error), "x_imag_se": ("time", imaginary_error)}
    return xr.Dataset({"x": ("time", np.array(mean)), **errors, **more}, coords={"time": time})
