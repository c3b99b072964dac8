"""What the command line offers: the only users of concrete models."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sdeframe.campaigns.damping_search import MinimalDamping, minimal_damping

__all__ = ["MinimalDamping", "minimal_damping"]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for, so that commands start quickly."""
    if name in __all__:
        return getattr(import_module("sdeframe.campaigns.damping_search"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
