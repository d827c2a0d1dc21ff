"""A small OpenID Connect provider on 127.0.0.1: it signs what a test says, as Google or Microsoft would."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from django.utils import timezone

CLIENT, SECRET = "the-site", "a secret of the site's"


class Provider:
    """`claims` go into the next token over what is right; `key` signs it."""

    def __init__(self) -> None:
        self.key = self.own_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims: dict[str, Any] = {}
        self.algorithm = "RS256"
        self.asked: dict[str, str] = {}
        self.token_requests: list[dict[str, str]] = []
        self.url = ""

    def authorize(self, address: str) -> str:
        """The query that a browser brings back after it was led to this address."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return f"code=the-code&state={self.asked['state']}"

    def token(self, posted: dict[str, str]) -> dict[str, str]:
        self.token_requests.append(posted)
        now = int(timezone.now().timestamp())
        challenge = base64.urlsafe_b64encode(hashlib.sha256(posted["code_verifier"].encode()).digest()).rstrip(b"=")
        assert (posted["client_secret"], challenge.decode()) == (SECRET, self.asked["code_challenge"])
        right = {
            "iss": self.url, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300, "nonce": self.asked["nonce"],
            "email": "ann@clinic.example", "email_verified": True,
        }  # fmt: skip
        claims = {name: value for name, value in (right | self.claims).items() if value is not None}
        key = self.key if self.algorithm == "RS256" else SECRET * 2
        signed = jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": "one"})
        return {"access_token": "x", "id_token": signed, "token_type": "Bearer"}

    def answer(self, path: str, posted: dict[str, str]) -> Any:
        if path == "/.well-known/openid-configuration":
            names = ("authorization", "token", "userinfo")
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"} | {
                f"{name}_endpoint": f"{self.url}/{name}" for name in names
            }
        if path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.own_key.public_key()))
            return {"keys": [{**public, "kid": "one", "use": "sig"}]}
        return self.token(posted)


@contextmanager
def running() -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            posted = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
            said = json.dumps(provider.answer(self.path, posted)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_GET

        def log_message(self, *said: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
