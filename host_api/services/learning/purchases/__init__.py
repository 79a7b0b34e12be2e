"""What members get of the library and the courses: bought, given back, gone through, downloaded."""
