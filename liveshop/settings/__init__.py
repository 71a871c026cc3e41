"""What the operator may set, and what follows from it alone."""
