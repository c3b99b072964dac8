"""What ends a run that was valid when it began."""


class WorkError(RuntimeError):
    """Work failed where it was done."""


class ObserverError(WorkError):
    """What an observer raised, with its name and that of the trajectories."""


class WorkerVersionError(WorkError):
    """A worker runs other code than the process that it works for."""
