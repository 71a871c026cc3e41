"""A show's room in this process: its members, what is on the screen, and the tick that tells them."""
