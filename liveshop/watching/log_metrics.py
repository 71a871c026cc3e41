"""What became of lines of the log."""

from prometheus_client import Counter

DROPPED = Counter("liveshop_log_lines_dropped", "Lines of the log that found its queue full.")
