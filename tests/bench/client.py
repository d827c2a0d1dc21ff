"""A client that costs little beside the server: kept-alive sockets in one thread, answers read by their length."""

import selectors
import socket
from collections.abc import Iterable, Iterator


def get(path: str, port: int, **headers: str) -> bytes:
    """A GET as bytes, as a browser sends it."""
    said = {"Host": f"127.0.0.1:{port}", "Accept-Encoding": "gzip, deflate, br", **headers}
    return _request("GET", path, said)


def post(path: str, port: int, body: bytes, **headers: str) -> bytes:
    said = {
        "Host": f"127.0.0.1:{port}", "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(body)), **headers,
    }  # fmt: skip
    return _request("POST", path, said) + body


def _request(method: str, path: str, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode()


def send(port: int, requests: Iterable[bytes], *, connections: int = 8) -> Iterator[bytes]:
    """Send the requests over so many connections at once, and yield the answers whole, as they come."""
    left, selector = iter(requests), selectors.DefaultSelector()
    try:
        for _ in range(connections):
            if (first := next(left, None)) is not None:
                _Connection(selector, port).send(first)
        while selector.get_map():
            for key, _events in selector.select(30):
                connection: _Connection = key.data
                if (answer := connection.read()) is None:
                    continue
                yield answer
                if (following := next(left, None)) is None:
                    connection.close()
                else:
                    connection.send(following)
    finally:
        for key in list(selector.get_map().values()):
            key.data.close()
        selector.close()


class _Connection:
    def __init__(self, selector: selectors.BaseSelector, port: int):
        self.selector, self.address, self.got = selector, ("127.0.0.1", port), bytearray()
        self._open()

    def _open(self) -> None:
        self.socket = socket.create_connection(self.address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.selector.register(self.socket, selectors.EVENT_READ, self)

    def send(self, request: bytes) -> None:
        self.request = request
        self.socket.sendall(request)

    def read(self) -> bytes | None:
        """The answer, if all of it has come. A server may close a kept connection: the request is sent again."""
        try:
            more = self.socket.recv(1 << 17)
        except ConnectionResetError:
            more = b""
        if not more:
            self.close()
            self.got.clear()
            self._open()
            self.send(self.request)
            return None
        self.got += more
        head, ended, body = bytes(self.got).partition(b"\r\n\r\n")
        if not ended or len(body) < _length(head):
            return None
        self.got.clear()
        return head + ended + body

    def close(self) -> None:
        self.selector.unregister(self.socket)
        self.socket.close()


def _length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
