"""What holds for every test: failed asserts show their values, how much is tried, what the garbage collector
need not look at, and Ctrl-C."""

import gc
import signal
from pathlib import Path

import pytest
from hypothesis import settings

# In what tests share too, which is imported from here on.
pytest.register_assert_rewrite(
    *(f"tests.{room.name}" for room in Path(__file__).parent.iterdir() if room.is_dir())
)

from tests.amounts import is_thorough, many  # noqa: E402
from tests.warm_start.starting import start_warm  # noqa: E402

# A shell's background job ignores Ctrl-C, and so would every process that a test starts and then stops so.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

if not is_thorough():
    start_warm()

# Until all tests are collected, hardly anything made is given up again.
gc.disable()

# `make test` tries the same examples every time, so that it speaks of the change that was made; new ones are
# looked for by `make test-long`.
settings.register_profile("vafa", max_examples=many(100), deadline=None, derandomize=not is_thorough())
settings.load_profile("vafa")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Whatever collecting the tests has made stays: without this every later garbage collection, and a
    simulated switch asks for one with each snapshot, would look at all of it again. Nor need it look
    every 700 objects, which a single request makes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)
    gc.enable()
