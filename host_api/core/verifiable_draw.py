"""Draws that nobody can steer and everybody can check.

1. **Commitment** (commit and reveal): before the first entry, a secret seed of 32 random bytes is made and
   its SHA-256 published. Whoever draws can't change the seed any more.
2. **Digest**: at closing, the entries in their order become the leaves of a Merkle tree (RFC 6962, section
   2.1) whose root is published. Nobody can add, drop or move an entry any more, and a member needs but some
   twenty hashes to see that their ticket is in the tree, at which position (section 2.1.1).
3. **Public value**: after closing, somebody who doesn't know the seed may add what nobody could know before,
   as an index of that day's exchange. Whoever knows the seed could otherwise choose entries by it.
4. **Drawing**: HMAC-SHA256 (RFC 2104) keyed by the seed over digest, number of entries, public value and a
   counter is a stream of numbers of 256 bits, as the HMAC generator of NIST SP 800-90A is one. A number is
   taken modulo what is left to draw from; those beyond the largest multiple of it are rejected, so that each
   has exactly the same chance (SP 800-90A, A.5.1). The entries are drawn without replacement (Fisher and
   Yates). An entry whose owner has won is passed over where each may win once.
5. **Reveal**: afterwards seed, digest and public value are published, by which the draw can be repeated.

`docs/club-services/verify_draw.py` does all this again with nothing but Python's standard library.
"""

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

SEED_SIZE: Final = 32
# An aligned part of so many leaves is a subtree of the whole: a proof needs the leaves of one part only.
PART_SIZE: Final = 1024

_HASH_SIZE: Final = 32
_LABEL: Final = b"vafa draw 1"
_SPACE: Final = 1 << 8 * _HASH_SIZE


@dataclass(frozen=True, slots=True)
class EntriesDigest:
    """What a list of entries is fixed by.

    Parameters:
        root: of the Merkle tree, 64 hexadecimal digits.
        entries: how many.
        parts: roots of the parts of `PART_SIZE` entries, by which `proof_of` works.
    """

    root: str
    entries: int
    parts: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry stands at a position.

    Parameters:
        position: from 0.
        entries: how many there are in all.
        path: hashes from the leaf's neighbour to the root's child, hexadecimal (RFC 6962, section 2.1.1).
    """

    position: int
    entries: int
    path: tuple[str, ...]


def new_seed() -> bytes:
    """A seed; keep it secret until after the draw."""
    return secrets.token_bytes(SEED_SIZE)


def commitment_of(seed: bytes) -> str:
    """What is published before the first entry: the seed's SHA-256, hexadecimal."""
    return hashlib.sha256(seed).hexdigest()


def plain_public_value(text: str | None) -> str:
    """A public value as it is mixed in: composed letters (NFC), one blank between words; empty for none."""
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def part_root(entries: Iterable[str]) -> bytes:
    """The root over the entries of one part, for a digest that is made of parts.

    Raises:
        ValueError: there are more than `PART_SIZE`.
    """
    leaves = [_leaf(entry) for entry in entries]
    if len(leaves) > PART_SIZE:
        raise ValueError(f"a part has at most {PART_SIZE} entries")
    return _root(leaves)


def digest_of_parts(parts: Sequence[bytes], entries: int) -> EntriesDigest:
    """The digest over parts, all of them full but the last.

    Raises:
        ValueError: so many entries don't make so many parts.
    """
    if len(parts) != -(-entries // PART_SIZE):
        raise ValueError("the number of parts is not that of the entries")
    return EntriesDigest(_root(parts).hex(), entries, tuple(parts))


def digest_of(entries: Iterable[str]) -> EntriesDigest:
    """The digest over entries in their order; holds one part of them at a time."""
    parts: list[bytes] = []
    count = 0
    leaves: list[bytes] = []
    for entry in entries:
        leaves.append(_leaf(entry))
        count += 1
        if len(leaves) == PART_SIZE:
            parts.append(_root(leaves))
            leaves.clear()
    if leaves:
        parts.append(_root(leaves))
    return digest_of_parts(parts, count)


def proof_of(digest: EntriesDigest, position: int, part: Iterable[str]) -> Proof:
    """The proof for the entry at `position`.

    Parameters:
        part: the entries of its part, those from ``position // PART_SIZE * PART_SIZE`` on.

    Raises:
        ValueError: `part` is not what the digest was made of, or has no such position.
    """
    index, within = divmod(position, PART_SIZE)
    leaves = [_leaf(entry) for entry in part]
    if not 0 <= within < len(leaves) or index >= len(digest.parts) or _root(leaves) != digest.parts[index]:
        raise ValueError("these are not the entries of that part")
    path = _path(leaves, within) + _path(digest.parts, index)
    return Proof(position, digest.entries, tuple(each.hex() for each in path))


def is_proved(entry: str, proof: Proof, root: str) -> bool:
    """Whether `proof` shows that `entry` stands at its position under `root` (RFC 9162, section 2.1.3.2)."""
    if not 0 <= proof.position < proof.entries:
        return False
    position, last, found = proof.position, proof.entries - 1, _leaf(entry)
    for text in proof.path:
        try:
            neighbour = bytes.fromhex(text)
        except ValueError:
            return False
        if last == 0 or len(neighbour) != _HASH_SIZE:
            return False
        if position & 1 or position == last:
            found = _node(neighbour, found)
            while position & 1 == 0 and position:
                position >>= 1
                last >>= 1
        else:
            found = _node(found, neighbour)
        position >>= 1
        last >>= 1
    return last == 0 and found.hex() == root


def drawing(seed: bytes, digest: str, public_value: str | None, *, entries: int) -> Iterator[int]:
    """Positions in the order in which they are drawn, each once, until all are.

    Memory grows with what is taken, not with `entries`.

    Parameters:
        digest: the root of the entries, hexadecimal.
        public_value: taken as `plain_public_value` has it.
    """
    numbers = _numbers(seed, bytes.fromhex(digest), plain_public_value(public_value).encode(), entries)
    return shuffled(entries, numbers)


def draw(seed: bytes, digest: str, public_value: str | None, *, entries: int, winners: int) -> list[int]:
    """The first `winners` positions drawn, or all where there are fewer entries."""
    drawn = drawing(seed, digest, public_value, entries=entries)
    return list(islice(drawn, winners))


def shuffled(entries: int, numbers: Iterator[int]) -> Iterator[int]:
    """The positions below `entries` in the order that evenly distributed numbers of 256 bits give them."""
    moved: dict[int, int] = {}
    for done in range(entries):
        taken = done + _below(entries - done, numbers)
        position = moved.get(taken, taken)
        moved[taken] = moved.pop(done, done)
        yield position


def _below(limit: int, numbers: Iterator[int]) -> int:
    fair = _SPACE - _SPACE % limit
    while True:
        number = next(numbers)
        if number < fair:
            return number % limit


def _numbers(seed: bytes, root: bytes, public_value: bytes, entries: int) -> Iterator[int]:
    # Every field has one length or tells its own, so that no two draws have the same text.
    text = b"".join(
        (_LABEL, root, entries.to_bytes(8, "big"), len(public_value).to_bytes(4, "big"), public_value)
    )
    counter = 0
    while True:
        block = hmac.digest(seed, text + counter.to_bytes(8, "big"), "sha256")
        yield int.from_bytes(block, "big")
        counter += 1


def _leaf(entry: str) -> bytes:
    return hashlib.sha256(b"\0" + entry.encode()).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def _root(hashes: Sequence[bytes]) -> bytes:
    """Neighbours joined level by level, an odd one taken up as it is: the tree of RFC 6962."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    level = list(hashes)
    while len(level) > 1:
        level = _level_above(level)
    return level[0]


def _level_above(level: Sequence[bytes]) -> list[bytes]:
    above = [_node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
    if len(level) % 2:
        above.append(level[-1])
    return above


def _path(hashes: Sequence[bytes], position: int) -> list[bytes]:
    path: list[bytes] = []
    level = list(hashes)
    while len(level) > 1:
        neighbour = position ^ 1
        if neighbour < len(level):
            path.append(level[neighbour])
        level = _level_above(level)
        position >>= 1
    return path
