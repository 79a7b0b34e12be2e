"""What a message's type asks of its fields, and the response that a request deserves."""

from protocol.codec.fast import mac_field
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Message, Value
from protocol.message_type import original_of, response_of
from protocol.spec import SpecDocument


def validate(spec: SpecDocument, message: Message) -> list[ProtocolFault]:
    """All faults of a message against its type: fields, and in a sealed spec the MAC, missing or too many."""
    rules = spec.messages.get(original_of(message.mti))
    if rules is None:
        return [ProtocolFault(FaultCode.UNKNOWN_MESSAGE_TYPE, "mti")]
    present = set(message.fields)
    wanted = set(rules.mandatory)
    if spec.sealed:
        wanted.add(mac_field({n: value for n, value in message.fields.items() if n not in (64, 128)}))
    allowed = {*wanted, *rules.conditional, *rules.optional}
    faults = [ProtocolFault(FaultCode.MISSING_FIELD, str(number)) for number in sorted(wanted - present)]
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
    echoed = {n: request.fields[n] for n in spec.echo_of(mti) if n in request.fields}
    return Message(mti, {**echoed, **fields})
