"""Where the browser of the journeys comes from, and what happens where there is none."""

import os

import pytest

from tests import chromium


@pytest.fixture
def no_browser(monkeypatch):
    monkeypatch.setattr(chromium, "find", lambda: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.delenv("CI", raising=False)


def test_without_a_browser_the_journeys_are_said_to_be_skipped(no_browser, capsys):
    chromium.main()

    assert "the journeys will be counted as skipped" in capsys.readouterr().out


def test_with_ci_a_missing_browser_is_a_failure(no_browser, monkeypatch):
    monkeypatch.setenv("CI", "true")

    with pytest.raises(SystemExit, match="No Chromium or Chrome found"):
        chromium.main()


def test_root_with_apt_installs_debians(no_browser, monkeypatch):
    ran = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(chromium.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(chromium.subprocess, "run", lambda command, **kwargs: ran.append(command[:2]))

    chromium.main()

    assert ran == [["apt-get", "update"], ["apt-get", "install"]]
