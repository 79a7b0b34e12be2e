"""Files that terminals fetch part by part: firmware, parameters, offline tables."""
