"""Orders: paying them, delivering them, giving points back."""
