#!/usr/bin/env python
"""Django's command line for this site."""

import gc
import os
import sys
from contextlib import suppress

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    # What is loaded stays. To look through all of it for garbage, time and again while more is loaded, takes a quarter
    # of the start; after it, only what comes later is looked through.
    gc.disable()
    with suppress(ImproperlyConfigured):  # Below, where help is given all the same.
        django.setup()
    gc.freeze()
    gc.enable()
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
