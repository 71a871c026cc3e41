"""A client of the room for programs: docs/clients.md."""
