"""What an entry becomes on the journal feed."""

import hashlib
import json

import pytest

from protocol.dialect import Tag
from protocol.feed import (
    FEED_EVENT,
    NEVER_S,
    FileEvent,
    MaintenanceEvent,
    OrderEvent,
    RuleTableEvent,
    TransactionEvent,
)
from switch.journal.entries import (
    NO_GRANT,
    NO_TRANSFER,
    Fate,
    FileActionEntry,
    ForwardedEntry,
    GrantRecord,
    LotMove,
    MaintenanceEntry,
    OrderEntry,
    Outcome,
    Reason,
    RecordChange,
    RuleTableEntry,
    Stage,
    TransactionEntry,
    Transfer,
)
from switch.ledger.accounts import ProgrammeAccount, account_number, member_account, programme_account
from switch.operations.feed import Naming, event_of
from switch.rules import outcome
from switch.rules.facts import Line
from switch.rules.outcome import EffectType, GrantReason, Party, ReturnPolicy
from tools.journal.lines import line_of

NAMING = Naming(["SHOP1", "SHOP2"], {91: "points", 92: "credit"}.get)
LIABILITY = programme_account(ProgrammeAccount.LIABILITY, 91)
MEMBER = member_account(12, 91)
TOKEN = bytes(16)


def grant(rule_id: str, kind: EffectType, purse: int, party: Party, number: int) -> GrantRecord:
    return GrantRecord(
        rule_id=rule_id,
        version=3,
        effect_index=0,
        type=kind,
        purse=purse,
        party=party,
        number=number,
        desired=300,
        granted=250,
        reason=GrantReason.RULE_CAP,
        basis=0,
        lines=0,
        available_from_s=0,
        expires_at_s=NEVER_S,
        reference="",
        on_return=ReturnPolicy.PRO_RATA,
        allow_negative=True,
        restore_budget=True,
    )


ENTRY = TransactionEntry(
    at_ms=1_790_000_000_000,
    mti="0100",
    terminal_id="T0000001",
    stan=7,
    transmitted_s=1_790_000_000,
    digest=bytes(16),
    processing_code="009100",
    amount=2_500_000,
    currency="364",
    merchant_id="SHOP2",
    branch_number=1,
    card_reference=58,
    member_number=12,
    response_code="00",
    approval_code="000017",
    rule_table_version=2,
    reverses=0,
    original_s=0,
    original_stan=0,
    looked_at_s=1_790_000_000,
    concerns=9,
    net_amount=2_300_000,
    discount=100_000,
    tendered=100_000,
    hold_until_s=1_790_003_600,
    activity=True,
    transfers=(
        Transfer(91, LIABILITY, MEMBER, 250, Reason.EARN, 1),
        Transfer(91, MEMBER, account_number(Party.MERCHANT, 2, 91), 40, Reason.HOLD, NO_GRANT, Stage.PENDING),
        Transfer(91, MEMBER, LIABILITY, 10, Reason.RETURN, 1, undoes=513),
    ),
    lot_moves=(LotMove(0, MEMBER, 0, NEVER_S, 250), LotMove(1, member_account(12, 77), 0, 0, -40)),
    counter_moves=(),
    grants=(
        grant("DISC-1", EffectType.DISCOUNT, 0, Party.MEMBER, 12),
        grant("EARN-1", EffectType.EARN, 91, Party.HOUSEHOLD, 4),
    ),
    lines=(Line("4011", "fruit", (), 2, 900_000),),
    line_returns=(),
    record_changes=(
        RecordChange(
            "MEMBER",
            False,
            b"",
            ((Tag.MEMBER_NUMBER.value, "000000000012"), (Tag.MEMBER_NAME.value, "عضو نمونه")),
        ),
        RecordChange("CARD", True, TOKEN, ((Tag.CARD_REFERENCE.value, "000000000058"),)),
    ),
    balances=((91, 210), (77, 5)),
    reply_tags=(),
)


def test_a_transaction() -> None:
    event = event_of(17, ENTRY, NAMING)
    assert isinstance(event, TransactionEvent)
    assert (event.rrn, event.concerns, event.reverses) == ("000000000017", "000000000009", None)
    assert (event.discount, event.tendered, event.net_amount) == (100_000, 100_000, 2_300_000)
    assert (event.hold_until_s, event.line_count) == (1_790_003_600, 1)
    assert event.balances == {"points": 210, "purse-77": 5}
    assert [
        (line.debit, line.credit, line.amount, line.reason, line.stage, line.rule) for line in event.transfers
    ] == [
        ("programme:liability", "member:12", 250, "earn", "posted", "EARN-1"),
        ("member:12", "merchant:SHOP2", 40, "hold", "pending", ""),
        ("member:12", "programme:liability", 10, "return", "posted", "EARN-1"),
    ]
    assert [(lot.account, lot.purse, lot.expires_at_s, lot.delta) for lot in event.lots] == [
        ("member:12", "points", NEVER_S, 250),
        ("member:12", "purse-77", 0, -40),
    ]
    assert [
        (line.rule, line.version, line.type, line.purse, line.beneficiary, line.reason)
        for line in event.grants
    ] == [
        ("DISC-1", 3, "discount", None, "member:12", "rule_cap"),
        ("EARN-1", 3, "earn", "points", "household:4", "rule_cap"),
    ]
    assert [(each.file, each.action, each.member_number, each.card_reference) for each in event.records] == [
        ("MEMBER", "1", 12, None),
        ("CARD", "3", None, 58),
    ]


def test_a_line_is_read_as_the_same_event_and_holds_no_name() -> None:
    event = event_of(17, ENTRY, NAMING)
    line = event.model_dump_json()
    assert FEED_EVENT.validate_json(line) == event
    assert json.loads(line)["version"] == 3
    assert "نمونه" not in line


@pytest.mark.parametrize("owner", list(ProgrammeAccount))
def test_the_programme_has_accounts_by_name(owner: ProgrammeAccount) -> None:
    assert NAMING.account(programme_account(owner, 91)) == f"programme:{owner.name.lower()}"


def test_every_other_party_is_named_by_number() -> None:
    parties = (Party.PARTNER, Party.CHARITY, Party.GIFT_CARD, Party.HOUSEHOLD)
    found = [NAMING.account(account_number(party, 7, 91)) for party in parties]
    assert found == ["partner:7", "charity:7", "gift_card:7", "household:7"]


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("stage", list(Stage))
def test_every_reason_and_stage_has_a_name(reason: Reason, stage: Stage) -> None:
    entry = ENTRY._replace(transfers=(Transfer(91, LIABILITY, MEMBER, 1, reason, NO_GRANT, stage),))
    event = event_of(1, entry, NAMING)
    assert isinstance(event, TransactionEvent)
    assert (event.transfers[0].reason, event.transfers[0].stage) == (reason.name.lower(), stage.name.lower())


@pytest.mark.parametrize("kind", [kind for kind in EffectType if kind < EffectType.DENY])
@pytest.mark.parametrize("reason", list(GrantReason))
def test_every_grant_has_a_name(kind: EffectType, reason: GrantReason) -> None:
    record = grant("R-1", kind, 91, Party.MEMBER, 12)._replace(reason=reason)
    event = event_of(1, ENTRY._replace(grants=(record,), transfers=()), NAMING)
    assert isinstance(event, TransactionEvent)
    assert (event.grants[0].type, event.grants[0].reason) == (kind.name.lower(), reason.name.lower())


@pytest.mark.parametrize(
    "entry", [ENTRY._replace(processing_code="200000"), ENTRY._replace(mti="0400", reverses=9)]
)
def test_what_gives_back_grants_nothing_again_and_still_names_the_rule(entry: TransactionEntry) -> None:
    event = event_of(18, entry, NAMING)
    assert isinstance(event, TransactionEvent)
    assert event.grants == ()
    assert event.transfers[2].rule == "EARN-1"
    without_transfers = event_of(18, entry._replace(transfers=()), NAMING)
    assert isinstance(without_transfers, TransactionEvent)
    assert without_transfers.grants == ()


def test_maintenance() -> None:
    breakage = programme_account(ProgrammeAccount.BREAKAGE, 91)
    entry = MaintenanceEntry(
        5_000,
        (Transfer(91, MEMBER, breakage, 30, Reason.EXPIRE),),
        (LotMove(0, MEMBER, 0, 4, -30), LotMove(NO_TRANSFER, MEMBER, NEVER_S, 9, 5)),
        (17, 19),
    )
    event = event_of(21, entry, NAMING)
    assert isinstance(event, MaintenanceEvent)
    assert event.released_holds == ("000000000017", "000000000019")
    assert (event.transfers[0].credit, event.transfers[0].reason) == ("programme:breakage", "expire")
    assert [lot.delta for lot in event.lots] == [-30, 5]


def test_files_and_rule_tables() -> None:
    file_action = FileActionEntry(5_000, "HOST0001", 1, 5, bytes(16), "1", "CARD", "00", TOKEN, ())
    event = event_of(3, file_action, NAMING)
    assert event == FileEvent(position=3, at_ms=5_000, file="CARD", action="1", response_code="00")
    table = event_of(4, RuleTableEntry(6_000, 2, b"packed"), NAMING)
    assert isinstance(table, RuleTableEvent)
    assert table.digest == hashlib.sha256(b"packed").hexdigest()


def test_a_forwarded_request_has_no_card_and_names_the_partner() -> None:
    entry = ForwardedEntry(
        at_ms=7_000,
        mti="0400",
        terminal_id="T0000001",
        stan=8,
        transmitted_s=1_790_000_060,
        digest=TOKEN,
        processing_code="000000",
        amount=2_500_000,
        currency="364",
        merchant_id="SHOP2",
        branch_number=1,
        fate=Fate.UNDOES,
        response_code="00",
        original_s=1_790_000_000,
        original_stan=7,
        partner="sister",
        partner_terminal_id="CLUB0001",
        partner_s=1_790_000_001,
        partner_stan=99,
        net_amount=5,
        reply_fields=((37, "000000000123"), (38, "A1B2C3")),
        reply_tags=(("DF05", "Sample member"),),
    )
    line = event_of(5, entry, NAMING).model_dump_json()
    assert FEED_EVENT.validate_json(line) == event_of(5, entry, NAMING)
    assert json.loads(line) == {
        "version": 3,
        "position": 5,
        "at_ms": 7_000,
        "kind": "forwarded",
        "fate": "undoes",
        "mti": "0400",
        "processing_code": "000000",
        "terminal_id": "T0000001",
        "merchant_id": "SHOP2",
        "branch_number": 1,
        "stan": "000008",
        "transmitted_at": "0921141420",
        "amount": 2_500_000,
        "currency": "364",
        "response_code": "00",
        "original_stan": "000007",
        "original_transmitted_at": "0921141320",
        "partner": "sister",
        "partner_terminal_id": "CLUB0001",
        "partner_stan": "000099",
        "partner_transmitted_at": "0921141321",
        "partner_rrn": "000000000123",
        "discount": 0,
        "tendered": 0,
        "net_amount": 5,
        "voids_hold": False,
    }
    other = entry._replace(original_s=0, original_stan=0, fate=Fate.TAKEN_BACK, reply_fields=())
    told = json.loads(event_of(6, other, NAMING).model_dump_json())
    assert (told["fate"], told["original_stan"], told["partner_rrn"]) == ("taken_back", None, None)


def test_never_means_the_same_on_both_sides() -> None:
    assert NEVER_S == outcome.NEVER_S


def test_an_order_is_told_without_what_it_is_kept_by() -> None:
    arguments = (("card_reference", "34"),)
    entry = OrderEntry(5, "sara", "operator", "block-card", arguments, Outcome.DONE, subject=b"\xaa" * 16)
    line = event_of(9, entry, NAMING).model_dump_json()
    assert "aa" not in line.replace("sara", "")
    assert FEED_EVENT.validate_json(line) == OrderEvent(
        position=9,
        at_ms=5,
        person="sara",
        role="operator",
        order="block-card",
        arguments={"card_reference": "34"},
        outcome="done",
        began=None,
        told="",
    )


def test_an_order_is_a_line_for_people() -> None:
    entry = OrderEntry(
        5, "sara", "supervisor", "rotate-key", (("terminal_id", "T1"),), Outcome.DONE, "generation 2"
    )
    told = line_of(event_of(9, entry, NAMING))
    assert told.endswith("order rotate-key of sara (supervisor): done, terminal_id T1, generation 2")
