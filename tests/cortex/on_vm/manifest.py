# The firmware with the modules of SCRIPTS_DIR, whose `main` is what runs.
# ruff: noqa: F821  (MicroPython's build gives a manifest its functions)
include("$(PORT_DIR)/manifest.py")
freeze("$(SCRIPTS_DIR)")
