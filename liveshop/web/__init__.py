"""Pages, API and doors of the front process."""
