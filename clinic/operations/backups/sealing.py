"""
Sealing a backup to a public key: who takes the file, or the machine that makes it, reads nothing of it.

BACKUP_PUBLIC_KEY is an age recipient ("age1…") or a file with an OpenPGP public key. The private key is kept elsewhere.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from clinic.operations.backups.databases import ProgramFailed, said

AGE, GPG, PLAIN = ".tar.age", ".tar.gpg", ".tar"


class NoKey(Exception):
    """A backup cannot be sealed; the words say what is missing."""


def ending(key: str | None) -> str:
    """How a file that is sealed to `key` ends; None means not at all. Raises NoKey where it cannot be."""
    if key is None:
        return PLAIN
    if not key:
        raise NoKey("BACKUP_PUBLIC_KEY is not set: README.md says how. Without encryption: --unencrypted")
    program = "age" if key.startswith("age1") else "gpg"
    if shutil.which(program) is None:
        raise NoKey(f"{program} is not on this machine, and BACKUP_PUBLIC_KEY needs it.")
    if program == "gpg" and not Path(key).is_file():
        raise NoKey(f"BACKUP_PUBLIC_KEY is neither an age recipient (age1…) nor a file with a public key: {key}")
    return AGE if program == "age" else GPG


@contextmanager
def sealed(path: Path, key: str | None) -> Iterator[IO[bytes]]:
    """A stream whose bytes are in `path` when the block ends, readable with the private key alone."""
    if key is None:
        with path.open("wb") as plain:
            yield plain
        return
    with tempfile.TemporaryDirectory() as home:
        if ending(key) == AGE:
            command = ["age", "--encrypt", "--recipient", key, "--output", str(path)]
        else:
            # A folder of its own: no key of this account counts, and none is asked for trust.
            command = ["gpg", "--batch", "--quiet", "--no-options", "--homedir", home, "--trust-model", "always"]
            # The dump is compressed already.
            command += ["--compress-algo", "none", "--output", str(path), "--encrypt", "--recipient-file", key]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        sink, complaints = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stderr)
        try:
            yield sink
            sink.close()
            errors = complaints.read()
        except BrokenPipeError:
            errors = complaints.read()
        except BaseException:
            process.kill()
            raise
        finally:
            process.wait()
            complaints.close()
        if process.returncode:
            raise ProgramFailed(said(command[0], errors))


@contextmanager
def opened(path: Path, identity: Path | None) -> Iterator[IO[bytes]]:
    """
    The bytes that were sealed in `path`, as a stream.

    age reads its private key from `identity`; gpg takes it from the keys of this account. Raises ProgramFailed.
    """
    if path.name.endswith(PLAIN):
        with path.open("rb") as stream:
            yield stream
        return
    if path.name.endswith(AGE):
        if identity is None:
            raise NoKey("age needs the file of the private key: --identity FILE")
        command = ["age", "--decrypt", "--identity", str(identity), str(path)]
    else:
        command = ["gpg", "--batch", "--quiet", "--decrypt", str(path)]
    # What it says goes to a file: a full pipe would stop it.
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
        source = cast(IO[bytes], process.stdout)
        problem = None
        try:
            yield source
            source.read()
        except Exception as error:  # Where no key opens it, there was nothing to read: that comes first.
            problem = error
        finally:
            source.close()
            process.wait()
        if process.returncode > 0 or (process.returncode and not problem):
            errors.seek(0)
            raise ProgramFailed(said(command[0], errors.read())) from problem
        if problem:
            raise problem
