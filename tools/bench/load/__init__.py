"""The load of `vafa bench switch`: a process of its own, on a core of its own, cheaper than what it loads.

Requests are encoded and sealed before the clock starts, replies are only cut and kept while it runs; they are
read when it has stopped.
"""
