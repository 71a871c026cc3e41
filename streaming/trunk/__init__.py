"""A show's way from the media process that owns it to another one, whose viewers watch a copy there."""
