from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0041_a_closure_tells_patients_its_own_words"),
        ("procedures", "0004_a_clinician_signs_words_off"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="inquiry",
            name="we_have_what_the_writer_wants_to_be_reached_by",
        ),
        migrations.AlterField(
            model_name="calltask",
            name="kind",
            field=models.CharField(
                choices=[
                    ("received", "We have your message"),
                    ("link_again", "The link again"),
                    ("new_link", "A new link"),
                    ("answered", "We have answered"),
                    ("tried", "We tried to reach you"),
                    ("offered", "Times to choose from"),
                    ("withdrawn", "A time is no longer offered"),
                    ("held", "A time is held, not confirmed yet"),
                    ("held_moved", "A time was moved, not confirmed yet"),
                    ("booked", "A time is booked"),
                    ("moved", "A time was moved"),
                    ("cancelled", "A time was canceled"),
                    ("reminder", "Reminder"),
                    ("displaced", "A time cannot take place"),
                    ("call_back", "Call back"),
                    ("not_theirs", "Our mail reached somebody else"),
                    ("no_number", "No number yet: find one"),
                    ("staff_waiting", "To staff: something waits"),
                    ("staff_overdue", "To the manager: a promise is overdue"),
                    ("staff_day", "To staff: tomorrow’s day list"),
                ],
                max_length=16,
                verbose_name="what about",
            ),
        ),
        migrations.AlterField(
            model_name="inquiry",
            name="contact_by",
            field=models.CharField(
                choices=[("phone", "Phone call"), ("email", "Email"), ("not_yet", "No number yet")],
                max_length=8,
                verbose_name="contact by",
            ),
        ),
        migrations.AlterField(
            model_name="inquiryevent",
            name="contact_by",
            field=models.CharField(
                choices=[("phone", "Phone call"), ("email", "Email"), ("not_yet", "No number yet")],
                max_length=8,
                verbose_name="contact by",
            ),
        ),
        migrations.AddConstraint(
            model_name="inquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("contact_by", "phone"), models.Q(("phone", ""), _negated=True)),
                    models.Q(("contact_by", "email"), models.Q(("email", ""), _negated=True)),
                    models.Q(("contact_by", "not_yet"), ("email", ""), ("phone", "")),
                    _connector="OR",
                ),
                name="we_have_what_the_writer_wants_to_be_reached_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="inquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("contact_by", "not_yet"), _negated=True),
                    ("submission_id__startswith", "import:"),
                    _connector="OR",
                ),
                name="only_what_came_by_file_has_no_number_yet",
            ),
        ),
    ]
