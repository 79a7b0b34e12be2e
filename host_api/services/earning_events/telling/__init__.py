"""Events as they are told: checked, sent to the switch, and taken back."""
