from django.db import migrations, models

# What patients read already stays as it is; only closures of the whole clinic stand on a page of theirs.
KEEP_WHAT_THEY_READ = "UPDATE appointments_closure SET public_words = name WHERE practitioner_id IS NULL"


class Migration(migrations.Migration):
    dependencies = [("appointments", "0040_answers_keep_the_promise_once_heard")]

    operations = [
        migrations.AddField(
            model_name="closure",
            name="public_words",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="For example: Thanksgiving. Empty: they read only when it is closed.",
                max_length=100,
                verbose_name="what patients read",
            ),
        ),
        migrations.AlterField(
            model_name="closure",
            name="name",
            field=models.CharField(
                help_text="Patients never read this.", max_length=100, verbose_name="reason, for staff"
            ),
        ),
        migrations.RunSQL(KEEP_WHAT_THEY_READ, migrations.RunSQL.noop),
    ]
