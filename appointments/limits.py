"""The numbers of all limits. The doors count and check; what happens beyond a limit stands where it is checked."""

from datetime import timedelta

# Times that staff offer one patient at once.
PROPOSALS_AT_ONCE = 3
# Tokens of the sum are public: who repeats a submission later is not led to the page of the first.
SAME_VISITOR_FOR = timedelta(minutes=15)
# A file of appointments that are brought in: its size, and the rows in it.
IMPORT_BYTES, IMPORT_ROWS = 2_000_000, 5_000
