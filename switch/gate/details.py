"""What field 48 adds to a financial request, from its tags to typed values with exact bounds."""

import re
from collections.abc import Mapping

from protocol.dialect import Tag
from protocol.message import Value
from switch.authoriser.request import NO_DETAILS, Details
from switch.keyring import Keyring
from switch.rules.facts import LINES_MAX, Line

LABELS_MAX = 8
_WORD_CHARACTERS_MAX = 32
_QUANTITY_DIGITS_MAX = 6
_NUMBER_DIGITS_MAX = 12
_METRIC_NAME = re.compile(r"[a-z][a-z0-9_]{0,15}")
_CARD_NUMBER = re.compile(r"[0-9]{1,19}")
_PHONE = re.compile(r"\+[0-9]{8,15}")  # ITU-T E.164
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class FieldFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A whole message lacks a field of its type or holds an impossible value; the text is the field."""


def details_of(tags: Mapping[str, Value], keyring: Keyring) -> Details:
    """The details among the tags of field 48; other tags mean nothing here. Raises FieldFault."""
    if not tags:
        return NO_DETAILS
    tender_amount = number_of(tags, Tag.TENDER_AMOUNT)
    tender_units = number_of(tags, Tag.TENDER_UNITS)
    if tender_amount is not None and tender_units is not None:
        raise tag_fault(Tag.TENDER_UNITS)
    new_card = text_of(tags, Tag.NEW_CARD, _CARD_NUMBER)
    phone = text_of(tags, Tag.PHONE, _PHONE)
    return Details(
        tender_amount=tender_amount,
        tender_units=tender_units,
        original_rrn=positive_number_of(tags, Tag.ORIGINAL_RRN) or 0,
        reward=text_of(tags, Tag.REWARD),
        lines=_basket(text_of(tags, Tag.BASKET)),
        code=text_of(tags, Tag.CODE),
        operator=text_of(tags, Tag.OPERATOR),
        channel=text_of(tags, Tag.CHANNEL),
        metrics=_metrics(text_of(tags, Tag.METRICS)),
        event=text_of(tags, Tag.EVENT),
        reason=text_of(tags, Tag.REASON),
        valid_days=positive_number_of(tags, Tag.VALID_DAYS) or 0,
        branch_number=positive_number_of(tags, Tag.BRANCH_NUMBER) or 0,
        other_member=positive_number_of(tags, Tag.OTHER_MEMBER),
        new_card_token=keyring.card_token(new_card) if new_card else None,
        # As the token of a card with these digits: keyed in for a card, a phone finds its member.
        phone_token=keyring.card_token(phone[1:]) if phone else None,
        member_name=text_of(tags, Tag.MEMBER_NAME),
    )


def tag_fault(tag: Tag) -> FieldFault:
    """The fault of a tag of field 48."""
    return FieldFault(f"48.{tag.value}")


def number_of(tags: Mapping[str, Value], tag: Tag) -> int | None:
    """Value of a numeric tag, None where it is absent. Raises FieldFault."""
    value = tags.get(tag)
    if value is None:
        return None
    if not isinstance(value, str):
        raise tag_fault(tag)
    return int(value)


def positive_number_of(tags: Mapping[str, Value], tag: Tag) -> int | None:
    """The same of a number that can't be 0."""
    number = number_of(tags, tag)
    if number == 0:
        raise tag_fault(tag)
    return number


def text_of(tags: Mapping[str, Value], tag: Tag, form: re.Pattern[str] | None = None) -> str:
    """Value of a text tag, empty where it is absent; without control characters and, if it is there, of this
    form. Raises FieldFault."""
    value = tags.get(tag, "")
    if not isinstance(value, str) or _CONTROLS.search(value):
        raise tag_fault(tag)
    if form is not None and tag in tags and not form.fullmatch(value):
        raise tag_fault(tag)
    return value


def _basket(text: str) -> tuple[Line, ...]:
    if not text:
        return ()
    written = text.split(";")
    if len(written) > LINES_MAX:
        raise tag_fault(Tag.BASKET)
    return tuple(_line(each) for each in written)


def _line(text: str) -> Line:
    """`sku,category,quantity,amount[,label+label]`; sku or category may be empty, not both."""
    sku, category, quantity, amount, labels = _parts(text)
    line = Line(
        sku=sku,
        category=category,
        labels=tuple(labels.split("+")) if labels else (),
        quantity=_digits(quantity, _QUANTITY_DIGITS_MAX, Tag.BASKET),
        amount=_digits(amount, _NUMBER_DIGITS_MAX, Tag.BASKET),
    )
    words = (sku, category, *line.labels)
    if (
        not (sku or category)
        or line.quantity == 0
        or len(line.labels) > LABELS_MAX
        or "" in line.labels
        or any(len(word) > _WORD_CHARACTERS_MAX for word in words)
    ):
        raise tag_fault(Tag.BASKET)
    return line


def _parts(text: str) -> tuple[str, str, str, str, str]:
    parts = text.split(",")
    if len(parts) == 4:
        return parts[0], parts[1], parts[2], parts[3], ""
    # A comma behind the amount announces labels.
    if len(parts) != 5 or not parts[4]:
        raise tag_fault(Tag.BASKET)
    return parts[0], parts[1], parts[2], parts[3], parts[4]


def _metrics(text: str) -> tuple[tuple[str, int], ...]:
    """`name=number;name=number`, each name once."""
    if not text:
        return ()
    found: dict[str, int] = {}
    for each in text.split(";"):
        name, _, digits = each.partition("=")
        if not _METRIC_NAME.fullmatch(name) or name in found:
            raise tag_fault(Tag.METRICS)
        found[name] = _digits(digits, _NUMBER_DIGITS_MAX, Tag.METRICS)
    return tuple(found.items())


def _digits(text: str, digits_max: int, tag: Tag) -> int:
    if not 1 <= len(text) <= digits_max or not (text.isascii() and text.isdecimal()):
        raise tag_fault(tag)
    return int(text)
