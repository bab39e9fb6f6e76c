"""Photos of listings, drawn as SVG from what the listing is: its kind of thing, its colour, a backdrop of its own.

The same item always gets the same picture, also when it is relisted; nothing is stored. Shapes are in photo_shapes_*.
"""

from dataclasses import dataclass

from ebay_sim import photo_shapes_home, photo_shapes_sound, photo_shapes_tech
from ebay_sim.world import catalog
from ebay_sim.world.economy import Kind
from ebay_sim.world.randomness import hash_words

SHAPES = photo_shapes_sound.SHAPES | photo_shapes_tech.SHAPES | photo_shapes_home.SHAPES

# What the words in a variant look like.
COLORS = {
    "black": "#2b2d33", "chrome": "#b9bec6", "silver": "#c3c8cf", "champagne": "#cdb896", "white": "#eceef0", "olympic white": "#efe9d6",
    "sunburst": "#a8531d", "cherry red": "#96202a", "natural": "#c99a5b", "lake placid blue": "#3f7fae", "midnight blue": "#27406b",
    "midnight": "#28303f", "space gray": "#6d7178", "blue": "#4a78b5", "purple": "#8a76b8", "red": "#b8323a", "green": "#5d8a6b",
    "stainless steel": "#b7bcc2", "grey": "#8b9097", "navy": "#2f4165", "black dial": "#23262c", "blue dial": "#27508a",
    "white dial": "#e9ebee", "green dial": "#24593f",
}  # fmt: skip
_USUAL = {
    "camera": ("#33353b", "#a9aeb6"), "lens": ("#2b2d33", "#3a3d44"), "synth": ("#31343c", "#6b4a2f", "#d9d4c7"),
    "gpu": ("#30333a", "#3b3f48"), "console": ("#e9ebee", "#2a2c32"), "game": ("#2e6fb7", "#b23a48", "#3c8c5a", "#6a55a8", "#c98a2b"),
    "bricks": ("#c4302b", "#2a66b0", "#e0a526", "#3c8c4f"), "drill": ("#e0b022", "#178a94", "#b3262c", "#2b6cb0", "#4c9a3a"),
    "derailleur": ("#34373e", "#8e949c"), "tablet": ("#6d7178", "#c3c8cf"), "laptop": ("#41454d", "#2b2e35", "#a4a9b1"),
}  # fmt: skip
_BACKDROPS = (
    ("#f6efe6", "#e2d2bd", "#cbb494"), ("#eef2f6", "#d3dee9", "#adc0d2"), ("#eff5f0", "#d2e3d6", "#a9c6b1"),
    ("#f7eef0", "#e8d0d6", "#d0a9b3"), ("#f2f0f8", "#d9d4ea", "#b6aed3"), ("#fbf4dd", "#ecdcae", "#d2bb7e"),
    ("#e8f3f3", "#c6dfdf", "#98bfc1"), ("#f3ede9", "#dccbc1", "#bda394"), ("#ecebe6", "#d2cfc4", "#b2ad9d"),
)  # fmt: skip

# How far a shape stands above the floor of its field; the picture sets it down.
_LIFT = {
    "camera": 30,
    "sneaker": 26,
    "gpu": 24,
    "synth": 12,
    "bricks": 10,
    "headphones": 8,
    "laptop": 6,
    "accessory": -8,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What the picture shows."""

    silhouette: str
    color: str | None
    kind: Kind
    count: int
    noise: int


def image_names(legacy: int) -> list[str]:
    """The names under `/sim/images/` of a listing's pictures: the front, and a second view."""
    return [str(legacy), f"{legacy}-b"]


def subject_of(variant: int, kind: int, extra: int, noise: int) -> Subject:
    """What to draw for a drawn variant; the colour as its words say, else None for a usual one."""
    drawn = catalog.VARIANTS[variant]
    category = catalog.MODELS[drawn.model].category
    said = [label.lower() for label in drawn.labels]
    color = next((COLORS[label] for label in said if label in COLORS), None)
    return Subject(category.silhouette, color, Kind(kind), extra if kind == Kind.LOT else 1, noise)


def shade(color: str, by: float) -> str:
    """Lighter for by > 0, darker for by < 0; -1 … 1."""
    target = 255 if by > 0 else 0
    parts = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part + (target - part) * abs(by)):02x}" for part in parts)


def _gradient(ident: str, top: str, bottom: str, *, across: bool = False) -> str:
    end = 'x2="1" y2="0"' if across else 'x2="0" y2="1"'
    return (
        f'<linearGradient id="{ident}" x1="0" y1="0" {end}>'
        f'<stop offset="0" stop-color="{top}"/><stop offset="1" stop-color="{bottom}"/></linearGradient>'
    )


def _definitions(color: str, backdrop: tuple[str, str, str]) -> str:
    light, middle, dark = backdrop
    metal = (
        '<linearGradient id="metal" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#f4f6f8"/>'
        '<stop offset=".45" stop-color="#b4bac2"/><stop offset=".55" stop-color="#8f969f"/><stop offset="1" stop-color="#c9ced5"/></linearGradient>'
    )
    return (
        "<defs>"
        f'<radialGradient id="wall" cx=".42" cy=".3" r=".9"><stop offset="0" stop-color="{light}"/><stop offset="1" stop-color="{middle}"/></radialGradient>'
        + _gradient("floor", middle, dark)
        + _gradient("body", shade(color, 0.24), shade(color, -0.22))
        + _gradient("side", shade(color, -0.12), shade(color, -0.42))
        + _gradient("face", shade(color, 0.10), shade(color, -0.10), across=True)
        + _gradient("dark", "#4a4e57", "#17191d")
        + _gradient("screen", "#3d5a86", "#10182a")
        + metal
        + '<radialGradient id="glass" cx=".36" cy=".3" r=".8"><stop offset="0" stop-color="#a9c7e8"/><stop offset=".35" stop-color="#3c5578"/>'
        '<stop offset=".75" stop-color="#141b29"/><stop offset="1" stop-color="#05070c"/></radialGradient>'
        '<radialGradient id="shadow"><stop offset="0" stop-color="#1b1510" stop-opacity=".42"/>'
        '<stop offset=".6" stop-color="#1b1510" stop-opacity=".16"/><stop offset="1" stop-color="#1b1510" stop-opacity="0"/></radialGradient>'
        '<linearGradient id="shine" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#fff" stop-opacity=".5"/>'
        '<stop offset=".5" stop-color="#fff" stop-opacity=".04"/><stop offset="1" stop-color="#fff" stop-opacity="0"/></linearGradient>'
        "</defs>"
    )


def _accessory(noise: int) -> str:
    """A plain parcel: what comes with "case for …" is not the thing itself."""
    band = ("#8d6b4a", "#5f7187", "#6f7f5f", "#82616d")[noise % 4]
    return (
        '<path d="M92 168 200 122 308 168 308 286 200 338 92 286Z" fill="#c79f6b"/><path d="M200 214 308 168V286L200 338Z" fill="#a97f4e"/>'
        '<path d="M92 168 200 122 308 168 200 214Z" fill="#dbb985"/><path d="M136 149 246 195V237L230 244V202L122 155Z" fill="#efdcb9" opacity=".85"/>'
        f'<rect x="112" y="236" width="62" height="40" rx="4" transform="skewY(24) translate(0 -72)" fill="{band}" opacity=".85"/>'
        '<path d="M92 168 200 214V338" fill="none" stroke="#8f6a3f" stroke-opacity=".4" stroke-width="2"/>'
    )


def draw(subject: Subject, *, view: int = 0) -> str:
    """The picture as an SVG document of 400 × 400."""
    noise = hash_words(subject.noise, subject.silhouette)
    usual = _USUAL.get(subject.silhouette, ("#2f3238", "#c0c5cc"))
    color = subject.color or usual[noise % len(usual)]
    backdrop = _BACKDROPS[(noise >> 8) % len(_BACKDROPS)]
    horizon = 268 + (noise >> 16) % 36
    tilt = ((noise >> 24) % 13 - 6) * (1.0 if view == 0 else -1.4)
    size = (0.9 + (noise >> 32) % 14 / 100) * (1.0 if view == 0 else 1.22)
    flip = (
        -1
        if (noise >> 40) & 3 == 0 and subject.silhouette not in ("laptop", "game", "watch")
        else 1
    )
    shape = (
        _accessory(noise >> 44)
        if subject.kind == Kind.ACCESSORY
        else SHAPES[subject.silhouette](color, noise >> 44)
    )
    if subject.kind == Kind.PARTS:
        shape += '<path d="M150 120 176 168 158 190 196 236" fill="none" stroke="#fff" stroke-opacity=".55" stroke-width="2.5" stroke-linejoin="round"/>'
    copies = min(subject.count, 3)
    drop = _LIFT.get("accessory" if subject.kind == Kind.ACCESSORY else subject.silhouette, 0)
    placed = "".join(
        f'<g transform="translate({(at - (copies - 1) / 2) * 74:.0f} {(at % 2) * 14 - (7 if copies > 1 else 0)}) '
        f"translate(200 210) scale({size * flip * (0.66 if copies > 1 else 1):.3f} {size * (0.66 if copies > 1 else 1):.3f}) "
        f'rotate({tilt + at * 3:.1f}) translate(-200 {drop - 210})">{shape}</g>'
        for at in range(copies)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400">'
        + _definitions(color, backdrop)
        + '<rect width="400" height="400" fill="url(#wall)"/>'
        + f'<rect y="{horizon}" width="400" height="{400 - horizon}" fill="url(#floor)" opacity=".75"/>'
        + '<ellipse cx="200" cy="334" rx="158" ry="24" fill="url(#shadow)"/>'
        + placed
        + '<path d="M0 0H400V120Q180 150 0 330Z" fill="url(#shine)" opacity=".22"/>'
        + "</svg>"
    )
