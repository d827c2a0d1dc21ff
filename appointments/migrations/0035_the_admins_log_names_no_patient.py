from django.db import migrations

# The admin writes how a row is called and, of rows within a form, also what they say: both may name a patient.
WITHOUT_WORDS = """
CREATE FUNCTION admin_log_without_words() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.object_repr = left(coalesce(
        (SELECT reference FROM appointments_inquiry AS i JOIN django_content_type AS t ON t.id = NEW.content_type_id
            WHERE (t.app_label, t.model) = ('appointments', 'inquiry') AND i.id::text = NEW.object_id),
        (SELECT model || ' ' || NEW.object_id FROM django_content_type WHERE id = NEW.content_type_id),
        ''
    ), 200);
    IF NEW.change_message IS JSON ARRAY THEN
        NEW.change_message = coalesce((
            SELECT jsonb_agg((
                SELECT jsonb_object_agg(verb, CASE WHEN said ? 'object' THEN said || '{"object": "…"}' ELSE said END)
                FROM jsonb_each(part) AS each (verb, said)
            )) FROM jsonb_array_elements(NEW.change_message::jsonb) AS part
        )::text, '[]');
    ELSE
        NEW.change_message = '';
    END IF;
    RETURN NEW;
END $$
"""
ONCE_FOR_ALL = """
CREATE TRIGGER without_words_once BEFORE UPDATE ON django_admin_log FOR EACH ROW EXECUTE FUNCTION admin_log_without_words();
UPDATE django_admin_log SET object_repr = object_repr;
DROP TRIGGER without_words_once ON django_admin_log
"""
FROM_NOW_ON = """
CREATE TRIGGER without_words BEFORE INSERT ON django_admin_log FOR EACH ROW EXECUTE FUNCTION admin_log_without_words();
CREATE TRIGGER stays_as_written BEFORE UPDATE OR DELETE ON django_admin_log
    FOR EACH ROW EXECUTE FUNCTION stays_as_written()
"""
NO_MORE = """
DROP TRIGGER without_words ON django_admin_log;
DROP TRIGGER stays_as_written ON django_admin_log
"""


class Migration(migrations.Migration):
    """It keeps who changed which row, when, and which of its fields."""

    dependencies = [
        ("appointments", "0034_history_stays_as_it_was_written"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunSQL(WITHOUT_WORDS, "DROP FUNCTION admin_log_without_words()"),
        # Checks of foreign keys that wait would forbid the triggers.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL IMMEDIATE"),
        migrations.RunSQL(ONCE_FOR_ALL, migrations.RunSQL.noop),
        migrations.RunSQL(FROM_NOW_ON, NO_MORE),
    ]
