"""Door 2, Celery: handlers of job rows."""
