"""Sphinx configuration."""

import re
from importlib.metadata import version as installed_version

project = "sdeframe"
author = "The sdeframe developers"
project_copyright = f"2026, {author}"
release = version = installed_version("sdeframe")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "sdeframe"

myst_enable_extensions = ["amsmath", "dollarmath"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the signature in the heading would only repeat what the text says
napoleon_google_docstring = False
default_role = "literal"  # docstrings are written to be read as plain text first


BAR = re.compile(r"(`+.*?`+)|\|")


def keep_moduli(app, what, name, obj, options, lines):
    """Let |z| in a docstring be the modulus of z, which reStructuredText would take for a substitution."""
    lines[:] = [BAR.sub(lambda found: found[1] or r"\|", line) for line in lines]


def setup(app):
    app.connect("autodoc-process-docstring", keep_moduli)
