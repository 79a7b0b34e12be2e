"""Nothing that is secret is ever seen, wherever it stands."""

import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from protocol.codec import decode, encode
from protocol.faults import ProtocolFault
from protocol.message import Message, Value
from protocol.presentation.card_numbers import passes_luhn, stand_in
from protocol.presentation.difference import differences
from protocol.presentation.doctor import diagnose
from protocol.presentation.json_form import JsonFaults, from_json, to_json
from protocol.presentation.masking import Masking, redact, text_of
from protocol.presentation.spans import read
from protocol.presentation.text import bytes_around, columns, document, fault_document, rows
from protocol.presentation.verdict import all_faults
from protocol.spec import load_spec
from tests.amounts import many
from tests.protocol.golden_vectors import MESSAGES
from tests.protocol.message_strategies import messages
from tests.protocol.presentation.every_form import EVERY_FORM

VAFA = load_spec("vafa")
relaxed = settings(max_examples=many(120), deadline=None, suppress_health_check=list(HealthCheck))

_LETTERS = st.text("ابپabcXYZ ,.#", max_size=12)
_ASCII_LETTERS = st.text("abcXYZ ,.#", max_size=12)


def _card_number(body: str) -> str:
    return next(body + digit for digit in "0123456789" if passes_luhn(body + digit))


def _digits(smallest: int, greatest: int) -> st.SearchStrategy[str]:
    # Of several sorts, so that nobody finds them elsewhere by accident.
    texts = st.text("0123456789", min_size=smallest, max_size=greatest)
    return texts.filter(lambda text: len(set(text)) >= 4 and text[0] != "0")


CARD_NUMBERS = _digits(11, 18).map(_card_number)
_PIN_BLOCKS = st.binary(min_size=8, max_size=8).filter(lambda raw: len(set(raw)) >= 4)
SECRETS = st.tuples(CARD_NUMBERS, _digits(8, 12), _digits(12, 12), _PIN_BLOCKS)


def _even(digits: str) -> str:
    return digits if len(digits) % 2 == 0 else digits + "F"


def _vafa_message(secrets: tuple[str, str, str, bytes], data: st.DataObject) -> Message:
    """A message with a card number, track and member number where the spec has them and where it has not."""
    card, rest, member, _ = secrets
    private: dict[str, Value] = {
        "DF08": data.draw(_LETTERS) + card + data.draw(_LETTERS),
        "DF09": f"member {member} {card}={rest}",
        "DF20": member,
        "DF61": data.draw(st.binary(max_size=4)) + card.encode() + data.draw(st.binary(max_size=4)),
        "DF62": bytes.fromhex(_even(card)),
        "DF63": bytes.fromhex(_even(f"{card}D{rest}")),
        "DF64": b"<" + member.encode() + b">" + bytes.fromhex(member),
    }
    chosen = data.draw(st.sets(st.sampled_from(sorted(private))))
    fields: dict[int, Value] = {
        2: card,
        35: f"{card}={rest}",
        42: card[:15] if len(card) <= 15 else "M1",
        48: {tag: value for tag, value in private.items() if tag in chosen},
        54: data.draw(_ASCII_LETTERS) + card + data.draw(_ASCII_LETTERS) + member + rest,
        120: {"DF20": member},
    }
    keep = data.draw(st.sets(st.sampled_from(sorted(fields)))) | {35, 120}
    return Message("0200", {number: value for number, value in fields.items() if number in keep})


def _every_form_message(secrets: tuple[str, str, str, bytes], data: st.DataObject) -> Message:
    card, rest, member, pin_block = secrets
    return Message(
        "0200",
        {
            2: card,
            11: "123456",
            35: f"{card}={rest}",
            43: {"1": "SHOP", "2": member, "3": "IR"},
            45: f"B{card}^DOE/J^{rest}",
            52: pin_block,
            54: f"{data.draw(_ASCII_LETTERS)}{card}{data.draw(_ASCII_LETTERS)}",
            55: {
                "E1": {"5A": bytes.fromhex(_even(card)), "57": bytes.fromhex(_even(f"{card}D{rest}"))},
                "E2": {"DF08": f"text {rest}", "C1": bytes.fromhex(member)},
                "C1": card.encode("cp037") + pin_block,
                "DF08": f"{card} {pin_block.hex()} {pin_block.hex().upper()}",
            },
            60: {"NM": "Maryam Sample", "TX": f"for Maryam Sample, {card}", "ZZ": card.encode()},
            61: {"1": card, "3": f"{data.draw(_ASCII_LETTERS)}{card}^DOE^{rest}?"},
        },
    )


def _outputs(spec_name: str, message: Message) -> list[str]:
    """Everything that is printed of a message, and of damaged ones."""
    spec = VAFA if spec_name == "vafa" else EVERY_FORM
    payload = encode(spec, message)
    reading = read(spec, payload)
    assert not reading.faults
    masking = Masking(reading)
    outputs = [" ".join(cells) for cells in columns(rows(reading, masking, "en"))]
    outputs.append(json.dumps(document(reading, masking), ensure_ascii=False))
    empty = read(spec, encode(spec, Message("0800")))
    for pair in ((reading, empty), (empty, reading)):
        outputs += [f"{each.path} {each.old} {each.new}" for each in differences(*pair)]
    redacted = redact(reading)
    outputs.append(json.dumps(to_json(redacted), ensure_ascii=False))
    outputs.append(encode(spec, redacted).hex())
    outputs.append(encode(spec, redacted).decode("latin-1"))
    outputs += [str(each.reason) for each in diagnose([VAFA, EVERY_FORM], [payload])]
    for fault in all_faults(reading):
        outputs += [str(fault), repr(fault)]
    return outputs


def _written(secrets: tuple[str, str, str, bytes]) -> list[str]:
    card, rest, member, pin_block = secrets
    texts = [card, rest, member]
    return [*texts, *(text.encode().hex() for text in texts), pin_block.hex(), pin_block.hex().upper()]


@relaxed
@given(SECRETS, st.data())
def test_no_output_holds_a_secret(secrets: tuple[str, str, str, bytes], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(("vafa", "every-form")))
    build = _vafa_message if name == "vafa" else _every_form_message
    message = build(secrets, data)
    for output in _outputs(name, message):
        assert not [secret for secret in _written(secrets) if secret in output], output
        assert "Maryam" not in output


@relaxed
@given(SECRETS, st.data())
def test_no_fault_of_a_damaged_message_holds_a_secret(
    secrets: tuple[str, str, str, bytes], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(("vafa", "every-form")))
    spec, build = (VAFA, _vafa_message) if name == "vafa" else (EVERY_FORM, _every_form_message)
    payload = bytearray(encode(spec, build(secrets, data)))
    # Fields that follow keep their places: only contents and what follows the last of them are damaged.
    for element in read(spec, bytes(payload)).elements:
        if element.end > element.content and data.draw(st.booleans()):
            payload[data.draw(st.integers(element.content, element.end - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(payload[: data.draw(st.integers(12, len(payload)))])
    reading = read(spec, damaged)
    masking = Masking(reading)
    outputs = [" ".join(cells) for cells in columns(rows(reading, masking, "fa"))]
    for fault in all_faults(reading):
        outputs += [str(fault), repr(fault), json.dumps(fault_document(reading, fault))]
        outputs.append((bytes_around(reading, fault) or "").replace(" ", ""))
    # Numbers of members and PIN blocks have no check digit: they are known by the fields that must hold them.
    card, _, member, pin_block = secrets
    leaves = [leaf for element in reading.elements for leaf in element.leaves() if leaf.mask]
    told = {text_of(leaf.value) for leaf in leaves}
    known = [secret for secret in (member, pin_block.hex().upper()) if secret in told]
    for output in outputs:
        for secret in (card, card.encode().hex(), *known):
            assert secret not in output, output


@relaxed
@given(CARD_NUMBERS)
def test_no_fault_of_wrong_json_holds_a_secret(card: str) -> None:
    wrong: list[object] = [
        {"mti": card, "fields": {}},
        {card: "", "mti": "0200", "fields": {card: card, "2": card + card, "48": {card: card, "DF20": card}}},
        {"mti": "0200", "fields": {"2": [card], "54": {card: card}, "41": card}},
        card,
    ]
    for case in wrong:
        with pytest.raises(JsonFaults) as caught:
            from_json(VAFA, case)
        for fault in (caught.value, *caught.value.faults):
            assert card not in str(fault)
            assert card not in repr(fault)


@relaxed
@given(messages(VAFA))
@example(Message("0100", {48: {"DF18": "0\x80"}}))
def test_redacted_messages_have_the_same_sizes_and_stay_as_they_are(message: Message) -> None:
    try:
        payload = encode(VAFA, message)
    except ProtocolFault:
        return
    before = read(VAFA, payload)
    redacted = redact(before)
    after = read(VAFA, encode(VAFA, redacted))
    assert len(after.payload) == len(payload)
    assert decode(VAFA, after.payload) == redacted
    places = [(leaf.path, leaf.start, leaf.end) for each in before.elements for leaf in each.leaves()]
    assert places == [(leaf.path, leaf.start, leaf.end) for each in after.elements for leaf in each.leaves()]
    assert redact(after) == redacted


@relaxed
@given(SECRETS, st.data())
def test_redacted_composites_have_the_same_sizes(
    secrets: tuple[str, str, str, bytes], data: st.DataObject
) -> None:
    payload = encode(EVERY_FORM, _every_form_message(secrets, data))
    redacted = redact(read(EVERY_FORM, payload))
    assert len(encode(EVERY_FORM, redacted)) == len(payload)
    assert decode(EVERY_FORM, encode(EVERY_FORM, redacted)) == redacted


@relaxed
@given(_digits(12, 19))
def test_a_stand_in_is_no_card_number(number: str) -> None:
    stands = stand_in(number)
    assert len(stands) == len(number)
    assert (stands[:6], stands[-4:]) == (number[:6], number[-4:])
    assert not passes_luhn(stands) or len(number) == 12


def test_masks_of_the_golden_messages() -> None:
    case = next(each for each in MESSAGES if each.name == "purchase, stripe")
    reading = read(VAFA, case.payload)
    shown = {each.path: Masking(reading).shown(each) for each in reading.elements}
    assert shown["35"] == "936400******0017=*****************"
    assert shown["4"] == "000002500000"
    assert redact(reading).fields[35] == "9364009999990017=00000000000000000"
    unsafe = Masking(reading, unsafe=True)
    assert (
        unsafe.shown(next(each for each in reading.elements if each.path == "35")) == case.message.fields[35]
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("card 4556737586899855 ok", "card 455673******9855 ok"),
        ("card 4556 7375 8689 9855 ok", "card 4556 73** **** 9855 ok"),
        ("4556-7375-8689-9855", "4556-73**-****-9855"),
        ("کارت ۴۵۵۶۷۳۷۵۸۶۸۹۹۸۵۵", "کارت ۴۵۵۶۷۳******۹۸۵۵"),
        ("x4556737586899855D2512 name", "x455673******9855D*********"),
        ("tel 09121234567", "tel 09121234567"),
        ("no. 4556737586899856", "no. 4556737586899856"),
    ],
)
def test_card_numbers_in_free_text(text: str, shown: str) -> None:
    reading = read(VAFA, encode(VAFA, Message("0210", {48: {"DF08": text}})))
    assert Masking(reading).shown(reading.elements[0].parts[0]) == shown


def test_balances_are_no_card_numbers() -> None:
    balances = "9102999C0000000000189202364C000000050000"
    reading = read(VAFA, encode(VAFA, Message("0210", {54: balances})))
    assert Masking(reading).shown(reading.elements[0]) == balances


def test_short_card_numbers_show_nothing() -> None:
    reading = read(VAFA, encode(VAFA, Message("0200", {2: "12345678901"})))
    assert Masking(reading).shown(reading.elements[0]) == "*" * 11
    assert redact(reading).fields[2] == "0" * 11


def test_a_masked_number_with_other_characters_keeps_its_size() -> None:
    message = Message("0200", {48: {"DF18": "9364\x80000000000017"}})
    payload = encode(VAFA, message)
    redacted = redact(read(VAFA, payload))
    assert len(encode(VAFA, redacted)) == len(payload)
    assert "000000000017" not in redacted.tag_text(48, "DF18")
