"""Plumbing that knows nothing of deals."""
