"""What the host API is asked in `vafa bench host-api`."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple
from urllib.parse import quote

from tools.bench.host_api_club import Club
from tools.bench.host_api_ledger import TERMINALS, terminal_id

_ONE_DAY = timedelta(days=1)


class Load(NamedTuple):
    """Requests of one kind: target and body of each."""

    name: str
    method: Literal["GET", "POST"]
    requests: list[tuple[str, str]]


def loads_of(club: Club) -> list[Load]:
    """All of them, those that change nothing first."""
    return [
        _reading("member_lookup", [f"/v1/members?mobile=%2B{mobile[1:]}" for mobile in club.mobiles]),
        _reading("member_read", [f"/v1/members/{member}" for member in club.member_ids]),
        Load(
            "card_lookup", "POST", [("/v1/cards/lookup", _json(code=number)) for number in club.card_numbers]
        ),
        _reading("member_search", [f"/v1/members?name={quote(name)}" for name in club.names]),
        _reading(
            "transaction_list",
            [f"/v1/transactions?member_id={member}&limit=50" for member in club.member_ids],
        ),
        _reading("transaction_page", [_deep_page(club, place) for place in range(len(club.member_ids))]),
        _reading("transaction_day", [_day_of_terminal(number) for number in range(TERMINALS)]),
        _reading("statement", [f"/v1/members/{member}/statement" for member in club.member_ids]),
        _reading("dashboard", ["/v1/dashboard"]),
        Load("issue_card", "POST", [("/v1/cards", _json(member_id=member)) for member in club.member_ids]),
    ]


def _reading(name: str, targets: list[str]) -> Load:
    return Load(name, "GET", [(target, "") for target in targets])


def _json(**fields: object) -> str:
    return json.dumps(fields)


def _deep_page(club: Club, place: int) -> str:
    """Somewhere in the list of all transactions, as one comes to by `next_cursor`."""
    position = 1 + club.transactions * (place + 1) // (len(club.member_ids) + 1)
    cursor = base64.urlsafe_b64encode(json.dumps(["-id", position, position]).encode()).decode().rstrip("=")
    return f"/v1/transactions?cursor={cursor}&limit=50"


def _day_of_terminal(number: int) -> str:
    end = datetime.now(UTC).replace(microsecond=0) - _ONE_DAY
    period = f"from={quote((end - _ONE_DAY).isoformat())}&to={quote(end.isoformat())}"
    return f"/v1/transactions?terminal_id={terminal_id(number)}&{period}"
