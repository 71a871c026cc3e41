"""A show's copy on its way from the media process that owns it to another one, whose viewers watch it there."""
