"""What the supervisor and its children do to start, watch and end each other."""
