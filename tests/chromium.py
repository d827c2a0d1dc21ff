"""
The browser that the journeys run in: the system's Chromium or Chrome, installed where it may be.

With it come the fonts of the sheet to take home, and the other programs that tests run for real.
"""

import os
import shutil
import subprocess
import sys

# Debian's light one first: the same Chromium without the windows of a browser, which takes less than half the time.
LIGHT, DEBIANS = "chromium-headless-shell", "/usr/bin/chromium"
NAMES = (LIGHT, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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

# Without these their tests are counted as skipped: the cache and the front of the site, and what seals a backup.
PROGRAMS = {"nginx": "nginx-light", "gpg": "gnupg", "age": "age"}


def find() -> str | None:
    """The path of a browser, or None."""
    found = (shutil.which(name) for name in (*NAMES, *PLACES))
    return next(filter(None, found), None)


def missing() -> list[str]:
    """Debian's packages of what is not there: of the browser, of fonts, and of other programs."""
    listing = shutil.which("fc-list")
    families = subprocess.run([listing, ":", "family"], capture_output=True, text=True).stdout if listing else ""
    fonts = [package for family, package in FONTS.items() if family not in families]
    browser = [LIGHT] if find() in (None, DEBIANS) else []
    return [*browser, *fonts, *(package for name, package in PROGRAMS.items() if not shutil.which(name))]


def main() -> None:
    """Install Debian's Chromium, fonts and programs where they are missing, and where root and apt allow it."""
    packages = missing()
    if packages and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing for the tests: {', '.join(packages)}.", flush=True)
        # In runlevel 1 Debian starts no service that it installs: tests start their own nginx.
        asked = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, **asked}}
        # Where there is no network this takes seconds, and not minutes.
        subprocess.run(["apt-get", "update", "-qq", "-o", "Acquire::http::Timeout=10"], check=False, **quiet)
        # One by one: that Debian does not know one of them takes no other away.
        for package in packages:
            install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
            subprocess.run(install, check=False, **quiet)
        if not find():  # A system that does not know the light one.
            subprocess.run([*install[:-1], "chromium"], check=False, **quiet)
    if find():
        return
    if os.environ.get("CI") == "true":
        sys.exit("No Chromium or Chrome found, and with CI=true the journeys must run.")
    print("No Chromium or Chrome found: the journeys will be counted as skipped.", flush=True)


if __name__ == "__main__":
    main()
