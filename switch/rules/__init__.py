"""Rules as data, the immutable table compiled from them, and its evaluation."""
