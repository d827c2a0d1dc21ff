"""What became of each fault, as one table at the end of a run: `make faults` prints it for a note."""

from typing import NamedTuple

HEAD = ("fault", "acknowledged", "stored once", "lost", "first good answer after", "besides")


class Fault(NamedTuple):
    what: str
    # Of inquiries or, where the name says so, of mails.
    acknowledged: int
    once: int
    lost: int
    # From the moment at which it can be well again; None where nobody was without an answer.
    seconds: float | None
    more: str

    def cells(self) -> tuple[str, ...]:
        after = "" if self.seconds is None else f"{self.seconds:.1f} s"
        return (self.what, str(self.acknowledged), str(self.once), str(self.lost), after, self.more)


FAULTS: list[Fault] = []


def tell(what: str, acknowledged: int, once: int, lost: int, seconds: float | None = None, more: str = "") -> None:
    """Keep a line for the table, and print it now: a run takes a quarter of an hour."""
    FAULTS.append(Fault(what, acknowledged, once, lost, seconds, more))
    print("\n" + "; ".join(f"{name} {cell}" for name, cell in zip(HEAD, FAULTS[-1].cells(), strict=True) if cell))


def lines() -> list[str]:
    """The table as Markdown has it, with a line for the sums; nothing where no fault was told."""
    if not FAULTS:
        return []
    sums = (str(sum(each[column] for each in FAULTS)) for column in (1, 2, 3))
    rows = [HEAD, ("-",) * len(HEAD), *(each.cells() for each in FAULTS), ("all", *sums, "", "")]
    return ["| " + " | ".join(row) + " |" for row in rows]
