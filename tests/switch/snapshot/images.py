"""Images of states, made and loaded in memory."""

import hashlib
from pathlib import Path

import pytest

from switch.journal.format import HASH_BYTES, KEY_CHECK_BYTES
from switch.ledger.state import State
from switch.ledger.stores import Engine, compiled_is_there
from switch.snapshot.image import ImageHeader, load_image, pack_image
from switch.snapshot.making import NO_HOST

ENGINES = list(Engine) if compiled_is_there() else [Engine.PYTHON]
PATH = Path("image.snapshot")

each_engine = pytest.mark.parametrize("engine", ENGINES)


def header_of(state: State) -> ImageHeader:
    """A header as the maker of images writes it."""
    digest = bytes.fromhex(state.digest())
    return ImageHeader(state.position, bytes(range(HASH_BYTES)), bytes(KEY_CHECK_BYTES), digest, 1_780_000)


def image_of(state: State) -> bytes:
    """A state's image."""
    return b"".join(pack_image(header_of(state), state, ()))


def loaded(data: bytes, engine: Engine) -> State:
    """A state of an image."""
    return load_image(data, PATH, NO_HOST, engine).state


def resealed(data: bytes) -> bytes:
    """An image that was changed, with a hash that agrees."""
    return data[:-HASH_BYTES] + hashlib.sha256(data[:-HASH_BYTES]).digest()


def passed_on(state: State) -> list[State]:
    """States of every engine, from an image; the same in everything that can be seen of them."""
    data = image_of(state)
    states = [loaded(data, engine) for engine in ENGINES]
    for found in states:
        assert found.digest() == state.digest()
        assert image_of(found) == data
        assert (found.position, found.member_number_max) == (state.position, state.member_number_max)
        assert found.accounts.trial_balance() == state.accounts.trial_balance()
        assert dict(found.cards_of_member) == dict(state.cards_of_member)
        assert found.merchants == state.merchants
        assert found.returns.floor == state.returns.floor
        assert [book.day for book in found.business.books] == [book.day for book in state.business.books]
    return states
