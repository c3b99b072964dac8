"""Colours that the colour-blind can tell apart."""

from typing import Final

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"
"""Of Okabe and Ito."""
SEVERAL: Final = (BLUE, ORANGE, GREEN, "#CC79A7", "#E69F00", "#56B4E9")
"""Of lines beside one another."""
FAINT: Final = 0.35
"""Opacity of what cannot be trusted."""
SCALE: Final = "viridis"
"""Of maps, light where there is much."""
