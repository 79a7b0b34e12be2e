"""Alarms as data: rules over what the switch counts, who saw them, and how they leave the house."""
