from django.db import migrations

STAYS = """
CREATE FUNCTION an_emergency_access_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    -- Erasing a patient blanks a reason that names them (appointments.records.erasure).
    IF TG_OP = 'UPDATE' AND NEW.why = '–' AND to_jsonb(NEW) - 'why' = to_jsonb(OLD) - 'why' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'An emergency access stays as it was given.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER an_emergency_access_stays BEFORE UPDATE OR DELETE ON clinic_emergencyaccess
    FOR EACH ROW EXECUTE FUNCTION an_emergency_access_stays()
"""
GOES = """
DROP TRIGGER an_emergency_access_stays ON clinic_emergencyaccess;
DROP FUNCTION an_emergency_access_stays()
"""


class Migration(migrations.Migration):
    """The row is the record of who could read everything, and why; nobody takes it back."""

    dependencies = [("clinic", "0024_a_clinic_account_is_known_by_its_subject")]

    operations = [migrations.RunSQL(STAYS, GOES)]
