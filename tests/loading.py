"""What a page makes a browser run or load, read from its HTML and its style sheets."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

# Attributes whose address a browser opens by itself, or sends what was typed to.
_OPENED = {"src", "srcset", "poster", "data", "background", "action", "formaction", "ping", "manifest", "imagesrcset"}
_RUN = {"script", "iframe", "frame", "object", "embed", "applet", "base", "portal"}
# Links that are only read: by people, and by search engines.
_ONLY_NAMED = {"canonical"}
_CSS_ADDRESS = re.compile(r"""(?:url\(\s*|@import\s+)["']?([^"')\s;]+)""", re.IGNORECASE)


def faults(html: str, host: str) -> list[str]:
    """Each thing in the page that runs, or that is asked of another host than `host`."""
    reader = _Reader(host)
    reader.feed(html)
    reader.close()
    return reader.found


def css_faults(css: str, host: str) -> list[str]:
    return [f"css: {address}" for address in _CSS_ADDRESS.findall(css) if not _is_ours(address, host)]


def _is_ours(address: str, host: str) -> bool:
    parts = urlsplit(address.strip().replace("\\", "/"))
    return parts.scheme in ("", "http", "https") and parts.netloc in ("", host)


class _Reader(HTMLParser):
    def __init__(self, host: str):
        super().__init__()
        self.host, self.found, self.in_style = host, list[str](), False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.in_style = tag == "style"
        # Data about the page for search engines: browsers run no such type.
        if tag in _RUN and said.get("type") != "application/ld+json":
            self.found.append(f"<{tag}>")
        opened = [value for name, value in said.items() if name in _OPENED and value]
        if tag == "link" and said.get("rel") not in _ONLY_NAMED:
            opened.append(said.get("href", ""))
        if tag in ("use", "image", "feimage"):
            opened += [value for name, value in said.items() if name in ("href", "xlink:href")]
        if tag == "meta" and said.get("http-equiv"):
            self.found.append(f"<meta http-equiv={said['http-equiv']}>")
        self.found += [f"<{tag}> {address}" for address in opened if not _is_ours(address, self.host)]
        self.found += [f"<{tag} {name}>" for name in said if name.startswith("on") or name == "style"]
        self.found += [f"<{tag}> {value}" for value in said.values() if re.match(r"\s*(javascript|data):", value, re.I)]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        if self.in_style:
            self.found += css_faults(data, self.host)
