"""The browser that the journeys run in: the system's Chromium or Chrome, installed where it may be."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",)
# The browser finds no host but this machine, and does not call home.
FLAGS = [
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-gpu",
]  # fmt: skip
# As root Chromium has no sandbox of its own.
if os.geteuid() == 0:
    FLAGS.append("--no-sandbox")


def find() -> str | None:
    """The path of a browser, or None."""
    found = (shutil.which(name) for name in (*NAMES, *PLACES))
    return next(filter(None, found), None)


def main() -> None:
    """Install Debian's Chromium where there is no browser, and where root and apt allow it."""
    if find():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("No Chromium found: installing Debian's.", flush=True)
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"]
        subprocess.run(install, check=False, **quiet)
    if find():
        return
    if os.environ.get("CI") == "true":
        sys.exit("No Chromium or Chrome found, and with CI=true the journeys must run.")
    print("No Chromium or Chrome found: the journeys will be counted as skipped.", flush=True)


if __name__ == "__main__":
    main()
