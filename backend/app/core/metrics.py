"""Every Prometheus metric of the product, in one place; MONITORING.md explains them.

Units are in the names, labels are bounded (a route's template, never its path). With
PROMETHEUS_MULTIPROC_DIR set, all processes of a machine write there and /metrics sums them.
"""

import os
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR" in os.environ
"""Decided when prometheus_client is imported, as that library does."""

FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SLOW = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)

HTTP_REQUESTS = Counter(
    "ds_http_requests_total", "Requests answered.", ["method", "route", "status"]
)
HTTP_DURATION = Histogram(
    "ds_http_request_duration_seconds", "Time to answer.", ["method", "route"], buckets=FAST
)
HTTP_IN_PROGRESS = Gauge(
    "ds_http_requests_in_progress", "Requests being answered.", multiprocess_mode="livesum"
)

JOB_RUNS = Counter("ds_job_runs_total", "Attempts at jobs by outcome.", ["kind", "outcome"])
JOB_DURATION = Histogram(
    "ds_job_duration_seconds", "Duration of an attempt.", ["kind"], buckets=SLOW
)
JOB_ATTEMPTS = Counter("ds_job_attempts_total", "Attempts begun.", ["kind"])
JOB_LEASE_EXPIRED = Counter("ds_job_lease_expired_total", "Leases found expired.", ["kind"])
JOBS = Gauge("ds_jobs", "Job rows by state.", ["kind", "state"], multiprocess_mode="mostrecent")
JOB_OLDEST_DUE = Gauge(
    "ds_job_oldest_due_age_seconds",
    "Age of the oldest job that is due.",
    ["kind"],
    multiprocess_mode="mostrecent",
)
QUEUE_DEPTH = Gauge(
    "ds_queue_depth",
    "Messages waiting or unacknowledged.",
    ["queue"],
    multiprocess_mode="mostrecent",
)
SCHEDULE_LAST_SUCCESS = Gauge(
    "ds_schedule_last_success_timestamp_seconds",
    "When the schedule's job last succeeded.",
    ["job_name"],
    multiprocess_mode="mostrecent",
)
SCHEDULE_PERIOD = Gauge(
    "ds_schedule_period_seconds",
    "The schedule's period.",
    ["job_name"],
    multiprocess_mode="mostrecent",
)
SCHEDULE_MISSED = Counter(
    "ds_schedule_slots_missed_total", "Slots that nobody took in time.", ["job_name"]
)

EXTERNAL_REQUESTS = Counter(
    "ds_external_requests_total", "Calls to services.", ["service", "operation", "outcome"]
)
EXTERNAL_DURATION = Histogram(
    "ds_external_request_duration_seconds",
    "Duration of calls to services.",
    ["service", "operation"],
    buckets=SLOW,
)
EXTERNAL_QUOTA_REMAINING = Gauge(
    "ds_external_quota_remaining",
    "Calls left of our day budget.",
    ["service"],
    multiprocess_mode="mostrecent",
)
PARSE_REJECTS = Counter(
    "ds_parse_rejects_total", "Rows that could not be read.", ["source", "reason"]
)
SOURCE_UP = Gauge(
    "ds_source_up",
    "1 while the source is read well, 0 while degraded.",
    ["source"],
    multiprocess_mode="mostrecent",
)
LISTINGS_INGESTED = Counter(
    "ds_listings_ingested_total", "Rows stored by outcome.", ["source", "outcome"]
)
LISTINGS_VALUED = Counter("ds_listings_valued_total", "Listings valued.", ["outcome"])
COMPS_STORED = Counter("ds_comps_stored_total", "Comparable sales new or changed.", ["source"])
MODEL_FITS = Counter("ds_model_fits_total", "Attempts at fitting a model.", ["outcome"])
MODEL_FIT_DURATION = Histogram(
    "ds_model_fit_duration_seconds", "Time to fit and pack a model.", buckets=SLOW
)
CACHE_REQUESTS = Counter("ds_cache_requests_total", "Cache look-ups.", ["cache", "outcome"])

RATE_LIMIT_REFUSED = Counter(
    "ds_rate_limit_refused_total", "Requests over their caller's limit.", ["caller"]
)
RATE_LIMIT_LOCAL = Counter(
    "ds_rate_limit_local_total", "Requests counted by one process alone, Valkey being away."
)
THROTTLED = Counter(
    "ds_throttled_total", "Attempts at guessable things refused.", ["kind", "scope"]
)

DEPENDENCY_UP = Gauge(
    "ds_dependency_up", "1 when reachable.", ["dependency"], multiprocess_mode="mostrecent"
)
DB_POOL_IN_USE = Gauge(
    "ds_db_pool_in_use", "Connections in use.", ["pool"], multiprocess_mode="livesum"
)
DB_QUERY_DURATION = Histogram(
    "ds_db_query_duration_seconds", "Duration of named queries.", ["operation"], buckets=FAST
)
BUILD_INFO = Gauge(
    "ds_build_info", "1, labelled with the build.", ["version"], multiprocess_mode="max"
)


def app_version() -> str:
    """The installed version; the one in pyproject.toml when run from a checkout."""
    try:
        return version("deal-scout")
    except PackageNotFoundError:
        return "0.1.0"


def exposition() -> bytes:
    """All metrics in Prometheus' text format, summed over this machine's processes."""
    BUILD_INFO.labels(app_version()).set(1)
    if MULTIPROCESS:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # untyped library
        return generate_latest(registry)
    return generate_latest()
