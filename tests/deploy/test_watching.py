"""The alarms and the dashboard ask for figures that there are."""

import json
import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from procrastinate.contrib.django import app
from prometheus_client.parser import text_string_to_metric_families

from appointments.notifications.queue import SEND_MAILS
from clinic.models import Proof, ProofKind
from clinic.operations import metrics
from tests import make

DEPLOY = Path(settings.BASE_DIR, "deploy")
RULES = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((DEPLOY / "dashboard.json").read_text())
QUERIES = [each["expr"] for each in RULES] + [
    target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]
]
DOCS = Path(settings.BASE_DIR, "docs/operating.md").read_text()


@pytest.fixture
def said(db) -> dict[str, set[str]]:
    """Each figure that /metrics has in a clinic in which all of them are, with its labels' values."""
    make.living_worker()
    for kind in ProofKind:
        Proof.objects.create(kind=kind)
    app.configure_task(SEND_MAILS).defer()
    make.clinic(is_choosing_paused=True)
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(metrics.text().decode()):
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                found.setdefault(sample.name, set()).update(sample.labels.values())
    return found


def test_every_figure_that_an_alarm_or_the_dashboard_asks_for_is_there(said):
    asked = {name for query in QUERIES for name in re.findall(r"\bclinic_\w+", query)}

    assert asked - said.keys() == set()


def test_every_figure_is_shown_on_the_dashboard_and_explained_in_the_document(said):
    shown = {name for query in QUERIES for name in re.findall(r"\bclinic_\w+", query)}

    assert said.keys() - shown == set()
    assert {name for name in said if f"`{name}" not in DOCS} == set()


def test_every_label_that_they_choose_by_is_one_that_there_is(said):
    chosen = re.findall(r"\b(clinic_\w+)\{\w+=~?\"([\w|]+)\"\}", " ".join(QUERIES))

    assert [(name, value) for name, values in chosen for value in values.split("|") if value not in said[name]] == []
    assert len(chosen) >= 4


def test_every_alarm_says_what_it_means_to_somebody_and_whom_to_wake():
    assert {each["labels"]["severity"] for each in RULES} == {"page", "ticket"}
    assert [each["alert"] for each in RULES if len(each["annotations"]["summary"]) < 30] == []
