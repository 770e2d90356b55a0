"""Figures as SVG that can stand in a page beside others."""

import re
from io import BytesIO
from typing import Any, Final
from xml.etree import ElementTree

from markupsafe import Markup

from sklearn_mferl.report.page.parts import Picture

_PIXELS_A_POINT: Final = 4 / 3
_REFERENCE: Final = re.compile(r"(?<=#)[\w-]+")
_LONG_NUMBER: Final = re.compile(r"-?\d+\.\d{3,}")
_RC: Final[Any] = {
    "svg.fonttype": "none",  # text stays text: it can be searched, and scales with the page
    "font.sans-serif": ["DejaVu Sans"],
    "font.monospace": ["DejaVu Sans Mono"],
}


def picture(
    figure: Any, name: str, label: str, caption: str, *, wide: bool = False, crop: Any = None
) -> Picture:
    """Return a figure with a caption for all, and a label that says what it shows."""
    return Picture(inline_svg(figure, name, label, crop=crop), caption, wide)


def inline_svg(figure: Any, name: str, label: str, *, crop: Any = None) -> Markup:
    """Return a figure as an element of a page."""
    import matplotlib as mpl

    buffer = BytesIO()
    with mpl.rc_context({**_RC, "svg.hashsalt": name}):
        place = None
        if crop is not None:  # to axes and all that is written on them, in inches
            crop.figure.draw_without_rendering()  # which lays them out
            place = crop.get_tightbbox().transformed(crop.figure.dpi_scale_trans.inverted())
        figure.savefig(buffer, format="svg", metadata={"Date": None}, bbox_inches=place)
    root = ElementTree.fromstring(buffer.getvalue())
    for child in list(root):
        is_style = child.find("{*}style") is not None  # it would hold for the whole page
        if child.tag.endswith("}metadata") or is_style:
            root.remove(child)
    _make_local(root, name)
    for key in ("width", "height"):  # in pixels of the page; the style sheet lets it shrink
        root.attrib[key] = f"{float(root.attrib[key].removesuffix('pt')) * _PIXELS_A_POINT:.0f}"
    root.attrib.pop("version", None)
    root.attrib.update({"role": "img", "aria-label": label})
    # the text was escaped by the serializer
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _make_local(root: ElementTree.Element, name: str) -> None:
    """Take namespaces off, and give the ids that are referred to a prefix; the others are of no use."""
    elements = list(root.iter())
    referred = {
        found for each in elements for value in each.attrib.values() for found in _REFERENCE.findall(value)
    }
    for each in elements:
        each.tag = each.tag.rpartition("}")[2]
        attributes = {key.rpartition("}")[2]: value for key, value in each.attrib.items()}
        identity = attributes.pop("id", None)
        if identity in referred:
            attributes["id"] = f"{name}-{identity}"
        for key, value in attributes.items():
            if key == "href":
                attributes[key] = f"#{name}-{value.removeprefix('#')}"
            elif "url(#" in value:
                attributes[key] = value.replace("url(#", f"url(#{name}-")
            elif key in ("d", "x", "y"):
                attributes[key] = _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.2f}", value)
        each.attrib.clear()
        each.attrib.update(attributes)
