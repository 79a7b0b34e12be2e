"""What the image runs: the golden vectors, the figures, then the unit scripts."""

import gc
import sys

import figures
import golden_vectors
from unit_scripts import NAMES

golden_vectors.run()
figures.run()
for name in NAMES:
    print("script", name)
    try:
        __import__(name)
    except SystemExit as end:
        print("ended", name, end.args[0])
    except Exception as fault:
        sys.print_exception(fault)
    sys.modules.pop(name, None)
    gc.collect()
