"""What `make mutations` changes is there to be changed, and so is the test that must notice."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.mutations.__main__ import found, try_one
from tests.mutations.controls import MUTATIONS, Mutation

ROOT = Path(settings.BASE_DIR)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.control)
def test_a_mutation_changes_one_place_and_names_a_test(mutation):
    file, _, name = mutation.test.partition("::")

    assert (ROOT / mutation.file).read_text().count(mutation.old) == 1
    assert mutation.new != mutation.old
    assert (ROOT / file).read_text().count(f"def {name}(") == 1


def test_each_control_is_taken_away_by_itself():
    assert len({mutation.control for mutation in MUTATIONS}) == len(MUTATIONS) > 20


@pytest.fixture
def copy(tmp_path):
    """A tree with a control and two tests: one notices that it is gone."""
    (tmp_path / "door.py").write_text("def is_open():\n    return False\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p no:django\n")
    (tmp_path / "test_door.py").write_text(
        "from door import is_open\n\n\n"
        "class TestDoor:\n    def test_it_is_closed(self):\n        assert not is_open()\n\n\n"
        "def test_nothing():\n    pass\n"
    )
    return tmp_path


@pytest.mark.parametrize(("name", "is_caught"), [("test_it_is_closed", True), ("test_nothing", False)])
def test_a_mutation_is_caught_by_a_test_that_fails_with_it(copy, name, is_caught):
    mutation = Mutation("the door is closed", "door.py", "return False", "return True", f"test_door.py::{name}")

    assert try_one(copy, mutation) == is_caught
    assert "return False" in (copy / "door.py").read_text()


def test_a_test_is_named_with_its_class(copy):
    assert found(copy, "test_door.py::test_it_is_closed") == "test_door.py::TestDoor::test_it_is_closed"
    assert found(copy, "test_door.py::test_nothing") == "test_door.py::test_nothing"


def test_a_mutation_that_breaks_the_code_is_not_taken_for_caught(copy):
    mutation = Mutation("the door", "test_door.py", "class TestDoor:", "class TestDoor", "test_door.py::test_nothing")

    assert not try_one(copy, mutation)
