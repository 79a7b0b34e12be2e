"""The fields of the terminal's requests (ISO 8583 data elements by number)."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.devices.track2 import Track2
    from terminal.system.clock import Clock
    from terminal.system.config import Config

    Fields = dict[int, str | bytes]

_PROCESSING = {"purchase": "000000", "redemption": "009100", "balance": "310000"}
_STRIPE = "021"
_RIAL = "364"


def message_type(kind: str) -> str:
    """The request class: an inquiry moves nothing, so it is an authorisation."""
    return "0100" if kind == "balance" else "0200"


def kind_of(processing_code: str) -> str:
    """The kind of transaction behind field 3; a purchase when it is none of ours."""
    for kind, code in _PROCESSING.items():
        if code == processing_code:
            return kind
    return "purchase"


def transmission_time(clock: "Clock") -> str:
    """Field 7: MMDDhhmmss, UTC."""
    return "%02d%02d%02d%02d%02d" % clock.utc()[1:]


def transaction(
    kind: str, amount: int, card: "Track2", *, stan: int, clock: "Clock", config: "Config"
) -> "Fields":
    """A purchase, redemption or balance inquiry from a stripe card."""
    local = clock.local()
    fields: "Fields" = {
        3: _PROCESSING[kind],
        7: transmission_time(clock),
        11: "%06d" % stan,
        12: "%02d%02d%02d" % local[3:],
        13: "%02d%02d" % local[1:3],
        22: _STRIPE,
        35: card.data,
        41: config.terminal_id,
        42: config.merchant_id,
        49: _RIAL,
    }
    if kind != "balance":
        fields[4] = "%012d" % amount
    return fields


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
