"""The fault finder (SW-11): errors of the host API and the switch in one list, each with what to do."""
