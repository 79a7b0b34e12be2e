# The firmware with what measures it; VECTORS_DIR holds the generated module of the golden vectors.
# ruff: noqa: F821  (MicroPython's build gives a manifest its functions)
include("$(PORT_DIR)/manifest.py")
freeze(".", ("main.py", "golden_vectors.py", "figures.py", "stopwatch.py", "requests.py"))
freeze("$(VECTORS_DIR)", "golden_cases.py")
