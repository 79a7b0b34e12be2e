"""The evaluator on flat memory: the same decisions as `switch.rules.evaluator`, which is the definition."""
