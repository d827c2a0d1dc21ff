"""The site, which confirms each submission: the bench sends more of them in a minute than an hour may have mails."""

from appointments import limits
from clinic.wsgi import application

__all__ = ["application"]

limits.CONFIRMATIONS_AN_HOUR = 10**9
