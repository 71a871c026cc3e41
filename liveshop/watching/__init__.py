"""What a process sees of itself and tells: life, figures, lines of the log, its loop, its memory."""
