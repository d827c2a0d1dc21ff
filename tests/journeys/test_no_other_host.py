"""The browser of the journeys reaches the site that is tested, and no other host: not by name, and not by number."""

import pytest

pytestmark = pytest.mark.django_db(transaction=True)

FETCH = "address => fetch(address, {mode: 'no-cors'}).then(() => 'reached', error => error.message)"


@pytest.fixture
def page(browser, live_server):
    # The site's own policy would stop a fetch before the browser looks for the host.
    page = browser.new_page(bypass_csp=True)
    page.goto(live_server.url + "/about/")
    yield page
    page.close()


def test_the_browser_reaches_no_other_host(page):
    for address in ("https://example.com/", "http://192.0.2.1/", "http://[2001:db8::1]/"):
        with page.expect_event("requestfailed") as failed:
            assert page.evaluate(FETCH, address) == "Failed to fetch"

        assert (failed.value.url, failed.value.failure) == (address, "net::ERR_NAME_NOT_RESOLVED")


def test_the_browser_reaches_the_site(page, live_server):
    assert page.evaluate(FETCH, live_server.url + "/about/") == "reached"
