"""What of a dataset can be drawn: told by the dimensions of its variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sdeframe.validators import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

LINE: Final = ("time", "delay", "frequency")
"""What a mean can be drawn over."""
BESIDE: Final = (
    "_se", "_imag_se", "_low", "_high", "_step_error", "_extrapolated", "_unweighted", "_alive", "_horizon", "_ratio",
    "_normalised",
)  # fmt: skip
"""Ends the names of what is written beside a variable."""
PREFERRED: Final = ("_ratio", "_normalised")
"""Ends the names of what is meant by a name: weighted means by the weight, correlations by what they are without it."""
CAVEAT: Final = "caveat"
"""The attribute of a horizon that comes before the end of what a mean is taken over."""
OF_WEIGHT: Final = "weight"
"""The mean weight, which is no observable."""


def kind(dataset: xr.Dataset, name: str) -> str | None:
    """Return how a variable is drawn: "mean", "lines", "histogram", "plane" or "photons"; None where it is not."""
    dims = tuple(map(str, dataset[name].dims))
    if set(dims) == {"time", "photons"}:
        return "photons"
    bins = sum(dim.endswith("_bin") for dim in dims)
    if bins and "time" in dims and len(dims) == bins + 1:
        return {1: "histogram", 2: "plane"}.get(bins)
    if len(dims) == 1 and dims[0] in LINE:
        return "mean" if f"{name}_se" in dataset else None
    return "lines" if len(dims) == 2 and sum(dim in LINE for dim in dims) == 1 else None


def drawn(dataset: xr.Dataset, names: Sequence[str]) -> list[str]:
    """Return the variables that names stand for, of no names all that are worth a panel.

    Raises
    ------
    ValueError
        If there is nothing of a name that could be drawn, or nothing at all.
    """
    everything = [name for name in map(str, dataset.data_vars) if not is_beside(dataset, name) and kind(dataset, name)]
    known = [name for name in everything if name != OF_WEIGHT]
    for name in names:
        if name not in dataset or kind(dataset, name) is None:
            raise ValueError(f"plot({shown(name)}): this dataset can draw {', '.join(known) or 'nothing'}")
    if not names and not known:
        raise ValueError("plot(): this dataset holds nothing to draw; run with Moments, or TrustHorizon")
    return [meant(dataset, name) for name in names] if names else [_normalised(dataset, name) for name in known]


def stem(dataset: xr.Dataset, name: str) -> str:
    """Return the name that a user gave to an observable, without what says which variable of it this is."""
    for ending in PREFERRED:
        if name.endswith(ending) and name.removesuffix(ending) in dataset:
            return name.removesuffix(ending)
    return name


def label_of(text: str) -> str:
    """Return a name, or other text of anybody, as a picture has it, where dollars would begin a formula."""
    return text.replace("_", " ").replace("$", r"\$")


def is_beside(dataset: xr.Dataset, name: str) -> bool:
    """Tell whether a variable is written beside another one, such as its error."""
    return any(name.endswith(end) and name.removesuffix(end) in dataset for end in BESIDE)


def meant(dataset: xr.Dataset, name: str) -> str:
    """Return the weighted mean by the weight, where there is one."""
    return f"{name}{PREFERRED[0]}" if f"{name}{PREFERRED[0]}" in dataset else name


def _normalised(dataset: xr.Dataset, name: str) -> str:
    for ending in PREFERRED:
        if f"{name}{ending}" in dataset:
            return f"{name}{ending}"
    return name
