"""Where a request stands, and what an answer of the switch makes of it (docs/integrator.md)."""

from enum import StrEnum

from protocol.dialect import ResponseCode


class RequestState(StrEnum):
    """States of a request.

    WAITING: never sent. SENT: perhaps with the switch, repeated until answered. REVERSING: no answer came in
    its time; taken back, for as long as that takes. APPROVED, DECLINED and REVERSED are over: the last two
    moved nothing in the end. DOUBTFUL is over too, but what became of it only the journal can tell.
    """

    WAITING = "waiting"
    SENT = "sent"
    REVERSING = "reversing"
    APPROVED = "approved"
    DECLINED = "declined"
    REVERSED = "reversed"
    DOUBTFUL = "doubtful"

    @property
    def is_open(self) -> bool:
        """Whether something is still to be sent."""
        return self in OPEN_STATES

    @property
    def is_settled(self) -> bool:
        """Whether it is known for good what became of it."""
        return self in (RequestState.APPROVED, RequestState.DECLINED, RequestState.REVERSED)


OPEN_STATES = (RequestState.WAITING, RequestState.SENT, RequestState.REVERSING)

_UNDECIDED = frozenset(
    {
        ResponseCode.NOT_PERMITTED_TO_TERMINAL.value,
        ResponseCode.SECURITY_VIOLATION.value,
        ResponseCode.RESPONSE_TOO_LATE.value,
        ResponseCode.SWITCH_INOPERATIVE.value,
        ResponseCode.SYSTEM_MALFUNCTION.value,
    }
)
_UNDONE = frozenset({ResponseCode.APPROVED.value, ResponseCode.NO_ACTION_TAKEN.value})


def after_answer(state: RequestState, code: str) -> RequestState | None:
    """What field 39 of an answer makes of a request in `state`; None where it decides nothing."""
    if code in _UNDECIDED:
        return None
    if state is RequestState.REVERSING:
        return RequestState.REVERSED if code in _UNDONE else RequestState.DOUBTFUL
    if code == ResponseCode.APPROVED:
        return RequestState.APPROVED
    # The switch may have decided this message, and has forgotten.
    return RequestState.DOUBTFUL if code == ResponseCode.DUPLICATE_TRANSMISSION else RequestState.DECLINED
