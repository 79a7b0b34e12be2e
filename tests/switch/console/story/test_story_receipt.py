"""The slip that the console shows is the one that the terminal's own composer makes of the same reply."""

import sys
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.codec.tlv import tlv_content
from protocol.dialect import Tag
from protocol.message import Value
from protocol.spec import load_spec
from simulator.micropython_vm import FIRMWARE
from switch.console.story.messages import Exchange
from switch.console.story.receipt import LANGUAGES, Language, elements, receipt_of

if str(FIRMWARE) not in sys.path:
    sys.path.insert(0, str(FIRMWARE))

SPEC = load_spec("vafa")
NAME = "سارا"
CODES = [
    "000000", "009100", "009400", "200000", "210096", "900000", "910000", "920000",
]  # fmt: skip
FIGURES = [
    Tag.POINTS_EARNED, Tag.CREDIT_EARNED, Tag.POINTS_SPENT, Tag.CREDIT_SPENT, Tag.NET_AMOUNT,
    Tag.REFUND_AMOUNT, Tag.DISCOUNT_AMOUNT, Tag.COULD_SPEND, Tag.POINTS_PENDING, Tag.REFUND_UNITS,
]  # fmt: skip
amounts = st.integers(0, 10**9)
replies = st.builds(
    lambda figures, texts, balances: (figures, texts, balances),
    st.dictionaries(st.sampled_from(FIGURES), amounts),
    st.tuples(st.sampled_from(["", "gold", "VIP", "initial"]), st.sampled_from(["", "متن", "x"])),
    st.lists(
        st.tuples(st.sampled_from(["91", "92", "94", "96", "97"]), st.integers(-(10**9), 10**9)),
        max_size=6, unique_by=lambda pair: pair[0],
    ),
)  # fmt: skip


def balances_text(balances: list[tuple[str, int]]) -> str:
    return "".join(
        f"{purse}02364{'D' if amount < 0 else 'C'}{abs(amount):012d}" for purse, amount in balances
    )


def composed(request: dict[int, Value], reply: dict[int, Value], language: str) -> list[tuple[str, str, str]]:
    """What the firmware makes of both messages, without the lines that only a terminal knows."""
    from terminal.devices.escpos.slip import BIG, CENTRED, DIRECTION, ROW, SEPARATOR
    from terminal.screens.layout import code
    from terminal.screens.receipt import receipt
    from terminal.screens.text import say
    from terminal.transactions.outcome import Outcome

    forms = {ROW: "row", CENTRED: "centred", BIG: "big", SEPARATOR: "separator"}
    private, _ = tlv_content(SPEC.tags, "48").build(reply[48])  # as the firmware has it
    clock = SimpleNamespace(local=lambda: (2026, 11, 22, 10, 15, 0))
    outcome = Outcome(request, {**reply, 48: private}, clock)
    config = SimpleNamespace(
        languages=[language], merchant_name_fa="", merchant_name_en="", terminal_id=request[41]
    )
    slip = receipt(outcome, config, False)
    found = [(forms[form], left, right) for form, left, right in slip if form != DIRECTION]
    terminal = ("row", say(language, "terminal"), code(request[41], language))
    del found[found.index(terminal) + 1]  # the local day and time
    return [line for line in found if line[1] != say(language, "card")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("processing_code", CODES)
@given(replies, amounts, st.sampled_from(["00", "51", "91", "99"]))
def test_the_slip_is_the_terminals_own(
    language: Language,
    processing_code: str,
    told: tuple[dict[str, int], tuple[str, str], list[tuple[str, int]]],
    amount: int,
    code: str,
) -> None:
    figures, (tier, text), balances = told
    request: dict[int, Value] = {3: processing_code, 4: f"{amount:012d}", 11: "000017", 41: "T0000001"}
    tags: dict[str, Value] = {tag: f"{figure:012d}" for tag, figure in figures.items()}
    tags |= {Tag.MEMBER_NAME.value: NAME, Tag.MEMBER_TIER.value: tier}
    tags |= {Tag.MEMBER_TEXT_FA.value: text, Tag.MEMBER_TEXT_EN.value: text} if text else {}
    reply: dict[int, Value] = {37: "000000000123", 39: code, 48: tags, 54: balances_text(balances)}
    receipt = receipt_of(Exchange("0200", request, reply))
    assert receipt is not None
    shown = [tuple(element) for element in elements(receipt, language)]
    hidden = [
        (form, left, right.replace(NAME, "*" * len(NAME)))
        for form, left, right in composed(request, reply, language)
    ]
    assert shown == hidden
