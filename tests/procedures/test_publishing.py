"""A second procedure, from its name to what visitors see, without a developer."""

import re

import pytest
from django.urls import reverse

from appointments.admin.desk.caller_form import CallerForm
from clinic.accounts import roles
from procedures import publishing
from procedures.models import Page, Procedure, Words
from tests import make

pytestmark = pytest.mark.django_db

ADD = "/admin/procedures/procedure/add/"
PATHS = [f"/procedures/discectomy/{rest}" for rest in ("", "benefits/", "recovery/", "print/")]
# Where a procedure that visitors see is named.
NAMED_ON = ("/", "/procedures/", "/appointments/", "/sitemap.xml", "/procedures/kyphoplasty/")


@pytest.fixture
def editor(client):
    client.force_login(make.user(roles.CONTENT_EDITOR))
    return client


@pytest.fixture
def discectomy() -> Procedure:
    """A procedure that was begun: three drafts with nothing in them."""
    procedure = Procedure.objects.create(name="Discectomy", slug="discectomy", position=2)
    publishing.begin(procedure, by=make.user(roles.CONTENT_EDITOR))
    return procedure


def write(procedure: Procedure, *, sign: bool = False) -> None:
    for page in procedure.pages.all():
        draft = page.save_draft(Words(page.newest().title, f"The lead of {page.slug}.", "## Why\n\nBecause.\n"))
        if sign:
            make.sign_off(draft)


def show(client, procedure: Procedure, **posted):
    address = reverse("admin:procedures_procedure_show", args=[procedure.pk])
    return client.post(address, {"do": "show", **posted}, follow=True).content.decode()


def is_seen(client) -> set[int]:
    return {client.get(path).status_code for path in PATHS}


class TestAdding:
    def test_three_drafts_come_with_the_houses_headings_and_its_name(self, editor):
        answer = editor.post(ADD, {"name": "Discectomy", "slug": "discectomy", "position": "2"})

        procedure = Procedure.objects.get()
        assert answer.headers["Location"] == reverse("admin:procedures_procedure_show", args=[procedure.pk])
        assert [(page.slug, page.label, page.draft().title) for page in procedure.pages.order_by("position")] == [
            ("overview", "Overview", "Discectomy"),
            ("benefits", "Benefits and risks", "Benefits and risks of discectomy"),
            ("recovery", "Recovery", "Recovery after discectomy"),
        ]
        assert "## What is discectomy?" in procedure.pages.get(slug="overview").draft().body
        assert not procedure.is_published
        assert not Page.objects.live().exists()

    @pytest.mark.parametrize(("name", "within"), [("Discectomy", "discectomy"), ("MRI scan", "MRI scan"), ("X", "x")])
    def test_a_name_is_written_as_inside_a_sentence(self, name, within):
        assert Procedure(name=name).name_in_a_sentence == within

    def test_whether_visitors_see_it_is_no_tick_of_a_form(self, editor):
        editor.post(ADD, {"name": "Discectomy", "slug": "discectomy", "position": "2", "is_published": "on"})
        procedure = Procedure.objects.get()
        said = {"name": "Disc surgery", "slug": "discectomy", "position": "2", "is_published": "on"}

        assert editor.post(reverse("admin:procedures_procedure_change", args=[procedure.pk]), said).status_code == 302

        procedure.refresh_from_db()
        assert (procedure.name, procedure.is_published, procedure.pages.count()) == ("Disc surgery", False, 3)

    def test_the_editor_reads_what_is_empty_and_cannot_publish_it(self, editor, discectomy):
        page = discectomy.pages.get(slug="recovery")
        address, draft = reverse("admin:procedures_page_change", args=[page.pk]), page.draft()
        html = editor.get(address).content.decode()

        assert re.findall(r"<li>(Line \d+: .*?)</li>", html)[0] == ("Line 10: nothing stands under “Right after” yet.")
        said = {
            "slug": page.slug, "label": page.label, "position": page.position, "title": draft.title,
            "lead": draft.lead, "body": draft.body, "publish_at_0": "", "publish_at_1": "",
            "revisions-TOTAL_FORMS": "0", "revisions-INITIAL_FORMS": "0",
        }  # fmt: skip
        refused = editor.post(address, {**said, "began_with": draft.digest, "_publish": "x"})
        assert refused.status_code == 200
        assert "Line 10: nothing stands under “Right after” yet." in refused.content.decode()
        assert page.live_revision() is None
        kept = editor.post(address, {**said, "began_with": draft.digest, "title": "Resting", "_continue": "x"})
        assert (kept.status_code, page.draft().title) == (302, "Resting")

    def test_pages_that_nobody_sees_yet_may_lead_to_each_other(self, editor, discectomy):
        page = discectomy.pages.get(slug="recovery")
        said = {
            "slug": page.slug, "label": page.label, "position": page.position, "title": "T", "lead": "L.",
            "body": "[Overview](/procedures/discectomy/), [risks](/procedures/discectomy/benefits/)",
            "publish_at_0": "", "publish_at_1": "", "began_with": page.draft().digest, "_continue": "x",
            "revisions-TOTAL_FORMS": "0", "revisions-INITIAL_FORMS": "0",
        }  # fmt: skip
        address = reverse("admin:procedures_page_change", args=[page.pk])

        assert editor.post(address, said).status_code == 302
        other = {**said, "began_with": page.draft().digest, "body": "[Costs](/procedures/discectomy/costs/)"}
        assert "shows no such page" in editor.post(address, other).content.decode()


class TestShowing:
    def test_until_it_is_shown_nobody_reads_of_it(self, client, discectomy):
        make.procedure(is_surgery=True)
        write(discectomy, sign=True)
        for page in discectomy.pages.all():
            page.draft().publish()

        assert is_seen(client) == {404}
        assert [path for path in NAMED_ON if "iscectomy" in client.get(path).content.decode()] == []
        offered = CallerForm.base_fields["about"].queryset.all()
        assert [each.name for each in offered] == ["Kyphoplasty"]

    def test_what_is_not_written_is_not_shown(self, editor, discectomy):
        html = show(editor, discectomy)

        assert "Nothing is shown yet. Overview: The lead is empty. And more: see below." in html
        assert is_seen(editor) == {404}
        with pytest.raises(publishing.NotReady) as refused:
            publishing.show(discectomy, agreed="")
        assert len(refused.value.problems) == 21

    def test_words_that_tell_an_unknown_fact_are_not_shown(self, editor, discectomy):
        write(discectomy, sign=True)
        discectomy.pages.get(slug="recovery").save_draft(Words("T", "L.", '{fact="D1"}\nWords.\n'))

        assert "Recovery: Unknown fact “D1”" in show(editor, discectomy)
        assert is_seen(editor) == {404}

    def test_unsigned_words_are_asked_about_first(self, editor, discectomy):
        write(discectomy)
        make.sign_off(discectomy.pages.get(slug="recovery").draft())

        html = show(editor, discectomy)

        assert "No clinician has signed this: publish anyway? Not signed: Overview, Benefits and risks." in html
        assert is_seen(editor) == {404}
        sure = re.search(r'name="sure" value="(\w+)"', html)[1]
        assert "Visitors see Discectomy now." in show(editor, discectomy, do=sure, sure=sure)
        assert is_seen(editor) == {200}

    def test_who_agreed_is_asked_again_about_other_words(self, editor, discectomy):
        write(discectomy)
        sure = re.search(r'name="sure" value="(\w+)"', show(editor, discectomy))[1]
        discectomy.pages.get(slug="recovery").save_draft(Words("Other", "L.", "Other words.\n"))

        assert "publish anyway?" in show(editor, discectomy, do=sure, sure=sure)
        assert is_seen(editor) == {404}

    def test_signed_words_are_shown_at_once(self, editor, discectomy):
        write(discectomy, sign=True)

        assert "Visitors see Discectomy now." in show(editor, discectomy)
        assert is_seen(editor) == {200}
        assert "Reviewed by" in editor.get(PATHS[0]).content.decode()

    def test_it_is_hidden_again_and_shown_with_the_words_that_visitors_saw(self, editor, discectomy):
        write(discectomy, sign=True)
        show(editor, discectomy)
        page = discectomy.pages.get(slug="recovery")
        page.save_draft(Words("Half written", "", "…\n"))

        hidden = show(editor, discectomy, do="hide")
        assert "Visitors do not see Discectomy any longer." in hidden
        assert hidden.count("Visitors see it once the procedure is shown.") == 2
        assert "Visitors see the newest words" not in hidden
        assert is_seen(editor) == {404}
        assert "Visitors see Discectomy now." in show(editor, discectomy)
        assert (is_seen(editor), page.draft().title) == ({200}, "Half written")

    def test_each_press_is_harmless_when_it_is_repeated(self, editor, discectomy):
        write(discectomy, sign=True)
        for do in ("show", "show", "hide", "hide", "show"):
            show(editor, discectomy, do=do)

        assert is_seen(editor) == {200}
        assert [page.revisions.count() for page in discectomy.pages.all()] == [1, 1, 1]

    def test_a_procedure_without_an_overview_is_not_shown(self, editor):
        procedure = make.procedure("Other", is_published=False)
        procedure.pages.filter(slug="overview").update(slug="first")

        assert "There is no page at the address “overview”" in show(editor, procedure)

    @pytest.mark.parametrize("role", [roles.CLINICIAN, roles.MANAGER, roles.FRONT_DESK])
    def test_only_a_content_editor_shows_or_hides_it(self, client, discectomy, role):
        write(discectomy, sign=True)
        client.force_login(make.user(role))
        address = reverse("admin:procedures_procedure_show", args=[discectomy.pk])

        assert client.post(address, {"do": "show"}).status_code == 403
        assert client.get(address).status_code == (403 if role == roles.FRONT_DESK else 200)
        discectomy.refresh_from_db()
        assert not discectomy.is_published


class TestOverSignedWords:
    @pytest.fixture
    def page(self) -> Page:
        page = make.procedure().pages.get(slug="recovery")
        make.sign_off(page.live_revision())
        return page

    def publish(self, client, page: Page, **changes):
        said = {
            "slug": page.slug, "label": page.label, "position": page.position, "title": "New", "lead": "L.",
            "body": "New words.", "publish_at_0": "", "publish_at_1": "", "began_with": page.newest().digest,
            "revisions-TOTAL_FORMS": "0", "revisions-INITIAL_FORMS": "0",
        }  # fmt: skip
        return client.post(reverse("admin:procedures_page_change", args=[page.pk]), said | changes)

    def test_it_says_whose_signature_ends_and_asks(self, editor, page):
        html = self.publish(editor, page, _publish="x").content.decode()

        assert "A clinician signed the words that this replaces: Jane Doe, MD, on" in html
        assert page.live_revision().title != "New"
        sure = re.search(r'name="sure" value="([\w-]+)"', html)[1]
        assert self.publish(editor, page, do=sure, sure=sure).status_code == 302
        assert page.live_revision().title == "New"

    def test_a_draft_is_kept_without_a_question(self, editor, page):
        assert self.publish(editor, page, _continue="x").status_code == 302
        assert page.draft().title == "New"

    def test_what_was_agreed_to_holds_for_that_signature_alone(self, editor, page):
        html = self.publish(editor, page, _publish="x").content.decode()
        sure = re.search(r'name="sure" value="([\w-]+)"', html)[1]
        make.sign_off(page.publish(Words("A colleague’s", "L.", "Signed.\n")), signed_by="John Roe, MD")

        again = self.publish(editor, page, do=sure, sure=sure).content.decode()

        assert "John Roe, MD, on" in again
        assert page.live_revision().title == "A colleague’s"

    def test_words_that_are_signed_themselves_are_published_at_once(self, editor, page):
        draft = page.save_draft(Words("New", "L.", "New words.\n"))
        make.sign_off(draft)

        assert self.publish(editor, page, _publish="x").status_code == 302
        assert page.live_revision() == draft

    def test_going_back_to_unsigned_words_says_so_beside_the_button(self, editor, page):
        signed, unsigned = page.live_revision(), page.publish(Words("Unsigned", "L.", "Words.\n"))
        make.sign_off(page.publish(Words("Signed", "L.", "Words.\n")))
        compare = reverse("admin:procedures_page_compare", args=[page.pk])

        said = [
            "A clinician signed the words that this replaces" in editor.get(compare, {"new": pk}).content.decode()
            for pk in (unsigned.pk, signed.pk)
        ]
        assert said == [True, False]


def test_two_procedures_are_named_wherever_visitors_meet_one(client):
    make.clinic()
    make.draw(make.procedure(is_surgery=True, position=1))
    make.procedure("Nerve block", slug="nerve-block", position=2)
    home, pages, form, sitemap = (client.get(path).content.decode() for path in NAMED_ON[:4])

    assert "Read about our procedures, in plain words." in home
    assert home.count('<symbol id="body"') == 1
    for html in (home, pages):
        assert re.findall(r'<h\d><a href="(/procedures/.*?)">', html) == [
            "/procedures/kyphoplasty/", "/procedures/nerve-block/",
        ]  # fmt: skip
    assert re.findall(r'<option value="([\w-]+)"', form.split('name="procedure"')[1])[:2] == [
        "kyphoplasty",
        "nerve-block",
    ]
    assert "/procedures/nerve-block/recovery/</loc>" in sitemap
    page = client.get("/procedures/nerve-block/").content.decode()
    assert "yphoplasty" not in re.sub(r"<option.*?</option>", "", page)
    assert '"@type": "MedicalProcedure"' in page
    assert '"@type": "SurgicalProcedure"' in client.get("/procedures/kyphoplasty/").content.decode()
    assert '<option value="nerve-block" selected>' in page


def test_one_procedure_that_is_not_kyphoplasty_has_the_home_page_to_itself(client):
    make.procedure("Nerve block", slug="nerve-block")

    home = client.get("/").content.decode()

    assert "Read what nerve block is, in plain words." in home
    assert "yphoplasty" not in home
    assert ("<use" in home, "<symbol" in home) == (False, False)


def test_a_draft_that_shows_a_raw_mark_keeps_the_procedure_from_visitors(editor, discectomy):
    write(discectomy, sign=True)
    page = discectomy.pages.get(slug="recovery")
    make.sign_off(page.save_draft(Words("Recovery", "The lead.", "## Why\n\nIt is ~~not~~ safe.\n")))

    said = show(editor, discectomy)

    assert "Recovery: Line 3: “~~” would show as it is." in said
    assert is_seen(editor) == {404}
