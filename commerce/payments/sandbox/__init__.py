"""A payment provider for tests and demos: it moves no money and says TEST wherever it shows.

It is a provider in its own right: its own book in its own tables, its own routes, and webhooks that
travel over HTTP. Commerce reaches it only through `sandbox_client.py`, as it would a real one.
"""
