"""Formulas as MathML, which browsers draw by themselves: no script, no font and no network is needed."""

import re

from docutils.nodes import SkipNode
from latex2mathml.converter import convert
from sphinx.util import logging

RENAMED = (
    (re.compile(r"\\(begin|end)\{aligned\}"), r"\\\1{align*}"),  # which the converter knows
    (re.compile(r"\\\\\[[^]]*\]"), r"\\\\"),  # more space between lines, which it would print
    (
        re.compile(r"\\tag\{([^}]*)\}"),
        r"\\qquad(\\text{\1})",
    ),  # the number of the paper, glued to the formula
    (re.compile(r"\\(mathcal|mathbb|mathbf) ?([A-Z])"), r"\\\1{\2}"),  # letters, not an attribute that browsers ignore
)
UNKNOWN = re.compile(r"""\\|<mi>&</mi>|linebreak=|mathvariant="(?!normal|italic|monospace)""")
"""What is left of a formula where the converter doesn't know a command, an environment or an alphabet."""
LOG = logging.getLogger(__name__)


def mathml(node, display):
    """Convert a formula; one that the converter doesn't know in all its parts is a warning."""
    text = node.astext()
    for pattern, name in RENAMED:
        text = pattern.sub(name, text)
    try:
        converted = convert(text, display=display)
    except Exception as error:  # the converter has a class for every mistake
        LOG.warning("%s: %s", type(error).__name__, text, location=node)
        return ""
    if UNKNOWN.search(converted):
        LOG.warning("a command or environment that no MathML is known for: %s", text, location=node)
    return converted


def visit_inline(writer, node):
    writer.body.append(mathml(node, "inline"))
    raise SkipNode


def visit_block(writer, node):
    number = f'<span class="eqno">({node["number"]})</span>' if node["number"] else ""
    writer.body.append(f'<div class="math">{number}{mathml(node, "block")}</div>\n')
    raise SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
