from django.db import migrations

WITHOUT_NAME = r"""
UPDATE appointments_mailtext SET
    subject = regexp_replace(subject, '\s*\{name\}', '', 'g'), body = regexp_replace(body, '[ \t]*\{name\}', '', 'g')
WHERE subject LIKE '%{name}%' OR body LIKE '%{name}%'
"""


class Migration(migrations.Migration):
    """A mail may reach somebody else: the clinic's own words greet nobody by name either. "Dear {name}," is "Dear,"."""

    dependencies = [("appointments", "0035_the_admins_log_names_no_patient")]

    operations = [migrations.RunSQL(WITHOUT_NAME, migrations.RunSQL.noop)]
