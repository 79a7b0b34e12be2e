"""The JSON Schema of load plans, for editors."""

from simulator.load.plan import SCHEMA_URN, LoadPlan
from tools.generators.model_schema import model_schema


def load_plan_schema() -> str:
    """Text of `simulator/load/load-plan.schema.json`."""
    return model_schema(
        LoadPlan, SCHEMA_URN, "Load plan", "What a load of a switch sends, and when, format 1."
    )
