"""One person at the socket: the hello, what they may do, and where they stand."""
