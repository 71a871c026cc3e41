"""What is sold, to whom, exactly once."""
