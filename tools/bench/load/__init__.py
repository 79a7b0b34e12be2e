"""The load of `vafa bench switch`: a process of its own, on a core of its own, cheaper than what it loads.

The generator is that of `vafa sim load`. Here its requests are all made before the clock starts, its club is
the benchmark's own, and what it was answered is kept for the proof.
"""
