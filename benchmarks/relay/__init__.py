"""What the relay costs and how long packets wait in it: a real server, beside Janus where there is one."""
