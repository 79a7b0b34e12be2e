"""Two specs that differ in a little, and whether one codec reads what the other writes."""

from protocol.codec import decode, encode
from protocol.faults import ProtocolFault
from protocol.message import Message
from protocol.spec import SpecDocument
from protocol.spec.compatibility import SpecChange, Verdict

OK, UNUSED, BREAKING = Verdict
Node = dict[str, object]
TITLE = {"en": "Title", "fa": "عنوان"}


def field(**axes: object) -> Node:
    usual = {"kind": "ans", "encoding": "ascii", "length": "LL", "size": 20, "unit": "bytes"}
    return {"name": "it", "title": TITLE, **usual, **axes}


def spec(one: Node | None = None, **more: object) -> SpecDocument:
    """A spec of field 11, which never changes, and field 48."""
    fields = {11: field(name="stan", kind="n", length="fixed", size=6), 48: one or field()}
    usual: Node = {
        "format": 1,
        "name": "network",
        "version": 1,
        "title": TITLE,
        "mti_encoding": "ascii",
        "bitmap_encoding": "binary",
        "length_encoding": "ascii",
        "payload_maximum_bytes": 2000,
        "fields": fields,
    }
    return SpecDocument.model_validate({**usual, **more})


def reads(writer: SpecDocument, reader: SpecDocument, message: Message) -> bool:
    """Whether what one writes is what the other reads. What nobody can write harms nobody."""
    try:
        payload = encode(writer, message)
    except ProtocolFault:
        return True
    try:
        return decode(reader, payload) == message
    except ProtocolFault:
        return False


def direction(changes: list[SpecChange], *, forth: bool) -> Verdict:
    order = list(Verdict)
    verdicts = [change.old_to_new if forth else change.new_to_old for change in changes]
    return max(verdicts, key=order.index, default=OK)
