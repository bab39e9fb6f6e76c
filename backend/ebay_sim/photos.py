"""Photos of listings, drawn as SVG from what the listing is."""


def image_names(legacy: int) -> list[str]:
    """The names under `/sim/images/` of a listing's pictures: the front, and a second view."""
    return [str(legacy), f"{legacy}-b"]
