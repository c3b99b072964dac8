"""What acts on a system from outside, as expressions."""

from sdeframe.drives.coloured import filtered_noise, ornstein_uhlenbeck_noise, partially_coherent
from sdeframe.drives.pulses import pulse
from sdeframe.drives.sampled import Drive, sampled

__all__ = ["Drive", "filtered_noise", "ornstein_uhlenbeck_noise", "partially_coherent", "pulse", "sampled"]
