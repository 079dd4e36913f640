"""Read a page back: its elements, its texts, whether it is well-formed."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "input", "br", "img", "link"}


class Page(HTMLParser):
    """A parsed page. Fails on the first element that is closed wrongly."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.rows: list[list[str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        for tag in set(self._open):
            self.texts[tag][-1] += data
            if tag in ("td", "th"):
                self.rows[-1][-1] += data

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)

    def values(self, name: str) -> list[str]:
        """All values of an attribute."""
        return [attrs[name] or "" for _, attrs in self.elements if name in attrs]

    def check_self_contained(self) -> None:
        """Nothing is loaded, nothing runs but the page's own script, every link has its target."""
        names = {name for _, attrs in self.elements for name in attrs}
        assert not {name for name in names if name.startswith("on")} | (names & {"src", "srcset"})
        assert self.count("script") == 1
        assert not {"img", "iframe", "object", "embed", "link", "base"} & {
            t for t, _ in self.elements
        }
        ids = self.values("id")
        assert len(ids) == len(set(ids))
        assert all(link.startswith("#") and link[1:] in ids for link in self.values("href"))
