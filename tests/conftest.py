"""What holds for every test: how much is tried, and what the garbage collector need not look at."""

import gc

import pytest
from hypothesis import settings

from tests.amounts import many

settings.register_profile("vafa", max_examples=many(100))
settings.load_profile("vafa")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Whatever collecting the tests has made stays: without this every later garbage collection, and a
    simulated switch asks for one with each snapshot, would look at all of it again."""
    gc.collect()
    gc.freeze()
