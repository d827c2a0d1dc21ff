"""Every version of a page's words: kept, compared, brought back; and who signed them off."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from clinic.accounts import roles
from procedures import actions, comparing, links
from procedures.models import GLOSSARY, Page, Procedure, Words
from tests import make

pytestmark = pytest.mark.django_db

SECRET = "::: once-signed\n\n## Other risks\n\nSecret until signed.\n\n:::\n"


@pytest.fixture
def page() -> Page:
    return make.procedure().pages.get(slug="recovery")


@pytest.fixture
def sign_in(client):
    def sign_in(role):
        client.force_login(make.user(role, username=role.lower().replace(" ", "")))
        return client

    return sign_in


def address(name: str, page: Page, *more: int) -> str:
    return reverse(f"admin:procedures_page_{name}", args=[page.pk, *more])


def signature(page: Page, **changes) -> dict[str, str]:
    """What the clinician's screen posts."""
    words, in_a_year = page.draft() or page.live_revision(), timezone.localdate() + timedelta(days=365)
    data = {
        "revision": words.pk, "read_digest": words.digest, "how": "myself", "signed_by": "Jane Doe, MD",
        "next_review": in_a_year, "has_read": "on",
    }  # fmt: skip
    return {name: str(value) for name, value in (data | changes).items() if value is not None}


class TestComparing:
    def test_changed_words_are_marked_on_each_side(self):
        same, changed = comparing.side_by_side("## Why\nYou rest a few weeks.", "## Why\nYou rest some weeks.")

        assert not same.differs
        assert changed.old == [("You rest ", False), ("a few", True), (" weeks.", False)]
        assert changed.new == [("You rest ", False), ("some", True), (" weeks.", False)]

    def test_lines_without_a_partner_stand_alone(self):
        rows = comparing.side_by_side("a\nb", "a\nnew\nb")

        assert [(row.old, row.new) for row in rows if row.differs] == [([], [("new", True)])]

    def test_what_is_far_from_a_change_is_left_out(self):
        old = "\n".join(str(number) for number in range(20))
        rows = comparing.only_near_changes(comparing.side_by_side(old, old.replace("10", "ten")))

        assert [row and row.old[0][0] for row in rows] == [None, "8", "9", "10", "11", "12", None]

    def test_the_screen_shows_two_versions_side_by_side(self, page, sign_in):
        page.publish(Words("Recovery", "Lead.", "You may need a brace.\n"))
        page.save_draft(Words("Recovery", "Lead.", "You need a brace.\n"))

        html = sign_in(roles.CONTENT_EDITOR).get(address("compare", page)).content.decode()

        assert "You<del> may</del> need a brace." in html
        assert "You need a brace." in html
        assert "Live since" in html
        assert "The draft, by" in html

    def test_versions_that_say_the_same_are_said_to(self, page, sign_in):
        only = page.live_revision()

        html = sign_in(roles.CONTENT_EDITOR).get(address("compare", page), {"old": only.pk, "new": only.pk})

        assert "These two versions say the same." in html.content.decode()

    def test_an_odd_address_shows_the_usual_two(self, page, sign_in):
        answer = sign_in(roles.CONTENT_EDITOR).get(
            address("compare", page), {"old": "x", "new": "99999999999999999999"}
        )

        assert answer.status_code == 200


class TestGoingBack:
    def test_earlier_words_are_live_again_and_all_versions_are_kept(self, page, sign_in, client):
        first = page.live_revision()
        page.publish(Words("Wrong", "Wrong.", "Wrong.\n"))
        draft = page.save_draft(Words("Half", "Written.", "Draft.\n"))

        answer = sign_in(roles.CONTENT_EDITOR).post(address("go_back", page, first.pk))

        assert answer.status_code == 302
        assert page.live_revision().words == first.words
        assert page.draft() == draft
        assert page.revisions.count() == 4

    def test_words_that_were_signed_are_signed_again_with_the_same_date(self, page):
        first = page.live_revision()
        make.sign_off(first, signed_by="Jane Doe, MD", signed_on=date(2026, 1, 2))
        page.publish(Words("New", "New.", "New.\n"))
        assert page.live_revision().sign_off is None

        page.go_back_to(first)

        assert page.live_revision().sign_off.signed_on == date(2026, 1, 2)
        assert first.sign_offs.count() == 1

    def test_planned_words_are_taken_back_and_become_the_draft(self, page, sign_in):
        planned = page.save_draft(Words("Later", "L.", "Later.\n"))
        planned.publish(at=timezone.now() + timedelta(days=2))

        sign_in(roles.CONTENT_EDITOR).post(address("withdraw", page, planned.pk))

        assert page.draft() == planned

    def test_planned_words_stay_planned_while_there_is_another_draft(self, page, sign_in):
        planned = page.save_draft(Words("Later", "L.", "Later.\n"))
        planned.publish(at=timezone.now() + timedelta(days=2))
        page.save_draft(Words("Other", "L.", "Other.\n"))

        answer = sign_in(roles.CONTENT_EDITOR).post(address("withdraw", page, planned.pk), follow=True)

        assert "There is a draft already" in answer.content.decode()
        planned.refresh_from_db()
        assert planned.is_planned

    def test_live_words_cannot_be_taken_back(self, page, sign_in):
        live = page.live_revision()

        sign_in(roles.CONTENT_EDITOR).post(address("withdraw", page, live.pk))

        assert page.live_revision() == live
        with pytest.raises(ValueError, match="not planned"):
            live.withdraw()

    def test_a_get_changes_nothing(self, page, sign_in):
        client = sign_in(roles.CONTENT_EDITOR)
        for name in ("go_back", "withdraw"):
            assert client.get(address(name, page, page.live_revision().pk)).status_code == 405


class TestLooking:
    def test_any_version_shows_as_a_page_that_nobody_keeps(self, page, sign_in):
        old = page.live_revision()
        page.publish(Words("Newest", "L.", "Newest words.\n"))
        page.save_draft(Words("Draft", "L.", "Draft words.\n"))
        client = sign_in(roles.CONTENT_EDITOR)

        for path, words in (
            (address("preview", page), "Draft words."),
            (address("published", page), "Newest words."),
            (address("version", page, old.pk), "It helps."),
        ):
            answer = client.get(path)
            assert f"<p>{words}</p>" in answer.content.decode()
            assert "no-store" in answer.headers["Cache-Control"]

    def test_a_superuser_edits_like_an_editor(self, page, admin_client):
        html = admin_client.get(address("change", page)).content.decode()

        assert "How to write" in html
        assert "Compare, go back" in html
        assert "Add another revision" not in html

    def test_the_glossary_shows_too(self, sign_in):
        page = make.page(None, GLOSSARY, body="Trocar\n: A tube.\n")

        assert "<dt>Trocar</dt>" in sign_in(roles.CLINICIAN).get(address("published", page)).content.decode()

    def test_what_was_never_published_is_not_there(self, sign_in):
        page = Page.objects.create(procedure=Procedure.objects.create(name="N", slug="n"), slug="overview", label="N")
        client = sign_in(roles.CONTENT_EDITOR)

        for name in ("published", "preview", "compare", "sign_off"):
            assert client.get(address(name, page)).status_code == 404

    def test_the_versions_are_listed_with_few_queries(self, page, sign_in, django_assert_max_num_queries):
        for number in range(3):
            make.page(page.procedure, f"more-{number}")
        client = sign_in(roles.CONTENT_EDITOR)

        with django_assert_max_num_queries(10):
            client.get("/admin/procedures/page/")
        with django_assert_max_num_queries(14):
            client.get("/admin/")


class TestTwoEditors:
    def post(self, client, page, began_with, title, **more):
        data = {
            "procedure": page.procedure_id, "slug": page.slug, "label": page.label, "position": page.position,
            "title": title, "lead": "L.", "body": "B.", "began_with": began_with, "_continue": "x",
            "revisions-TOTAL_FORMS": "0", "revisions-INITIAL_FORMS": "0",
        }  # fmt: skip
        return client.post(address("change", page), data | more)

    def test_the_second_to_save_is_told_and_keeps_their_words(self, page, sign_in):
        client, began_with = sign_in(roles.CONTENT_EDITOR), page.live_revision().digest
        page.save_draft(Words("A colleague’s", "L.", "B.\n"))

        answer = self.post(client, page, began_with, "Mine")

        html = answer.content.decode()
        assert "A colleague saved other words while you were writing." in html
        assert 'value="Mine"' in html
        assert page.draft().title == "A colleague’s"
        assert f'name="began_with" value="{page.draft().digest}"' in html

        self.post(client, page, page.draft().digest, "Mine")
        assert page.draft().title == "Mine"


class TestDeadLinks:
    @pytest.mark.parametrize(
        ("link", "sentence"),
        [
            ("/procedures/kyphoplasty/benefits/", None),
            ("/procedures/kyphoplasty/", None),
            ("/procedures/kyphoplasty/print/", None),
            ("/appointments/", None),
            ("/about/?from=here#main", None),
            ("/notices/language-help/", None),
            ("http://127.0.0.1:8000/privacy/", None),
            ("https://example.com/", None),
            ("tel:911", None),
            ("#why", None),
            ("#contact", None),
            ("/procedures/kyphoplasty/benefit/", "shows no such page"),
            ("/procedures/discectomy/", "shows no such page"),
            ("/procedures/glossary/", "shows no such page"),
            ("/notices/cookies/", "shows no such page"),
            ("/admin/", "shows no such page"),
            ("/nowhere", "shows no such page"),
            ("http://127.0.0.1:8000/nowhere/", "shows no such page"),
            ("#how", "no heading on this page"),
            ("benefits/", "begins with neither"),
            ("//evil.example/", "begins with neither"),
            ("http://example.com/", "begins with neither"),
        ],
    )
    def test_a_link_that_leads_nowhere_is_a_sentence(self, page, link, sentence):
        make.page(None, "glossary", language="es")

        said = links.problem(f"## Why\n\nSee [this]({link}).\n")

        assert said is None if sentence is None else sentence in said

    def test_it_stands_beside_the_field(self, page, sign_in):
        answer = TestTwoEditors().post(
            sign_in(roles.CONTENT_EDITOR), page, page.live_revision().digest, "T", body="[Go](/nowhere/)"
        )

        assert "The link to “/nowhere/” is dead: the site shows no such page." in answer.content.decode()


class TestSignOff:
    def test_a_clinician_signs_and_the_page_says_so_while_these_words_are_live(self, page, sign_in, client):
        due = timezone.localdate() + timedelta(days=400)
        answer = sign_in(roles.CLINICIAN).post(address("sign_off", page), signature(page, next_review=due))

        assert answer.status_code == 302
        sign_off = page.live_revision().sign_off
        assert (sign_off.signed_by, sign_off.on_paper) == ("Jane Doe, MD", False)
        assert sign_off.entered_by.username == "clinician"
        html = client.get(page.get_absolute_url()).content.decode()
        assert 'Reviewed by <span translate="no">Jane Doe, MD</span> on' in html
        assert f"Next review due {date_format(due)}." in html
        assert '"reviewedBy": {"@type": "Person", "name": "Jane Doe, MD"}' in html
        assert f'"lastReviewed": "{sign_off.signed_on.isoformat()}"' in html

        page.publish(Words("New", "New.", "New.\n"))
        html = client.get(page.get_absolute_url()).content.decode()
        assert "Reviewed by" not in html
        assert "lastReviewed" not in html

    def test_an_editor_and_the_front_desk_cannot_sign(self, page, sign_in):
        for role, status in ((roles.CONTENT_EDITOR, 403), (roles.FRONT_DESK, 403)):
            assert sign_in(role).post(address("sign_off", page), signature(page)).status_code == status
        assert page.live_revision().sign_off is None

    def test_an_editor_reads_the_screen_without_a_signature(self, page, sign_in):
        html = sign_in(roles.CONTENT_EDITOR).get(address("sign_off", page)).content.decode()

        assert "Only a clinician can sign off." in html
        assert "read_digest" not in html

    def test_paper_is_entered_by_the_manager_who_cannot_sign_in_person(self, page, sign_in):
        client, signed_on = sign_in(roles.MANAGER), timezone.localdate() - timedelta(days=200)
        page.revisions.update(created_at=timezone.now() - timedelta(days=300))

        assert "Preparation" not in client.get(address("sign_off", page)).content.decode()
        client.post(address("sign_off", page), signature(page, how="myself"))
        assert page.live_revision().sign_off is None
        client.post(address("sign_off", page), signature(page, how="paper", signed_on=signed_on))

        sign_off = page.live_revision().sign_off
        assert (sign_off.on_paper, sign_off.signed_on) == (True, signed_on)
        assert sign_off.entered_by.username == "manager"
        assert "Signed on paper, entered by manager" in client.get(address("sign_off", page)).content.decode()

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"how": "paper", "signed_on": ""}, "Enter the date on the paper"),
            ({"how": "paper", "signed_on": "2099-01-01"}, "not in the future"),
            ({"how": "paper", "signed_on": "2025-12-31"}, "not before the words were written"),
            ({"next_review": "9999-12-31"}, "by 5 years at most"),
            ({"how": "paper", "signed_on": "2026-03-04", "next_review": "2026-03-04"}, "must be later"),
            ({"next_review": "2020-01-01"}, "must be later"),
            ({"has_read": None}, "This field is required"),
            ({"signed_by": ""}, "This field is required"),
            ({"section_9": "::: card"}, "is not closed"),
            ({"section_9": ":::\n\nLeaked\n\n::: once-signed"}, "closes a block that is not open"),
            (
                {"how": "paper", "signed_on": "2026-03-04", "section_9": "Words."},
                "What is on the paper is what the page says",
            ),
            ({"read_digest": "0" * 32}, "were changed while you were reading"),
            ({"revision": "0"}, "were changed while you were reading"),
        ],
    )
    def test_a_signature_that_does_not_hold_is_a_sentence(self, page, sign_in, changes, sentence):
        page.revisions.update(created_at="2026-01-01T12:00:00Z")
        answer = sign_in(roles.CLINICIAN).post(address("sign_off", page), signature(page, **changes))

        assert sentence in answer.content.decode()
        assert page.live_revision().sign_off is None

    def test_the_screen_shows_each_sentence_beside_its_fact(self, page, sign_in):
        make.fact(page.procedure, "R8", "It carries risks, including infection, bleeding and nerve damage.")
        signed = {"signed_by": "Jane Doe, MD", "signed_on": date(2026, 1, 2)}
        make.fact(page.procedure, "R10", "It is important to discuss it.", signed_digest="before it changed", **signed)
        page.publish(Words("Risks", "L.", '{fact="R8 R10 R99"}\nLike any surgery, it carries risks.\n'))

        html = sign_in(roles.CLINICIAN).get(address("sign_off", page)).content.decode()

        row = html[html.index("<p>Like any surgery, it carries risks.</p>") :]
        row = row[: row.index("</tr>")]
        assert [" ".join(told.split()) for told in re.findall(r'"reference">(.*?)</p>', row, re.DOTALL)] == [
            "R8</span> It carries risks, including infection, bleeding and nerve damage. "
            "(Source: The clinic’s own page. No clinician has signed this fact.)",
            "R10</span> It is important to discuss it. (Source: The clinic’s own page. "
            "Changed since Jane Doe, MD signed it on Jan. 2, 2026: it waits for a new signature.)",
            "R99</span> Unknown fact",
        ]

    def test_what_the_clinician_adds_is_public_once_it_is_published_and_signed(self, page, sign_in, client):
        html = sign_in(roles.CLINICIAN).get(address("sign_off", page)).content.decode()
        assert re.findall(r">([^<]*)</label>", html)[:9] == [
            "Preparation", "Your medicines", "What hurts afterwards", "The wound", "Washing", "Lifting", "Driving",
            "Work", "Warning signs",
        ]  # fmt: skip
        client.post(address("sign_off", page), signature(page, section_9="Cement\r\ncan leak."))

        draft = page.draft()
        assert draft.body.endswith("::: once-signed\n\n## Preparation\n\nCement\ncan leak.\n\n:::\n")
        assert draft.sign_off is not None
        assert page.live_revision().sign_off is None
        assert ">Preparation</label>" not in client.get(address("sign_off", page)).content.decode()
        draft.publish()
        html = client.get(page.get_absolute_url()).content.decode()
        assert '<h2 id="h-preparation">Preparation</h2>' in html

    def test_an_editor_publishes_what_a_clinician_signed_and_it_stays_signed(self, page, sign_in, client):
        sign_in(roles.CLINICIAN).post(address("sign_off", page), signature(page, section_9="Cement\ncan leak."))
        draft = page.draft()
        # As a browser sends it: with its own line ends.
        data = {
            "slug": page.slug, "label": page.label, "position": page.position, "title": draft.title,
            "lead": draft.lead, "body": draft.body.replace("\n", "\r\n"), "began_with": draft.digest,
            "publish_at_0": "", "publish_at_1": "", "_publish": "x",
            "revisions-TOTAL_FORMS": "0", "revisions-INITIAL_FORMS": "0",
        }  # fmt: skip
        assert sign_in(roles.CONTENT_EDITOR).post(address("change", page), data).status_code == 302

        html = client.get(page.get_absolute_url()).content.decode()
        assert 'Reviewed by <span translate="no">Jane Doe, MD</span> on' in html
        assert '<h2 id="h-preparation">Preparation</h2>' in html

    def test_what_waits_for_a_signature_shows_nowhere(self, page, client):
        page.publish(Words("T", "L.", "Words.\n\n" + SECRET))
        for path in (page.get_absolute_url(), "/procedures/kyphoplasty/print/"):
            html = client.get(path).content.decode()
            assert "Secret until signed" not in html
            assert "Other risks" not in html

        make.sign_off(page.live_revision())
        for path in (page.get_absolute_url(), "/procedures/kyphoplasty/print/"):
            assert "Secret until signed" in client.get(path).content.decode()

    def test_a_draft_that_is_changed_after_its_signature_has_none(self, page):
        draft = page.save_draft(Words("T", "L.", "B.\n"))
        make.sign_off(draft)

        changed = page.save_draft(Words("T", "L.", "Bigger promises.\n"))
        changed.publish()

        assert page.live_revision().sign_off is None

    def test_words_changed_behind_the_sites_back_lose_their_signature(self, page):
        make.sign_off(page.live_revision())
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procedures_revision SET body = 'It heals everybody.'")

        assert page.live_revision().sign_off is None

    def test_two_pages_signed_in_two_tabs_keep_their_headings(self, page, sign_in):
        client, other = sign_in(roles.CLINICIAN), page.procedure.pages.get(slug="benefits")
        first, second = (
            signature(page, section_9="Rest first."),
            signature(other, section_7="Leaks.", section_8="Years."),
        )
        client.post(address("sign_off", page), first)
        client.post(address("sign_off", other), second)

        assert "## Other risks\n\nLeaks.\n" in other.draft().body
        assert "## How long it lasts\n\nYears.\n" in other.draft().body
        assert "## Preparation\n\nRest first.\n" in page.draft().body

    def test_a_colleagues_draft_is_not_overwritten_by_a_signature(self, page, sign_in):
        client, read = sign_in(roles.CLINICIAN), signature(page, section_9="Risk words.")
        page.save_draft(Words("T", "L.", "A colleague’s words.\n"))

        html = client.post(address("sign_off", page), read).content.decode()

        assert "were changed while you were reading" in html
        assert "Risk words." in html
        assert f'name="read_digest" value="{page.draft().digest}"' in html
        assert page.draft().body == "A colleague’s words.\n"

    def test_words_that_changed_at_the_last_moment_are_not_signed(self, page):
        read = page.live_revision()
        page.save_draft(Words("T", "L.", "A colleague’s words.\n"))

        with pytest.raises(actions.WordsChanged):
            actions.sign_off(
                revision=read, read_digest=read.digest, added={"Other risks": "x"}, signed_by="Jane Doe, MD",
                signed_on=date(2026, 11, 1), next_review=date(2027, 11, 1), on_paper=False, by=make.user(),
            )  # fmt: skip

        assert page.draft().body == "A colleague’s words.\n"
        assert read.sign_off is None

    def test_planned_words_are_signed_before_they_show(self, page, sign_in):
        planned = page.save_draft(Words("Later", "L.", "Later.\n"))
        planned.publish(at=timezone.now() + timedelta(days=2))
        client = sign_in(roles.CLINICIAN)

        client.post(address("sign_off", page), signature(page, revision=planned.pk, read_digest=planned.digest))

        assert planned.sign_offs.in_force().count() == 1

    def test_signed_words_are_not_replaced_by_a_file(self, client):
        call_command("load_content", verbosity=0)
        page = Page.objects.get(slug="recovery")
        page.revisions.update(source_digest="old", body="Signed words.\n")
        make.sign_off(page.live_revision())

        call_command("load_content", verbosity=0)

        assert page.live_revision().body == "Signed words.\n"
        assert "Limited activity" in page.draft().body

    def test_a_line_that_moves_into_the_lead_ends_the_signature(self, page):
        live = page.live_revision()
        make.sign_off(live)
        page.revisions.update(lead=f"{live.lead}\nFirst.", body=live.body.removeprefix("First.\n"))

        assert page.live_revision().sign_off is None

    def test_a_sign_off_ends_after_it_begins(self, page):
        with pytest.raises(IntegrityError, match="the_next_review_comes_after"), transaction.atomic():
            make.sign_off(page.live_revision(), signed_on=date(2026, 1, 1), next_review=date(2026, 1, 1))


class TestWhatGreets:
    def test_pages_unsigned_or_past_review_greet_the_editor(self, page, sign_in):
        overview = page.procedure.pages.get(slug="overview")
        make.sign_off(page.live_revision(), signed_on=date(2025, 1, 1), next_review=date(2026, 1, 1))
        make.sign_off(overview.live_revision(), next_review=date(2099, 1, 1))

        html = sign_in(roles.CONTENT_EDITOR).get("/admin/").content.decode()

        greeted = html[html.index("Pages that want somebody") : html.index("</section>", html.index("Pages that want"))]
        assert "Review was due Jan. 1, 2026" in greeted
        assert "Kyphoplasty: Benefits</a>: Not yet reviewed by a clinician" in greeted
        assert "Kyphoplasty: Overview" not in greeted
        assert "Pages that want somebody" not in sign_in(roles.FRONT_DESK).get("/admin/").content.decode()

    def test_the_deployment_check_warns_until_the_live_words_are_signed(self, page):
        def warned():
            checks = run_checks(include_deployment_checks=True, databases=["default"])
            return [each.msg for each in checks if each.id and each.id.startswith("procedures.")]

        assert len([each for each in warned() if each.startswith("No clinician has signed off")]) == 3
        noon = timezone.now().replace(hour=17) + timedelta(days=1)
        due = noon.date() + timedelta(days=30)
        for each in Page.objects.all():
            make.sign_off(each.live_revision(), next_review=due)
        with time_machine.travel(noon + timedelta(days=30), tick=False):
            assert warned() == []
        with time_machine.travel(noon + timedelta(days=31), tick=False):
            assert len([each for each in warned() if f"was due {due}" in each]) == 3
        page.publish(Words("T", "L.", "[Go](/nowhere/)\n"))
        assert any("/nowhere/" in each for each in warned())


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (roles.CONTENT_EDITOR, {"change"}),
        (roles.CLINICIAN, {"sign"}),
        (roles.MANAGER, set()),
        (roles.FRONT_DESK, None),
    ],
)
def test_each_role_has_exactly_its_rights_over_pages(page, sign_in, role, may):
    client = sign_in(role)
    old = page.live_revision()
    tried = {
        "change": TestTwoEditors().post(client, page, old.digest, "T"),
        "sign": client.post(address("sign_off", page), signature(page)),
    }
    went = {name for name, answer in tried.items() if answer.status_code == 302}

    assert went == (may or set())
    back = client.post(address("go_back", page, old.pk)).status_code
    assert back == (302 if may == {"change"} else 403)
    assert client.get(address("preview", page)).status_code == (403 if may is None else 200)
    assert client.get("/admin/clinic/clinic/1/change/").status_code == (200 if role == roles.MANAGER else 403)
    assert client.get("/admin/appointments/inquiry/").status_code == (
        200 if role in (roles.MANAGER, roles.FRONT_DESK) else 403
    )


class TestEditing:
    def test_a_second_page_at_an_address_is_a_sentence(self, page, sign_in):
        client = sign_in(roles.CONTENT_EDITOR)

        answer = TestTwoEditors().post(client, page, page.live_revision().digest, "T", slug="benefits")

        assert "This procedure already has a page at this address." in answer.content.decode()

    def test_a_page_is_never_deleted(self, page, admin_client):
        assert admin_client.post(reverse("admin:procedures_page_delete", args=[page.pk])).status_code == 403

    def test_planned_words_are_what_the_editor_goes_on_with(self, page, sign_in):
        page.save_draft(Words("Planned title", "L.", "Later.\n"))
        page.draft().publish(at=timezone.now() + timedelta(days=2))
        client = sign_in(roles.CONTENT_EDITOR)

        html = client.get(address("change", page)).content.decode()
        assert 'value="Planned title"' in html
        answer = client.post(
            address("change", page),
            {
                "slug": page.slug, "label": page.label, "position": page.position, "title": "Now", "lead": "L.",
                "body": "Now.", "began_with": page.planned().digest, "publish_at_0": "", "publish_at_1": "",
                "_publish": "x", "revisions-TOTAL_FORMS": "0", "revisions-INITIAL_FORMS": "0",
            },
            follow=True,
        )  # fmt: skip

        assert "Other words are planned, and will replace these." in answer.content.decode()
        assert page.live_revision().title == "Now"

    def test_long_lines_of_few_words_are_compared_without_waiting(self):
        old, new = "a b " * 5000, "b a c " * 5000

        assert comparing.side_by_side(old, new)[0].differs
