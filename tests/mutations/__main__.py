"""
Take each control away, one at a time, in a copy of the tree, and see that its test fails.

Two copies at a time, each with a Postgres of its own. First the named tests run as they are: a test that fails anyway
catches nothing.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from tests.mutations.controls import MUTATIONS, Mutation

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", ".local", "__pycache__", ".*_cache")
# How pytest names a test that failed. One that could not begin is an ERROR, and no test has noticed anything.
FAILED = re.compile(r"^FAILED ", re.MULTILINE)


def main() -> None:
    chosen = [each for each in MUTATIONS if all(word in each.control for word in sys.argv[1:])]
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        copies = [Path(folder) / name for name in ("a", "b")]
        for copy in copies:
            shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        sound = run(copies[0], *sorted({each.test for each in chosen}))
        if sound.returncode:
            sys.exit(f"The tests fail without any change:\n{sound.stdout}{sound.stderr}")
        waiting: SimpleQueue[Mutation] = SimpleQueue()
        for each in chosen:
            waiting.put(each)
        missed: list[Mutation] = []
        threads = [Thread(target=work, args=(copy, waiting, missed)) for copy in copies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    print(f"{len(chosen) - len(missed)} of {len(chosen)} caught")
    sys.exit(1 if missed else 0)


def work(copy: Path, waiting: SimpleQueue[Mutation], missed: list[Mutation]) -> None:
    """Try what waits until nothing does."""
    while True:
        try:
            mutation = waiting.get_nowait()
        except Empty:
            return
        began = time.monotonic()
        is_caught = try_one(copy, mutation)
        if not is_caught:
            missed.append(mutation)
        word = "caught    " if is_caught else "NOT caught"
        print(f"{word}  {mutation.control:<55}{time.monotonic() - began:4.0f} s", flush=True)


def try_one(copy: Path, mutation: Mutation) -> bool:
    """Whether the test fails with the mutation in this copy of the tree, which is as it was afterwards."""
    file = copy / mutation.file
    before = file.read_text()
    file.write_text(before.replace(mutation.old, mutation.new, 1))
    try:
        return FAILED.search(run(copy, mutation.test).stdout) is not None
    finally:
        file.write_text(before)


def run(copy: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist"]
    # A file that changes twice within a second looks unchanged to a kept bytecode.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)  # The copy says which it is.
    command = [sys.executable, "-m", "pytest", *options, *(found(copy, test) for test in tests)]
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)


def found(copy: Path, test: str) -> str:
    """The test as pytest wants it named: with its class, if it stands in one."""
    file, _, name = test.partition("::")
    inside = ""
    for line in (copy / file).read_text().splitlines():
        if line.startswith("class "):
            inside = line.removeprefix("class ").rstrip(":").partition("(")[0]
        elif line.startswith(("def ", "@")):
            inside = ""
        if line.strip().startswith(f"def {name}("):
            break
    return f"{file}::{inside}::{name}" if inside else test


if __name__ == "__main__":
    main()
