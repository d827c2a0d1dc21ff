"""What a mailbox reads in the headers of a mail: one sender, whatever the clinic's name, and whole addresses."""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import SMTP, default

import pytest

from clinic import checks
from clinic.mail_headers import Mail, is_one_sender
from clinic.models import Clinic
from tests import make

NAMES = [
    "Spine, Clinic",
    ("Spine and Joint, Center of the " * 3)[:81],
    ("Spine and Joint, Center of the " * 4)[:100],
    "A, " * 33 + "A",
    ("Dr. <Spine>; Center: " * 5)[:100],
    ("Zoë, Spine: <Center>; " * 5)[:100],
    ("Клиника, " * 12)[:100],
    "W" * 100,
    "Spine, Clinic\u200e",
]


def headers(**said) -> list[tuple[str, str]]:
    mail = Mail("A subject", "Words", **{"to": ["rosa@example.com"], "from_email": "desk@example.com"} | said)
    lines = mail.message(policy=SMTP).as_bytes().partition(b"\r\n\r\n")[0]
    assert max(map(len, lines.split(b"\r\n"))) <= 998
    return message_from_bytes(lines).items()


@pytest.mark.parametrize("name", NAMES)
def test_a_clinic_of_any_name_is_one_sender(name):
    sender = Clinic(name=name, email="desk@example.com").sender

    line = dict(headers(from_email=sender))["From"]

    # Read anew with the policy of today, and the name with the reader of encoded words: both must agree.
    (address,) = message_from_bytes(f"From: {line}\n\n".encode(), policy=default)["From"].addresses
    assert address.addr_spec == "desk@example.com"
    said = str(make_header(decode_header(line.replace("\n ", " "))))
    assert said.removesuffix(" <desk@example.com>").strip('"') == name
    assert is_one_sender(sender)


@pytest.mark.parametrize("sender", ["Spine, Clinic <desk@example.com>", "a@example.com, b@example.com", "no address"])
def test_what_is_no_sender_or_several_is_not_built(sender):
    with pytest.raises(ValueError, match="would be read as"):
        headers(from_email=sender)
    assert not is_one_sender(sender)


def test_a_long_address_stays_one_that_can_be_opened():
    link = f"<https://{'long.' * 20}example.com/appointments/AbCdEfGhIjKlMnOpQrStUv/reminders/>"

    assert dict(headers(headers={"List-Unsubscribe": link}))["List-Unsubscribe"] == link


@pytest.mark.django_db
def test_the_check_says_that_the_clinic_is_no_sender(monkeypatch):
    make.clinic(name=NAMES[2])
    assert "clinic.E008" not in [each.id for each in checks.no_placeholder_is_left(None, databases=["default"])]

    monkeypatch.setattr(Clinic, "sender", "Spine, Clinic <desk@example.com>")

    assert "clinic.E008" in [each.id for each in checks.no_placeholder_is_left(None, databases=["default"])]


def test_headers_of_one_kind_have_one_class_in_all_mails():
    mails = [Mail("A subject", "Words", "desk@example.com", [f"{name}@example.com"]).message() for name in ("a", "b")]

    one, other = ([type(header) for header in mail.values()] for mail in mails)

    assert one == other


def test_what_all_mails_say_alike_is_read_once_and_what_one_says_is_not_kept():
    about = {"from_email": "Maple <desk@maple.example>", "to": ["rosa@example.com"], "subject": "Hello"}
    first, again, of_another = (Mail(**about | more).message() for more in ({}, {}, {"from_email": "o@oak.example"}))

    kept = [name for name in first if first[name] is again[name]]

    assert sorted(kept) == ["Content-Transfer-Encoding", "Content-Type", "From", "MIME-Version"]
    assert (first["From"], of_another["From"]) == ("Maple <desk@maple.example>", "o@oak.example")
