"""A typed client of the host API: it knows nothing of the host API but its OpenAPI document.

`python -m tools.generators` writes the operations, models and problems.
"""

# Of problems, so that each answer finds the exception of its kind.
from host_api.client import problems
from host_api.client.api import HostApi
from host_api.client.faults import AnswerNotUnderstood, Problem
from host_api.client.records import Page
from host_api.client.transport import Download, Listing, Upload

__all__ = ["AnswerNotUnderstood", "Download", "HostApi", "Listing", "Page", "Problem", "Upload", "problems"]
