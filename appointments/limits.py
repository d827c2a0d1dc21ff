"""The numbers of all limits. The doors count and check; what happens beyond a limit stands where it is checked."""

from datetime import timedelta

# Times that staff offer one patient at once.
PROPOSALS_AT_ONCE = 3
# Times that are held at once, in the whole clinic, for those whose request somebody has to check by hand.
HELD_TO_CHECK = 5
# Tokens of the sum are public: who repeats a submission later gets no time by it, and is not led to its page.
SAME_VISITOR_FOR = timedelta(minutes=15)
# A file of appointments that are brought in: its size, and the rows in it.
IMPORT_BYTES, IMPORT_ROWS = 2_000_000, 5_000
# Threads of a process that wait longer than a moment for a practitioner's row at once: half of those that there are
# (clinic.server.gunicorn_conf), so that the others serve everything else meanwhile.
WAIT_FOR_A_PRACTITIONER = 4
