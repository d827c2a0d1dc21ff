from procedures import wording
from procedures.models import Page


def test_where_words_stand_ends_with_one_full_stop(monkeypatch):
    monkeypatch.setattr(wording, "review", lambda page: "Signed off by Jane Doe, M.D.")
    monkeypatch.setattr(wording, "waiting", lambda page: "New words show from Jan. 1, 2099, 8 a.m.")

    assert wording.state(Page()) == "Signed off by Jane Doe, M.D. New words show from Jan. 1, 2099, 8 a.m."
