"""What a run gives back: a dataset that a file can hold, and the problem from which it can be replayed."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
from numpy.typing import ArrayLike

from sdeframe.files import SEAL, is_sealed, sealed, unsealed, writable, write_whole
from sdeframe.interfaces.model import Model
from sdeframe.running.by_step import joined, nothing, runaway_time, split
from sdeframe.running.netcdf import decoded, encoded
from sdeframe.running.problem import Problem
from sdeframe.running.total_error import total_error
from sdeframe.validators import printable

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure


WARNINGS: Final = "warnings"
"""The attribute of a dataset that holds them, a line each."""


ENDED: Final = "ended"
"""The attribute of a dataset that says why its run ended, where that was to be decided."""


def warned(dataset: xr.Dataset) -> tuple[str, ...]:
    """Return the warnings that a dataset holds."""
    return tuple(dataset.attrs.get(WARNINGS, "").splitlines())


@attrs.frozen(eq=False)
class Result:
    """A dataset with its run."""

    dataset: xr.Dataset
    problem: Problem | None = attrs.field(default=None, repr=False)
    """The run; None for a result that was read from a file, or merged of several."""
    seconds: float = attrs.field(default=math.nan)
    """Wall time of the run, without compiling; what workers in other processes compile is in it."""
    losses: xr.Dataset = attrs.field(factory=nothing, repr=False)
    """How many trajectories passed a bound, by step: ``losses`` over ("bound", "step"), ``weight_losses`` over "step"
    where weights are counted, and ``step_time``, when steps begin, where some were cut."""
    model: Model | None = attrs.field(default=None, repr=False)
    """What was simulated; None where `problem` is."""

    @classmethod
    def of(
        cls, whole: xr.Dataset, problem: Problem | None = None, seconds: float = math.nan, model: Model | None = None
    ) -> Result:
        """Return the result that a whole dataset makes, as files and stores hold it."""
        dataset, losses = split(whole)
        return cls(dataset, problem, seconds, losses, model)

    @property
    def whole(self) -> xr.Dataset:
        """The dataset with what was counted by step, as a file holds it."""
        return joined(self.dataset, self.losses)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be known beside the numbers, such as trajectories that were frozen; none if all is well."""
        from sdeframe.running.showing.words import told

        return told(self)

    @property
    def ended(self) -> str:
        """Why the run ended, in a sentence."""
        number = self.dataset.attrs["trajectories"]
        return str(self.dataset.attrs.get(ENDED, f"after {number:,} trajectories: they were all that were asked for"))

    def runaway_time(self, share: float, bound: float | None = None, of: str = "state") -> float:
        """Return the first step time at which at least a share of all trajectories has passed a bound, or inf.

        Parameters
        ----------
        share
            Between 0 and 1.
        bound
            One of the bounds that the observers asked for; if not given the freezing bound (the largest) of the
            state, or the bound of the weight.
        of
            "state", or "weight" for the trajectories whose |Ω| passed the bound while they lived.

        Raises
        ------
        ValueError
            If the share is not in (0, 1], or nothing was recorded of this at this bound.
        """
        return runaway_time(self.losses, self.dataset.attrs, share, bound, of)

    def horizon(self, name: str) -> float:
        """Return the last output time at which a mean can be trusted, as `TrustHorizon` tells it.

        The last output time of the run if no alarm was raised, 0.0 if the first one raised it; of photon statistics the
        earliest of all photon numbers.

        Raises
        ------
        ValueError
            If the run has no horizon of this name.
        """
        key = f"{name}_horizon"
        if key not in self.dataset:
            known = [str(k).removesuffix("_horizon") for k in self.dataset if str(k).endswith("_horizon")]
            raise ValueError(
                f"name={name!r}: this run has {'horizons of ' + ', '.join(known) if known else 'no trust horizon'}; "
                f"add TrustHorizon({name}=...), or WeightedTrustHorizon where there are weights"
            )
        return float(self.dataset[key].min())

    def total_error(self, name: str, sigmas: float = 5.0) -> xr.DataArray:
        """Return how far a mean may be off: sampling and step together, over "time", both parts as one complex number.

        k standard errors and twice the step error, where a coarse run told it (``step_error=True``). k is passed by
        chance as rarely as `sigmas` by a normal number; of balanced trajectories it is that of Student's t, 6.8 for 24
        replicates. What `sdeframe.campaigns.sectors` left out is added. It holds while the mean can be trusted, see
        `horizon`.

        Parameters
        ----------
        name
            Of the mean, or of one beside it, such as "excited_extrapolated", which is held to have no step error.
        sigmas
            5 are passed once in 1.7 million times.

        Raises
        ------
        ValueError
            If the run has no mean of this name with standard errors, or none with a step error, though it told some.
        """
        return total_error(self.dataset, name, sigmas)

    def plot(
        self, *names: str, exact: bool | Mapping[str, ArrayLike] = False, form: str = "cartesian",
        at: float | None = None,
    ) -> Figure:  # fmt: skip
        """Return a picture: means with error bands, faint and shaded beyond their horizons, the share alive below.

        A notebook shows it; ``result.plot("n").savefig("n.pdf")`` writes it, and ``.axes`` are there for more. An
        imaginary part is drawn where it is not 0. Of a weighted run means by the weight are drawn.

        Parameters
        ----------
        *names
            What is drawn; if not given every mean, correlation, spectrum, histogram and trajectory that is there.
        exact
            Whether to draw the exact curves of the model, or values of your own by name, of the shape of what is drawn.
        form
            "cartesian", or "polar" for modulus and phase of complex means.
        at
            The time at which histograms and photon numbers are drawn; if not given of a histogram over a line some
            times, else the last one, of photon numbers that can be trusted.

        Raises
        ------
        TypeError, ValueError
            If there is nothing of a name, or nothing exact is known.
        """
        from sdeframe.running.showing.picture import picture

        return picture(self, names, exact, form, at)

    def to_table(self, path: str | os.PathLike[str], *names: str) -> None:
        """Write means over time to a text file: commas between columns, a row for each output time.

        Lines with # say of what run it is and what each column is; then come the names of columns. Complex means take
        two columns, each with its standard error; where there is a horizon a column says 1 while the mean is trusted.

        Parameters
        ----------
        path
            Such as "n.csv"; written whole or not at all.
        *names
            What is written; every mean over time if not given.

        Raises
        ------
        ValueError
            If there is nothing of a name over time alone, or the folder cannot be written to.
        OSError
            If the file cannot be written.
        """
        from sdeframe.running.showing.table import write_table

        write_table(self, path, names)

    def __repr__(self) -> str:
        from sdeframe.running.showing.text import result_text

        return result_text(self)

    def _repr_html_(self) -> str:
        from sdeframe.running.showing.notebook import result_html

        return result_html(self)

    def replay(self, trajectory_ids: ArrayLike, window: tuple[float, float] | None = None) -> xr.Dataset:
        """Return chosen trajectories at every step of a window of time, the same bits as in the run.

        Parameters
        ----------
        trajectory_ids
            Numbers of trajectories, shape (n,).
        window
            First and last time, taken at the nearest steps; the whole run if not given.

        Returns
        -------
        xarray.Dataset
            Each variable over ("trajectory", "time"), with the coordinate ``alive``, False from the step on at which a
            trajectory is lost and keeps its last state; the increment ``d<noise>`` of each noise, and its sign
            ``s_<noise>`` where the integrator uses signs, over ("trajectory", "step_time"), which is the time at
            which the step begins.

        Raises
        ------
        ValueError
            If a trajectory or the window lies outside the run, or the result was read from a file.
        """
        from sdeframe.running.replay import replay

        if self.problem is None:
            raise ValueError(
                "this result was read from a file or merged, and holds no code: run simulate again to replay it"
            )
        return replay(self.problem, trajectory_ids, window)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the dataset to a NetCDF file, whole or not at all, with a seal behind it that `load` checks.

        Raises
        ------
        ValueError
            If the folder does not exist or cannot be written to.
        OSError
            If the file cannot be written, as on a full disk; nothing is left of it, and the result stays in memory.
        """
        target = writable(path)
        content = sealed(encoded(self.whole))
        try:
            write_whole(target, content)
        except OSError as error:
            way_out = "the result is still in memory; make room, or save it in another folder"
            raise OSError(error.errno, f"{error.strerror}, nothing was written; {way_out}", str(target)) from None


def load(path: str | os.PathLike[str], *, trusted: bool = False) -> Result:
    """Read a result that `Result.save` wrote.

    Parameters
    ----------
    path
        The file.
    trusted
        Whether to read a file without looking at its seal: one that another program wrote or changed, or that was
        written before files had seals. A damaged one may then give wrong values, or end the process.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no result file, is damaged, or has no seal.
    """
    file = Path(path)
    if not file.exists():
        raise FileNotFoundError(f"{file}: there is no such file")
    if not file.is_file():
        raise ValueError(f"{file}: is no result file of sdeframe, but a folder or device")
    try:
        return Result.of(decoded(_content(file, trusted)))
    except Exception as error:  # whatever the libraries that read a damaged file raise
        reason = printable(f"{error}") or type(error).__name__
        raise ValueError(f"{file}: is no result file of sdeframe, or was changed ({reason})") from None


def _content(file: Path, trusted: bool) -> bytes:
    """Return what a file holds; of one without a seal, which may be of any size, only its end is read."""
    with file.open("rb") as opened:
        if trusted:
            return opened.read()
        opened.seek(max(0, file.stat().st_size - SEAL))
        if not is_sealed(opened.read(SEAL)):
            raise ValueError("has no seal: where you trust its origin, load(..., trusted=True) reads it")
        opened.seek(0)
        return unsealed(opened.read())
