"""Whom and when the tests of bringing in calendars are about."""

import pytest
import time_machine

from clinic.accounts import roles
from tests import make


@pytest.fixture
def monday_noon():
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False):
        yield


@pytest.fixture
def visit():
    return make.visit_type("First visit")


@pytest.fixture
def doctor(visit):
    return make.practitioner("Jane Doe, MD", visit=visit)


@pytest.fixture
def manager():
    return make.user(roles.MANAGER)
