from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from clinic import roles
from procedures.models import Page, Procedure, Words
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
    Procedure.objects.create(name="Unwritten", slug="unwritten")

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
    make.page(Procedure.objects.create(name="Half", slug="half"), "recovery")

    assert client.get("/procedures/glossary/").status_code == 404
    assert client.get("/procedures/half/print/").status_code == 404


def test_the_sheet_bears_the_address_of_the_site_and_never_that_of_the_request(client, settings):
    make.procedure()
    settings.ALLOWED_HOSTS = ["*"]

    sheet = client.get("/procedures/kyphoplasty/print/", headers={"host": "evil.example"}).content.decode()

    assert "http://127.0.0.1:8000/procedures/kyphoplasty/" in sheet
    assert "evil.example" not in sheet


def test_contents_lead_to_the_headings_of_the_page(client):
    make.page(make.procedure(), "more", body="## Why so?\n\nBecause.\n")

    html = client.get("/procedures/kyphoplasty/more/").content.decode()

    assert '<li><a href="#why-so">Why so?</a></li>' in html
    assert '<h2 id="why-so">Why so?</h2>' in html


def test_a_procedure_has_one_page_of_an_address_and_language():
    procedure = make.procedure()
    with pytest.raises(IntegrityError, match="one_page_of_an_address"), transaction.atomic():
        procedure.pages.create(slug="recovery", label="Again")
    procedure.pages.create(slug="recovery", label="Recuperación", language="es")


def test_a_page_is_read_with_few_queries_whatever_the_site_holds(client, django_assert_num_queries):
    for number in range(5):
        make.procedure(f"Procedure {number}", slug=f"procedure-{number}")

    with django_assert_num_queries(8):
        client.get("/procedures/procedure-3/benefits/")
    with django_assert_num_queries(6):
        client.get("/")


class TestAdmin:
    @pytest.fixture
    def editor(self, client):
        client.force_login(make.user(roles.CONTENT_EDITOR))
        return client

    def form(self, page: Page, **changes):
        live = page.live_revision()
        data = {
            "procedure": page.procedure_id, "slug": page.slug, "label": page.label, "position": page.position,
            "title": live.title, "lead": live.lead, "body": live.body,
            "revisions-TOTAL_FORMS": "0", "revisions-INITIAL_FORMS": "0",
        }  # fmt: skip
        return data | changes

    def test_an_edit_shows_on_the_site(self, editor, client):
        page = make.procedure().pages.get(slug="recovery")
        address = reverse("admin:procedures_page_change", args=[page.pk])

        assert "Not yet reviewed by a clinician" in editor.get(address).content.decode()
        answer = editor.post(address, self.form(page, title="Getting well", body="Take your\r\ntime."))

        assert answer.status_code == 302
        assert page.live_revision().words == Words("Getting well", "What recovery means.", "Take your\ntime.\n")
        assert page.live_revision().created_by.groups.get().name == roles.CONTENT_EDITOR
        assert "Getting well" in client.get(page.get_absolute_url()).content.decode()

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

    def test_a_second_procedure_is_added_in_the_admin_alone(self, editor, client):
        answer = editor.post(
            reverse("admin:procedures_procedure_add"),
            {"name": "Discectomy", "slug": "discectomy", "position": "2", "is_published": "on"},
        )
        assert answer.status_code == 302
        procedure = Procedure.objects.get()
        editor.post(
            reverse("admin:procedures_page_add"),
            {
                "procedure": procedure.pk, "slug": "overview", "label": "Overview", "position": "1",
                "title": "What is a discectomy?", "lead": "L.", "body": "## Why\n\nBecause.",
                "revisions-TOTAL_FORMS": "0", "revisions-INITIAL_FORMS": "0",
            },
        )  # fmt: skip

        page = client.get("/procedures/discectomy/").content.decode()
        assert "What is a discectomy?" in page
        assert "What is a discectomy?" in client.get("/procedures/").content.decode()

    def test_a_reserved_address_is_a_sentence(self, editor):
        answer = editor.post(
            reverse("admin:procedures_procedure_add"),
            {"name": "Words", "slug": "glossary", "position": "2", "is_published": "on"},
        )

        assert "This address is taken by another page of the site." in answer.content.decode()
