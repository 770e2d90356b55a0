"""Check that each link within built pages of HTML leads to a file, and to a place in it: links.py FOLDER."""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The links of a page, and the places that links may lead to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places = {"", "top"}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag links to and what it is called."""
        self.links += [value for name, value in attrs if name in ("href", "src") and value]
        self.places |= {value for name, value in attrs if name in ("id", "name") and value}


root = Path(sys.argv[1]).resolve()
pages = {path: Page(path) for path in sorted(root.rglob("*.html")) if "_static" not in path.parts}
dead, n_checked = [], 0
for path, page in pages.items():
    for link in page.links:
        url = urlsplit(link)
        if url.scheme or url.netloc:
            continue
        n_checked += 1
        target = (path.parent / unquote(url.path)).resolve() if url.path else path
        places = pages[target].places if target in pages else {"", unquote(url.fragment)}
        if not target.is_file() or unquote(url.fragment) not in places:
            dead.append(f"{path.relative_to(root)}: {link}")
print(f"{n_checked:,} links within {len(pages)} pages, {len(dead)} of them dead", *dead, sep="\n")
sys.exit(bool(dead))
