"""Configuration, clock, heap and the application that ties the rooms together."""
