from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("procedures", "0005_sign_offs_hold_for_words_by_sha_256")]
    operations = [
        migrations.AlterField(
            model_name="procedure",
            name="is_published",
            field=models.BooleanField(default=False, verbose_name="visitors can see it"),
        ),
        # Search engines were told so of every procedure that there is.
        migrations.AddField(
            model_name="procedure",
            name="is_surgery",
            field=models.BooleanField(default=True),
        ),
        migrations.AlterField(
            model_name="procedure",
            name="is_surgery",
            field=models.BooleanField(
                default=False,
                help_text="Search engines are told so; otherwise they read “procedure”.",
                verbose_name="it is surgery",
            ),
        ),
    ]
