"""One publisher, many viewers: packets forwarded, never decoded."""
