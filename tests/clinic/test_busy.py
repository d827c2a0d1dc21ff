from django.urls import reverse

from clinic import busy
from clinic.accounts.user_admin import AccountAdmin


def test_what_staff_typed_is_given_back_but_no_password_and_no_code(admin_client, monkeypatch):
    def is_busy(*_arguments, **_named):
        raise busy.Busy

    admin_client.post("/admin/step-up/", {"password": "password"})
    monkeypatch.setattr(AccountAdmin, "changeform_view", is_busy)
    secrets = {"password1": "sesame one", "password2": "sesame two", "old_password": "sesame three", "code": "sesame 4"}

    answer = admin_client.post(
        reverse("admin:auth_user_add"), {"username": "eve adams", "postal_code": "12207"} | secrets
    )

    assert answer.status_code == 503
    assert [each for each in ("eve adams", "12207", "sesame") if each in answer.content.decode()] == [
        "eve adams",
        "12207",
    ]
