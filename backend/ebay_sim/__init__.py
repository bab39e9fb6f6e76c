"""A stateful stand-in for eBay, spoken to over HTTP only.

It answers on eBay's own paths from an economy whose true values it knows, so that the product's one
eBay client is what the demo and the tests exercise. It never imports `app`, nor the other way round.
"""
