import re
from datetime import timedelta
from unittest.mock import Mock

import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from markdown_it import MarkdownIt

from appointments.models import Schedule
from appointments.public.forms import NOT_SURE
from clinic.accounts import roles
from procedures.models import GLOSSARY, Page, Procedure, Revision, Words
from tests import make

pytestmark = pytest.mark.django_db


def test_pages_lead_to_each_other_in_reading_order(client):
    make.procedure()

    html = client.get("/procedures/kyphoplasty/benefits/").content.decode()

    assert '<a rel="prev" href="/procedures/kyphoplasty/">' in html
    assert '<a rel="next" href="/procedures/kyphoplasty/recovery/">' in html
    assert '<a href="/procedures/kyphoplasty/benefits/" aria-current="page">' in html


def test_the_form_at_the_bottom_is_about_the_procedure(client):
    make.procedure()
    make.procedure("Discectomy")

    html = client.get("/procedures/discectomy/recovery/").content.decode()

    assert '<option value="discectomy" selected>Discectomy</option>' in html
    assert 'action="/appointments/"' in html


def test_home_and_list_show_published_procedures_in_the_clinics_order(client):
    make.procedure("Kyphoplasty", position=2)
    make.procedure("Discectomy", position=1)
    make.procedure("Secret", is_published=False)
    Procedure.objects.create(name="Unwritten", slug="unwritten", is_published=True)

    for path in ("/", "/procedures/"):
        html = client.get(path).content.decode()
        assert html.index("Discectomy") < html.index("Kyphoplasty")
        assert "Secret" not in html
        assert "Unwritten" not in html
    assert client.get("/procedures/secret/").status_code == 404
    assert client.get("/procedures/unwritten/").status_code == 404


def test_the_overview_has_one_address(client):
    make.procedure()

    assert client.get("/procedures/kyphoplasty/overview/").status_code == 404


def test_words_for_later_do_not_show_yet(client):
    page = make.page(make.procedure(), "later")
    page.revisions.update(published_at=timezone.now() + timedelta(hours=1))

    assert client.get("/procedures/kyphoplasty/later/").status_code == 404


def test_new_words_are_a_new_revision_and_the_old_one_is_kept(client):
    page = make.procedure().pages.get(slug="recovery")
    page.publish(Words("Rest well", "Lead.", "New words.\n"))

    assert "New words." in client.get(page.get_absolute_url()).content.decode()
    assert page.revisions.count() == 2


def test_reserved_addresses_are_refused_by_the_database():
    with pytest.raises(IntegrityError, match="a_procedure_takes_no_reserved_address"), transaction.atomic():
        Procedure.objects.create(name="Glossary", slug="glossary")
    with pytest.raises(IntegrityError, match="a_page_takes_no_reserved_address"), transaction.atomic():
        make.procedure().pages.create(slug="print", label="Print")


def test_only_the_glossary_belongs_to_no_procedure_and_there_is_one():
    with pytest.raises(IntegrityError, match="only_the_glossary_belongs_to_no_procedure"), transaction.atomic():
        make.page(None, "recovery")
    make.page(None, "glossary")
    with pytest.raises(IntegrityError, match="one_page_of_an_address"), transaction.atomic():
        make.page(None, "glossary")


def test_a_site_without_glossary_or_overview_says_that_they_are_not_there(client):
    make.page(Procedure.objects.create(name="Half", slug="half", is_published=True), "recovery")

    assert client.get("/procedures/glossary/").status_code == 404
    assert client.get("/procedures/half/print/").status_code == 404


def test_the_sheet_bears_the_address_of_the_site_and_never_that_of_the_request(client, settings):
    make.procedure()
    settings.ALLOWED_HOSTS = ["*"]

    sheet = client.get("/procedures/kyphoplasty/print/", headers={"host": "evil.example"}).content.decode()

    assert "http://127.0.0.1:8000/procedures/kyphoplasty/" in sheet
    assert "evil.example" not in sheet


def test_contents_lead_to_the_headings_of_the_page(client):
    body = "".join(f"## Why {word}?\n\nBecause.\n\n" for word in ("so", "not", "me", "now"))
    procedure = make.procedure()
    make.page(procedure, "more", body=body)
    make.page(procedure, "less", body=body.rpartition("##")[0])

    html = client.get("/procedures/kyphoplasty/more/").content.decode()

    assert '<li><a href="#h-why-so">Why so?</a></li>' in html
    assert '<h2 id="h-why-so">Why so?</h2>' in html
    # A page of three headings is its own list.
    assert "On this page" not in client.get("/procedures/kyphoplasty/less/").content.decode()


def test_tabs_lead_to_all_pages_of_the_procedure_and_to_the_sheet(client):
    make.procedure()

    html = client.get("/procedures/kyphoplasty/recovery/").content.decode()
    tabs = html.split('<nav class="tabs"')[1].split("</nav>")[0]

    assert re.findall(r'<a href="([^"]*)"([^>]*)>(.*?)</a>', tabs) == [
        ("/procedures/kyphoplasty/", "", "Overview"),
        ("/procedures/kyphoplasty/benefits/", "", "Benefits"),
        ("/procedures/kyphoplasty/recovery/", ' aria-current="page"', "Recovery"),
        ("/procedures/kyphoplasty/print/", "", "Print"),
    ]


def test_a_procedure_has_one_page_of_an_address_and_language():
    procedure = make.procedure()
    with pytest.raises(IntegrityError, match="one_page_of_an_address"), transaction.atomic():
        procedure.pages.create(slug="recovery", label="Again")
    procedure.pages.create(slug="recovery", label="Recuperación", language="es")


def test_words_that_were_shown_once_are_not_parsed_again(client, monkeypatch):
    call_command("load_content", verbosity=0)
    make.clinic()
    for page in Page.objects.all():
        make.sign_off(page.live_revision())
    paths = [page.get_absolute_url() for page in Page.objects.public()] + ["/procedures/kyphoplasty/print/"]
    shown = [client.get(path).content for path in paths]
    monkeypatch.setattr(MarkdownIt, "parse", Mock(side_effect=AssertionError("parsed again")))

    again = [client.get(path).content for path in paths]

    assert len(again) >= 4
    assert list(map(len, again)) == list(map(len, shown))


def test_a_page_is_read_with_few_queries_whatever_the_site_holds(client, django_assert_num_queries):
    for number in range(5):
        make.procedure(f"Procedure {number}", slug=f"procedure-{number}")

    make.sign_off(Page.objects.get(procedure__slug="procedure-3", slug="benefits").live_revision())
    make.sign_off(make.page(None, GLOSSARY).live_revision())

    with django_assert_num_queries(4):  # Its pages, times online, procedures, and the practice.
        client.get("/procedures/procedure-3/benefits/")
    with django_assert_num_queries(4):  # Times online, procedures, practitioners, and the practice.
        client.get("/")
    for path in ("/procedures/", "/procedures/procedure-3/print/", "/procedures/glossary/"):
        with django_assert_num_queries(2):
            client.get(path)


def test_a_page_leads_to_free_times_above_the_call_card_only_while_there_are_any(client):
    make.clinic()
    make.procedure()
    make.practitioner("Jane Doe, MD", online=False)
    before = client.get("/procedures/kyphoplasty/").content.decode()
    Schedule.objects.update(is_online=True)
    after = client.get("/procedures/kyphoplasty/").content.decode()

    asides = [page.split("<aside>")[1].split("</aside>")[0] for page in (before, after)]
    assert [re.findall(r"<(?:a|h2)\b[^>]*>(.*?)</", aside) for aside in asides] == [
        ["Ask or book", "Call us", "(646) 555-0111"],
        ["See free times", "Ask or book", "Call us", "(646) 555-0111"],
    ]
    # On a phone the aside is not shown: the section with the form leads there, too.
    sections = [page.split('id="contact"')[1].split("<form")[0] for page in (before, after)]
    assert ['href="/appointments/times/"' in section for section in sections] == [False, True]


class TestAdmin:
    @pytest.fixture
    def editor(self, client):
        client.force_login(make.user(roles.CONTENT_EDITOR))
        return client

    def form(self, page: Page, **changes):
        live = page.live_revision()
        data = {
            "began_with": (page.draft() or live).digest,
            "procedure": page.procedure_id, "slug": page.slug, "label": page.label, "position": page.position,
            "title": live.title, "lead": live.lead, "body": live.body,
            "publish_at_0": "", "publish_at_1": "", "_publish": "Publish",
            "revisions-TOTAL_FORMS": "0", "revisions-INITIAL_FORMS": "0",
        }  # fmt: skip
        return {name: value for name, value in (data | changes).items() if value is not None}

    def test_an_edit_shows_on_the_site(self, editor, client):
        page = make.procedure().pages.get(slug="recovery")
        address = reverse("admin:procedures_page_change", args=[page.pk])

        assert "Not yet reviewed by a clinician" in editor.get(address).content.decode()
        answer = editor.post(address, self.form(page, title="Getting well", body="Take your\r\ntime."))

        assert answer.status_code == 302
        assert page.live_revision().words == Words("Getting well", "What recovery means.", "Take your\ntime.\n")
        assert page.live_revision().created_by.groups.get().name == roles.CONTENT_EDITOR
        assert "Getting well" in client.get(page.get_absolute_url()).content.decode()

    def test_a_draft_is_kept_shown_in_the_preview_and_seen_by_nobody_else(self, editor, client):
        page = make.procedure().pages.get(slug="recovery")
        address = reverse("admin:procedures_page_change", args=[page.pk])
        for title in ("First try", "Second try"):
            editor.post(address, self.form(page, title=title, _publish=None, _continue="x"))

        preview = editor.get(reverse("admin:procedures_page_preview", args=[page.pk]))
        assert "Second try" in preview.content.decode()
        assert "no-store" in preview.headers["Cache-Control"]
        assert "Second try" in editor.get(address).content.decode()
        assert "There is a draft that visitors do not see yet" in editor.get(address).content.decode()
        assert " try" not in client.get(page.get_absolute_url()).content.decode()
        assert page.revisions.count() == 2

        editor.post(address, self.form(page, title="Third try"))
        assert "Third try" in client.get(page.get_absolute_url()).content.decode()
        assert page.draft() is None

    def test_words_can_be_published_at_a_time(self, editor, client):
        page = make.procedure().pages.get(slug="recovery")
        address = reverse("admin:procedures_page_change", args=[page.pk])
        editor.post(address, self.form(page, title="Next year", publish_at_0="2099-01-01", publish_at_1="08:00"))

        assert "Next year" not in client.get(page.get_absolute_url()).content.decode()
        assert "New words show from Jan. 1, 2099, 8 a.m.<" in editor.get(address).content.decode()
        with time_machine.travel("2099-01-01T13:00:01Z", tick=False):  # 8 a.m. in New York
            assert "Next year" in client.get(page.get_absolute_url()).content.decode()

    def test_a_time_to_publish_is_not_thrown_away_with_a_draft(self, editor):
        page = make.procedure().pages.get(slug="recovery")
        address = reverse("admin:procedures_page_change", args=[page.pk])
        time = {"publish_at_0": "2099-01-01", "publish_at_1": "08:00"}

        answer = editor.post(address, self.form(page, title="Later", _publish=None, _continue="x", **time))
        html = answer.content.decode()

        assert (answer.status_code, page.draft()) == (200, None)
        assert "“Save as draft” publishes at no time: press “Publish” to keep this one, or empty it." in html
        assert [f'value="{each}"' in html for each in ("Later", "2099-01-01", "08:00")] == [True] * 3

    def test_what_is_pasted_is_understood_or_refused_and_nothing_raw_goes_live(self, editor, client):
        page = make.procedure().pages.get(slug="recovery")
        address = reverse("admin:procedures_page_change", args=[page.pk])

        assert editor.post(address, self.form(page, body="Bring:\r\n\r\n•\tyour list\r\n")).status_code == 302
        refused = editor.post(address, self.form(page, title="**Rest**", body="It is <b>safe</b>."))

        assert "<li>your list</li>" in client.get(page.get_absolute_url()).content.decode()
        assert "Line 1: “&lt;b&gt;” would show as it is." in refused.content.decode()
        assert "“**” would show as it is: these are plain words." in refused.content.decode()

    @pytest.mark.parametrize("day", ["2026-01-01", "9999-12-31"])
    def test_words_are_not_published_at_a_time_that_never_comes(self, editor, day):
        page = make.procedure().pages.get(slug="recovery")
        address = reverse("admin:procedures_page_change", args=[page.pk])

        answer = editor.post(address, self.form(page, title="Lost?", publish_at_0=day, publish_at_1="23:59:59"))

        assert "Enter a time that is still to come" in answer.content.decode()
        assert "Lost?" in answer.content.decode()
        assert page.revisions.count() == 1

    def test_the_preview_is_for_those_who_may_see_pages(self, client):
        page = make.procedure().pages.get(slug="recovery")
        address = reverse("admin:procedures_page_preview", args=[page.pk])

        assert client.get(address).status_code == 302
        client.force_login(make.front_desk())
        assert client.get(address).status_code == 403

    def test_a_file_leaves_a_draft_alone(self, editor):
        call_command("load_content", verbosity=0)
        page = Page.objects.get(slug="recovery")
        page.save_draft(Words("Draft", "L.", "B.\n"))

        call_command("load_content", verbosity=0)

        assert page.draft().title == "Draft"

    def test_a_page_has_one_draft_and_what_is_published_stays(self):
        page = make.procedure().pages.get(slug="recovery")
        page.save_draft(page.live_revision().words)
        with pytest.raises(IntegrityError, match="a_page_has_one_draft"), transaction.atomic():
            page.revisions.create(title="x", lead="x", body="x")
        with pytest.raises(ValueError, match="published already"):
            page.live_revision().publish()

    def test_saving_without_a_change_makes_no_revision(self, editor):
        page = make.procedure().pages.get(slug="recovery")

        editor.post(reverse("admin:procedures_page_change", args=[page.pk]), self.form(page))

        assert page.revisions.count() == 1

    def test_a_block_that_is_not_closed_is_a_sentence_beside_the_field(self, editor):
        page = make.procedure().pages.get(slug="recovery")
        address = reverse("admin:procedures_page_change", args=[page.pk])

        answer = editor.post(address, self.form(page, body="::: card\nwords"))

        assert "A block is not closed" in answer.content.decode()
        assert page.revisions.count() == 1

    def test_a_reserved_address_is_a_sentence(self, editor):
        answer = editor.post(
            reverse("admin:procedures_procedure_add"),
            {"name": "Words", "slug": "glossary", "position": "2"},
        )

        assert "This address is taken by another page of the site." in answer.content.decode()


def test_the_procedures_that_visitors_see_have_an_overview_to_open_and_its_live_words():
    for name in ("Seen", "Also seen"):
        make.procedure(name, slug=name.lower().replace(" ", "-"), position=len(name))
    make.procedure("Hidden", is_published=False)
    Procedure.objects.create(name="Without pages", slug="without-pages", is_published=True)
    without = Procedure.objects.create(name="Without overview", slug="without-overview", is_published=True)
    make.page(without, "benefits")
    later = make.procedure("Later")
    Revision.objects.filter(page__procedure=later).update(published_at=timezone.now() + timedelta(hours=1))
    spanish = Procedure.objects.create(name="Spanish", slug="spanish", is_published=True)
    make.page(spanish, "overview", language="es")
    overview = Page.objects.get(procedure__slug="seen", slug="overview")
    overview.publish(Words("Newer", "Newer lead.", "Words.\n"))
    overview.publish(Words("Newest", "Newest lead.", "Words.\n"))
    overview.revisions.filter(title__startswith="New").update(published_at=timezone.now())
    overview.save_draft(Words("Draft", "Draft lead.", "Words.\n"))

    assert [(each.name, each.title, each.lead) for each in Procedure.objects.published()] == [
        ("Seen", "Newest", "Newest lead."),
        ("Also seen", "Also seen: overview", "What overview means."),
    ]
    assert list(Procedure.objects.published("es")) == [spanish]


def test_the_form_offers_the_procedures_that_visitors_see(client):
    make.procedure("Discectomy", position=2)
    make.procedure("Kyphoplasty", position=1)
    make.procedure("Hidden", is_published=False)

    html = client.get("/appointments/").content.decode()

    offered = re.findall(r'<option value="([^"]*)"', html.split('name="procedure"')[1])
    assert offered == ["kyphoplasty", "discectomy", NOT_SURE]


def test_the_list_leads_to_each_page_while_there_is_one_procedure(client):
    make.procedure()
    pages = ["/procedures/kyphoplasty/", "/procedures/kyphoplasty/benefits/", "/procedures/kyphoplasty/recovery/"]

    assert [f'<li><a href="{page}">' in client.get("/procedures/").content.decode() for page in pages] == [True] * 3

    make.procedure("Vertebroplasty")

    shown = client.get("/procedures/").content.decode()
    assert [f'href="{page}"' in shown for page in pages] == [True, False, False]
    assert shown.count("<h2><a href=") == 2
