from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0029_the_manager_hears_once_of_a_promise"),
    ]

    operations = [
        migrations.AddField(
            model_name="email",
            name="turn",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(kind__in=["cancelled", "displaced", "moved", "held_moved", "withdrawn"], then=0),
                    models.When(kind__in=["received", "link_again"], then=2),
                    default=1,
                ),
                output_field=models.PositiveSmallIntegerField(),
            ),
        ),
        migrations.AddIndex(
            model_name="email",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["turn", "due_at", "id"], name="mails_in_turn"
            ),
        ),
    ]
