"""The boxes of all texts that a figure draws."""

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text


def extents(figure):
    """Return the boxes of all texts that are drawn: matplotlib keeps labels of ticks beyond the limits, undrawn."""
    FigureCanvasAgg(figure).draw()
    hidden = {
        label
        for axes in figure.axes
        for k, (axis, (low, high)) in enumerate(((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())))
        for label in axis.get_ticklabels()
        if not low <= label.get_position()[k] <= high
    }
    shown = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip() and t not in hidden]
    return {f"{t.get_text()} {k}": t.get_window_extent() for k, t in enumerate(shown)}
