"""People around a shop: who follows it, who is told of its shows, who supports one most."""
