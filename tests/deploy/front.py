"""nginx with the configuration that deploy/ ships, before a site that answers as a test wants."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPResponse, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from django.conf import settings

from tests import healthy
from tests.bench.servers import free_port

DEPLOY = Path(settings.BASE_DIR, "deploy")
HOST = "localhost"
NAME, PHONE = "Maple Spine Clinic", "(212) 555-0100"


class Site(ThreadingHTTPServer):
    """Keeps what it was asked, and says `status` with `headers`, or hangs up while it `is_away`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.is_away = False
        self.status, self.headers = 200, {"Cache-Control": "no-store"}
        self.stopping = threading.Event()

    @property
    def paths(self) -> list[str]:
        return [path for _method, path, _headers in self.asked]


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.server.is_away:
            self.close_connection = True
            return
        self.server.asked.append((self.command, self.path, dict(self.headers.items())))
        body = f"answer {len(self.server.asked)}".encode()
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_POST = do_HEAD = do_GET

    def log_message(self, *args: Any) -> None:
        pass


@dataclass
class Front:
    folder: Path
    port: int
    http_port: int
    trust: ssl.SSLContext = field(repr=False)
    # Where it is a test's own; the real one is asked through its front alone.
    site: Site = field(default=None, repr=False)  # type: ignore[assignment]

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, str, Any]:
        """Status, body and headers of an answer."""
        connection = HTTPSConnection(HOST, self.port, context=self.trust, timeout=20)
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, names)
            answer: HTTPResponse = connection.getresponse()
            return answer.status, answer.read().decode(), answer.headers
        finally:
            connection.close()

    def log(self, expected: int = 1) -> list[dict[str, Any]]:
        """The lines of the access log, once there are so many; nginx writes one after it has answered."""
        for _try in range(100):
            lines = Path(self.folder, "access.log").read_text().splitlines()
            if len(lines) >= expected:
                break
            time.sleep(0.02)
        return [json.loads(line) for line in lines]


def rendered(folder: Path, **values: str) -> str:
    """deploy/nginx.conf with these values, as envsubst fills them in; its errors go to a file of the folder."""
    conf = Path(DEPLOY, "nginx.conf").read_text()
    for name, value in values.items():
        conf = conf.replace(f"${{{name}}}", value)
    return conf.replace("error_log stderr", f"error_log {folder}/error.log")


def written(folder: Path, *, web: Sequence[str], http: str, https: str) -> list[str]:
    """
    The command of an nginx in `folder`, with a certificate of its own, before what listens on these addresses.

    Of several, as deploy/nginx.conf says, without max_fails.
    """
    pem = healthy.certificate(folder, datetime.now(UTC) + timedelta(days=2))
    for name in ("fullchain.pem", "privkey.pem"):
        shutil.copy(pem, folder / name)
    conf = rendered(
        folder, SITE_HOST=HOST, WEB=web[0], HTTP_PORT=http, HTTPS_PORT=https, CERTIFICATES=str(folder),
        ERROR_PAGES=str(DEPLOY), CACHE=f"{folder}/cache", STATIC=f"{folder}/static",
        ACCESS_LOG=f"{folder}/access.log", CLINIC_NAME=NAME, CLINIC_PHONE=PHONE,
    )  # fmt: skip
    if len(web) > 1:
        first = f"server {web[0]} max_fails=0;"
        assert first in conf
        conf = conf.replace(first, "".join(f"server {each};" for each in web))
    Path(folder, "clinic.conf").write_text(conf)
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    Path(folder, "nginx.conf").write_text(
        f"daemon off; {user} pid {folder}/pid; error_log {folder}/start.log notice; events {{}} "
        # Distributions' own nginx.conf has a log of whole addresses for all of http.
        f"http {{ {temporary} default_type text/html; access_log {folder}/distribution.log; "
        f"include {folder}/clinic.conf; }}"
    )
    return ["nginx", "-p", str(folder), "-c", f"{folder}/nginx.conf"]


@contextmanager
def running(folder: Path) -> Iterator[Front]:
    with healthy.served(Site()) as site, before([site.server_address[1]], folder) as front:
        front.site = site
        yield front


@contextmanager
def before(sites: Sequence[int], folder: Path) -> Iterator[Front]:
    """The front of what listens on these ports of this machine."""
    os.chmod(folder, 0o755)  # noqa: S103  (nginx's workers may be another user)
    port, http_port = free_port(), free_port()
    web = [f"127.0.0.1:{site}" for site in sites]
    how = written(folder, web=web, http=f"127.0.0.1:{http_port}", https=f"127.0.0.1:{port}")
    tested = subprocess.run([*how, "-t"], capture_output=True, text=True)
    assert (tested.returncode, "warn" in tested.stderr) == (0, False), tested.stderr
    trust = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
    process = subprocess.Popen(how, stderr=subprocess.DEVNULL)
    try:
        front = Front(folder, port, http_port, trust)
        _wait_for(front)
        yield front
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(front: Front) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", front.port)).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
