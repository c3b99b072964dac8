"""Sphinx configuration."""

import os
import pkgutil
import re
import sys
from importlib.metadata import version as installed_version
from pathlib import Path

import sdeframe
from sdeframe.storage import code_key

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

project = "sdeframe"
author = "The sdeframe developers"
project_copyright = f"2026, {author}"
release = version = installed_version("sdeframe")

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton", "sphinx_design", "mathml"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "sdeframe"
html_math_renderer = "mathml"
html_static_path = ["static"]
html_css_files = ["formulas.css"]

myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

ROOMS = [module.name for module in pkgutil.iter_modules(sdeframe.__path__)]
nb_execution_mode = "cache"
nb_execution_cache_path = str(HERE / "_build" / "executed" / code_key(*ROOMS)[:16])  # no output outlives its code
nb_execution_in_temp = True  # what a page writes is not left here
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_output_stderr = "warn"  # a page that warns is wrong
nb_merge_streams = True
os.environ["TQDM_DISABLE"] = "1"  # in the kernels that execute pages: a progress bar is no output

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
