"""GET /rules/candidate: what the rules that only look on would have decided otherwise. Wants the token."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from switch.operations.access import Access, unauthorised
from switch.publication.candidate import Candidate, Difference


class CandidateEndpoint:
    """Of the candidate rules; `candidate` is None where there are none."""

    def __init__(self, candidate: Candidate | None, access: Access) -> None:
        self._candidate = candidate
        self._access = access

    async def get(self, request: Request) -> Response:
        """Counts, and of each rule that differed the last purchases, newest last; a rule "" is for other
        response codes. Purchases are told by RRN."""
        if not self._access.holds_token(request):
            return unauthorised()
        candidate = self._candidate
        if candidate is None:
            return JSONResponse({"error": "this switch has no candidate rules"}, status_code=404)
        return JSONResponse(
            {
                "digest": candidate.table.digest,
                "one_of": candidate.one_of,
                "evaluated": candidate.evaluated,
                "different": candidate.different,
                "failed": candidate.failed,
                "rules": [
                    {
                        "rule": rule,
                        "different": candidate.differences[rule],
                        "last": [_difference(each) for each in last],
                    }
                    for rule, last in sorted(candidate.last.items())
                ],
            }
        )


def _difference(difference: Difference) -> dict[str, object]:
    (then, otherwise), (code, other_code) = difference.units, difference.response_codes
    return {
        "at_ms": difference.at_ms,
        "rrn": difference.rrn,
        "decided": {"response_code": code, "units": then},
        "candidate": {"response_code": other_code, "units": otherwise},
    }
