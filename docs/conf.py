"""Sphinx configuration: Markdown pages by MyST, the API by autosummary and numpydoc."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

import sklearn_mferl

project = "sklearn_mferl"
author = "The sklearn_mferl developers"
copyright = author
version = release = sklearn_mferl.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "myst_parser",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "examples"]  # the gallery is written from the examples
default_role = "py:obj"

myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3

autodoc_typehints = "none"  # the docstrings say the types, and the shapes with them
autosummary_generate = True
numpydoc_show_class_members = False  # the template of classes lists them
# all checks but those of sections that not every name needs, and of one entry for several parameters
_NOT_CHECKED = ("ES01", "EX01", "GL08", "PR01", "PR03", "PR04", "PR07", "PR08", "RT03", "SA01", "SA04")
numpydoc_validation_checks = {"all", *_NOT_CHECKED}

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "backreferences_dir": "gallery/backreferences",  # which examples the page of a name shows
    "doc_module": ("sklearn_mferl",),
    "download_all_examples": False,
    "show_memory": False,
    "write_computation_times": False,
}

html_theme = "pydata_sphinx_theme"
html_title = f"sklearn_mferl {release}"
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": False,
    # lines of help and wide tables need the place of the contents
    "secondary_sidebar_items": {"**": ["page-toc"], "commands": [], "reproduce": []},
}
html_sidebars = {page: [] for page in ("index", "quickstart", "faq")}  # they have no pages below them
html_show_sourcelink = False

linkcheck_timeout = 20
linkcheck_anchors = False  # many pages make them by script


def skip_foreign_member(
    app: Sphinx, what: str, name: str, member: Any, skip: bool, options: Any
) -> bool | None:
    """Leave out what a class inherits from scikit-learn, torch or Python: they document it themselves."""
    function = member.fget if isinstance(member, property) else member
    if not str(getattr(function, "__module__", "")).startswith("sklearn_mferl"):
        return True
    return None


def escape_shapes(app: Sphinx, what: str, name: str, member: Any, options: Any, lines: list[str]) -> None:
    """Keep ``shape (n, n_features_out_)`` from being read as a link: a fitted attribute ends like one."""
    lines[:] = [
        re.sub(r"shape \(.*", lambda shape: shape[0].replace("_,", r"\_,").replace("_)", r"\_)"), line)
        for line in lines
    ]


def link_examples(app: Sphinx, docname: str, source: list[str]) -> None:
    """Let a link to an example, which leads to its code elsewhere, lead to its page in the gallery."""
    page = r"](gallery/\1.rst)"
    source[0] = re.sub(r"\]\(examples/(\w+)\.py\)", page, source[0].replace("GALLERY_HEADER.rst", "index.py"))


def write_commands(app: Sphinx) -> None:
    """Write the reference of the command line from what the commands say of themselves."""
    import typer.main

    from sklearn_mferl.cli import app as program

    group = typer.main.get_command(program)
    context = group.make_context("mferl", [], resilient_parsing=True)
    parts = ["# Commands and options", f"```text\n{group.get_help(context)}\n```"]
    for name, command in group.commands.items():
        text = command.get_help(command.context_class(command, info_name=name, parent=context))
        parts.append(f"## mferl {name}\n\n```text\n{text}\n```")
    path = Path(app.srcdir) / "commands.md"
    content = "\n\n".join(parts) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != content:
        path.write_text(content, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register the hooks."""
    app.connect("builder-inited", write_commands)
    app.connect("source-read", link_examples)
    app.connect("autodoc-skip-member", skip_foreign_member)
    app.connect("autodoc-process-docstring", escape_shapes, priority=400)  # before numpydoc's, which is 500
