"""The fields of the terminal's requests (ISO 8583 data elements by number)."""

from terminal.messages import tlv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.cards.presented import PresentedCard
    from terminal.system.clock import Clock
    from terminal.system.config import Config

    Fields = dict[int, str | bytes]

# Field 3 of each kind; PP is the purse. The first that fits a code names its kind.
_PROCESSING = (
    ("purchase", "000000"),
    ("redemption", "00PP00"),
    ("return", "200000"),
    ("load", "2100PP"),
    ("could_spend", "300000"),
    ("balance", "310000"),
    ("would_earn", "390000"),
    ("activation", "900000"),
    ("enrolment", "910000"),
    ("replacement", "920000"),
)
_INQUIRIES = ("balance", "would_earn", "could_spend")
# What was keyed in, by name: its tag and, where it is a number, how many digits that has.
_TAGS = (
    ("tender", 0xDF0C, 12),
    ("rrn", 0xDF0E, 12),
    ("operator", 0xDF12, 0),
    ("new_card", 0xDF18, 0),
    ("phone", 0xDF19, 0),
)
_PIN_BLOCK_TAG = 0xDF34
_PIN_KEY_SERIAL_TAG = 0xDF5E
_PRIVATE_LIMIT = 192
POINTS = "91"
GIFT = "96"
_RIAL = "364"


def is_inquiry(kind: str) -> bool:
    """Whether it moves nothing."""
    return kind in _INQUIRIES


def message_type(kind: str) -> str:
    """The request class: an inquiry moves nothing, so it is an authorisation."""
    return "0100" if kind in _INQUIRIES else "0200"


def kind_of(processing_code: str) -> str:
    """The kind of transaction behind field 3; a purchase when it is none of ours."""
    for kind, pattern in _PROCESSING:
        if len(processing_code) == 6 and all(pattern[at] in ("P", processing_code[at]) for at in range(6)):
            return kind
    return "purchase"


def transmission_time(clock: "Clock") -> str:
    """Field 7: MMDDhhmmss, UTC."""
    return "%02d%02d%02d%02d%02d" % clock.utc()[1:]


def transaction(
    kind: str,
    card: "PresentedCard",
    keyed: "dict[str, str]",
    *,
    stan: int,
    clock: "Clock",
    config: "Config",
    pin_block: "tuple[bytes, bytes] | None" = None,
) -> "Fields":
    """A request about a card.

    `keyed` holds what people chose or keyed in: "amount" in rial, "purse" where one is spent or loaded, and
    what `_TAGS` names. `pin_block` comes with its key's serial number.
    """
    local = clock.local()
    fields: "Fields" = {
        3: _processing_code(kind, keyed.get("purse", GIFT if kind == "load" else POINTS)),
        7: transmission_time(clock),
        11: "%06d" % stan,
        12: "%02d%02d%02d" % local[3:],
        13: "%02d%02d" % local[1:3],
        22: card.entry_mode,
        41: config.terminal_id,
        42: config.merchant_id,
        49: _RIAL,
    }
    if card.track2:
        fields[35] = card.track2
    else:
        fields[2] = card.number
    if kind != "balance":
        fields[4] = "%012d" % int(keyed.get("amount") or "0")
    private = bytearray(_PRIVATE_LIMIT)
    end = 0
    for name, tag, count in _TAGS:
        value = keyed.get(name)
        if value:
            end = tlv.put(private, end, tag, tlv.digits(int(value), count) if count else value.encode())
    if pin_block:
        end = tlv.put(private, end, _PIN_BLOCK_TAG, pin_block[0])
        end = tlv.put(private, end, _PIN_KEY_SERIAL_TAG, pin_block[1])
    for tag, content in card.proof:
        end = tlv.put(private, end, tag, content)
    if end:
        fields[48] = bytes(memoryview(private)[:end])
    return fields


def _processing_code(kind: str, purse: str) -> str:
    for name, pattern in _PROCESSING:
        if name == kind:
            return pattern.replace("PP", purse)
    raise ValueError("no such kind")


def reversal(mti: str, original: "Fields", stan: int, clock: "Clock") -> "Fields":
    """The undoing of `original`, a request of type `mti`, named by field 90: its type, STAN and field 7."""
    fields: "Fields" = {}
    for number in (3, 4, 12, 13, 41, 42, 49):
        fields[number] = original[number]
    fields[7] = transmission_time(clock)
    fields[11] = "%06d" % stan
    fields[90] = mti + str(original[11]) + str(original[7]) + "0" * 22
    return fields


def network(code: str, stan: int, clock: "Clock", config: "Config") -> "Fields":
    """Network management: 001 sign-on, 301 echo."""
    return {7: transmission_time(clock), 11: "%06d" % stan, 41: config.terminal_id, 70: code}
