"""Draws: what is published is what RFC 6962 and OpenSSL make of it, everybody has the same chance, and a
proof proves nothing but the entry that it was made for."""

import hashlib
import time
from collections import Counter
from itertools import islice, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_api.core.verifiable_draw import (
    PART_SIZE,
    Proof,
    commitment_of,
    digest_of,
    digest_of_parts,
    draw,
    drawing,
    is_proved,
    new_seed,
    part_root,
    plain_public_value,
    proof_of,
    shuffled,
)

SEED = bytes(range(32))
# With `openssl dgst`, `xxd` and `bc` over the entries a, b, c, d, e and the seed 00 01 … 1f.
COMMITMENT = "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"
ROOT_OF_FIVE = "fe14a5426fbd70c0fa73f52342afed0da0bd23c4838662ccf6b88a3070ead97b"
LEAF_E = "2824a7ccda2caa720c85c9fba1e8b5b735eecfdb03878e4f8dfe6c3625030bc4"
LEAF_D = "d070dc5b8da9aea7dc0f5ad4c29d89965200059c9a0ceca3abd5da2492dcb71d"
NODE_AB = "b137985ff484fb600db93107c77b0365c80d78f5b429ded0fd97361d077999eb"
NODE_ABCD = "33376a3bd63e9993708a84ddfe6c28ae58b83505dd1fed711bd924ec5a6239f0"

# The trees of Certificate Transparency's own tests, over those of its eight inputs that are texts: none, "",
# "\0", "\x10", " !", "01", "@ABC", "PQRSTUVW", "`abcdefghijklmno".
CT_INPUTS = ["", "\0", "\x10", " !", "01", "@ABC", "PQRSTUVW", "`abcdefghijklmno"]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def entries_of(count: int) -> list[str]:
    return [f"entry {number}" for number in range(count)]


def test_trees_are_those_of_certificate_transparency() -> None:
    assert [digest_of(CT_INPUTS[:count]).root for count in range(9)] == CT_ROOTS


def test_a_draw_is_what_openssl_computes() -> None:
    digest = digest_of("abcde")
    assert commitment_of(SEED) == COMMITMENT
    assert digest.root == ROOT_OF_FIVE
    assert draw(SEED, digest.root, None, entries=5, winners=5) == [2, 4, 0, 1, 3]
    assert draw(SEED, digest.root, "2187342.5", entries=5, winners=9) == [4, 3, 1, 2, 0]
    assert draw(SEED, digest.root, "2187342.5", entries=5, winners=2) == [4, 3]
    assert proof_of(digest, 4, "abcde") == Proof(4, 5, (NODE_ABCD,))
    assert proof_of(digest, 2, "abcde") == Proof(2, 5, (LEAF_D, NODE_AB, LEAF_E))


def test_a_public_value_is_the_same_however_it_is_typed() -> None:
    assert plain_public_value("  2187342.5\n  تهران ") == "2187342.5 تهران"
    assert plain_public_value("e\u0301") == plain_public_value("\u00e9")
    root = digest_of("ab").root
    drawn = {tuple(draw(SEED, root, f"value {each}", entries=2, winners=2)) for each in range(20)}
    assert drawn == {(0, 1), (1, 0)}


@pytest.mark.parametrize("count", [1, 2, 5, 1023, 1024, 1025, 2048, 3000])
def test_every_entry_is_proved_by_its_own_part(count: int) -> None:
    entries = entries_of(count)
    digest = digest_of(entries)
    parts = [part_root(entries[first : first + PART_SIZE]) for first in range(0, count, PART_SIZE)]
    assert digest_of_parts(parts, count) == digest
    for position in {0, count // 2, count - 1, min(1023, count - 1), min(1024, count - 1)}:
        first = position // PART_SIZE * PART_SIZE
        proof = proof_of(digest, position, entries[first : first + PART_SIZE])
        assert is_proved(entries[position], proof, digest.root)
        assert not is_proved("entry", proof, digest.root)
        if count > 1:
            elsewhere = Proof((position + 1) % count, count, proof.path)
            assert not is_proved(entries[position], elsewhere, digest.root)
    with pytest.raises(ValueError, match="part"):
        proof_of(digest, 0, ["another"])
    with pytest.raises(ValueError, match="parts"):
        digest_of_parts([*parts, parts[0]], count)


@given(
    st.lists(st.text(max_size=4), min_size=1, max_size=40),
    st.data(),
    st.lists(st.one_of(st.text(max_size=70), st.binary(min_size=32, max_size=32).map(bytes.hex)), max_size=9),
)
def test_only_the_right_path_proves(entries: list[str], data: st.DataObject, other: list[str]) -> None:
    digest = digest_of(entries)
    position = data.draw(st.integers(0, len(entries) - 1))
    proof = proof_of(digest, position, entries)
    assert is_proved(entries[position], proof, digest.root)
    at = data.draw(st.integers(-2, 2**70))
    false = Proof(at, data.draw(st.integers(-2, 2**70)), tuple(other))
    assert not is_proved(entries[position], false, digest.root) or tuple(other) == proof.path
    assert not is_proved(entries[position], Proof(position, len(entries), (*proof.path, LEAF_D)), digest.root)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 60), st.text(max_size=8), st.integers(0, 70))
def test_winners_are_distinct_entries(seed: bytes, entries: int, value: str, winners: int) -> None:
    drawn = draw(seed, ROOT_OF_FIVE, value, entries=entries, winners=winners)
    assert len(drawn) == min(entries, winners) == len(set(drawn))
    assert all(0 <= position < entries for position in drawn)
    assert drawn == draw(seed, ROOT_OF_FIVE, value, entries=entries, winners=entries)[:winners]


def test_numbers_beyond_the_last_whole_round_are_rejected() -> None:
    most = 2**256
    fair = most - most % 3
    assert most % 3 == 1
    assert next(shuffled(3, iter([fair, most - 1, 4]))) == 1
    assert next(shuffled(3, iter([fair - 1]))) == 2


def test_every_order_has_the_same_chance() -> None:
    """Pearson's chi-square over the 24 orders of four: 23 degrees of freedom, once in 1,000 above 49.7."""
    draws = 24_000
    orders = Counter(
        tuple(
            draw(
                hashlib.sha256(bytes([7, *each.to_bytes(3)])).digest(),
                ROOT_OF_FIVE,
                None,
                entries=4,
                winners=4,
            )
        )
        for each in range(draws)
    )
    expected = draws / 24
    assert set(orders) == set(permutations(range(4)))
    assert sum((count - expected) ** 2 / expected for count in orders.values()) < 49.7


def test_seed_digest_number_and_value_all_decide() -> None:
    def first(
        seed: bytes = SEED, root: str = ROOT_OF_FIVE, value: str | None = None, entries: int = 10**9
    ) -> int:
        return next(drawing(seed, root, value, entries=entries))

    drawn = {first(), first(new_seed()), first(root=CT_ROOTS[1]), first(value="1"), first(entries=10**9 - 1)}
    assert len(drawn) == 5


def test_a_million_entries_take_seconds() -> None:
    began = time.process_time()
    digest = digest_of(f"{number:016x} {number:08x}" for number in range(1_000_000))
    winners = list(islice(drawing(SEED, digest.root, None, entries=digest.entries), 1000))
    assert len(set(winners)) == 1000
    assert len(digest.parts) == 977
    assert time.process_time() - began < 30
