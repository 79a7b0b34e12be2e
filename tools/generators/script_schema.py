"""The JSON Schema of the simulator's scripts, for editors."""

from simulator.scripts.model import SCHEMA_URN, Script
from tools.generators.model_schema import model_schema


def script_schema() -> str:
    """Text of `simulator/scripts/script.schema.json`."""
    about = "A conversation with a switch or with a terminal under test, format 1."
    return model_schema(Script, SCHEMA_URN, "Script", about)
