"""
No secret in the repository: known kinds of keys, passwords in addresses, and words that look drawn by chance.

Run by `make check`, over all files that git knows or would take. Small and of our own: the libraries that do this bring
dozens of packages or a binary, and look for the keys of hundreds of services that we do not use.
"""

import gzip
import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# As their makers document them, so that they can be found.
KINDS = {
    "private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "AWS": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "GitHub": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,})",
    "GitLab": r"\bglpat-[\w-]{20,}",
    "Google": r"\bAIza[\w-]{35}",
    "Slack": r"\bxox[abeprs]-[\w-]{10,}",
    "Stripe": r"\b[rs]k_live_[A-Za-z0-9]{20,}",
    "SendGrid": r"\bSG\.[\w-]{20,}\.[\w-]{20,}",
    "PyPI": r"\bpypi-[\w-]{50,}",
    "npm": r"\bnpm_[A-Za-z0-9]{36}",
    "Anthropic or OpenAI": r"\bsk-(?:ant-|proj-)?[\w-]{32,}",
    "JSON Web Token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
}
_KINDS = {kind: re.compile(pattern) for kind, pattern in KINDS.items()}
_IN_ADDRESS = re.compile(r"\b[a-z][a-z+]*://[^\s:/@\"'`]*:([^\s@/\"'`]+)@")
_NAMED = re.compile(
    r"""(?:secret|passw(?:or)?d|pwd|token|api_?key|credential)\w*["']?\s*[:=]+\s*["']([^\s"']{8,})["']""", re.I
)
# A trigger's hash in a migration is drawn by nobody: pgtrigger computes it.
_DRAWN = re.compile(r"(?<!hash=['\"])(?<![\w+/-])[A-Za-z0-9+/_-]{32,}={0,2}(?![\w+/=-])")

# Signs of chance in each sign: English has 2.3 or so, 32 drawn ones of base64 about 4.5.
DRAWN, NAMED = 4.3, 3.0
# What stands for a password in documents and tests.
PLACEHOLDERS = {"…", "password", "p%2Fw", "pass", "p", "x", "secret", "***"}
# Hashes of packages and digests of published works are no secrets.
NO_DRAWN_WORDS = re.compile(
    r"requirements.*\.txt|tests/journeys/axe-core/.*|.*\.svg|tests/upgrade/.*|tests/supply/advisories\.json"
)
# Keys of tests, by file and name.
ALLOWED = {
    "tests/appointments/notifications/test_outbox.py": {"wrong"},
    "tests/bench/floor.py": {"9a0fda5cf81956e8715af78c504c6ec0"},
    "tests/appointments/management/test_backup.py": {"p%40ss%2Fw"},
    "tests/clinic/operations/test_heartbeat.py": {"/ping/5f2c"},
    "tests/clinic/test_env_file.py": {"p=$w#x"},
    "tests/clinic/test_settings.py": {"secr", "1#secr", "secr#t", "secr?t", "secr[t", "p%40%2F%23"},
}

# They are named here, too.
ALLOWED["tests/secret_scan.py"] = set[str]().union(*ALLOWED.values())


def entropy(word: str) -> float:
    """Bits of chance in each sign of the word."""
    return -sum(n / len(word) * math.log2(n / len(word)) for n in Counter(word).values())


def found_in(text: str, name: str) -> Iterator[str]:
    """Each word of the text that looks like a secret, with what it looks like. `name` is the file's."""
    allowed = ALLOWED.get(name, set())
    for kind, pattern in _KINDS.items():
        yield from (f"{kind}: {word}" for word in pattern.findall(text) if word not in allowed)
    for word in _IN_ADDRESS.findall(text):
        if word not in PLACEHOLDERS | allowed and not word.startswith(("{", "$", "<")):
            yield f"password in an address: {word}"
    for word in _NAMED.findall(text):
        if entropy(word) > NAMED and re.search(r"\d", word) and word not in PLACEHOLDERS | allowed and "{" not in word:
            yield f"named like a secret: {word}"
    if not NO_DRAWN_WORDS.fullmatch(name):
        for word in _DRAWN.findall(text):
            # Paths and names are long, too: what is drawn has digits, and letters of both sizes or none but a to f.
            mixed = all(re.search(part, word) for part in (r"\d", "[a-z]", "[A-Z]"))
            is_hex = re.fullmatch(r"(?=.*\d)[0-9a-f]{32,}", word)
            if ((mixed and entropy(word) > DRAWN) or is_hex) and word not in allowed:
                yield f"looks drawn by chance: {word}"


def text_of(file: Path) -> str:
    """The words of a file, also of a compressed one; nothing of a picture."""
    content = file.read_bytes()
    if file.suffix == ".gz":
        content = gzip.decompress(content)
    return "" if b"\0" in content[:8192] else content.decode(errors="replace")


def main() -> None:
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):  # No git, or a release that was unpacked.
        print("This folder is no git repository: there is nothing that could be committed.")
        return
    found = [
        # Enough to find it by, and no more: logs of checks are read by many.
        f"{name}: {said[:60]}"
        for name in sorted(filter(None, names))
        if (ROOT / name).is_file()
        for said in found_in(text_of(ROOT / name), name)
    ]
    print("\n".join(found) or f"{len(names)} files hold no secret.")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
