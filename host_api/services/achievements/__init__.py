"""Achievements and streaks: what members reach by purchases and events, and what it gives them."""
