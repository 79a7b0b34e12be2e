"""A club whose switch runs in this process, step by step."""

import hashlib
import zlib

from protocol.codec import decode, encode_sealed
from protocol.dialect import FileName
from protocol.message import Message, Value
from protocol.rule_parts import count_of_parts, part_of
from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac
from switch.gate.deferred import Deferred
from switch.gate.exchange import Now
from switch.journal.entries import FileActionEntry, RuleTableEntry
from switch.ledger.stores import Engine, compiled_is_there
from switch.publication.candidate import Candidate
from switch.rules.table import RuleTable
from tests.protocol.golden_vectors import MASTER_KEY
from tests.switch.engines.two_switches import HOST, KEYRING, SPEC, OneSwitch

ENGINES = [Engine.PYTHON, *([Engine.COMPILED] if compiled_is_there() else [])]
AT_MS = 1_792_000_000_000
TERMINAL = "T0000001"
CARD = "6280000000000017"


class Club:
    """A switch of one engine with a shop, a member and the table `first` in force."""

    def __init__(self, engine: Engine, first: RuleTable, candidate: Candidate | None = None) -> None:
        self.switch = OneSwitch(engine, candidate)
        self.state = self.switch.state
        self.exchange = self.switch.exchange
        self.now = Now(AT_MS, AT_MS / 1000)
        self._stan = 0
        self.exchange.journal(RuleTableEntry(AT_MS - 1000, 1, first.packed))
        self._record(
            FileName.TERMINAL,
            (("DF28", TERMINAL), ("DF22", "SHOP1"), ("DF23", "000001"), ("DF25", "0001"), ("DF26", "T")),
        )
        self._record(FileName.MEMBER, (("DF20", "000000000012"), ("DF05", "عضو نمونه")))
        self._record(
            FileName.CARD,
            (("DF20", "000000000012"), ("DF24", "LOYAL"), ("DF29", "000000000034")),
            KEYRING.card_token(CARD),
        )
        for terminal_id in (TERMINAL, HOST.terminal_id):
            self.switch.link.sign_on(terminal_id)

    def points(self) -> Value:
        """Points for a purchase of a million."""
        fields: dict[int, Value] = {
            3: "000000", 4: "000001000000", 12: "101500", 13: "0830", 22: "021",
            35: f"{CARD}=99125010000", 42: "SHOP1", 49: "364",
        }  # fmt: skip
        payload = self.sealed("0200", TERMINAL, fields)
        (reply,) = self.switch.answers([payload], self.now.epoch_ms)
        assert reply is not None
        return decode(SPEC, reply[2:]).tags(48)["DF01"]

    def give(self, payload: bytes) -> bytes | Deferred:
        """The answer to a payload, or what it takes."""
        reply = self.exchange.serve(self.switch.link, payload, self.now)
        assert isinstance(reply, bytes | Deferred)
        return reply

    def parts(self, table: RuleTable, expected_version: int, host: str = HOST.terminal_id) -> list[bytes]:
        """The payloads that publish a table."""
        deflated = zlib.compress(table.packed)
        count = count_of_parts(deflated)
        return [
            self.sealed(
                "0300",
                host,
                {
                    91: "1",
                    101: "RULES",
                    120: {
                        "DF52": part_of(deflated, number),
                        "DF53": f"{number:04d}",
                        "DF54": f"{count:04d}",
                        "DF55": hashlib.sha256(table.packed).digest(),
                        "DF56": f"{expected_version:08d}",
                    },
                },
            )
            for number in range(1, count + 1)
        ]

    def sealed(self, mti: str, terminal_id: str, fields: dict[int, Value]) -> bytes:
        """A message with an identity of its own."""
        self._stan += 1
        identity: dict[int, Value] = {7: "1014175320", 11: f"{self._stan:06d}", 41: terminal_id}
        mac = Mac(derive_terminal_key(MASTER_KEY, terminal_id, 1))
        return encode_sealed(SPEC, Message(mti, {**identity, **fields}), mac)

    def add_host(self, host: str) -> None:
        """Another host that has signed on."""
        tags = (("DF28", host), ("DF22", "SHOP1"), ("DF23", "000001"), ("DF25", "0001"), ("DF26", "H"))
        self._record(FileName.TERMINAL, tags)
        self.switch.link.sign_on(host)

    def _record(self, name: FileName, tags: tuple[tuple[str, str], ...], token: bytes = bytes(16)) -> None:
        self._stan += 1
        record = (*tags, ("DF21", "A"))
        self.exchange.journal(
            FileActionEntry(AT_MS, "HOST0001", self._stan, 1, bytes(16), "1", name.value, "00", token, record)
        )
