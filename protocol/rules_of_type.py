"""What a message's type asks of its fields, and the response that a request deserves."""

from protocol.codec.fast import mac_field
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Message, Value
from protocol.message_type import original_of, response_of
from protocol.spec import SpecDocument


def validate(spec: SpecDocument, message: Message) -> list[ProtocolFault]:
    """All faults of a message against its type: missing and unexpected fields, the MAC among them."""
    rules = spec.messages.get(original_of(message.mti))
    if rules is None:
        return [ProtocolFault(FaultCode.UNKNOWN_MESSAGE_TYPE, "mti")]
    present = set(message.fields)
    others = {number: value for number, value in message.fields.items() if number not in (64, 128)}
    wanted_mac = mac_field(others)
    allowed = {*rules.mandatory, *rules.optional, wanted_mac}
    faults = [
        ProtocolFault(FaultCode.MISSING_FIELD, str(number))
        for number in sorted({*rules.mandatory, wanted_mac} - present)
    ]
    for group in rules.one_of:
        allowed.update(group)
        chosen = present.intersection(group)
        if not chosen:
            faults.append(ProtocolFault(FaultCode.MISSING_FIELD, "|".join(str(n) for n in group)))
        faults += [ProtocolFault(FaultCode.UNEXPECTED_FIELD, str(n)) for n in sorted(chosen)[1:]]
    faults += [ProtocolFault(FaultCode.UNEXPECTED_FIELD, str(n)) for n in sorted(present - allowed)]
    return faults


def respond(spec: SpecDocument, request: Message, fields: dict[int, Value]) -> Message:
    """Response to a request: the fields that its type echoes, then `fields`. The MAC is not added."""
    mti = response_of(request.mti)
    rules = spec.messages.get(mti)
    echo = rules.echo if rules else (7, 11, 41)
    echoed = {number: request.fields[number] for number in echo if number in request.fields}
    return Message(mti, {**echoed, **fields})
