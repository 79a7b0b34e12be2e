"""``python -m host_api``."""

import sys

from host_api.server import main

if __name__ == "__main__":
    sys.exit(main())
