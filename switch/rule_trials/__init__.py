"""Rules tried without anything at stake: sales as people write them, a club that is played through, decisions
told in words, and the purchases of a journal decided again.

Nothing here touches a running switch. `python -m switch.rule_trials` does such work as a process of its own.
"""
