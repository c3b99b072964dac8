"""What a run was made of, as text."""

from __future__ import annotations

import attrs
import numpy as np

from sdeframe.growth.holding import correction
from sdeframe.interfaces.gauge import Gauge
from sdeframe.interfaces.model import Model
from sdeframe.interfaces.poles import Poles


@attrs.frozen
class Origin:
    """What a run was made of, as text for its dataset; another origin may make the same run."""

    model: str
    """The name of its class."""
    description: str
    gauge: str
    interpretation: str
    """The calculus in which the model is given."""
    poles: str
    """What is said where others than those declared are taken."""

    @classmethod
    def of(cls, model: Model, gauge: Gauge, poles: Poles | None) -> Origin:
        """Return the origin of a run of a model under a gauge, of which some poles are taken."""
        said = "" if poles is None or model.poles is None else correction(model.poles, poles)
        with np.printoptions(legacy="1.25"):  # numbers of numpy as plain ones
            return cls(type(model).__name__, repr(model), repr(gauge), model.system().interpretation, said)
