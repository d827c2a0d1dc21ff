"""Production's settings, without the limits that a thousand visitors from one machine would meet."""

from appointments import limits
from clinic.settings import *  # noqa: F403

for name in ("CONFIRMATIONS_AN_HOUR", "POSTS_AT_MOST", "POSTS_TO_CHECK", "PAUSES_AT_SHARE"):
    setattr(limits, name, 1_000_000)
