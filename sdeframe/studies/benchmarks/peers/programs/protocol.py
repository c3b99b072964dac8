"""What every program does: read a task from standard input, time a solver on one core, print what came of it.

It is run by an interpreter that may not know sdeframe, so it imports nothing of it.
"""

import json
import os
import sys
import time

AFFINITY = getattr(os, "sched_getaffinity", None)
if AFFINITY:
    os.sched_setaffinity(0, {max(AFFINITY(0))})  # before any library starts threads


def serve(prepare):
    """Time every run of the task with a solver, and print a line of JSON.

    `prepare(task, scheme, trajectories)` returns a function of a seed that returns the values of all trajectories at
    the end. Its first call compiles, where there is something to compile, and is not among the seconds.
    """
    task = json.load(sys.stdin)
    done = [timed(prepare, task, run) for run in task["runs"]]
    print(json.dumps({"runs": done, "versions": versions(task["packages"])}))


def timed(prepare, task, run):
    """Return seconds with means and standard errors of the rounds of a run."""
    import numpy as np

    begin = time.perf_counter()
    solve = prepare(task, run["scheme"], run["trajectories"])
    np.asarray(solve(task["seed"]))  # waits for it
    first = time.perf_counter() - begin
    seconds, means, errors = [], [], []
    for k in range(task["rounds"]):
        begin = time.perf_counter()
        values = np.asarray(solve(task["seed"] + 1 + k))
        means.append(float(values.mean()))
        errors.append(float(values.std(ddof=1) / values.size**0.5))
        seconds.append(time.perf_counter() - begin)
    return {**run, "first": first, "seconds": seconds, "means": means, "errors": errors}


def versions(packages):
    """Return the versions of packages."""
    from importlib.metadata import version

    return {name: version(name) for name in packages}
