"""A unit runner that fits the VM: every `test_` function of a module; exits with 1 if one failed."""

import gc
import sys


def run(names):
    """Run the test functions among `names`, a module's globals."""
    failed = 0
    for name in sorted(names):
        if not name.startswith("test_"):
            continue
        try:
            names[name]()
            print("ok", name)
        except Exception as fault:
            failed += 1
            print("failed", name)
            sys.print_exception(fault)
        gc.collect()
    sys.exit(1 if failed else 0)


def raises(kind, call, *arguments):
    """Assert that a call raises `kind`; returns the exception."""
    try:
        call(*arguments)
    except kind as fault:
        return fault
    raise AssertionError("nothing raised")
