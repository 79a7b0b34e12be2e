"""`python -m switch`."""

import gc
import sys

if __name__ == "__main__":
    # What is loaded stays, so that a collector would look in vain; it begins when the switch serves.
    gc.disable()
    from switch.main import main

    sys.exit(main())
