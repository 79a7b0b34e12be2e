"""More models of query parameters than FastAPI remembers by itself."""

from typing import Annotated, Final

from fastapi import FastAPI, Query
from pydantic import BaseModel, create_model

from host_api.core.query_fields import keep_query_fields

MODELS: Final = 140


def test_the_document_knows_them_all() -> None:
    keep_query_fields()
    application = FastAPI()
    for number in range(MODELS):
        model: type[BaseModel] = create_model(f"Query{number}", at_most=(int, 5))

        async def listed(query: Annotated[model, Query()]) -> None:
            return None

        application.get(f"/{number}")(listed)
    document = application.openapi()
    assert len(document["paths"]) == MODELS
    assert all(path["get"]["parameters"][0]["name"] == "at_most" for path in document["paths"].values())
