from importlib import import_module

from django.db import migrations

before = import_module("appointments.migrations.0055_who_somebody_is_can_be_erased")
NOW = before.AGAIN.replace(" message = '–',", f" message = '–',{before.ERASED}", 1)


class Migration(migrations.Migration):
    """The function as 0034 and 0055 make it today: only a superuser could restore, from a dump, what they made once."""

    dependencies = [("appointments", "0066_a_waiting_list_has_wishes")]

    operations = [migrations.RunSQL(NOW, migrations.RunSQL.noop)]
