"""Any events in any order: the flows never raise, always come home, and keep what they promise."""

from hypothesis import given, settings
from hypothesis import strategies as st
from terminal.devices.misread import Misread
from terminal.transactions import events, registry

from tests.firmware.flow_bench import CARD, OTHER_CARD, Bench, OfflineShelf, Settings, digits, ready
from tests.firmware.test_flow_shift import operator
from tests.firmware.test_flow_tables import brought_home

CODES = ["00", "00", "00", "51", "55", "70", "95", "96"]
PLAIN = [
    events.ENTER,
    events.ENTER,
    events.CLEAR,
    events.CANCEL,
    events.CARD_IN,
    events.CARD_OUT,
    events.ONLINE,
    events.OFFLINE,
    events.PRINTED,
    events.PRINT_FAILED,
]
PRIVATE = digits(0xDF1D, 5) + digits(0xDF01, 3)


class Storm:
    """A bench in the weather, and what is believed about it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.approved: set[str] = set()
        self.seen = 0

    def answer(self, code: str) -> None:
        """A reply to what was sent last, which may be waited for or not."""
        mti = self.bench.wishes.sent[-1][1]
        if code == "00":
            self.approved.add(str(self.bench.request[11]))
        private = PRIVATE if mti in ("0100", "0200") else b""
        if mti.startswith("05"):
            self.bench.answer(code, f66="2")
        else:
            self.bench.answer(code, private=private)

    def check(self) -> None:
        """What leaves is written down, one at a time, and no slip says more than the switch."""
        bench = self.bench
        held = bench.journal.open_sales()
        owed = [sale for sale in held if sale.reply and not sale.reversal]
        # Two slips may be owed while a third sale is on its way.
        assert len(held) <= 3 and len(held) - len(owed) <= 1
        for _, mti, _, payload in bench.wishes.sent[self.seen :]:
            if mti == "0200":
                assert bench.journal.read(held[-1].intent) == payload
        self.seen = len(bench.wishes.sent)
        if bench.state == "idle":
            assert held == owed and (bench.flow.slips_wait or not owed)
        for slip in bench.wishes.slips:
            words = " ".join(slip).split()
            assert "Approved" not in words or words[words.index("STAN") + 1] in self.approved


def weather(data: st.DataObject, storm: Storm) -> None:
    bench = storm.bench
    happening = data.draw(
        st.sampled_from(["key", "plain", "plain", "card", "digits", "answer", "answer", "time"])
    )
    if happening == "key":
        bench.kind(data.draw(st.sampled_from(registry.names())))
    elif happening == "plain":
        bench.do(data.draw(st.sampled_from(PLAIN)))
    elif happening == "card":
        if data.draw(st.integers(0, 9)):
            bench.swipe(data.draw(st.sampled_from([CARD, OTHER_CARD])))
        else:
            bench.flow.handle(events.MISREAD, Misread("lrc"))
    elif happening == "digits":
        bench.key(data.draw(st.sampled_from(["1", "2", "17", "5000", "09120000000", "1234"])))
    elif happening == "answer" and bench.wishes.sent:
        if data.draw(st.integers(0, 4)):
            storm.answer(data.draw(st.sampled_from(CODES)))
        else:
            bench.no_answer()
    elif happening == "time":
        bench.timeout()


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_any_weather_in_an_open_shop(data: st.DataObject) -> None:
    storm = Storm(ready(store=Settings(), pin=True))
    for _ in range(40):
        weather(data, storm)
        storm.check()
    storm.bench.do(events.ONLINE)
    brought_home(storm.bench)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_any_weather_where_people_log_in_and_the_line_is_bad(data: st.DataObject) -> None:
    store = Settings(operators=[operator("1", "1234", "cashier"), operator("2", "5000", "supervisor")])
    storm = Storm(Bench(store=store, offline=OfflineShelf()))
    for _ in range(40):
        weather(data, storm)
        for _ in range(4):
            if storm.bench.state == "checking":
                storm.bench.timeout()
        assert len(storm.bench.journal.open_sales()) <= 3
    storm.bench.do(events.ONLINE)
    brought_home(storm.bench)
