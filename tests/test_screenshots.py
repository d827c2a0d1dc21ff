import pytest

from tests import screenshots, smtp


def test_without_a_running_demo_it_is_one_sentence(monkeypatch):
    monkeypatch.setattr(screenshots, "SITE", f"http://127.0.0.1:{smtp.free_port()}")

    with pytest.raises(SystemExit, match=r"^No site answers at .*make demo"):
        screenshots.main()
