"""Records out of the tags of field 120."""

import pytest

from switch.ledger.records import (
    CardRecord,
    MemberRecord,
    RecordFault,
    Role,
    Status,
    TerminalRecord,
    card_record,
    member_record,
    terminal_record,
)

CARD: dict[str, str | bytes] = {"DF29": "000000000034", "DF20": "000000000012"}
MEMBER: dict[str, str | bytes] = {"DF20": "000000000012"}
TERMINAL: dict[str, str | bytes] = {"DF28": "T1      ", "DF22": "SHOP1          "}


def test_records_have_all_their_fields() -> None:
    assert card_record(
        {**CARD, "DF24": "GIFT", "DF21": "B", "DF50": "20280229", "DF51": b"12345678"}
    ) == CardRecord(34, 12, "GIFT", Status.BLOCKED, 20280229, b"12345678")
    assert member_record(
        {
            **MEMBER,
            "DF05": "عضو نمونه",
            "DF06": "GOLD",
            "DF21": "A",
            "DF40": "teachers",
            "DF41": "bank",
            "DF42": bytes(30) + b"\x01\x05",
            "DF43": b"\x80" + bytes(31),
            "DF44": "20200101",
            "DF45": "19700220",
            "DF46": "000000000011",
            "DF47": "20301231",
            "DF48": "000000000007",
            "DF49": "low",
            "DF4A": "inner",
            "DF4B": "sms",
            "DF08": "آ" * 48,
            "DF09": "a gift",
        }
    ) == MemberRecord(
        number=12,
        name="عضو نمونه",
        tier="GOLD",
        status=Status.ACTIVE,
        group="teachers",
        organisation="bank",
        segments=0b1_0000_0101,
        agreements=1 << 255,
        enrolled_on=20200101,
        born_on=19700220,
        introducer=11,
        introduced_until=20301231,
        household=7,
        risk_class="low",
        club_level="inner",
        enrol_channel="sms",
        text_fa="آ" * 48,
        text_en="a gift",
    )
    assert terminal_record(
        {**TERMINAL, "DF23": "000007", "DF25": "0002", "DF4D": "food", "DF4E": "retail", "DF4F": "تهران"}
    ) == TerminalRecord("T1", "SHOP1", 7, 2, Role.TERMINAL, Status.ACTIVE, "food", "retail", "تهران")


def test_what_is_absent_is_empty() -> None:
    assert card_record(CARD) == CardRecord(34, 12, "", Status.ACTIVE, 0, b"")
    assert member_record(MEMBER) == MemberRecord(12, "", "", Status.ACTIVE)
    assert terminal_record(TERMINAL) == TerminalRecord("T1", "SHOP1", 0, 1, Role.TERMINAL, Status.ACTIVE)
    assert member_record({**MEMBER, "DF44": "00000000"}).enrolled_on == 0


def test_a_card_in_stock_needs_no_member() -> None:
    assert card_record({"DF29": "34", "DF21": "N"}) == CardRecord(34, 0, "", Status.NEW)


@pytest.mark.parametrize(
    ("record", "changed", "tag"),
    [
        (card_record, {"DF29": None}, "DF29"),
        (card_record, {"DF20": None}, "DF20"),
        (card_record, {"DF20": "١٢"}, "DF20"),
        (card_record, {"DF20": b"12"}, "DF20"),
        (card_record, {"DF21": "X"}, "DF21"),
        (card_record, {"DF21": b"A"}, "DF21"),
        (card_record, {"DF24": b"GIFT"}, "DF24"),
        (card_record, {"DF50": "20270229"}, "DF50"),
        (card_record, {"DF51": "12345678"}, "DF51"),
        (member_record, {"DF20": None}, "DF20"),
        (member_record, {"DF21": "N"}, "DF21"),
        (member_record, {"DF42": "vip"}, "DF42"),
        (member_record, {"DF43": bytes(33)}, "DF43"),
        (member_record, {"DF45": "19701301"}, "DF45"),
        (member_record, {"DF47": "20300100"}, "DF47"),
        (member_record, {"DF46": "x"}, "DF46"),
        (member_record, {"DF40": b"x"}, "DF40"),
        (member_record, {"DF08": "آ" * 48 + "x"}, "DF08"),
        (member_record, {"DF09": b"x"}, "DF09"),
        (terminal_record, {"DF28": None}, "DF28"),
        (terminal_record, {"DF28": b"T1"}, "DF28"),
        (terminal_record, {"DF22": ""}, "DF22"),
        (terminal_record, {"DF26": "X"}, "DF26"),
        (terminal_record, {"DF21": "N"}, "DF21"),
        (terminal_record, {"DF25": "0000"}, "DF25"),
    ],
)
def test_a_faulty_record_names_its_tag(
    record: object, changed: dict[str, str | bytes | None], tag: str
) -> None:
    good = {card_record: CARD, member_record: MEMBER, terminal_record: TERMINAL}[record]  # type: ignore[index]
    tags = {name: content for name, content in {**good, **changed}.items() if content is not None}
    assert callable(record)
    with pytest.raises(RecordFault, match=f"^{tag}$"):
        record(tags)
