"""A site of which the doctor finds nothing wrong, and a watcher or a mail server that it may have."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import displacement
from appointments.scheduling import holidays
from clinic import email_url
from clinic.accounts import mail_proof, roles
from clinic.models import Notice, OpeningHours, Proof, ProofKind
from tests import make


def site(settings: Any, url: str = "https://localhost") -> Any:
    """Enter all that the doctor asks for; the manager, who has a second factor, is returned."""
    settings.SITE_URL, settings.HTTPS, settings.SECOND_FACTOR = url, True, True
    settings.ANY_DATABASE = False
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.MAILERS = email_url.mailers("smtp+tls://mail.example", outbox=None)
    clinic = make.clinic(
        name="Maple Spine Clinic", phone="(646) 555-2111", after_hours_phone="(646) 555-2122", street="7 Elm Street",
        email="desk@maple-spine.org", holidays_of="US-NY",
    )  # fmt: skip
    OpeningHours.objects.bulk_create(
        OpeningHours(weekday=day, opens="08:00", closes="18:00", clinic=clinic) for day in range(5)
    )
    Notice.objects.update(body="Ours.")
    procedure = make.procedure()
    for page in procedure.pages.all():
        make.sign_off(page.live_revision())
    make.practitioner()
    today = timezone.localdate(timezone=clinic.zone)
    days = holidays.coming("US-NY", today, today + holidays.AHEAD, clinic.zone)
    displacement.close_on(days, by=Actor.system())
    make.living_worker()
    manager, _codes = make.with_factor(roles.MANAGER, email="manager@maple-spine.org")
    for kind in ProofKind:
        Proof.objects.create(kind=kind, about=mail_proof.server() if kind == ProofKind.TEST_MAIL else "")
    for user in type(manager).objects.filter(is_staff=True).exclude(pk=manager.pk):  # Who signed the pages.
        user.is_active = False
        user.save()
    return manager


class Watcher(ThreadingHTTPServer):
    """A server on this machine that keeps what it was asked; `answers` are the statuses, of which the last stays."""

    daemon_threads = True

    def __init__(self, *answers: int, leads_to: str = ""):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.answers, self.leads_to, self.asked = [*answers] or [200], leads_to, list[tuple[str, bytes]]()
        self.delay, self.stopping = 0.0, threading.Event()

    @property
    def port(self) -> int:
        return self.server_address[1]


class _Answer(BaseHTTPRequestHandler):
    server: Watcher

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.path, body))
        self.server.stopping.wait(self.server.delay)
        answers = self.server.answers
        self.send_response(answers.pop(0) if len(answers) > 1 else answers[0])
        if self.server.leads_to:
            self.send_header("Location", self.server.leads_to)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def served(server: Watcher) -> Iterator[Watcher]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()


def certificate(folder: Path, ends: datetime) -> Path:
    """A file with a key and a certificate of localhost, signed by itself, which ends at a moment."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(ends, datetime.now(UTC)) - timedelta(days=90))
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "site.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )  # fmt: skip
    return pem


@contextmanager
def encrypted(monkeypatch: Any, folder: Path, ends: datetime, *, is_trusted: bool = True) -> Iterator[str]:
    """A server with a certificate that ends at a moment, as the address of a site; this machine trusts it."""
    pem = certificate(folder, ends)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    server = Watcher()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with served(server):
        yield f"https://localhost:{server.port}"
