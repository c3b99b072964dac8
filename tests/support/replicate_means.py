"""An observer of another package that knows of replicates: their means, and what balancing is worth."""

import attrs
import numpy as np
import xarray as xr

from sdeframe.interfaces.observer import Observer
from sdeframe.sampling import replicate_error


@attrs.define
class Sums:
    """Of values and of their squares, shape (2, replicates, names, times)."""

    times: np.ndarray
    sums: np.ndarray
    size: int

    def __add__(self, other):
        return Sums(self.times, self.sums + other.sums, self.size)


@attrs.frozen(init=False)
class ReplicateMeans(Observer):
    """Means of real expressions over every replicate, as ``<name>`` over ("replicate", "time").

    With the error that they tell, ``<name>_se``, and ``<name>_gain``: the variance that a mean of as many independent
    trajectories has, by that of this one.
    """

    knows_replicates = True

    named: tuple

    def __init__(self, **named):
        self.__attrs_init__(tuple(named.items()))

    def start(self, ensemble):
        replicates = -(-ensemble.trajectories // ensemble.replicate_size)
        shape = (2, replicates, len(self.named), len(ensemble.times))
        return Sums(ensemble.times, np.zeros(shape), ensemble.replicate_size)

    def update(self, record, snapshot):
        values = snapshot.evaluate(tuple(e for _, e in self.named)).real
        replicate = (snapshot.first + np.arange(values.shape[1])) // record.size
        for k, power in enumerate((values, values**2)):
            np.add.at(record.sums[k, ..., snapshot.index], replicate, power.T)

    def finish(self, record):
        (means, squares), n = record.sums / record.size, record.sums.shape[1] * record.size
        error = replicate_error(np.full((len(means), 1, 1), record.size), means)
        with np.errstate(divide="ignore", invalid="ignore"):
            gain = (squares.mean(axis=0) - means.mean(axis=0) ** 2) / n / error**2
        variables = {}
        for i, (name, _) in enumerate(self.named):
            variables[name] = (("replicate", "time"), means[:, i])
            variables[f"{name}_se"] = ("time", error[i])
            variables[f"{name}_gain"] = ("time", gain[i])
        return xr.Dataset(variables, coords={"time": record.times})
