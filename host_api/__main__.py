"""``python -m host_api``: see that everything is right, then load the application and serve."""

import asyncio
import gc
import sys

from host_api.core.logs import log_to_stderr
from host_api.startup import EXIT_CANNOT_START, CannotStart, listen, prepare_at, read_settings


def main() -> int:
    """Run until a signal; 0 after draining, 2 when it can't start (one line on stderr says why)."""
    log_to_stderr()
    # What is loaded stays, so that a collector would look in vain until the server begins to serve.
    gc.disable()
    try:
        settings = read_settings()
        with listen(settings.port) as listener:
            asyncio.run(prepare_at(settings))
            from host_api.server import run  # noqa: PLC0415  (takes seconds)

            return run(settings, listener)
    except CannotStart as error:
        print(f"host_api: {error}", file=sys.stderr)
        return EXIT_CANNOT_START


if __name__ == "__main__":
    sys.exit(main())
