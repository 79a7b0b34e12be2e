"""What the sub-commands of `vafa rules` share: their input, their output, and the way to a running switch."""
