"""Every operation answers as the OpenAPI document says, whatever is asked: never with a server error.

Requests are generated from the document by schemathesis, valid ones and others; and made by hand from what
breaks programs.
"""

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest
import schemathesis
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis.errors import Unsatisfiable
from requests.sessions import Session
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from host_api.core.application import create_runtime
from host_api.core.settings import Settings
from tests.amounts import is_thorough, many
from tests.host_api.contract_api import ContractApi, serving
from tests.host_api.contract_faults import PROBLEM, Faults
from tests.host_api.hostile_requests import hostile_requests
from tests.host_api.points_bench import runtime_with
from tests.host_api.switch_peer import SwitchPeer

if TYPE_CHECKING:
    from schemathesis.specs.openapi.schemas import OpenApiOperation

    Request = Case[OpenApiOperation]

# The threads of the API draw random numbers too, which Hypothesis takes for the strategies' own.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")

CHECKED = (
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.missing_required_header,
    checks.unsupported_method,
)
# What ends the caller's own rights comes last.
LAST = ("modules", "api-keys")
GENERATED, HOSTILE, WITH_SWITCH = 400, 800, 200
ONE_OF = 6
# Boundaries among which each that is sent is chosen.
LOOKED_AT = 8


class _Contract:
    """Sends cases and gathers what is wrong with the answers."""

    def __init__(self, api: ContractApi) -> None:
        self.api = api
        self.faults = Faults(api)
        self.schema = schemathesis.openapi.from_dict(api.document)
        self.schema.config.update(base_url=api.base_url)
        self.schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
        self.schema.config.generation.with_security_parameters = False
        self._session = Session()
        self._session.trust_env = False
        self._numbers = itertools.count(1)
        found: list[OpenApiOperation] = []
        for result in self.schema.get_all_operations():
            assert isinstance(result, Ok), result.err()
            found.append(result.ok())
        # Of hundreds of operations `make test` asks some of every service; `make test-long` asks them all.
        looked_at = found if is_thorough() else found[::ONE_OF]
        self.operations = sorted(looked_at, key=lambda each: each.definition.raw["tags"][0] in LAST)

    def send(self, case: "Request") -> None:
        """Send a case; what is there is put into it where it fits, so that answers are not all 404."""
        number = next(self._numbers)
        self._fit(case, number)
        answer = case.call(session=self._session, headers=self.api.headers, timeout=30)
        headers = {name.lower(): values[0] for name, values in answer.headers.items()}
        body = answer.json() if headers.get("content-type") == PROBLEM else None
        if case.method.lower() in self.api.paths[case.path]:
            self.faults.check(case.method, case.path, answer.status_code, headers, body)
        try:
            case.validate_response(answer, checks=[*CHECKED])
        except (Failure, FailureGroup) as error:
            for failure in getattr(error, "exceptions", [error]):
                where = f"{case.method} {case.path}"
                told = f"{failure}\n{case.as_curl_command()}"
                self.faults.add(where, type(failure).__name__, told)

    def _fit(self, case: "Request", number: int) -> None:
        if number % 3 and case.path_parameters:
            for name in case.path_parameters:
                known = self.api.known_in(case.path, name)
                if known:
                    case.path_parameters[name] = known[number % len(known)]
        if number % 2 and isinstance(case.body, dict):
            for name in case.body:
                if known := self.api.known.get(name, []):
                    case.body[name] = known[number % len(known)]
        if case.headers and len(case.headers.get("Idempotency-Key", "")) >= 8:
            case.headers["Idempotency-Key"] = f"key-{number:012d}"
        if number % 2 and case.headers and "If-Match" in case.headers:
            case.headers["If-Match"] = '"1"'
        if "wait_s" in (case.query or {}):
            case.query["wait_s"] = 0

    def send_generated(self, count: int, modes: tuple[GenerationMode, ...]) -> None:
        """Random cases, about so many, of each operation the same number."""
        each = max(1, count // len(self.operations) // len(modes))
        is_short = count < len(self.operations) * len(modes)  # of two modes each operation then has one
        for number, operation in enumerate(self.operations):
            for mode in [modes[number % len(modes)]] if is_short else modes:
                for case in _random_cases(operation, mode, each):
                    self.send(case)

    def send_boundaries(self, count: int) -> None:
        """Cases at the boundaries of what each parameter and field may be, about so many."""
        modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
        most = max(1, count // len(self.operations))
        for number, operation in enumerate(self.operations):
            possible = self.schema.iter_coverage_cases(
                operation, generation_modes=modes, generation_config=self.schema.config.generation
            )
            # Of lists within lists there are thousands, each of which takes as long to make as to send.
            cases = list(itertools.islice(possible, most * LOOKED_AT))
            step = max(1, len(cases) // most)
            for case in cases[number % step :: step][:most]:
                self.send(case)

    def assert_kept(self) -> None:
        told = "\n\n".join(f"{where}: {what}\n{text}" for (where, what), text in self.faults.found.items())
        assert not told, told


def _random_cases(operation: "OpenApiOperation", mode: GenerationMode, count: int) -> "list[Request]":
    cases: list[Request] = []

    @hypothesis_settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def gather(case: "Request") -> None:
        cases.append(case)

    try:
        gather()
    except Unsatisfiable:  # an operation that takes nothing can be asked nothing wrong
        assert mode is GenerationMode.NEGATIVE
    return cases


def test_generated_requests_are_answered_as_documented(settings: Settings) -> None:
    with serving(create_runtime(settings)) as api:
        contract = _Contract(api)
        contract.send_boundaries(many(GENERATED) // 2)
        contract.send_generated(many(GENERATED) // 2, (GenerationMode.POSITIVE, GenerationMode.NEGATIVE))
    contract.assert_kept()
    # The document is not kept to by refusing everything.
    statuses = contract.faults.statuses
    assert statuses[200] + statuses[201] > statuses.total() / 20


def test_hostile_requests_are_answered_as_documented(settings: Settings) -> None:
    with serving(create_runtime(settings)) as api:
        faults = Faults(api)
        sent = list(hostile_requests(api))
        with httpx2.Client(base_url=api.base_url, headers=api.headers, trust_env=False, timeout=30) as client:
            for wanted in sent[:: max(1, len(sent) // many(HOSTILE))]:
                answer = client.request(
                    wanted.method, wanted.address, content=wanted.content, headers=[*wanted.raw_headers]
                )
                is_problem = answer.headers.get("content-type") == PROBLEM
                body = answer.json() if is_problem else None
                faults.check(wanted.method, wanted.path, answer.status_code, {**answer.headers}, body)
    assert faults.found == {}


def test_requests_before_a_switch_are_answered_as_documented(settings: Settings, tmp_path: Path) -> None:
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(SwitchPeer()) as peer:
        runtime = runtime_with(settings, tmp_path, switch=peer.endpoint)
        with serving(runtime) as api:
            contract = _Contract(api)
            contract.send_generated(many(WITH_SWITCH), (GenerationMode.POSITIVE,))
    contract.assert_kept()
    assert peer.applied
