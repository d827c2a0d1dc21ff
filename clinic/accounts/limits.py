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
# Wrong passwords from one network address, of whatever user names, before it waits as long. Browsers that their user
# has signed in with before are not counted by it.
WRONG_FROM_AN_ADDRESS = 30

# Wrong codes of the second step in a row; then none is read for a while.
WRONG_CODES, CODES_LOCKED_FOR = 5, timedelta(minutes=15)
# How long a link that sets up a second step is good for, and how many codes are printed with it.
INVITED_FOR, BACKUP_CODES = timedelta(hours=72), 10
# After a code, the password alone is enough on the same browser for so long.
REMEMBERED_FOR = timedelta(hours=12)
# Who gave password and code again changes their sign-in, or somebody's, for so long.
FRESH_FOR = timedelta(minutes=10)
# How long a link is good for that makes an address the account's.
EMAIL_LINK = timedelta(hours=1)
# How long the link of a forgotten password is good for, and how many are asked for within that time: from one network
# address, before it is refused, and for one account, before nothing more is mailed.
PASSWORD_LINK = timedelta(hours=1)
FORGOTTEN_FROM_AN_ADDRESS, FORGOTTEN_OF_AN_ACCOUNT = 10, 3

# What staff typed when their session ended: so many posts of one user wait for them, each of so many letters at most.
TYPED_AT_MOST, TYPED_LENGTH = 20, 500_000
