"""The commands of the terminal that are not a kind of process; `command_line` has their arguments."""
