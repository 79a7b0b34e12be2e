"""`python -m switch`."""

import sys

from switch.main import main

if __name__ == "__main__":
    sys.exit(main())
