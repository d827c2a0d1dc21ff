"""What threads that tests leave running, like the pool's, may do beside a test."""

import random
import threading

from hypothesis import given
from hypothesis import strategies as st


def test_a_thread_draws_numbers_while_strategies_do():
    stopped = threading.Event()

    def draw() -> None:
        while not stopped.is_set():
            random.random()  # noqa: S311

    @given(st.lists(st.booleans()))
    def draw_a_list(_values: list[bool]) -> None:
        pass

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        draw_a_list()
    finally:
        stopped.set()
        thread.join()
