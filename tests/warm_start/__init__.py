"""Our programs, when tests start them, are forked from a process that has loaded them before.

What is tested is as it was: a process with its own memory, signals and end, whose parent is the test.
Only loading the modules again, which takes longer than most tests, is left out. `make test-long` starts
each program anew, and so does everything else that a test starts.
"""
