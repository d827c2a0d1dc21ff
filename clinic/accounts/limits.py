"""The numbers of all limits of staff's accounts. What happens beyond a limit stands where it is checked."""

from datetime import timedelta

# Passwords that one process hashes at the same moment, and the seconds that another one waits for its place. One takes
# 19 MiB and a core for a moment: more at once would take the machine from visitors.
HASHES_AT_ONCE, WAIT_FOR_A_HASH = 2, 2.0
# Who found no place may try again after so many seconds.
HASH_AGAIN_AFTER = 5

# Wrong passwords of one user name from one address, or in one browser that the user has signed in with before. The
# sixth is not looked at, and nothing is until so long after the fifth.
WRONG_PASSWORDS, LOCKED_OUT_FOR = 5, timedelta(minutes=15)
