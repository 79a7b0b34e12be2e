"""Topics of messages, and what the club lets be sent when and how often."""
