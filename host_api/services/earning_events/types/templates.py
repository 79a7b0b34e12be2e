"""Ready-made types of events."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from host_api.services.earning_events.types.schemas import EarningTemplateRead, EventTemplate

_FILE = Path(__file__).with_name("templates.toml")


@cache
def templates() -> Mapping[EventTemplate, EarningTemplateRead]:
    """All of them, in the order in which people see them."""
    written = tomllib.loads(_FILE.read_text("utf-8"))
    return {
        template: EarningTemplateRead.model_validate({"template": template, **written[template]})
        for template in EventTemplate
    }
