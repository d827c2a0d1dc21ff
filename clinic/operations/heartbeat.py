"""
Tells a watcher elsewhere, each minute, that the site is well: silence is the alarm.

A machine that is off sends no alarm, and a small clinic has nobody who looks at figures. Services that wake somebody
when nothing comes are healthchecks.io, Uptime Kuma ("push") and Better Stack ("heartbeat").
"""

import logging
import urllib.error
import urllib.request
from typing import Any

from django.conf import settings

from clinic.operations import doctor

logger = logging.getLogger(__name__)

SECONDS = 5


class _StaysHere(urllib.request.HTTPRedirectHandler):
    """An answer that leads elsewhere is an answer: nobody else is asked."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def ping() -> bool:
    """Ask HEARTBEAT_URL, and send nothing with it, unless the doctor's quick part finds an error."""
    if not settings.HEARTBEAT_URL:
        return False
    if found := doctor.errors(doctor.Part.QUICK):
        logger.error("No heartbeat: %s", " ".join(each.words for each in found))
        return False
    try:
        opener = urllib.request.build_opener(_StaysHere)
        opener.open(settings.HEARTBEAT_URL, timeout=SECONDS).close()
    except urllib.error.HTTPError as answer:
        if answer.code >= 400:
            logger.warning("The heartbeat was refused: %s", answer.code)
        return answer.code < 400
    except OSError as error:  # The address is a secret: its words stay out of the log.
        logger.warning("The heartbeat was not heard: %s", type(error).__name__)
        return False
    return True
