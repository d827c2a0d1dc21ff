"""Where the browser of the journeys comes from, and what happens where there is none."""

import os
from types import SimpleNamespace

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
    ran = as_root_with_apt(monkeypatch, families="DejaVu Sans\nLiberation Serif\n")

    chromium.main()

    assert [command[:2] for command in ran[:2]] == [["apt-get", "update"], ["apt-get", "install"]]
    assert ran[1][-2:] == ["--no-install-recommends", "chromium-headless-shell"]
    # It is not there afterward: a system that does not know it.
    assert ran[2:] == [[*ran[1][:-1], "chromium"]]


@pytest.mark.parametrize(
    ("found", "installed"),
    [("/usr/bin/chromium", ["chromium-headless-shell"]), ("/usr/bin/google-chrome", [])],
)
def test_beside_debians_browser_its_light_one_is_installed_and_beside_another_none(monkeypatch, found, installed):
    monkeypatch.setattr(chromium, "find", lambda: found)
    ran = as_root_with_apt(monkeypatch, families="DejaVu Sans\nLiberation Serif\n")

    chromium.main()

    assert [command[-1] for command in ran if "install" in command] == installed


def test_the_light_one_is_taken_before_another(monkeypatch):
    monkeypatch.setattr(chromium.shutil, "which", lambda name: f"/usr/bin/{name}")

    assert chromium.find() == "/usr/bin/chromium-headless-shell"


def test_root_with_apt_installs_the_fonts_that_are_missing_beside_a_browser(monkeypatch):
    monkeypatch.setattr(chromium, "find", lambda: "/usr/bin/chromium-headless-shell")
    ran = as_root_with_apt(monkeypatch, families="DejaVu Sans\n")

    chromium.main()

    assert [command[:2] for command in ran] == [["apt-get", "update"], ["apt-get", "install"]]
    assert ran[-1][-2:] == ["--no-install-recommends", "fonts-liberation"]


def test_where_all_is_there_nothing_is_installed(monkeypatch):
    monkeypatch.setattr(chromium, "find", lambda: "/usr/bin/chromium-headless-shell")
    ran = as_root_with_apt(monkeypatch, families="DejaVu Sans\nLiberation Serif\n")

    chromium.main()

    assert ran == []


def test_what_tests_run_beside_the_browser_is_installed_one_by_one(monkeypatch):
    monkeypatch.setattr(chromium, "find", lambda: "/usr/bin/chromium-headless-shell")
    ran = as_root_with_apt(monkeypatch, families="DejaVu Sans\nLiberation Serif\n", without=("nginx", "age"))

    chromium.main()

    assert [command[-1] for command in ran if "install" in command] == ["nginx-light", "age"]


def as_root_with_apt(monkeypatch, families: str, without: tuple[str, ...] = ()) -> list[list[str]]:
    """Be root on a machine with these families of fonts; what is run of apt's stands in the list."""
    ran = []

    def run(command, **kwargs):
        if command[0] != "/usr/bin/fc-list":
            ran.append(command)
        return SimpleNamespace(stdout=families)

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(chromium.shutil, "which", lambda name: None if name in without else f"/usr/bin/{name}")
    monkeypatch.setattr(chromium.subprocess, "run", run)
    return ran
