"""What stands in the name of an old calendar's line, and is no name, does not come in as one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointments.bookings.imports import names
from appointments.bookings.imports.names import Named


@pytest.mark.parametrize(
    "name",
    [
        "Rosa Lind", "Lind, Rosa", "lind, rosa", "ROSA LIND", "Maria de la Cruz", "Ana y Luis Gomez", "Rosa B. Lind",
        "Ludwig van der Rohe jr.", "Rosa Lind, Jr.", "Rosa Lind, MD", "Dr. Rosa Lind", "John Smith 3rd",
        "Walter O'Shaughnessy", "Jean-Paul d'Angelo", "Anna-Maria Fu", "Mei-Ling Walker", "Grace English", "Max Born",
        "Petra Lang for Cleo Frost", "Søren Núñez Groß", "陳美玲", "محمد علي", "bell hooks", "=cmd|' /C calc'!A0",
    ],
)  # fmt: skip
def test_a_name_stays_as_it_is(name):
    assert names.read(name) == Named(name)


@pytest.mark.parametrize(
    "born",
    [
        "DOB 3/4/1950", "DOB: 03-04-50", "D.O.B. 3.4.1950", "DOB 03041950", "b. 1950", "b.1950-03-04",
        "born Mar 4, 1950",
        "born 4 March 1950", "geb. 4.3.1950", "3/4/1950", "03/04/50", "1950-03-04", "March 4th, 1950", "1950",
        "76 yo F",
        "76 years old", "76F", "age 76", "76",
    ],
)  # fmt: skip
@pytest.mark.parametrize("line", ["Rosa Lind {}", "Rosa Lind ({})", "{} Rosa Lind", "Rosa Lind, {}", "Rosa Lind - {}"])
def test_a_date_of_birth_and_an_age_are_cut(line, born):
    assert names.read(line.format(born)) == Named("Rosa Lind", cut=(born,))


def test_a_star_means_born():
    assert names.read("Rosa Lind *1950-03-04") == names.read("Rosa Lind * 1950-03-04") == Named(
        "Rosa Lind", cut=("1950-03-04",)
    )  # fmt: skip


@given(
    st.dates(min_value=date(1900, 1, 1), max_value=date(2026, 1, 1)),
    st.sampled_from(["%m/%d/%Y", "%m-%d-%y", "%Y-%m-%d", "%d.%m.%Y", "%b %d, %Y", "%d %B %Y", "DOB %m%d%Y"]),
    st.sampled_from(["Rosa Lind {}", "{} Rosa Lind", "Lind, Rosa ({}) 212 555 0123", "ROSA LIND, {}, brings MRI"]),
)
def test_no_day_on_which_somebody_was_born_is_left(day, written, line):
    found = names.read(line.format(day.strftime(written)))

    assert not any(sign.isdigit() for sign in found.name)
    assert found.phone in ("", "212 555 0123")
    assert found.name.casefold() in ("rosa lind", "lind, rosa")


@pytest.mark.parametrize(
    ("line", "name", "cut"),
    [
        ("Rosa Lind, new pt, brings MRI", "Rosa Lind", ("new pt", "brings MRI")),
        ("Rosa Lind new pt, brings MRI", "Rosa Lind", ("new pt", "brings MRI")),
        ("Lind, Rosa, brings MRI", "Lind, Rosa", ("brings MRI",)),
        ("rosa lind, brings mri", "rosa lind", ("brings mri",)),
        ("ROSA LIND NEW PT", "ROSA LIND", ("NEW PT",)),
        ("New patient: Rosa Lind", "Rosa Lind", ("New patient",)),
        ("Visit with Rosa Lind", "Rosa Lind", ("Visit",)),
        ("Follow-up - Rosa Lind", "Rosa Lind", ("Follow-up",)),
        ("Dr. Osei - Rosa Lind", "Rosa Lind", ("Dr. Osei",)),
        ("Follow up with Dr. Osei - Rosa Lind", "Rosa Lind", ("Follow up with Dr. Osei",)),
        ("Rosa Lind - follow up with Dr. Osei", "Rosa Lind", ("follow up with Dr. Osei",)),
        ("Rosa Lind (interpreter Spanish)", "Rosa Lind", ("interpreter Spanish",)),
        ("Rosa Lind (brings MRI", "Rosa Lind", ("brings MRI",)),
        ("Rosa Lind knee pain", "Rosa Lind", ("knee pain",)),
        ("Rosa Lind and husband", "Rosa Lind", ("and husband",)),
        ("Rosa Lind w/ daughter", "Rosa Lind", ("w/ daughter",)),
        ("Rosa Lind MRN 2125550199", "Rosa Lind", ("MRN 2125550199",)),
        ("Rosa Lind #4412", "Rosa Lind", ("4412",)),
        ("Rosa Lind x4", "Rosa Lind", ("x4",)),
        ("Rosa Lind 9:30am", "Rosa Lind", ("9:30am",)),
        ("New patient", "", ("New patient",)),
    ],
)
def test_notes_and_numbers_that_nobody_dials_are_cut(line, name, cut):
    assert names.read(line) == Named(name, cut=cut)


@pytest.mark.parametrize(
    ("line", "phone", "cut"),
    [
        ("Rosa Lind 212 555 0123", "212 555 0123", ()),
        ("Rosa Lind Tel. 212 555 0123", "212 555 0123", ()),
        ("Rosa Lind (c: 212 555 0123)", "212 555 0123", ()),
        ("(212) 555-0123 Rosa Lind", "(212) 555-0123", ()),
        ("Rosa Lind 212-555-0123 x4", "212-555-0123 x4", ()),
        ("Rosa Lind212-555-0123", "212-555-0123", ()),
        ("Rosa Lind 111 555 0123", "", ("111 555 0123",)),
        ("Rosa Lind DOB 03041950 212 555 0123", "212 555 0123", ("DOB 03041950",)),
        ("Rosa Lind 212 555 0123 / 646 555 0199", "212 555 0123", ("646 555 0199",)),
        ("Rosa Lind 555-0123", "", ("555-0123",)),
        ("Rosa Lind fax 212 555 0123", "", ("fax 212 555 0123",)),
    ],
)
def test_the_first_number_that_can_be_dialed_is_found_and_no_other_is_lost_without_a_word(line, phone, cut):
    assert names.read(line) == Named("Rosa Lind", phone, cut=cut)


def test_an_address_is_found():
    assert names.read("Rosa Lind <rosa@example.com>") == Named("Rosa Lind", email="rosa@example.com")
