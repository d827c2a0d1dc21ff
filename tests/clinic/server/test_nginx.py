"""A cache in front, as it really is: it keeps what the pages say that it may keep, and no longer."""

import shutil
import threading

import pytest

from procedures.models import Procedure
from tests.bench import client, pages, servers

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.real_time,
    pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed"),
]
KYPHOPLASTY = "/procedures/kyphoplasty/"


def status(server, path):
    return next(client.send(server.port, [client.get(path, server.port)])).split()[1]


def test_a_withdrawn_page_is_gone_ten_seconds_later_though_nobody_asked_meanwhile():
    pages.fill()
    with servers.site() as site, servers.nginx(site) as proxy:
        before = status(proxy, KYPHOPLASTY)
        Procedure.objects.update(is_published=False)
        threading.Event().wait(10)

        assert (before, status(proxy, KYPHOPLASTY)) == (b"200", b"404")


def test_a_page_goes_on_while_the_site_is_away():
    pages.fill()
    with servers.site() as site, servers.nginx(site) as proxy:
        before = status(proxy, KYPHOPLASTY)
        site.process.terminate()
        site.process.wait(30)
        threading.Event().wait(9)

        assert (before, status(proxy, KYPHOPLASTY)) == (b"200", b"200")
