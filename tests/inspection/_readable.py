"""What pictures are checked with."""

import itertools
from unittest.mock import patch

from matplotlib.text import Text


def assert_readable(figure, least):
    """Find so many texts in a figure at least, none of which hides another or leaves the page."""
    draw, drawn = Text.draw, []

    def remember(text, renderer):
        drawn.append(text)
        draw(text, renderer)

    with patch.object(Text, "draw", remember):
        figure.draw_without_rendering()
    texts = [text for text in dict.fromkeys(drawn) if text.get_text().strip() and text.get_visible()]
    boxes = {text: text.get_window_extent() for text in texts}
    assert len(boxes) >= least
    width, height = figure.canvas.get_width_height()
    for text, box in boxes.items():
        assert 0 <= box.x0 < box.x1 <= width, text
        assert 0 <= box.y0 < box.y1 <= height, text
    for (first, one), (second, other) in itertools.combinations(boxes.items(), 2):
        assert not one.overlaps(other), (first, second)
