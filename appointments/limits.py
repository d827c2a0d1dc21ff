"""The numbers of all limits. The doors count and check; what happens beyond a limit stands where it is checked."""

from datetime import timedelta

# Times that staff offer one patient at once.
PROPOSALS_AT_ONCE = 3
# Times that are held at once, in the whole clinic, for those whose request somebody has to check by hand.
HELD_TO_CHECK = 5
# Times to come that one phone number, or one email, may have chosen, over all inquiries.
TIMES_OF_A_SENDER = 3
# New times that may be chosen from one address of the network in a day; what is sent beyond is stored without one.
TIMES_FROM_AN_ADDRESS_A_DAY = 6
# Online choosing pauses when one hour takes so much of what is free in so many days.
PAUSES_AT_SHARE, PAUSES_OVER = 0.2, timedelta(days=14)
# What comes from one address in an hour: first it is checked by hand, then it is not stored.
POSTS_TO_CHECK, POSTS_AT_MOST = 10, 30
# What comes with one phone number, or one email, in a day: more is checked by hand.
POSTS_OF_A_SENDER = 5
# Mails that say that a message arrived: in a day to one mailbox, and in an hour in all. The page says when none goes.
CONFIRMATIONS_A_DAY, CONFIRMATIONS_AN_HOUR = 3, 30
# Links in one message: more are checked by hand.
LINKS = 2
# Tokens of the sum are public: who repeats a submission later gets no time by it, and is not led to its page.
SAME_VISITOR_FOR = timedelta(minutes=15)
# Wrong proofs at one link to an own page, in all, until the front desk lets them try again; a right one is remembered.
WRONG_TRIES, PROVED_FOR = 5, timedelta(hours=12)
# So long after the last step, or the visit, a link to an own page has ended.
LINK_LASTS = timedelta(days=90)
# What may be done on one own page in a day: answers written back, and buttons pressed.
REPLIES_A_DAY, SWITCHES_A_DAY = 20, 20
# A file of appointments that are brought in: its size, and the rows in it that are not long over.
IMPORT_BYTES, IMPORT_ROWS = 20_000_000, 6_000
# Threads of a process that wait longer than a moment for a practitioner's row at once: half of those that there are
# (clinic.server.gunicorn_conf), so that the others serve everything else meanwhile.
WAIT_FOR_A_PRACTITIONER = 4
