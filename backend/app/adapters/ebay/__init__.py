"""eBay over HTTP."""
