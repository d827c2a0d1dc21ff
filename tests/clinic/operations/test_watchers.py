import pytest
from django.test import Client

from appointments.models import WorkerHeartbeat
from tests import make

TOKEN = "a token of at least twenty signs"
WITH_IT = {"authorization": f"Bearer {TOKEN}"}
FAR = "203.0.113.7"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def token(settings):
    settings.METRICS_TOKEN = TOKEN
    make.living_worker()


def status(path, *, address="127.0.0.1", method="get", **headers):
    return getattr(Client(REMOTE_ADDR=address), method)(path, headers=headers).status_code


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.8", "::1"])
def test_readyz_answers_a_process_of_this_machine(address):
    assert status("/readyz", address=address) == 200


@pytest.mark.parametrize(
    "name", ["forwarded", "via", "x-real-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"]
)
def test_who_comes_through_a_proxy_on_this_machine_comes_from_elsewhere(name):
    assert status("/readyz", **{name: "127.0.0.1"}) == 404


def test_readyz_answers_who_has_the_token_from_anywhere():
    assert status("/readyz", address=FAR, **WITH_IT, **{"x-forwarded-for": FAR}) == 200


@pytest.mark.parametrize(
    "given", ["", "Bearer ", "Bearer another token of twenty", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x"]
)
@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
def test_for_anybody_else_there_are_no_such_addresses(path, given):
    assert status(path, address=FAR, **({"authorization": given} if given else {})) == 404


@pytest.mark.parametrize("address", ["", "unix:", "10.0.0.7"])
def test_an_address_that_is_not_loopback_is_none_of_this_machine(address):
    assert status("/readyz", address=address) == 404


def test_figures_need_the_token_also_on_this_machine():
    assert (status("/metrics"), status("/metrics", **WITH_IT), status("/metrics", method="head", **WITH_IT)) == (
        404,
        200,
        200,
    )


def test_without_a_token_of_ours_an_empty_one_opens_nothing(settings):
    settings.METRICS_TOKEN = ""

    assert [status("/metrics", authorization=given) for given in ("Bearer ", "Bearer", "")] == [404] * 3


def test_nothing_can_be_sent_to_them():
    assert {status(path, method="post", **WITH_IT) for path in ("/readyz", "/metrics")} == {404}


def test_watchers_come_by_http_and_by_ip_also_where_the_site_is_https(settings):
    settings.SECURE_SSL_REDIRECT = True

    assert {status(path, host="10.0.0.7:8000", **WITH_IT) for path in ("/readyz", "/metrics")} == {200}


def test_no_cache_keeps_what_they_say():
    WorkerHeartbeat.objects.all().delete()
    answers = [Client().get(path, headers=WITH_IT) for path in ("/readyz", "/metrics")]

    assert [(each.status_code, each.headers["Cache-Control"]) for each in answers] == [
        (503, "no-store"),
        (200, "no-store"),
    ]
