"""Where operations stand and what they are called."""

import re

from fastapi.routing import APIRoute

API_PREFIX = "/v1"


def operation_id(route: APIRoute) -> str:
    """Group and endpoint, as generated clients call them; it stays the same whatever other services come."""
    group = str(route.tags[0]) if route.tags else "pages"
    return f"{re.sub('[^a-z0-9]+', '_', group.lower())}.{route.name}"
