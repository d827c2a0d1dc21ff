"""Which tests begin first where several workers share them."""

from dataclasses import dataclass

from tests.order import longest_first


@dataclass(frozen=True)
class Test:
    __test__ = False
    name: str
    marker: str = ""

    def get_closest_marker(self, name: str) -> bool:
        return name == self.marker


SHORT = [Test(f"short {number}") for number in range(6)]
LONG = [Test("launches", "real_time"), Test("crawls", "many_pages"), Test("opens a browser", "real_time")]


def test_each_worker_begins_with_its_share_of_the_long_ones():
    ordered = longest_first([*SHORT[:3], *LONG, *SHORT[3:]], workers=2)

    assert (ordered[:4], ordered[4:]) == ([LONG[1], *SHORT[0::2]], [LONG[0], LONG[2], *SHORT[1::2]])


def test_each_is_run_once_by_however_many():
    for workers in range(1, 5):
        ordered = longest_first([*SHORT, *LONG], workers)
        assert len(ordered) == 9
        assert set(ordered) == {*SHORT, *LONG}


def test_one_alone_has_the_long_ones_first():
    assert longest_first([*SHORT, *LONG], workers=1) == [*LONG, *SHORT]
