from django.db import migrations

TABLES = ("appointments_accesslog", "appointments_accesslogday")

FUNCTION = """
CREATE FUNCTION stays_as_written() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION 'A row of % stays as it was written.', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""
TRIGGER = """
CREATE TRIGGER stays_as_written BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION stays_as_written()
"""


class Migration(migrations.Migration):
    """TRUNCATE is refused by the roles of the database (manage.py database_roles): the tests' flush needs it."""

    dependencies = [("appointments", "0032_who_saw_which_record")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION stays_as_written()"),
        *(
            migrations.RunSQL(TRIGGER.format(table=table), f"DROP TRIGGER stays_as_written ON {table}")
            for table in TABLES
        ),
    ]
