"""The host's way to the switch: a few signed-on links, and whatever waits to be sent over them."""
