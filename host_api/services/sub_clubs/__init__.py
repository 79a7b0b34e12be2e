"""Sub-clubs: the clubs within a club, of customers, representatives, staff, students and others."""
