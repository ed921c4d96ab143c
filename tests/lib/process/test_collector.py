"""The collector pauses for all threads together, and runs again after an error."""

import gc
from threading import Event, Thread

import pytest

from app.lib.process.collector import paused_collector


def test_it_runs_again_after_the_last_pause_of_all_threads():
    inside, leave = Event(), Event()

    def pause():
        with paused_collector():
            inside.set()
            leave.wait(10)

    other = Thread(target=pause)
    with paused_collector():
        other.start()
        assert inside.wait(10)
        assert not gc.isenabled()
    assert not gc.isenabled()
    leave.set()
    other.join()
    assert gc.isenabled()


def test_it_runs_again_after_an_error():
    with pytest.raises(ZeroDivisionError), paused_collector():
        1 / 0  # noqa: B018  # the error is the point
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off():
    gc.disable()
    try:
        with paused_collector():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
