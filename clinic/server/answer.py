"""What a WSGI application answers, as it can be said again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

type Environ = dict[str, Any]
type Application = Callable[[Environ, Callable[..., Any]], Any]


@dataclass
class Answer:
    """What Django said while the words were `seen`; `unmodified` is its 304 for a browser that has that already."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    seen: object
    etag: str
    unmodified: Self | None = None

    @classmethod
    def by(cls, application: Application, environ: Environ, seen: object) -> Self:
        said: list[Any] = []
        response = application(environ, lambda *args: said.extend(args))
        try:
            return cls(said[0], said[1], b"".join(response), seen, dict(said[1]).get("ETag", ""))
        finally:
            if close := getattr(response, "close", None):  # PEP 3333: not every answer has one, that to HEAD has none.
                close()
