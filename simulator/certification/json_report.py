"""The results of a run for programs; every message in it is masked as the spec says."""

from protocol.presentation.masking import Masking
from protocol.presentation.spans import read
from protocol.presentation.text import document
from protocol.spec import SpecDocument, load_spec
from simulator.certification.pack import digest_of_pack, digest_of_spec, paragraph
from simulator.certification.run import CaseResult, Certificate
from simulator.scripts import Outcome
from simulator.scripts.failure import HANDBOOK

FORMAT = 1


def json_report(certificate: Certificate) -> dict[str, object]:
    """The report as what `json.dumps` takes."""
    spec = load_spec("vafa")
    return {
        "format": FORMAT,
        "subject": certificate.subject.value,
        "passed": certificate.passed,
        "spec": {"name": spec.name, "version": spec.version, "sha256": digest_of_spec()},
        "pack": {
            "whole": certificate.is_whole,
            "sha256": digest_of_pack(certificate.subject),
            "without": list(certificate.without),
            "left_out": [case.name for case in certificate.left_out],
        },
        "cases": [_case(spec, result) for result in certificate.results],
    }


def outcome_document(spec: SpecDocument, outcome: Outcome) -> dict[str, object]:
    """How one script ended: the request and the reply at its end, and the difference."""
    return {
        "passed": outcome.passed,
        "steps": outcome.steps,
        "messages": outcome.count,
        "elapsed_ms": outcome.elapsed_ms,
        "request": message_document(spec, outcome.request),
        "reply": message_document(spec, outcome.reply),
        "difference": outcome.failure.document() if outcome.failure else None,
    }


def message_document(spec: SpecDocument, payload: bytes | None) -> dict[str, object] | None:
    """A message field by field with its byte ranges."""
    if payload is None:
        return None
    reading = read(spec, payload)
    return document(reading, Masking(reading))


def _case(spec: SpecDocument, result: CaseResult) -> dict[str, object]:
    script = result.case.script
    return {
        "case": result.case.name,
        "title": script.title.model_dump(),
        "handbook": {
            "link": f"{HANDBOOK}#{script.about}",
            "paragraph": paragraph(spec, result.case).model_dump(),
        },
        **outcome_document(spec, result.outcome),
    }
