"""Points that buy credit for trading: debited at the switch, told to the broker, taken back."""
