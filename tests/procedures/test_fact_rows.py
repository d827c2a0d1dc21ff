"""The clinic's facts as rows: entered, signed and changed by a clinician, named by pages, loaded from their files."""

import shutil
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django.utils import timezone

from clinic import database_limits
from clinic.accounts import roles
from procedures import actions, facts
from procedures.content_files import CONTENT
from procedures.models import Fact, Page, Procedure
from tests import make

pytestmark = pytest.mark.django_db

ADD = "/admin/procedures/fact/add/"


@pytest.fixture
def procedure() -> Procedure:
    return make.procedure()


@pytest.fixture
def clinician(client):
    client.force_login(make.user(roles.CLINICIAN))
    return client


def change(fact: Fact) -> str:
    return reverse("admin:procedures_fact_change", args=[fact.pk])


def posted(**fields) -> dict[str, str]:
    return {"sentence": "It may help.", "source": "Smith 2024", "signed_as": "", "began_with": "", **fields}


def sign(fact: Fact) -> None:
    fact.refresh_from_db()
    actions.sign_fact(fact=fact, read_digest=fact.digest, signed_by="Jane Doe, MD", signed_on=timezone.localdate())
    fact.refresh_from_db()


class TestAClinicianEntersThem:
    def test_a_fact_is_entered_and_signed_in_one_step(self, clinician, procedure):
        said = posted(procedure=procedure.pk, key="A1", has_read="on", signed_as="Jane Doe, MD")

        assert clinician.post(ADD, said).status_code == 302

        fact = Fact.objects.get()
        assert (fact.key, fact.sentence, fact.source) == ("A1", "It may help.", "Smith 2024")
        assert (fact.is_signed, fact.signed_by, fact.signed_on) == (True, "Jane Doe, MD", make.today())

    def test_a_fact_may_wait_for_its_signature(self, clinician, procedure):
        clinician.post(ADD, posted(procedure=procedure.pk, key="A1"))

        assert [fact.is_signed for fact in Fact.objects.all()] == [False]
        assert list(Fact.objects.unsigned()) == list(Fact.objects.all())

    def test_a_changed_fact_waits_for_a_new_signature(self, clinician, procedure):
        fact = make.fact(procedure)
        sign(fact)

        clinician.post(change(fact), posted(sentence="It carries no risks.", began_with=fact.digest))

        fact.refresh_from_db()
        assert (fact.is_signed, fact.signed_by) == (False, "Jane Doe, MD")
        assert "it waits for a new signature" in clinician.get(change(fact)).content.decode()
        assert list(Fact.objects.unsigned()) == [fact]

    def test_another_source_asks_for_a_new_signature_too(self, procedure):
        fact = make.fact(procedure)
        sign(fact)
        Fact.objects.update(source="Somewhere else")

        fact.refresh_from_db()
        assert not fact.is_signed

    def test_saving_without_a_change_keeps_the_signature(self, clinician, procedure):
        fact = make.fact(procedure)
        sign(fact)

        said = posted(sentence=fact.sentence, source=fact.source, began_with=fact.digest)
        assert clinician.post(change(fact), said).status_code == 302

        fact.refresh_from_db()
        assert fact.is_signed

    def test_a_signature_has_a_name(self, clinician, procedure):
        answer = clinician.post(ADD, posted(procedure=procedure.pk, key="A1", has_read="on"))

        assert "Enter the name that you sign with." in answer.content.decode()
        assert not Fact.objects.exists()

    @pytest.mark.parametrize("key", ['R8"', "8", "R 8", "R8}", "R-8", "Ä1", ""])
    def test_an_id_is_one_that_a_page_can_name(self, clinician, procedure, key):
        assert clinician.post(ADD, posted(procedure=procedure.pk, key=key)).status_code == 200
        assert not Fact.objects.exists()

    def test_a_procedure_has_one_fact_of_an_id(self, clinician, procedure):
        make.fact(procedure, "R8")
        make.fact(make.procedure("Discectomy"), "R8")

        answer = clinician.post(ADD, posted(procedure=procedure.pk, key="R8"))

        assert "This procedure already has a fact with this id." in answer.content.decode()
        with pytest.raises(IntegrityError, match="one_fact_of_an_id"), transaction.atomic():
            make.fact(procedure, "R8")

    def test_what_a_colleague_changed_meanwhile_is_said_first(self, clinician, procedure):
        fact = make.fact(procedure)
        began_with = Fact.objects.get().digest
        Fact.objects.update(sentence="A colleague’s.")

        answer = clinician.post(change(fact), posted(began_with=began_with))

        assert "A colleague changed this fact while you were writing: “A colleague’s.”" in answer.content.decode()
        assert Fact.objects.get().sentence == "A colleague’s."

    def test_a_fact_that_changed_at_the_last_moment_is_not_signed(self, procedure):
        fact = make.fact(procedure)
        read = Fact.objects.get().digest
        Fact.objects.update(sentence="It heals everybody.")

        with pytest.raises(actions.WordsChanged):
            actions.sign_fact(fact=fact, read_digest=read, signed_by="Jane Doe, MD", signed_on=timezone.localdate())
        assert not Fact.objects.get().signed_by

    def test_a_signature_has_a_digest_a_name_and_a_day(self, procedure):
        with pytest.raises(IntegrityError, match="signed_by_somebody_on_a_day"), transaction.atomic():
            make.fact(procedure, signed_by="Jane Doe, MD")

    @pytest.mark.parametrize("role", [roles.CONTENT_EDITOR, roles.MANAGER, roles.FRONT_DESK])
    def test_nobody_else_enters_or_changes_one(self, client, procedure, role):
        fact = make.fact(procedure)
        client.force_login(make.user(role))

        assert client.post(ADD, posted(procedure=procedure.pk, key="A1")).status_code == 403
        assert client.post(change(fact), posted(began_with=fact.digest)).status_code == 403
        assert [each.sentence for each in Fact.objects.all()] == ["It carries risks."]

    def test_facts_that_wait_for_a_signature_are_a_list(self, clinician, procedure):
        make.fact(procedure, "A1", "Signed one.")
        sign(Fact.objects.get())
        make.fact(procedure, "A2", "Unsigned one.")

        html = clinician.get("/admin/procedures/fact/?signed=no").content.decode()

        assert ("Unsigned one." in html, "Signed one." in html) == (True, False)

    def test_the_first_screen_counts_those_that_wait(self, clinician, procedure):
        make.fact(procedure, "A1")
        sign(Fact.objects.get())
        said = ["waits for a clinician’s signature" in clinician.get("/admin/").content.decode()]
        make.fact(procedure, "A2")
        said.append(
            '?signed=no">1 fact waits for a clinician’s signature</a>' in clinician.get("/admin/").content.decode()
        )

        assert said == [False, True]


class TestAPageNamesThem:
    def test_ids_are_found_wherever_they_stand(self):
        body = '{fact="R8 R10"}\nOne.\n\n::: once-signed\n\n{fact="H1"}\nTwo.\n\n:::\n\n{fact="R8"}\n- three\n'

        assert facts.named(body) == ["R8", "R10", "H1"]

    def test_a_fact_of_another_procedure_is_unknown(self, procedure):
        make.fact(make.procedure("Discectomy"), "R8")

        assert facts.problem('{fact="R8"}\nWords.\n', procedure).startswith("Unknown fact “R8”")
        assert facts.problem('{fact="R8"}\nWords.\n', None).startswith("Unknown fact “R8”")
        make.fact(procedure, "R8")
        assert facts.problem('{fact="R8"}\nWords.\n', procedure) is None

    def test_a_draft_may_name_a_fact_that_nobody_has_entered_and_is_not_published(self, client, procedure):
        page = procedure.pages.get(slug="recovery")
        client.force_login(make.user(roles.CONTENT_EDITOR))
        address, said = reverse("admin:procedures_page_change", args=[page.pk]), {
            "slug": "recovery", "label": "Recovery", "position": "3", "title": "Recovery", "lead": "L.",
            "body": '{fact="Z9"}\nWords.', "publish_at_0": "", "publish_at_1": "",
            "revisions-TOTAL_FORMS": "0", "revisions-INITIAL_FORMS": "0",
        }  # fmt: skip

        assert client.post(address, {**said, "began_with": page.newest().digest, "_continue": "x"}).status_code == 302
        refused = client.post(address, {**said, "began_with": page.newest().digest, "_publish": "x"})

        assert "Unknown fact “Z9”" in refused.content.decode()
        assert page.draft() is not None
        make.fact(procedure, "Z9")
        assert client.post(address, {**said, "began_with": page.newest().digest, "_publish": "x"}).status_code == 302
        assert page.draft() is None


class TestTheyComeFromFiles:
    @pytest.fixture
    def folder(self, tmp_path) -> Path:
        return shutil.copytree(CONTENT, tmp_path / "content")

    def load(self, folder: Path) -> dict[str, Fact]:
        call_command("load_content", folder=folder, verbosity=0)
        return facts.of(Procedure.objects.get())

    def test_every_fact_that_our_pages_name_comes_along_unsigned(self, folder):
        known = self.load(folder)

        named = {key for page in Page.objects.all() for key in facts.named(page.live_revision().body)}
        assert named == set(known)
        assert (len(known), [*known][:2], known["R5"].sentence) == (
            26, ["W1", "W2"], "Patients can usually go home the same day or the day after.",
        )  # fmt: skip
        assert not any(fact.is_signed for fact in known.values())

    def test_a_new_sentence_reaches_those_that_nobody_edited_or_signed(self, folder):
        known = self.load(folder)
        sign(known["W1"])
        Fact.objects.filter(key="W2").update(sentence="Ours.", source_digest="")
        file = folder / "kyphoplasty" / "facts.toml"
        file.write_text(file.read_text().replace('."\n', ', we say."\n'))

        known = self.load(folder)

        assert (known["W1"].is_signed, known["W2"].sentence) == (True, "Ours.")
        assert known["R5"].sentence == "Patients can usually go home the same day or the day after, we say."
        assert len(known) == 26

    def test_a_site_that_has_the_pages_already_gets_them_with_the_upgrade(self):
        call_command("load_content", verbosity=0)
        texts = dict(Fact.objects.values_list("key", "sentence"))
        connection.check_constraints()

        with database_limits.lifted():
            MigrationExecutor(connection).migrate([("procedures", "0005_sign_offs_hold_for_words_by_sha_256")])
            MigrationExecutor(connection).migrate([("procedures", "0007_facts_are_rows")])
            MigrationExecutor(connection).migrate(MigrationExecutor(connection).loader.graph.leaf_nodes("procedures"))

        assert dict(Fact.objects.values_list("key", "sentence")) == texts
        assert Procedure.objects.get().is_surgery
        call_command("load_content", verbosity=0)
        assert Fact.objects.count() == 26
