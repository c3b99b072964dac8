"""What an experiment says: its keys, of which kind their values are, and what they are if not given."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Self

import attrs
from attrs.validators import optional

from sdeframe.studies.experiments.text import Table, check_plain, written
from sdeframe.validators import boolean, is_whole, positive_count, shown

ENGINE: Final = ("threads", "dask", "mpi")
"""What an engine is told."""
UNTIL: Final = ("errors", "at", "seconds", "trajectories")
"""What an end is told; the number is where a run ended that is run again."""
NAMED: Final = {"gauge": "identity", "integrator": "w2s4", "sampling": "independent"}
"""What is chosen by name, with settings; and which one if no name is given."""
ELSEWHERE: Final = ("engine", "checkpoint", "output")
"""What decides no number: where an experiment runs, and where its files stand."""


def check_known(denial: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Raise ValueError where a key is none of those that are known; the message names the nearest one.

    Parameters
    ----------
    denial
        Begins the message, such as "tavis-cummings has no parameter".
    given, known
        Keys.
    """
    allowed = list(known)
    for key in given:
        if key not in allowed:
            near = difflib.get_close_matches(key, allowed, 1)
            meant = f"did you mean {near[0]!r}? " if near else ""
            raise ValueError(f"{denial} {shown(key)}: {meant}there are {', '.join(allowed) or 'none'}")


def check_table(where: str, value: Any, example: str) -> None:
    """Raise TypeError unless a value is a table."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{where}={shown(value)}: must be a table, such as {example}")


def check_words(where: str, value: Any, example: str) -> None:
    """Raise TypeError unless a value is text."""
    if not isinstance(value, str) or not value:
        raise TypeError(f"{where}={shown(value)}: must be text, such as {example!r}")


Validator = Callable[[Any, Any, Any], None]


def _named(_: object, field: attrs.Attribute[Any], value: Any) -> None:
    check_table(field.name, value, f'{{name = "{NAMED[field.name]}"}}')
    check_words(f"{field.name}.name", value.get("name"), NAMED[field.name])


def _table(example: str) -> Validator:
    return lambda _, field, value: check_table(field.name, value, example)


def _words(example: str) -> Validator:
    return lambda _, field, value: check_words(field.name, value, example)


@attrs.frozen(kw_only=True)
class Experiment:
    """A run as plain values; what they mean is found out by `resolved`, which checks numbers too.

    Raises
    ------
    TypeError, ValueError
        If a value is not of its kind: the message names key, value and what is allowed.
    """

    model: str = attrs.field(default="tavis-cummings", validator=_words("tavis-cummings"))
    parameters: Table = attrs.field(factory=dict, validator=_table("{atoms = 10}"))
    gauge: Table = attrs.field(factory=lambda: {"name": NAMED["gauge"]}, validator=_named)
    integrator: Table = attrs.field(factory=lambda: {"name": NAMED["integrator"]}, validator=_named)
    sampling: Table = attrs.field(factory=lambda: {"name": NAMED["sampling"]}, validator=_named)
    observers: list[Table] | None = attrs.field(default=None)
    times: Table | list[float] = attrs.field(factory=lambda: {"first": 0.0, "last": 5.0, "count": 101})
    trajectories: int | list[int] | None = attrs.field(default=None)
    """How many; or the first number, and the one behind the last."""
    seed: int = 1
    step_error: bool = True
    until: Table = attrs.field(
        factory=dict, validator=_table("{errors = {excited = 1e-3}, at = [2.0]} or {seconds = 60.0}")
    )
    scan: Table = attrs.field(factory=dict, validator=_table("{photons = [5.0, 10.0]}"))
    engine: Table = attrs.field(factory=dict, validator=_table('{threads = 2}, {dask = "local"} or {mpi = true}'))
    checkpoint: str | None = attrs.field(default=None, validator=optional(_words("run.ckpt")))
    output: str | None = attrs.field(default=None, validator=optional(_words("run.nc")))

    @observers.validator
    def _valid_observers(self, _: object, value: Any) -> None:
        example = '[{kind = "moments", of = ["excited"]}]'
        if value is not None and not isinstance(value, list):
            raise TypeError(f"observers={shown(value)}: must be a list of tables, such as {example}")
        if value == []:
            raise ValueError(f"observers=[]: nothing would be recorded; leave it out, or give one, such as {example}")
        for item in value or ():
            check_table("observers hold one that", item, '{kind = "moments"}')
            if "kind" not in item:
                raise ValueError(f"observers hold {shown(item)}: has no kind; give one, such as kind = 'moments'")
            check_words("observers.kind", item["kind"], "moments")

    @trajectories.validator
    def _valid_trajectories(self, _: object, value: Any) -> None:
        if isinstance(value, list) and not (len(value) == 2 and all(map(is_whole, value))):
            raise ValueError(
                f"trajectories={shown(value)}: must be how many, or the first number and the one behind the last, such "
                f"as [50000, 100000]"
            )

    @until.validator
    def _valid_until(self, _: object, value: Any) -> None:
        check_known("until has no key", value, UNTIL)
        if "errors" in value:
            check_table("until.errors", value["errors"], "{excited = 1e-3}")
        if value and bool(value.get("errors")) == ("seconds" in value):
            raise ValueError(
                f"until={shown(value)}: give either errors = {{excited = 1e-3}}, the largest standard errors of means, "
                f"or seconds = 60.0"
            )
        if "trajectories" in value:
            positive_count("until.trajectories", value["trajectories"])

    @engine.validator
    def _valid_engine(self, _: object, value: Any) -> None:
        check_known("engine has no key", value, ENGINE)
        if "threads" in value:
            positive_count("engine.threads", value["threads"])
        if "dask" in value:
            check_words("engine.dask", value["dask"], "local")
        boolean("engine.mpi", value.get("mpi", False))
        if "dask" in value and value.get("mpi"):
            raise ValueError(f"--dask {value['dask']} and --mpi: give one of them")

    def __attrs_post_init__(self) -> None:
        """Refuse a checkpoint and an end of a scan."""
        if self.scan and self.until:
            raise ValueError(
                f"until={shown(self.until)} with a scan: each of its runs has all trajectories, so leave it out"
            )
        if self.scan and self.checkpoint is not None:
            raise ValueError(
                f"checkpoint={self.checkpoint!r} with a scan: the store keeps each of its runs, so leave the "
                f"checkpoint out"
            )

    @classmethod
    def of(cls, table: Any) -> Self:
        """Return the experiment that a table describes.

        Raises
        ------
        TypeError, ValueError
            As above, and if a key is unknown.
        """
        check_table("experiment", table, '{model = "tavis-cummings"}')
        check_known("an experiment has no key", table, (field.name for field in attrs.fields(cls)))
        check_plain("", table)
        named = {key: table[key] for key in NAMED if isinstance(table.get(key), Mapping)}
        return cls(**{**table, **{key: {"name": NAMED[key], **given} for key, given in named.items()}})

    @property
    def table(self) -> dict[str, Any]:
        """All that is said, but what is left open."""
        values = attrs.asdict(self, recurse=False)
        return {name: value for name, value in values.items() if value is not None and value != {}}

    @property
    def text(self) -> str:
        """All that decides a number, as text."""
        return written({name: value for name, value in self.table.items() if name not in ELSEWHERE})
