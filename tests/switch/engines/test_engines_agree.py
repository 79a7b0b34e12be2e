"""The compiled core does what the plain engine does, to the byte: replies, journal, state."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.codec import decode
from protocol.message import Value
from protocol.security.dukpt import KeyType, KeyUsage, derive_initial_key
from protocol.security.dukpt_terminal import DukptTerminal
from protocol.security.keys import derive_dukpt_base_key
from protocol.security.pin_block import encipher_format_4
from simulator.world.street import run_seed
from switch.authoriser.dates import transmission_text
from switch.gate.exchange import Now
from switch.ledger.stores import ENGINE_VARIABLE, Engine
from switch.rules.compiler import compile_document, load_rules
from switch.rules.schema.document import RuleSet
from tests.amounts import many
from tests.protocol.golden_vectors import MASTER_KEY
from tests.switch.engines.two_switches import KEYRING, SPEC, PartnerOf, TwoSwitches, sealed
from tests.switch.rules.sample_names import AGREEMENTS, AMOUNTS, SEGMENTS, TEXTS, Dice
from tests.switch.rules.strategies import documents

MEMBERS = 4
CARDS = tuple(f"628000000000{number:04d}" for number in range(1, MEMBERS + 1))
SEEDS = many(40)
STEPS = 40
_START_MS = 1_795_291_200_000  # 2026-11-21T20:00:00Z
_STEPS_MS = (1_000, 1_000, 60_000, 3_600_000, 86_400_000, 40 * 86_400_000)
_PURSES = ("91", "92", "93", "90", "95")
_DAYS = ("20260228", "20000229", "19791121", "20261122")


def _club(dice: Dice, switches: TwoSwitches, now_ms: int) -> None:
    """Terminals, members and cards that have the names of random rules."""
    for number, terminal_id in enumerate(TEXTS["terminal"]):
        switches.record(
            "TERMINAL",
            (
                ("DF28", terminal_id),
                ("DF22", TEXTS["merchant"][number]),
                ("DF23", f"{1 + dice.number(1):06d}"),
                ("DF4D", dice.one(("", *TEXTS["guild"]))),
                ("DF4E", dice.one(("", *TEXTS["sector"]))),
                ("DF4F", dice.one(("", *TEXTS["city"]))),
            ),
            now_ms,
        )
        switches.sign_on(terminal_id)
    for number in range(1, MEMBERS + 1):
        segments = sum(1 << bit for bit in SEGMENTS.values() if dice.number(1))
        agreements = sum(1 << bit for bit in AGREEMENTS.values() if dice.number(1))
        tags: list[tuple[str, str | bytes]] = [
            ("DF20", f"{number:012d}"),
            ("DF05", "عضو نمونه"),
            ("DF06", dice.one(("", "bronze", "silver", "unknown"))),
            ("DF40", dice.one(("", *TEXTS["group"]))),
            ("DF41", dice.one(("", *TEXTS["organisation"]))),
            ("DF42", segments.to_bytes(32, "big")),
            ("DF43", agreements.to_bytes(32, "big")),
            ("DF44", dice.one(("00000000", *_DAYS))),
            ("DF45", dice.one(("00000000", *_DAYS))),
            ("DF46", f"{dice.number(MEMBERS):012d}"),
            ("DF47", dice.one(("00000000", *_DAYS))),
            ("DF48", f"{dice.number(1) * 7:012d}"),
            ("DF49", dice.one(("", *TEXTS["risk_class"]))),
            ("DF4A", dice.one(("", *TEXTS["club_level"]))),
            ("DF4B", dice.one(("", *TEXTS["enrol_channel"]))),
            # With the rule's text: none, short enough, of the longest, and too long together.
            ("DF08", dice.one(("", "پیشنهاد", "آ" * 48))),
            ("DF09", dice.one(("", "a gift is waiting", "x" * 96))),
        ]
        switches.record("MEMBER", tuple(tags), now_ms)
        card = (
            ("DF29", f"{number:012d}"),
            ("DF20", f"{number:012d}"),
            ("DF24", dice.one(TEXTS["card.type"])),
            ("DF21", "B" if dice.once_in(20) else "A"),
            ("DF50", "20261201" if dice.once_in(8) else "20991231"),
        )
        switches.record("CARD", card, now_ms, CARDS[number - 1])


def test_purchases_with_a_pin() -> None:
    """The compiled core leaves them, and their keys' serial numbers, to the plain engine."""
    switches = TwoSwitches()
    terminal_id, merchant_id = TEXTS["terminal"][0], TEXTS["merchant"][0]
    terminal = (("DF28", terminal_id), ("DF22", merchant_id), ("DF23", f"{1:06d}"))
    switches.record("TERMINAL", terminal, _START_MS)
    switches.sign_on(terminal_id)
    switches.record("MEMBER", (("DF20", f"{1:012d}"), ("DF05", "عضو نمونه")), _START_MS)
    base = derive_dukpt_base_key(MASTER_KEY, terminal_id, 1)
    device = DukptTerminal(derive_initial_key(base, bytes(8)), bytes(8))
    check = KEYRING.pin_check(KEYRING.card_token(CARDS[0]), "4711")
    card = (("DF29", f"{1:012d}"), ("DF20", f"{1:012d}"), ("DF24", "LOYAL"), ("DF21", "A"), ("DF51", check))
    switches.record("CARD", card, _START_MS, CARDS[0])
    for stan, pin in enumerate(("4711", "4712", "4711"), 1):
        keys = device.next_transaction()
        key = keys.working_key(KeyUsage.PIN_ENCRYPTION, KeyType.AES128)
        fields: dict[int, Value] = {
            2: CARDS[0],
            3: "000000",
            4: f"{100_000:012d}",
            7: transmission_text(_START_MS // 1000),
            11: f"{stan:06d}",
            12: "233000",
            13: "1121",
            22: "012",
            41: terminal_id,
            42: merchant_id,
            48: {"DF34": encipher_format_4(key, pin, CARDS[0]), "DF5E": keys.serial.encode()},
            49: "364",
        }
        reply = switches.send("0200", fields, _START_MS)
        assert reply is not None
        assert decode(SPEC, reply[2:]).text(39) == ("55" if pin == "4712" else "00")
    assert switches.compiled.by_the_core == 0


def test_adjustments_that_are_given_back() -> None:
    """Between sales of the compiled core, the plain engine changes the same lots."""
    switches = TwoSwitches()
    switches.adopt(load_rules(None), _START_MS)
    switches.sign_on("HOST0001")
    terminal_id, merchant_id = TEXTS["terminal"][0], TEXTS["merchant"][0]
    terminal = (("DF28", terminal_id), ("DF22", merchant_id), ("DF23", f"{1:06d}"))
    switches.record("TERMINAL", terminal, _START_MS)
    switches.sign_on(terminal_id)
    switches.record("MEMBER", (("DF20", f"{1:012d}"), ("DF05", "عضو نمونه")), _START_MS)
    card = (("DF29", f"{1:012d}"), ("DF20", f"{1:012d}"), ("DF24", "LOYAL"), ("DF21", "A"))
    switches.record("CARD", card, _START_MS, CARDS[0])

    def ask(stan: int, code: str, amount: int, tags: dict[str, Value]) -> tuple[str, str]:
        fields: dict[int, Value] = {
            3: code,
            4: f"{amount:012d}",
            7: transmission_text(_START_MS // 1000),
            11: f"{stan:06d}",
            12: "233000",
            13: "1121",
            22: "011",
            41: "HOST0001",
            42: merchant_id,
            48: {"DF20": f"{1:012d}", **tags},
            49: "999",
        }
        last_asked.update(fields)
        reply = switches.send("0200", fields, _START_MS)
        assert reply is not None
        told = decode(SPEC, reply[2:])
        return told.text(39), told.text(37)

    last_asked: dict[int, Value] = {}
    for days, amount in ((3, 300), (5, 500)):
        assert ask(days, "220091", amount, {"DF16": "gift", "DF5F": f"{days:04d}"})[0] == "00"
    code, taken = ask(10, "029100", 700, {"DF16": "order"})
    assert code == "00"
    answers = [ask(20 + units, "200091", units, {"DF0E": taken})[0] for units in (250, 450, 1)]
    assert answers == ["00", "00", "61"]
    undone = last_asked | {4: f"{450:012d}", 11: f"{470:06d}"}
    assert switches.send("0400", _undoing(undone, 800, _START_MS), _START_MS) is not None
    switches.check_states()
    state = switches.compiled.state
    assert [found.amount for found in state.returns.values()] == [250]
    assert not any(state.accounts.trial_balance().values())


def _tags(dice: Dice, purse: str) -> dict[str, Value]:
    tags: dict[str, Value] = {}
    if purse != "00" and dice.number(1):
        tag = "DF0D" if dice.number(1) else "DF0C"
        tags[tag] = f"{dice.amount(AMOUNTS):012d}"
    for tag, name in (("DF11", "code"), ("DF12", "operator"), ("DF13", "channel")):
        if dice.once_in(4):
            tags[tag] = dice.one((*TEXTS[name], "strange"))
    if dice.once_in(6):
        tags["DF10"] = dice.one(("tea,food,2,100", "rice,,1,5000,fresh+promo;card,gift_card,1,99"))
    if dice.once_in(10):
        tags["DF14"] = "miles=7"
    return tags


def _purchase(dice: Dice, stan: int, now_ms: int) -> tuple[str, dict[int, Value]]:
    terminal = dice.number(1)
    purse = dice.one(_PURSES) if dice.once_in(3) else "00"
    card = dice.number(MEMBERS - 1)
    fields: dict[int, Value] = {
        3: f"00{purse}00",
        4: f"{dice.amount(AMOUNTS):012d}",
        7: transmission_text(now_ms // 1000 - dice.number(2)),
        11: f"{stan:06d}",
        12: "101500",
        13: "0830",
        22: dice.one(("021", "051", "011")),
        41: TEXTS["terminal"][terminal],
        42: TEXTS["merchant"][1 - terminal if dice.once_in(20) else terminal],
        49: "364",
    }
    if dice.number(1):
        fields[35] = f"{CARDS[card]}=99125010000"
    else:
        fields[2] = CARDS[card]
    tags = _tags(dice, purse)
    if tags:
        fields[48] = tags
    return ("0220" if dice.once_in(12) else "0200"), fields


def _undoing(fields: dict[int, Value], stan: int, now_ms: int) -> dict[int, Value]:
    kept = {number: fields[number] for number in (3, 4, 12, 13, 41, 42, 49)}
    original = f"0200{fields[11]!s}{fields[7]!s}{0:022d}"
    return {**kept, 7: transmission_text(now_ms // 1000), 11: f"{stan:06d}", 90: original}


@st.composite
def _lives(draw: st.DrawFn) -> TwoSwitches:
    """Two switches that have lived through the same evening."""
    dice = Dice(draw)
    switches = TwoSwitches(PartnerOf(CARDS[0]) if dice.once_in(3) else None)
    now_ms = _START_MS
    switches.adopt(compile_document(RuleSet.model_validate(draw(documents(6)))), now_ms)
    _club(dice, switches, now_ms)
    before: tuple[str, dict[int, Value]] | None = None
    for stan in range(1, 2 + dice.number(30)):
        now_ms += _STEPS_MS[dice.number(len(_STEPS_MS) - 1)]
        if before is not None and dice.once_in(6):
            mti, fields = before
            switches.send(dice.one((mti, mti[:3] + "1")), fields, now_ms)
        elif before is not None and dice.once_in(6):
            switches.send("0400", _undoing(before[1], stan, now_ms), now_ms)
        elif dice.once_in(6):
            rush = [_purchase(dice, 100 * stan + number, now_ms) for number in range(2 + dice.number(18))]
            switches.rush([sealed(*each) for each in rush], now_ms)
            before = rush[-1]
        else:
            before = _purchase(dice, stan, now_ms)
            switches.send(*before, now_ms)
        for each in switches.both:
            each.exchange.maintain(Now(now_ms, now_ms / 1000))
        switches.compare()
    return switches


_served = {"by the core": 0, "in all": 0}


@settings(
    max_examples=many(150),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(_lives())
def _every_life_is_the_same(switches: TwoSwitches) -> None:
    switches.check_states()
    _served["by the core"] += switches.compiled.by_the_core
    _served["in all"] += len(switches.entries)


def test_every_life_is_the_same_in_both_engines() -> None:
    _every_life_is_the_same()
    # Else the plain engine may have been compared with itself.
    assert _served["by the core"] > many(150)


@pytest.mark.parametrize("first", range(0, SEEDS, 20))
def test_worlds_are_the_same_in_both_engines(first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(first, min(first + 20, SEEDS)):
        lives = []
        for engine in Engine:
            monkeypatch.setenv(ENGINE_VARIABLE, engine.value)
            lives.append(run_seed(seed, STEPS)._replace(took_ms=0))
        assert lives[0] == lives[1], f"{ENGINE_VARIABLE}=… vafa sim soak --steps {STEPS} --seed {seed}"
