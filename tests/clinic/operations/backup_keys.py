"""A pair of keys as somebody makes them with gpg, in a folder of its own."""

import shutil
import subprocess
from pathlib import Path

import pytest


def make_with_age(folder: Path) -> tuple[str, Path]:
    """A public key, and the file of the private one."""
    if shutil.which("age-keygen") is None:
        pytest.skip("age is not on this machine")
    private = folder / "private.txt"
    subprocess.run(["age-keygen", "--output", str(private)], check=True, capture_output=True)
    public = subprocess.run(["age-keygen", "-y", str(private)], check=True, capture_output=True, text=True)
    return public.stdout.strip(), private


def make(folder: Path, monkeypatch, *, use: str = "encr") -> Path:
    """The file of the public key; from here on this account has the private one. With `use` "sign" it signs."""
    if shutil.which("gpg") is None:
        pytest.skip("gpg is not on this machine")
    # The path of an agent's socket has at most 107 bytes.
    monkeypatch.setenv("GNUPGHOME", str(folder))
    gpg = ["gpg", "--batch", "--quiet", "--passphrase", "", "--pinentry-mode", "loopback"]
    subprocess.run([*gpg, "--quick-generate-key", "backup@clinic.example", "rsa2048", use], check=True)
    public = folder / "public.asc"
    subprocess.run([*gpg, "--armor", "--output", str(public), "--export", "backup@clinic.example"], check=True)
    return public
