"""What search engines and shared links are told: the truth, under the site's own address."""

import json
import re
from xml.etree import ElementTree

import pytest
from django.core.management import call_command

from procedures.models import Procedure
from tests import make

pytestmark = pytest.mark.django_db

BENEFITS = "/procedures/kyphoplasty/benefits/"


@pytest.fixture(autouse=True)
def _site(settings):
    settings.SITE_URL = "https://clinic.example"
    settings.ALLOWED_HOSTS = ["*"]
    call_command("load_content", verbosity=0)
    clinic = make.clinic(street="7 Maple Street\n2nd floor", city="Albany", state="NY", postal_code="12207")
    clinic.opening_hours.create(weekday=4, opens="09:00", closes="13:00")


def get(client, path: str) -> str:
    return client.get(path, headers={"host": "evil.example"}).content.decode()


def meta(html: str) -> dict[str, str]:
    return dict(re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', html))


@pytest.mark.parametrize(
    "path",
    ["/", "/procedures/", "/procedures/kyphoplasty/", BENEFITS, "/procedures/glossary/", "/appointments/", "/privacy/"],
)
def test_a_page_names_itself_under_the_sites_own_address(client, path):
    html = get(client, path)
    told = meta(html)

    assert f'<link rel="canonical" href="https://clinic.example{path}">' in html
    assert told["og:url"] == f"https://clinic.example{path}"
    assert told["og:image"].startswith("https://clinic.example/static/img/share")
    assert told["og:description"] == told["description"]
    assert 20 < len(told["description"]) < 160
    assert f"<title>{told['og:title']} – Maple Spine Clinic</title>" in html
    assert "evil.example" not in html


def test_descriptions_and_titles_differ_from_page_to_page(client):
    pages = ["/", "/procedures/", "/procedures/kyphoplasty/", BENEFITS, "/procedures/kyphoplasty/recovery/"]
    told = [meta(get(client, path)) for path in pages]

    assert len({each["description"] for each in told}) == len({each["og:title"] for each in told}) == len(pages)


def test_the_shared_picture_has_the_size_that_is_told(settings):
    png = (settings.BASE_DIR / "static/img/share.png").read_bytes()

    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (1200, 630)


def test_the_graph_says_what_the_page_shows_and_nothing_else(client):
    html = get(client, BENEFITS)
    graph = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html).group(1))["@graph"]
    nodes = {node["@type"]: node for node in graph}
    visible = re.sub(r"<[^>]+>", " ", html[html.index("<body") :])

    assert set(nodes) == {"MedicalClinic", "MedicalWebPage", "SurgicalProcedure", "BreadcrumbList"}
    assert nodes["MedicalClinic"]["telephone"] == "(646) 555-0111"
    assert nodes["MedicalClinic"]["address"] == {
        "@type": "PostalAddress",
        "streetAddress": "7 Maple Street, 2nd floor",
        "addressLocality": "Albany",
        "addressRegion": "NY",
        "postalCode": "12207",
        "addressCountry": "US",
    }
    assert "7 Maple Street<br>2nd floor<br>Albany, NY 12207" in html
    assert nodes["MedicalClinic"]["openingHoursSpecification"] == [
        {"@type": "OpeningHoursSpecification", "dayOfWeek": "Friday", "opens": "09:00", "closes": "13:00"}
    ]
    assert [crumb["name"] for crumb in nodes["BreadcrumbList"]["itemListElement"]] == [
        "Home", "Procedures", "Kyphoplasty", "Benefits and risks",
    ]  # fmt: skip
    for words in (nodes["MedicalWebPage"]["name"], nodes["MedicalWebPage"]["description"], "Kyphoplasty"):
        assert words in visible
    # Nobody has reviewed anything yet.
    assert "lastReviewed" not in html
    assert "reviewedBy" not in html


def test_parts_of_the_address_that_are_not_known_are_not_told(client):
    make.clinic(address="Maple House, Elm Way")
    assert (
        '"address": {"@type": "PostalAddress", "streetAddress": "Maple House, Elm Way", "addressCountry": "US"}'
        in get(client, BENEFITS)
    )

    make.clinic(address="")
    assert "PostalAddress" not in get(client, BENEFITS)


def test_words_of_the_clinic_cannot_end_the_graph(client):
    make.clinic(name="</script><script>alert(1)")

    html = get(client, BENEFITS)

    assert "<script>alert" not in html
    assert "\\u003c/script\\u003e" in html


def test_the_sitemap_lists_what_is_public_under_the_sites_own_address(client):
    make.procedure("Secret", is_published=False)
    make.page(Procedure.objects.get(slug="kyphoplasty"), "riesgos", language="es")
    tree = ElementTree.fromstring(get(client, "/sitemap.xml"))  # noqa: S314  (our own)

    listed = [each.text for each in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert listed == [
        f"https://clinic.example{path}"
        for path in (
            "/", "/procedures/", "/appointments/", "/about/", "/privacy/", "/accessibility/",
            "/notices/privacy-practices/", "/notices/nondiscrimination/", "/notices/language-help/",
            "/procedures/kyphoplasty/", BENEFITS,
            "/procedures/kyphoplasty/recovery/", "/procedures/glossary/",
        )
    ]  # fmt: skip


def test_robots_are_kept_from_the_admin_and_led_to_the_sitemap(client):
    assert get(client, "/robots.txt") == (
        "User-agent: *\nDisallow: /admin/\nSitemap: https://clinic.example/sitemap.xml\n"
    )
