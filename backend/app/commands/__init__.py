"""Commands of `python -m app` that need a use case and a place to run it, one module each."""
