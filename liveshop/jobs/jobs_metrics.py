"""Figures of the worker's jobs."""

from prometheus_client import Counter, Gauge, Histogram

JOB_DURATION = Histogram("liveshop_job_duration_seconds", "How long a job ran.", ["job"])
JOB_FAILURES = Counter("liveshop_job_failures_total", "How often a job failed.", ["job"])
JOB_LEASED = Gauge("liveshop_job_lease", "Fencing number of the lease held here; 0: held elsewhere.", ["job"])
JOB_LAST_SUCCESS = Gauge("liveshop_job_last_success_timestamp_seconds", "When a job last succeeded.", ["job"])
