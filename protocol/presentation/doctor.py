"""Which spec and which envelope an unknown capture has: every pair is tried, the best comes first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from protocol.message_type import original_of
from protocol.presentation.envelope import Envelope, EnvelopeFault, open_envelope
from protocol.presentation.hints import hint
from protocol.presentation.spans import Reading, read
from protocol.presentation.verdict import character_faults, type_faults
from protocol.spec import SpecDocument

_MESSAGES_TRIED = 20


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How far one spec in one envelope went.

    `messages` were in the envelope, `whole` of those tried could be read to their ends; `read_permille` is
    the part of their bytes that could be read. `fields` and `type_faults` are counted over all tried.
    `types_known` of the types tried are in the spec. `reason` is why this is not the right one, or None; no
    value is part of it.
    """

    spec: str
    envelope: Envelope
    messages: int
    tried: int
    whole: int
    fields: int
    read_permille: int
    type_faults: int
    types_known: int
    reason: str | None

    @property
    def fits(self) -> bool:
        """Whether every message is read and satisfies its type."""
        return self.whole == self.tried > 0 and not self.type_faults

    @property
    def rank(self) -> tuple[bool, int, int, int, int]:
        """The greater the better: read to the end, of known types, by their rules, far, many fields."""
        if self.whole == self.tried > 0:
            return (True, self.types_known, -self.type_faults, self.read_permille, self.fields)
        return (False, 0, 0, self.read_permille, self.fields)


def diagnose(specs: Iterable[SpecDocument], captures: Sequence[bytes]) -> list[Diagnosis]:
    """Try all specs in all envelopes on bytes as captured; the likeliest first, equals as they were tried."""
    diagnoses = [_try(spec, envelope, captures) for spec in specs for envelope in Envelope]
    return sorted(diagnoses, key=lambda diagnosis: diagnosis.rank, reverse=True)


def _try(spec: SpecDocument, envelope: Envelope, captures: Sequence[bytes]) -> Diagnosis:
    try:
        payloads = [payload for data in captures for payload in open_envelope(envelope, data)]
    except EnvelopeFault as fault:
        return Diagnosis(spec.name, envelope, 0, 0, 0, 0, 0, 0, 0, str(fault))
    readings = [read(spec, payload) for payload in payloads[:_MESSAGES_TRIED]]
    faults = [[*character_faults(reading), *type_faults(reading)] for reading in readings]
    size = sum(len(reading.payload) for reading in readings)
    return Diagnosis(
        spec=spec.name,
        envelope=envelope,
        messages=len(payloads),
        tried=len(readings),
        whole=sum(not reading.faults for reading in readings),
        fields=sum(len(reading.elements) for reading in readings),
        read_permille=1000 * sum(reading.read_end for reading in readings) // max(size, 1),
        type_faults=sum(len(found) for found in faults),
        types_known=sum(
            reading.mti is not None and original_of(reading.mti) in spec.messages for reading in readings
        ),
        reason=_reason(readings, [str(fault) for found in faults for fault in found]),
    )


def _reason(readings: list[Reading], rule_faults: list[str]) -> str | None:
    for number, reading in enumerate(readings, 1):
        if reading.faults:
            fault = reading.faults[0]
            which = f"message {number}: " if len(readings) > 1 else ""
            fields = f"{len(reading.elements)} of {len(reading.announced)} fields"
            far = f", after {fields}" if reading.announced else ""
            cause = hint(reading, fault)
            return f"{which}{fault}{far}{f' ({cause})' if cause else ''}"
    if not rule_faults:
        return None
    more = f" and {len(rule_faults) - 1} more" if len(rule_faults) > 1 else ""
    return f"{rule_faults[0]}{more}"
