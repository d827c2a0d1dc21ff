from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("appointments", "0045_a_call_is_done")]

    operations = [
        migrations.AddField(
            model_name=name,
            name="taken_back_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        )
        for name in ("call", "note")
    ]
