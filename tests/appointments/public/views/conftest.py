import pytest

from appointments.models import Inquiry
from tests import make


@pytest.fixture
def rosa() -> Inquiry:
    """Everything that an own page can show is there."""
    make.clinic()
    inquiry = make.inquiry(
        name="Rosa Lind", patient_name="Edith Lind", message="My back hurts", reach_note="after dark",
        email="rosa@example.com", phone="(646) 555-0123 ext. 9", code="4711",
    )  # fmt: skip
    visit = make.visit_type("First visit", preparation="Come hungry.")
    doctor = make.practitioner("Jane Doe, MD", visit=visit)
    make.appointment(inquiry, practitioner=doctor, visit_type=visit)
    inquiry.messages.create(words="You can come on Monday.", from_patient=False)
    return inquiry
