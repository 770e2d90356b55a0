"""From the parts of a page to its text."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from sklearn_mferl.report.page.parts import Page


def render(page: Page) -> str:
    """Write a page that needs nothing but itself."""
    # StrictUndefined: a misspelt name in the template is an error, not a gap in the page
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(_read("template.html.jinja"))
    return template.render(page=page, style=Markup(_read("report.css")), script=Markup(_read("report.js")))


def _read(name: str) -> str:
    return files("sklearn_mferl.report.page").joinpath(name).read_text(encoding="utf-8")
