from django.db import migrations

# The columns of a history that hold words or lead to the own page: erasing a patient blanks these, and no others.
WORDS = {
    "appointments_inquiryevent": (
        "key", "submission_id", "name", "patient_name", "contact_person", "patient_phone", "phone", "phone_e164",
        "email", "reach_note", "spoken_language", "message",
    ),
    "appointments_appointmentevent": ("overbook_reason",),
}  # fmt: skip

HISTORY_STAYS = """
CREATE FUNCTION history_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    -- Only a function of the table's owner sets this (erase_words_of_history): for others, current_user is another.
    IF TG_OP = 'UPDATE' AND current_setting('clinic.erasing', true) = 'on'
        AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)
        AND to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'A row of % stays as it was written.', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""
TRIGGER = """
CREATE TRIGGER history_stays BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION history_stays({words})
"""
# Who did it is written with the first statement of a request and may be completed by a later one.
CONTEXT_STAYS = """
CREATE TRIGGER stays_as_written BEFORE DELETE ON pghistory_context FOR EACH ROW EXECUTE FUNCTION stays_as_written();
CREATE TRIGGER stays_once_its_request_is_over BEFORE UPDATE ON pghistory_context FOR EACH ROW
    WHEN (OLD.created_at < now() - interval '1 hour' OR (NEW.id, NEW.created_at) IS DISTINCT FROM (OLD.id, OLD.created_at))
    EXECUTE FUNCTION stays_as_written()
"""
CONTEXT_MAY_CHANGE = """
DROP TRIGGER stays_as_written ON pghistory_context;
DROP TRIGGER stays_once_its_request_is_over ON pghistory_context
"""
ERASE = """
CREATE FUNCTION erase_words_of_history(erased bigint) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM appointments_inquiry WHERE id = erased AND erased_at IS NOT NULL) THEN
        RAISE EXCEPTION 'Inquiry % is not erased: its history stays.', erased USING ERRCODE = 'restrict_violation';
    END IF;
    -- In the body: as an option of the function, a superuser alone may write it down.
    PERFORM set_config('clinic.erasing', 'on', true);
    UPDATE appointments_inquiryevent SET
        key = '–', name = '–',
        submission_id = CASE WHEN submission_id LIKE 'import:%' THEN submission_id ELSE 'erased ' || erased END,
        message = '–', contact_person = 'writer',
        patient_name = '', patient_phone = '', phone_e164 = '', reach_note = '', spoken_language = '',
        phone = CASE phone WHEN '' THEN '' ELSE '–' END,
        email = CASE email WHEN '' THEN '' ELSE 'erased@erased.invalid' END
    WHERE pgh_obj_id = erased;
    UPDATE appointments_appointmentevent SET overbook_reason = '–' WHERE inquiry_id = erased AND overbook_reason <> '';
    PERFORM set_config('clinic.erasing', '', true);
END $$;
REVOKE ALL ON FUNCTION erase_words_of_history(bigint) FROM PUBLIC
"""


class Migration(migrations.Migration):
    """What may be blanked is blanked by a function of the owner's; the web and the worker may call it."""

    dependencies = [
        ("appointments", "0033_a_log_stays_as_it_was_written"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.RunSQL(HISTORY_STAYS, "DROP FUNCTION history_stays()"),
        *(
            migrations.RunSQL(
                TRIGGER.format(table=table, words=", ".join(f"'{word}'" for word in words)),
                f"DROP TRIGGER history_stays ON {table}",
            )
            for table, words in WORDS.items()
        ),
        migrations.RunSQL(CONTEXT_STAYS, CONTEXT_MAY_CHANGE),
        migrations.RunSQL(ERASE, "DROP FUNCTION erase_words_of_history(bigint)"),
    ]
