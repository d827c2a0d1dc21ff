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
# Letters wide and narrow, in which the sheet to take home must fit its pages, and the packages that have them.
FONTS = {"DejaVu Sans": "fonts-dejavu-core", "Liberation Serif": "fonts-liberation"}


def find() -> str | None:
    """The path of a browser, or None."""
    found = (shutil.which(name) for name in (*NAMES, *PLACES))
    return next(filter(None, found), None)


def missing() -> list[str]:
    """Debian's packages of what is not there: of the browser, and of fonts."""
    listing = shutil.which("fc-list")
    families = subprocess.run([listing, ":", "family"], capture_output=True, text=True).stdout if listing else ""
    fonts = [package for family, package in FONTS.items() if family not in families]
    return fonts if find() else ["chromium", *fonts]


def main() -> None:
    """Install Debian's Chromium and fonts where they are missing, and where root and apt allow it."""
    packages = missing()
    if packages and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing for the journeys: {', '.join(packages)}.", flush=True)
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        # Where there is no network this takes seconds, and not minutes.
        subprocess.run(["apt-get", "update", "-qq", "-o", "Acquire::http::Timeout=10"], check=False, **quiet)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        subprocess.run(install, check=False, **quiet)
    if find():
        return
    if os.environ.get("CI") == "true":
        sys.exit("No Chromium or Chrome found, and with CI=true the journeys must run.")
    print("No Chromium or Chrome found: the journeys will be counted as skipped.", flush=True)


if __name__ == "__main__":
    main()
