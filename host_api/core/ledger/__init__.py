"""The bank of requests: whatever moves points for the club, on its way to the switch and back."""
