import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("appointments", "0050_lists_can_be_taken_along")]

    operations = [
        migrations.AddField(
            model_name="inquiry",
            name="search_trigrams",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), blank=True, db_default=[], default=list, editable=False
            ),
        ),
    ]
