"""What every answer goes through."""

import resource

from clinic.server.middleware import make_room_for_calls

CALLS = 300


def faults(depth: int, calls: int) -> int:
    """How often the kernel had to find memory while a loop so deep called something so often."""
    if depth:
        return faults(depth - 1, calls)
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    for _ in range(calls):
        nothing()
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before


def nothing() -> None:
    one, two, three = "one", "two", "three"
    str([one, two, three])


def test_a_loop_takes_no_memory_anew_with_each_call_however_deep_it_stands():
    depths = range(300)
    bare = max(faults(depth, CALLS) for depth in depths)
    roomy = max(make_room_for_calls(lambda depth: faults(depth, CALLS))(depth) for depth in depths)

    # Without it there is a depth that does, or Python has mended it.
    assert bare >= CALLS
    assert roomy < CALLS / 10
