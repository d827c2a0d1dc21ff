"""The last release's processes on the database that this code's migrations made: an upgrade stops nobody."""

import pytest

from tests.upgrade import release

pytestmark = pytest.mark.real_time


def test_the_record_names_the_newest_migrations_of_the_release():
    for app, newest in release.MIGRATIONS.items():
        files = release.git("ls-tree", "--name-only", release.COMMIT, f"{app}/migrations/").decode().split()
        assert max(file for file in files if "/0" in file) == f"{app}/migrations/{newest}.py"


def test_the_record_names_the_newest_tag_before_this_commit():
    tags = release.git("tag", "--list", "v*", "--merged", "HEAD^", "--sort=-v:refname").decode().split()
    if not tags:
        pytest.skip("No release has a tag yet")

    assert release.git("rev-list", "-n", "1", tags[0]).decode().strip() == release.COMMIT


def test_its_pages_its_form_its_inbox_and_its_worker_go_on(django_db_setup, django_db_blocker, tmp_path):
    folder = release.code(tmp_path)
    with django_db_blocker.unblock(), release.database(is_migrated=True) as database:
        old = release.Version(folder, database)
        old.manage("shell", "-v0", "-c", release.PREPARE)
        with old.web() as visitor:
            pages = ["/", "/about/", "/privacy/", "/procedures/kyphoplasty/", "/appointments/times/"]
            assert [visitor.get(page)[0] for page in pages] == [200] * len(pages)

            sent = visitor.ask("Rosa Lind")
            assert (sent[0], "We have your question" in sent[1]) == (200, True)

            inbox = visitor.sign_in()
            assert (inbox[0], "Rosa Lind" in inbox[1]) == (200, True)
        old.manage("work", "--until-done")
