"""`python -m tools.bench.load`: one load, as told on standard input."""

import gc
import sys

from pydantic import Field, RootModel

from simulator.load.links import LoadFault
from simulator.load.replies import ReplyFault
from tools.bench.load.api_load import run_requests
from tools.bench.load.link_load import run_links
from tools.bench.load.plan import ApiLoad, LinkLoad, LoadResult, PostLoad
from tools.bench.load.post_load import run_posts
from tools.bench.load.processor import pin


class _Plan(RootModel[LinkLoad | PostLoad | ApiLoad]):
    root: LinkLoad | PostLoad | ApiLoad = Field(discriminator="kind")


def _run(plan: LinkLoad | PostLoad | ApiLoad) -> LoadResult:
    match plan:
        case LinkLoad():
            return run_links(plan)
        case PostLoad():
            return run_posts(plan)
        case ApiLoad():
            return run_requests(plan)


def main() -> int:
    """Run the plan and print its result; 1 and a line on standard error where that failed."""
    plan = _Plan.model_validate_json(sys.stdin.readline()).root
    pin(0, plan.processor)
    # Nothing here is cyclic, and a collection in the middle would be measured as the switch's.
    gc.disable()
    try:
        result = _run(plan)
    except (LoadFault, ReplyFault, OSError) as fault:
        sys.stderr.write(f"{type(fault).__name__}: {fault}\n")
        return 1
    sys.stdout.write(result.model_dump_json() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
