"""A drawing that an editor uploads: on a page, at its own address, under its name for good."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from clinic.accounts import roles
from procedures import links, markdown
from procedures.models import Drawing, Words
from tests import make

pytestmark = pytest.mark.django_db

ADD = "/admin/procedures/drawing/add/"
PLAIN = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2"><path d="M0 0"/></svg>'
EVIL = PLAIN.replace(b"<path ", b"<script>alert(1)</script><path onclick='alert(1)' ")


@pytest.fixture
def editor(client):
    client.force_login(make.user(roles.CONTENT_EDITOR))
    return client


def upload(client, data: bytes = PLAIN, **said):
    file = SimpleUploadedFile("spine.svg", data, content_type="image/svg+xml")
    posted = {"slug": "spine-side", "alt": "A spine from the side.", "file": file, **said}
    return client.post(ADD, posted, follow=True)


def test_what_is_uploaded_is_cleaned_stored_and_said(editor):
    html = upload(editor, EVIL).content.decode()

    assert "The drawing was cleaned. Left out: &lt;script&gt;, onclick." in html
    drawing = Drawing.objects.get()
    assert drawing.svg == make.SVG
    assert drawing.uploaded_by.groups.get().name == roles.CONTENT_EDITOR
    assert "::: drawing spine-side" in html


@pytest.mark.parametrize(("said", "sentence"), [
    ({"data": b"<html/>"}, "This is no SVG."),
    ({"data": b"<!DOCTYPE svg>" + PLAIN}, "which is never read"),
    ({"data": PLAIN + b" " * 100_000}, "too large"),
    ({"alt": ""}, "This field is required."),
    ({"slug": "Spine"}, "Write small letters"),
    ({"slug": "a b"}, "Write small letters"),
    ({"slug": "kyphoplasty-1"}, "has this name"),
    ({"slug": "mark-foot"}, "has this name"),
])  # fmt: skip
def test_what_is_not_taken_is_a_sentence(editor, said, sentence):
    assert sentence in upload(editor, **said).content.decode()
    assert not Drawing.objects.exists()


def test_a_name_is_taken_once(editor):
    upload(editor)

    assert "already exists" in upload(editor, PLAIN).content.decode()
    with pytest.raises(IntegrityError, match="name_that_words_can_say"), transaction.atomic():
        make.drawing("No name")


def test_a_page_shows_it_as_a_picture_with_its_words(client):
    procedure, drawing = make.procedure(), make.drawing("spine-side", alt='A "spine" <b>')
    make.draw(procedure, "spine-side")

    html = client.get("/procedures/kyphoplasty/").content.decode()

    assert (
        f'<figure class="drawing"><img src="/procedures/drawings/{drawing.digest}.svg" '
        'alt="A &quot;spine&quot; &lt;b&gt;" width="600" height="300">' in html
    )
    assert "Front of the body" not in html
    assert f'/procedures/drawings/{drawing.digest}.svg"' in client.get("/").content.decode()
    assert (
        f'/procedures/drawings/{drawing.digest}.svg"' in client.get("/procedures/kyphoplasty/print/").content.decode()
    )


def test_words_that_were_rendered_before_show_it_once_it_is_there():
    body = "::: drawing spine-side\nWords.\n:::\n"
    before, said = markdown.render(body), markdown.problem(body)
    make.drawing("spine-side")

    assert ("<img" in before, "<img" in markdown.render(body)) == (False, True)
    assert "there is no drawing called “spine-side”" in said
    assert (markdown.problem(body), links.problem(body)) == (None, None)
    assert markdown.statements(body) == [("", "A spine."), ("", "Words.")]


def test_it_is_served_as_what_it_is_and_may_do_nothing(client):
    drawing = make.drawing()

    answer = client.get(drawing.get_absolute_url())

    assert answer.content.decode() == drawing.svg
    assert {name: answer.headers[name] for name in (
        "Content-Type", "X-Content-Type-Options", "Cache-Control", "Content-Security-Policy",
        "Cross-Origin-Resource-Policy",
    )} == {
        "Content-Type": "image/svg+xml",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
    }  # fmt: skip
    assert client.get(drawing.get_absolute_url().replace(drawing.digest[:4], "0000")).status_code == 404
    assert client.post(drawing.get_absolute_url()).status_code == 405


def test_it_is_never_changed_and_goes_only_while_no_version_shows_it(editor):
    procedure, drawing = make.procedure(), make.drawing()
    change, delete = (reverse(f"admin:procedures_drawing_{verb}", args=[drawing.pk]) for verb in ("change", "delete"))
    page = procedure.pages.get(slug="recovery")
    page.save_draft(Words("T", "L.", f"::: drawing {drawing.slug}\n:::\n"))

    assert editor.post(change, {"slug": "other", "alt": "x"}).status_code == 403
    assert editor.post(delete, {"post": "yes"}).status_code == 403
    page.save_draft(Words("T", "L.", f"::: drawing {drawing.slug}-2\n:::\n"))
    assert editor.post(delete, {"post": "yes"}).status_code == 302
    assert not Drawing.objects.exists()


@pytest.mark.parametrize("role", [roles.CLINICIAN, roles.MANAGER, roles.FRONT_DESK])
def test_only_an_editor_uploads(client, role):
    client.force_login(make.user(role))

    assert upload(client).status_code == 403
    assert not Drawing.objects.exists()


def test_pages_without_one_ask_for_none(client, django_assert_num_queries):
    make.draw(make.procedure())

    with django_assert_num_queries(4):
        html = client.get("/procedures/kyphoplasty/").content.decode()
    assert len(re.findall('<svg viewBox="', html)) >= 1
