"""What an answer may not be, whatever was asked."""

from collections import Counter
from dataclasses import dataclass, field

from tests.host_api.contract_api import ContractApi

PROBLEM = "application/problem+json"
_ANY_ADDRESS = {"route-not-found", "method-not-allowed"}


@dataclass
class Faults:
    """Faults found, each kind of an operation told once.

    Attributes:
        statuses: how many answers of each status there were.
    """

    api: ContractApi
    statuses: Counter[int] = field(default_factory=Counter)
    found: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, where: str, what: str, told: str) -> None:
        self.found.setdefault((where, what), told[:2000])

    def check(self, method: str, path: str, status: int, headers: dict[str, str], body: object) -> None:
        """Look at an answer of an operation: its status, and that the operation declares its problem."""
        where = f"{method} {path}"
        self.statuses[status] += 1
        if status >= 500:
            self.add(where, str(status), str(body))
        if "x-request-id" not in headers:
            self.add(where, "no request id", str(status))
        if status < 400:
            return
        if headers.get("content-type") != PROBLEM or not isinstance(body, dict):
            self.add(where, f"{status} without a problem", str(headers))
            return
        code = str(body["type"]).rpartition(":")[2]
        if code not in _ANY_ADDRESS and code not in self._declared(method, path, status):
            self.add(where, f"{status} {code} is not declared", str(body))

    def _declared(self, method: str, path: str, status: int) -> set[str]:
        operation = self.api.paths[path][method.lower()]
        responses: dict[str, dict[str, dict[str, dict[str, object]]]] = operation["responses"]  # type: ignore[assignment]
        examples = responses.get(str(status), {}).get("content", {}).get(PROBLEM, {}).get("examples", {})
        return set(examples) if isinstance(examples, dict) else set()
