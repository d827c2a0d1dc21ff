"""Rows as the database said them. Models are equal by their key alone, whatever stands in them; these are not."""

from collections.abc import Iterable, Sequence
from typing import Any, overload


class AsRead[Row](Sequence[Row]):
    """
    What was made of the rows of one statement, `said`. Two are equal where the database said the same.

    So it can be kept what is drawn of them. One object may serve several requests: nobody changes or saves its rows.
    """

    def __init__(self, said: tuple[Any, ...], made: Iterable[Row]):
        self.said, self._made = said, tuple(made)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AsRead) and self.said == other.said

    def __hash__(self) -> int:
        return hash(self.said)

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Row]: ...

    def __getitem__(self, at: int | slice) -> Row | Sequence[Row]:
        return self._made[at]
