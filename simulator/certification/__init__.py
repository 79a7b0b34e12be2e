"""The certification pack: cases for a switch and for a terminal, as scripts, and reports of a run.

`certify` runs the cases, `html_report`, `json_report` and `conformance` tell how they ended.
"""

from simulator.certification.conformance import conformance
from simulator.certification.html_report import html_report
from simulator.certification.json_report import json_report
from simulator.certification.pack import Case, Subject, cases_of, features_of
from simulator.certification.run import CaseResult, Certificate, certify

__all__ = [
    "Case",
    "CaseResult",
    "Certificate",
    "Subject",
    "cases_of",
    "certify",
    "conformance",
    "features_of",
    "html_report",
    "json_report",
]
