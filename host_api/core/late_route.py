"""Operations that FastAPI completes when they are first asked for.

FastAPI makes the validators of all parameters, bodies and answers as soon as an operation is declared. With
hundreds of operations that takes a good part of a start, and most runs ask for few of them.
"""

from collections.abc import Callable
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import compile_path

from host_api.core.operation_names import API_PREFIX, operation_id


class LateRoute(APIRoute):
    """An operation under /v1, called as generated clients call it.

    Address, methods, tags, name, summary and endpoint are there at once; whatever else FastAPI knows of an
    operation comes with the first look at it. A wrong declaration is noticed then, as the OpenAPI document is
    made.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **declared: Any) -> None:
        declared["generate_unique_id_function"] = operation_id
        self._declared = declared
        self.path = API_PREFIX + path
        self.path_regex, self.path_format, self.param_convertors = compile_path(self.path)
        self.endpoint = endpoint
        self.methods = {method.upper() for method in declared["methods"] or ("GET",)}
        self.tags = declared["tags"]
        self.name = declared["name"] or endpoint.__name__
        self.dependencies = declared["dependencies"]
        self.summary = declared["summary"]

    def __getattr__(self, name: str) -> Any:
        """What is not there yet."""
        if name.startswith("__") or "_declared" not in vars(self):
            raise AttributeError(name)
        declared = vars(self).pop("_declared")
        super().__init__(self.path, self.endpoint, **declared)
        return getattr(self, name)
