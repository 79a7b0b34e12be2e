"""A switch with a defect fails the cases that are about it, and no others."""

import asyncio

import pytest

from simulator.certification import CaseResult, Subject, cases_of, certify
from simulator.certification.pack import Case
from simulator.scripts import Endpoint, Profile
from tests.simulator.certification.wrong_switch import KEY, TERMINAL, Defect, WrongSwitch

PROFILE = Profile(terminal_id=TERMINAL, keys={TERMINAL: KEY.hex()}, variables={"card": "9364000000000017"})
# What asks for neither a ledger nor keys of a session.
NAMES = {
    "sign-on",
    "echo",
    "purchase",
    "reversal-on-timeout",
    "reversal-before-original",
    "repeat",
    "duplicate-other-content",
    "offline-advice",
    "wrong-mac",
    "truncated",
    "oversize",
    "cut-mid-frame",
    "unknown-terminal",
    "in-flight",
    "format-error",
    "sign-off",
}
# With an answer that never comes, the usual wait would only cost time.
CASES = [
    Case(case.name, case.script.model_copy(update={"wait_ms": 300}))
    for case in cases_of(Subject.SWITCH)
    if case.name in NAMES
]

FAILS: dict[Defect, set[str]] = {
    Defect.NO_MAC_CHECK: {"wrong-mac"},
    Defect.NO_SIGN_ON: {"sign-on", "sign-off"},
    Defect.FORGETS: {"repeat", "duplicate-other-content", "offline-advice", "in-flight"},
    Defect.NO_REVERSALS: {"reversal-on-timeout", "reversal-before-original"},
    Defect.KEEPS_STRANGERS: {"unknown-terminal"},
    Defect.WRONG_ECHO: {
        "sign-on",
        "purchase",
        "reversal-on-timeout",
        "reversal-before-original",
        "repeat",
        "duplicate-other-content",
        "offline-advice",
        "wrong-mac",
        "cut-mid-frame",
        "in-flight",
        "sign-off",
    },
    Defect.NO_FIELD_CHECK: {"format-error"},
    Defect.ANSWERS_GARBAGE: {"truncated"},
    Defect.LOCAL_TIME: {"sign-on"},
    Defect.LITTLE_ENDIAN: NAMES - {"unknown-terminal"},
    Defect.MAC_WITHOUT_TYPE: NAMES - {"unknown-terminal"},
}
HINTS = {
    Defect.LOCAL_TIME: "time_zone",
    Defect.LITTLE_ENDIAN: "length_little_endian",
    Defect.MAC_WITHOUT_TYPE: "mac_wrong_range",
}


async def _certified(*defects: Defect) -> dict[str, CaseResult]:
    switch = WrongSwitch(*defects)
    # Hundreds of connections, which tell nothing new of most defects.
    without = set() if not defects or Defect.ANSWERS_GARBAGE in defects else {"truncated"}
    cases = [case for case in CASES if case.name not in without]
    server = await asyncio.start_server(switch.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        certificate = await certify(Subject.SWITCH, cases, PROFILE, Endpoint((host, port)), is_whole=False)
    finally:
        server.close()
        await server.wait_closed()
    return {result.case.name: result for result in certificate.results}


def failed(results: dict[str, CaseResult]) -> set[str]:
    return {name for name, result in results.items() if not result.passed}


def test_the_cases_are_there_and_pass_where_nothing_is_wrong() -> None:
    results = asyncio.run(_certified())
    assert set(results) == NAMES
    assert failed(results) == set()


@pytest.mark.parametrize("defect", Defect, ids=lambda defect: defect.name.lower())
def test_a_defect_fails_the_right_cases(defect: Defect) -> None:
    results = asyncio.run(_certified(defect))
    assert failed(results) == FAILS[defect].intersection(results)
    if defect in HINTS:
        failures = [result.outcome.failure for result in results.values()]
        hints = {failure.hint_rule for failure in failures if failure is not None}
        assert hints == {HINTS[defect]}
