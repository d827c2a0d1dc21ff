import re
from unicodedata import name

import pytest
from django.db import connection

from appointments.actors import Actor
from appointments.inquiries import search, trigrams
from appointments.inquiries.search import find, find_near, normalize, parse_query
from appointments.models import Inquiry
from appointments.records import erasure
from tests import make


@pytest.mark.parametrize(
    ("words", "normal"),
    [
        ("Dolores Núñez", "dolores nunez"),
        ("O’Shaughnessy, Walter", "o shaughnessy walter"),
        ("STRAẞE", "strasse"),
        ("Søren Łuczak", "soren luczak"),
        ("Þórður Æsir", "thordur aesir"),
        ("Yıldız İnan", "yildiz inan"),
        ("Đỗ Đorđe", "do dorde"),
        ("Nguyễn", "nguyen"),
        ("Kaʻiulani", "ka iulani"),
        ("J.R. Smith_Jones", "j r smith jones"),
        ("राम", "रम"),
        ("فاطمة", "فاطمه"),
        ("ﬁona Ｌｉ", "fiona li"),
        ("Ɗanladi Ƙaura", "danladi kaura"),
        ("Ro\u200bsa\u200e Li\u2060nd\ufeff", "rosa lind"),
        ("علی\u200cرضا", "علي رضا"),
        ("کریم", "كريم"),
        ("Ħal Ŋgũgĩ Ĳsbrand Paraŀlel", "hal ngugi ijsbrand paral lel"),
        ("Ƶiv Ⱥna Ɠamana Ǝ", "ziv ana gamana e"),
        ("OʼConnor Oꞌ Oˈ O`B O´C O＇D", "o connor o o o b o c o d"),
        ("Rosa ٢ ３", "rosa 2 3"),
        ("Ro\u3164sa\ufe0f Li\u034fnd\u2800Otis", "rosa lind otis"),
    ],
)
def test_names_are_normalized(words, normal):
    assert normalize(words) == normal


def test_each_letter_that_is_a_usual_one_with_something_is_the_usual_one():
    latin = {
        each
        for each in map(chr, range(0xC0, 0xAB70))
        if re.match("LATIN (SMALL|CAPITAL) LETTER . WITH ", name(each, ""))
    }

    assert len(latin) > 500
    assert {each for each in latin if not re.fullmatch("[a-z]+", normalize(each))} == set()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("nunez dolores", ["nunez", "dolores"]),
        ("(212) 555-0123", ["#3210555212"]),
        ("555 0123", ["#3210555"]),
        ("+1 212.555.0123", ["#32105552121"]),
        ("rosa 555-0123", ["rosa", "#3210555"]),
        ("123", ["123"]),
        ("K7QM-3XHT", ["k7qm3xht"]),
        ("k7qm3xht", ["k7qm3xht"]),
        ("O'Connor", ["oconnor"]),
        ("Lind,Rosa", ["lind", "rosa"]),
        ("Marie-Claude-Anne", ["marieclaude", "claudeanne"]),
        ("rosa.lind", ["rosalind"]),
        ("Rosa.Lind@Example.com", ["rosa.lind@example.com"]),
        ("rosa rosa", ["rosa"]),
        ("a" * 5000, ["a" * 60]),
        ("", []),
        ("( ) - .", []),
        ("8 S E 3 K 7 Q M", ["8se3k7qm"]),
        ("8, S, E, 3 dash K, 7, Q, M.", ["8se3k7qm"]),
        ("8 2 E 3", ["82e3"]),
        ("rosa 0 1 2 3", ["rosa", "#3210"]),
        ("\ufeffcruz\u200b-diaz\u200e", ["cruzdiaz"]),
        ("555\u2060 0123\u202c", ["#3210555"]),
        ("rosa@\u200bexample.com\u200d", ["rosa@example.com"]),
        ("J R Smith", ["j", "r", "smith"]),
        *((f"555{dash}0123", ["#3210555"]) for dash in "\u2010\u2011\u2012\u2013\u2014\u2212－"),
        *((f"Cruz{dash}Diaz", ["cruzdiaz"]) for dash in "\u2010\u2011\u2012\u2013\u2014\u2212－"),
        *((f"O{mark}Connor", ["oconnor"]) for mark in "'`´‘’‛′＇ʼʻꞌ"),
        ("５５５ ０１２３", ["#3210555"]),
        ("٥٥٥ ٠١٢٣", ["#3210555"]),
        ("Mr. Lind", ["lind"]),
        ("Lind, Dr. Rosa, MD", ["lind", "rosa"]),
        ("Dr", ["dr"]),
    ],
)
def test_a_search_is_normalized_likewise(typed, words):
    assert parse_query(typed) == words


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "typed"),
    [
        *(("Jean-Paul Cruz-Diaz", typed) for typed in
          ("jean paul", "jeanpaul", "Jean-Paul", "paul jean", "jeanp", "cruzdiaz", "diaz", "Cruz-D", "cruz jean-paul")),
        *(("Jean Paul Okafor", typed) for typed in ("jeanpaul", "Jean-Paul", "okafor paul")),
        *(("Søren Groß", typed) for typed in ("soren", "SØREN", "gross", "groß", "soren gro")),
        *(("Łukasz Żeromski", typed) for typed in ("lukasz", "łukasz", "zeromski luk")),
        *(("Siobhán O’Connor", typed) for typed in ("oconnor", "OConnor", "O'Connor", "o connor", "connor")),
        *(("Siobhan OConnor", typed) for typed in ("O'Connor", "oconnor", "siobhán")),
        *(("Walter O Connor", typed) for typed in ("O’Connor", "oconnor")),
        *(("Rosa de la Cruz", typed) for typed in ("delacruz", "de la cruz", "lacruz", "cruz rosa")),
        ("Anne Marie-Claude-Louise", "Marie-Claude-Louise"),
        *(("Ronald McDonald", typed) for typed in ("Mc Donald", "mc donald ronald", "McDonald, Ronald")),
        ("Ronald Mc Donald", "McDonald"),
        ("Rosa Delacruz", "de la Cruz"),
        ("Meiling Chen", "Mei Ling"),
        ("Siobhan OConnor", "O Connor, Siobhan"),
        ("Dr. Rosa Lind Jr.", "Mrs Rosa Lind"),
        ("فاطمة الزهراء", "الزهراء"),
    ],
)  # fmt: skip
def test_a_name_is_found_however_it_is_typed(name, typed):
    made = make.inquiry(name=name)
    make.inquiry(name="Somebody Else", phone="646 555 0199")

    assert find(typed).ids == [made.pk]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["an", "onnor", "ean", "cruz rosa jean", "paulcruzdiaz"])
def test_the_middle_of_a_name_finds_nobody(typed):
    make.inquiry(name="Jean-Paul Cruz-Diaz")
    make.inquiry(name="Siobhán O’Connor")

    assert find(typed).ids == []


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["0123", "50123", "555-0123", "212 555 0123", "1 212 555 0123", "+12125550123"])
def test_a_phone_number_is_found_by_any_end_of_it(typed):
    made = make.inquiry(phone="(212) 555-0123 ext. 4")
    make.inquiry(phone="012 355 5212")  # The same digits, elsewhere in the number.

    assert find(typed).ids == [made.pk]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "typed"),
    [
        ({"phone": "212-555-CARE"}, "2273"),
        ({"phone": "555 0177"}, "0177"),  # Without an area code.
        ({"patient_name": "Edith Lind", "patient_phone": "646 555 0164"}, "edith 0164"),
        ({"reference": "K7QM3XHT"}, "k7qm-3xht"),
        ({"reference": "K7QM3XHT"}, "K7QM"),
        ({"reference": "23456789"}, "2345-6789"),  # Digits alone look like a phone number.
        ({"email": "Rosa.Lind+x@Example.com"}, "rosa.lind+x@example.com"),
        ({"email": "Rosa.Lind+x@Example.com"}, "rosa.lind"),
        ({"email": "o'brien@example.com"}, "o'brien@"),
        *(
            ({"reference": "K7QM3XHT"}, typed)
            for typed in (
                "7QM3",
                "qm3x",
                "M3XH",
                "3xht",
                "k7qm 3xht",
                "3 X H T",
                "K 7 Q M 3 X H T",
                "K, 7, Q, M, dash, 3, X, H, T",
            )
        ),
        *(({"reference": "K2345678"}, typed) for typed in ("2345", "3456", "5678", "345678", "2 3 4 5")),
        *(
            ({"email": "Rosa.Lind+x@Mail.Example.com"}, typed)
            for typed in (
                "lind",
                "lind+x",
                "lind+x@mail",
                "@mail.example.com",
                "@mail",
                "mail.example.com",
                "example.com",
            )
        ),
    ],
)
def test_it_is_found_by_its_patient_reference_and_email(fields, typed):
    made = make.inquiry(**fields)
    make.inquiry(name="Somebody Else", phone="646 555 0199")

    assert find(typed).ids == [made.pk]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["ﷺ" * 150, "x" * 150, "'\\ : & ! | ( ) *", "-", "<->"])
def test_any_name_can_be_stored_and_any_typed(name):
    made = make.inquiry(name=name)
    make.inquiry(name="Somebody Else", reference="K7QM3XHT")

    assert find(name).ids in ([made.pk], [])
    assert find("somebody' \\").is_cut is False


@pytest.mark.django_db
def test_what_many_fit_is_answered_with_the_newest(monkeypatch):
    monkeypatch.setattr(search, "MOST", 2)
    monkeypatch.setattr(search, "NEWEST", 4)
    made = [make.inquiry(name=name).pk for name in ("Rosa", "Rosa", "Rosa", "Otis", "Rosa", "Rosa", "Rosa")]

    assert find("rosa") == ([*reversed(made)][:2], True)
    assert find("otis") == ([made[3]], False)


@pytest.mark.django_db
def test_initials_alone_are_looked_for_among_the_newest_only():
    made = make.inquiry(name="Rosa Lind")
    make.inquiry(name="Otis Granger")

    assert find("r l") == ([made.pk], True)


@pytest.mark.django_db
def test_a_search_uses_the_index_and_takes_one_query(django_assert_num_queries):
    made = make.inquiry(name="Rosa Lind")
    with django_assert_num_queries(5) as asked:  # SAVEPOINT, two settings around the one that asks, RELEASE.
        assert find("rosa").ids == [made.pk]

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + asked.captured_queries[2]["sql"])
        plan = "\n".join(line for [line] in cursor.fetchall())
    assert "Bitmap Index Scan on inquiries_by_their_words" in plan


@pytest.mark.django_db
def test_who_was_erased_is_found_by_nothing_of_theirs():
    inquiry = make.inquiry(
        name="Søren Groß", phone="212 555 0123", email="soren@example.com", patient_name="Edith Lind"
    )
    asked = ("soren", "gross", "0123", "soren@example.com", "edith", inquiry.reference)
    assert [find(typed).ids for typed in asked] == [[inquiry.pk]] * 6

    erasure.erase(inquiry, reason="Their wish", by=Actor.staff(make.user()))

    assert [find(typed).ids for typed in asked] == [[]] * 6
    assert Inquiry.objects.get().search_words == ""
    assert "search_words" not in {field.name for field in inquiry.events.model._meta.get_fields()}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "typed"),
    [
        *(("Walter O’Shaughnessy", typed) for typed in
          ("Oshaughnesy", "oshaunessy", "Shaughnesy", "O'Shaugnessey", "walter oshaghnessy", "Wolter Oshaughnessy",
           "Bill O'Shaugnessy")),
        *(("Mei Ling Chen", typed) for typed in ("Mailing Chen", "Mayling", "meling", "Chen Meilnig")),
        *(("Meiling Chen", typed) for typed in ("Mai-Ling Chen", "Chne Meiling")),
        *(("Agnes Moreau", typed) for typed in ("Moraeu", "Morau", "Moreaux", "Agnes Morreau", "Anges Moreau")),
        ("Ann Smith", "Smyth"),
        ("Ann Smith", "mith"),
        ("Harold Finch-Oyelaran", "Finch Oyelarn"),
        ("Søren Groß", "Sorn Gross"),
        ("Rosa Lind", "Lindt"),
    ],
)  # fmt: skip
def test_a_name_is_found_that_is_nearly_what_was_typed(name, typed):
    made = make.inquiry(name=name)
    make.inquiry(name="Somebody Else", phone="646 555 0199")

    assert find(typed).ids == []
    assert find_near(typed) == [made.pk]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["Zbigniew", "0199", "ro", "", "rosa@exampel.com", "Lindt 0124", "( ) -", "x" * 500])
def test_nobody_is_near_what_is_another_name_or_no_name(typed):
    make.inquiry(name="Rosa Lind", phone="212 555 0123")

    assert find_near(typed) == []


@pytest.mark.django_db
def test_digits_beside_a_name_that_is_nearly_right_must_be_right():
    made = make.inquiry(name="Rosa Lind", phone="212 555 0123")
    make.inquiry(name="Rosa Lind", phone="212 555 0124")

    assert find_near("Rosa Lindt 0123") == [made.pk]


@pytest.mark.django_db
def test_the_likest_name_comes_first_then_the_newest():
    first, likest, newest = (make.inquiry(name=name).pk for name in ("Morean", "Moreau", "Moreay"))

    assert find_near("Moreauu") == [likest, newest, first]


@pytest.mark.django_db
def test_of_many_that_are_near_the_newest_are_compared(monkeypatch):
    monkeypatch.setattr(search, "MOST", 2)
    made = [make.inquiry(name="Agnes Moreau").pk for _ in range(4)]

    assert find_near("Moraeu") == [made[3], made[2]]


@pytest.mark.django_db
def test_the_middle_of_an_email_is_found_where_nothing_begins_so():
    made = make.inquiry(name="Somebody", contact_by="email", email="rosalind77@example.com")

    assert (find("salind").ids, find_near("salind")) == ([], [made.pk])


@pytest.mark.django_db
def test_what_is_erased_is_near_nobody():
    made = make.inquiry(name="Rosa Lind")
    erasure.erase(made, reason="Their wish", by=Actor.staff(make.user()))

    made.refresh_from_db()
    assert (made.search_trigrams, find_near("Lindt")) == ([], [])


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["li", "lin", "lind", "lindt", "lindts", "lindtss", "oshaughnessy"])
def test_a_name_that_is_nearly_right_is_looked_for_in_the_index_of_the_trigrams_alone(typed):
    rows = Inquiry.objects.filter(erased_at=None).nearly_named(trigrams.what_is_left(typed))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    plan = rows.explain()

    assert "inquiries_by_their_trigrams" in plan
    assert "Seq Scan" not in plan


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["0123", "917 555 0188", "9175550188"])
def test_each_of_two_phone_numbers_finds_its_inquiry(typed):
    inquiry = make.inquiry(phone="212 555 0123 or 917 555 0188")

    assert find(typed).ids == [inquiry.pk]
