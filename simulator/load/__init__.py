"""Load: thousands of terminals against a switch, by a plan that is data.

`load_plan` reads one, `Load` runs it, `json_report`, `csv_report`, `html_report` and `summary` tell what came
of it. Arrivals of an open loop are fixed beforehand and latencies count from them, so a slow switch can't
hide behind its own slowness (coordinated omission).
"""

from simulator.load.figures import Second
from simulator.load.html_report import html_report
from simulator.load.links import LoadFault
from simulator.load.loading import PlanFault, checked_plan, load_plan
from simulator.load.plan import LoadPlan
from simulator.load.report import csv_report, json_report, summary
from simulator.load.run import Load, LoadResult

__all__ = [
    "Load",
    "LoadFault",
    "LoadPlan",
    "LoadResult",
    "PlanFault",
    "Second",
    "checked_plan",
    "csv_report",
    "html_report",
    "json_report",
    "load_plan",
    "summary",
]
