"""eBay's paths, one module per API, and the `/sim` paths for tests."""
