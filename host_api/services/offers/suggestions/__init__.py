"""The suggester: which gift and which discount suit a member, and why."""
