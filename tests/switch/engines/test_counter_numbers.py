"""Members enrolled at the counter have numbers of their own, which no host gives; in both engines."""

from protocol.codec import decode
from switch.authoriser.dates import transmission_text
from switch.authoriser.enrolment import LAST_HOST_NUMBER
from switch.ledger.records import Status
from tests.switch.engines.two_switches import SPEC, TwoSwitches

TERMINAL, MERCHANT = "T0000001", "SHOP1"
_START_MS = 1_795_291_200_000  # 2026-11-21T20:00:00Z


class _Counter:
    """A shop with cards in stock, on switches of both engines."""

    def __init__(self) -> None:
        self.switches = TwoSwitches()
        terminal = (("DF28", TERMINAL), ("DF22", MERCHANT), ("DF23", f"{1:06d}"))
        self.switches.record("TERMINAL", terminal, _START_MS)
        self.switches.sign_on(TERMINAL)
        self._cards = 0

    def member(self, number: int) -> None:
        """A member whom a host enrols."""
        self.switches.record("MEMBER", (("DF20", f"{number:012d}"), ("DF05", "n")), _START_MS)

    def enrol(self) -> str:
        """Give a card of the stock to a new member; the response code."""
        self._cards += 1
        number = f"628000000000{self._cards:04d}"
        stock = (
            ("DF29", f"{self._cards:012d}"),
            ("DF20", f"{0:012d}"),
            ("DF24", "CLASSIC"),
            ("DF21", Status.NEW.value),
        )
        self.switches.record("CARD", stock, _START_MS, number)
        reply = self.switches.send(
            "0200",
            {
                2: number,
                3: "910000",
                4: f"{0:012d}",
                7: transmission_text(_START_MS // 1000),
                11: f"{self._cards:06d}",
                12: "233000",
                13: "1121",
                22: "011",
                41: TERMINAL,
                42: MERCHANT,
                48: {"DF05": "عضو"},
                49: "364",
            },
            _START_MS,
        )
        assert reply is not None
        return decode(SPEC, reply[2:]).text(39)

    def numbers(self) -> list[int]:
        self.switches.check_states()
        return sorted(self.switches.plain.state.members)


def test_numbers_of_the_counter_begin_above_those_of_hosts_and_go_on_from_the_greatest() -> None:
    counter = _Counter()
    counter.member(7)
    assert [counter.enrol(), counter.enrol()] == ["00", "00"]
    counter.member(8)
    assert counter.numbers() == [7, 8, LAST_HOST_NUMBER + 1, LAST_HOST_NUMBER + 2]
    counter.member(LAST_HOST_NUMBER + 50)
    assert counter.enrol() == "00"
    assert counter.numbers()[-1] == LAST_HOST_NUMBER + 51


def test_where_no_number_is_left_nobody_is_enrolled() -> None:
    counter = _Counter()
    counter.member(999_999_999_999)
    assert counter.enrol() == "21"
    assert counter.numbers() == [999_999_999_999]
