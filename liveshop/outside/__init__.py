"""Services of the operator's, outside this server: clients of what was set."""
