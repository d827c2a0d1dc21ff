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


def test_a_page_goes_on_while_the_site_is_away_and_a_withdrawn_one_is_gone_ten_seconds_later():
    """Of two sites, each behind a cache. Nobody asks meanwhile: both wait through the same ten seconds."""
    pages.fill()
    with servers.site() as site, servers.nginx(site) as proxy, servers.site() as away, servers.nginx(away) as left:
        before = status(proxy, KYPHOPLASTY), status(left, KYPHOPLASTY)
        away.process.terminate()
        away.process.wait(30)
        Procedure.objects.update(is_published=False)
        threading.Event().wait(9)
        while_away = status(left, KYPHOPLASTY)
        threading.Event().wait(1)

        assert before == (b"200", b"200")
        assert (while_away, status(proxy, KYPHOPLASTY)) == (b"200", b"404")
