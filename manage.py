#!/usr/bin/env python
"""Django's command line for this site."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # A variable, most likely: its sentence says what to do.
        sys.exit(str(error))
    except OperationalError as error:
        if "--traceback" in sys.argv:
            raise
        from clinic.postgres import outage  # No settings before Django has read them.

        # Of a pool, all that is known is that it waited in vain. What follows the first line may quote a statement.
        words = outage.asked_once() or str(error).partition("\n")[0]
        sys.exit(f"The database refuses: {words}")
