from django.db import migrations

WITHOUT_NAME = r"""
UPDATE appointments_mailtext SET
    subject = regexp_replace(subject, '\s*\{name\}', '', 'g'), body = regexp_replace(body, '[ \t]*\{name\}', '', 'g')
WHERE subject LIKE '%{name}%' OR body LIKE '%{name}%'
"""


class Migration(migrations.Migration):
    """A mail may reach somebody else: the clinic's own words greet nobody by name either. "Dear {name}," is "Dear,"."""

    dependencies = [("appointments", "0031_preparation_is_signed_by_sha_256")]

    operations = [migrations.RunSQL(WITHOUT_NAME, migrations.RunSQL.noop)]
