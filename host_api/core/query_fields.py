"""Keeps what FastAPI makes of models of query parameters.

FastAPI makes such a model's fields once, but forgets them beyond 128 models (`functools.lru_cache`). With
more, requests make them anew again and again, and the OpenAPI document, which finds fields by identity, can't
be made at all.
"""

from functools import cache

from fastapi.dependencies import utils

_REMEMBERING = "get_cached_model_fields"


def keep_query_fields() -> None:
    """Have FastAPI forget none.

    Raises:
        AttributeError: this version of FastAPI remembers them otherwise; see how.
    """
    setattr(utils, _REMEMBERING, cache(getattr(utils, _REMEMBERING).__wrapped__))
