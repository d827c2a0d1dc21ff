from collections.abc import Container
from dataclasses import dataclass
from typing import Any, Self

from clinic.typed_text import isolated

# How somebody acts by the link to an own page, who has not shown that it is theirs.
NO_PROOF = "none"


@dataclass(frozen=True)
class Actor:
    """Who does something, as the history keeps it: a member of staff by id, or one of the two without an account."""

    kind: str
    user: Any = None
    # The version of the inquiry that they have before them: what stands in it is read.
    has_read: int | None = None
    # The offered times (ids) that they have before them: no other is taken back. None where nobody looked at any.
    has_seen: Container[int] | None = None
    # By which proof a visitor of an own page acts (appointments.public.proofs); empty where no link was used.
    proof: str = ""
    # Whether they speak with the patient at this moment: what they do to a time is told, and needs no mail.
    is_speaking: bool = False

    @classmethod
    def visitor(cls, has_seen: Container[int] | None = None, proof: str = "") -> Self:
        return cls("visitor", has_seen=has_seen, proof=proof)

    @classmethod
    def system(cls, has_seen: Container[int] | None = None) -> Self:
        return cls("system", has_seen=has_seen)

    @classmethod
    def staff(cls, user: Any, has_read: int | None = None, has_seen: Container[int] | None = None) -> Self:
        return cls("staff", user, has_read, has_seen)

    @property
    def is_site(self) -> bool:
        """Whether nobody did it: the site did, by itself."""
        return self.kind == "system"

    @property
    def metadata(self) -> dict[str, Any]:
        """Ids only: the history names people when it is read."""
        proof = {"proof": self.proof} if self.proof else {}
        return {"actor": self.kind, "user": self.user.pk if self.user else None, **proof}


VISITOR = Actor.visitor()


def name_of(user: Any) -> str:
    """A member of staff as colleagues read it."""
    return isolated(user.get_full_name() or user.get_username())
