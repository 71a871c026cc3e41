"""`check`: what could keep this server from serving, one sentence for each fault."""
