from django.core.management.commands import migrate

from clinic.database_limits import PatientCommand


class Command(PatientCommand, migrate.Command):
    """Django's own, which may wait for a lock and work on a large table for as long as that takes."""
