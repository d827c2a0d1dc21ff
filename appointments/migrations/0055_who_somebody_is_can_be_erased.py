from importlib import import_module

from django.db import migrations

before = import_module("appointments.migrations.0034_history_stays_as_it_was_written")

EVENTS = "appointments_inquiryevent"
WORDS = (*before.WORDS[EVENTS], "date_of_birth", "chart_number", "talks_with", "talks_with_since")
ERASED = " talks_with = '', talks_with_since = NULL, date_of_birth = NULL, chart_number = '',"
AGAIN = before.ERASE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


def trigger(words: tuple[str, ...]) -> str:
    made = before.TRIGGER.format(table=EVENTS, words=", ".join(f"'{word}'" for word in words))
    return f"DROP TRIGGER history_stays ON {EVENTS}; {made}"


class Migration(migrations.Migration):
    """What the front desk knows of a person is erased with the rest, in the history, too."""

    dependencies = [("appointments", "0054_those_of_the_same_person_are_found")]

    operations = [
        migrations.RunSQL(trigger(WORDS), trigger(before.WORDS[EVENTS])),
        migrations.RunSQL(AGAIN.replace(" message = '–',", f" message = '–',{ERASED}", 1), AGAIN),
    ]
