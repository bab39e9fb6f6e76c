"""Drawn shapes: cameras, lenses, guitars, synthesizers, headphones. Each fills about 70…330 of a 400 × 400 field."""

from collections.abc import Callable

Shape = Callable[[str, int], str]


def _camera(color: str, noise: int) -> str:
    leather = ("#202227", "#3a2417", "#26302c")[noise % 3]
    return (
        '<path d="M152 138 166 104Q168 99 174 99H226Q232 99 234 104L248 138Z" fill="url(#body)"/>'
        '<rect x="168" y="108" width="64" height="17" rx="3" fill="#0d1016" opacity=".55"/>'
        '<rect x="84" y="122" width="40" height="18" rx="5" fill="url(#metal)"/><rect x="272" y="118" width="46" height="22" rx="6" fill="url(#metal)"/>'
        '<circle cx="140" cy="132" r="9" fill="url(#metal)"/><rect x="292" y="112" width="10" height="8" rx="3" fill="#c94f3d"/>'
        '<rect x="62" y="134" width="276" height="166" rx="18" fill="url(#body)"/>'
        f'<rect x="62" y="170" width="276" height="104" fill="{leather}"/><rect x="62" y="170" width="276" height="5" fill="#fff" opacity=".12"/>'
        '<rect x="84" y="147" width="58" height="12" rx="3" fill="#fff" opacity=".55"/><circle cx="312" cy="154" r="8" fill="#111"/>'
        '<circle cx="200" cy="222" r="82" fill="#0c0e12"/><circle cx="200" cy="222" r="78" fill="url(#metal)"/><circle cx="200" cy="222" r="70" fill="#1c1f25"/>'
        '<circle cx="200" cy="222" r="60" fill="none" stroke="#5b616b" stroke-width="8" stroke-dasharray="3 4"/>'
        '<circle cx="200" cy="222" r="50" fill="#0b0d12"/><circle cx="200" cy="222" r="42" fill="url(#glass)"/>'
        '<ellipse cx="184" cy="202" rx="15" ry="10" fill="#fff" opacity=".6" transform="rotate(-32 184 202)"/><circle cx="219" cy="243" r="6" fill="#b79ae0" opacity=".55"/>'
        '<path d="M62 152Q40 160 46 196" fill="none" stroke="#3a2a1e" stroke-width="7" stroke-linecap="round"/>'
        '<path d="M338 152Q360 160 354 196" fill="none" stroke="#3a2a1e" stroke-width="7" stroke-linecap="round"/>'
    )


def _lens(color: str, noise: int) -> str:
    ring = ("#c23a2e", "#c9a54a", "#dfe3e8", "#3f7fae")[noise % 4]
    ribs = "".join(
        f'<rect x="{142 + at * 10}" y="196" width="4" height="54" rx="2" fill="#000" opacity=".42"/>'
        for at in range(12)
    )
    return (
        '<rect x="122" y="150" width="156" height="170" rx="12" fill="url(#side)"/><rect x="112" y="186" width="176" height="74" rx="10" fill="url(#dark)"/>'
        f'{ribs}<rect x="122" y="266" width="156" height="7" fill="{ring}"/><rect x="128" y="280" width="60" height="6" rx="3" fill="#fff" opacity=".55"/>'
        '<rect x="138" y="314" width="124" height="20" rx="6" fill="url(#metal)"/>'
        '<ellipse cx="200" cy="140" rx="94" ry="50" fill="#08090c"/><ellipse cx="200" cy="136" rx="90" ry="47" fill="url(#body)"/>'
        '<ellipse cx="200" cy="138" rx="76" ry="39" fill="#0d0f14"/><ellipse cx="200" cy="140" rx="66" ry="33" fill="url(#glass)"/>'
        '<ellipse cx="176" cy="127" rx="24" ry="8" fill="#fff" opacity=".55" transform="rotate(-12 176 127)"/>'
        '<ellipse cx="226" cy="152" rx="14" ry="5" fill="#9fe0c4" opacity=".5"/><ellipse cx="214" cy="144" rx="9" ry="4" fill="#c8a2f0" opacity=".5"/>'
    )


def _guitar(color: str, noise: int) -> str:
    guard = ("#f4efe2", "#17181b", "#e9dcc0")[noise % 3]
    frets = "".join(
        f'<rect x="{192}" y="{72 + at * 13}" width="16" height="1.6" fill="#d9d2c0"/>'
        for at in range(12)
    )
    strings = "".join(
        f'<rect x="{194.2 + at * 2.2:.1f}" y="40" width=".7" height="262" fill="#f3f3f3" opacity=".8"/>'
        for at in range(6)
    )
    pegs = "".join(
        f'<circle cx="{184 if at % 2 else 216}" cy="{26 + at * 6}" r="4" fill="url(#metal)"/>'
        for at in range(6)
    )
    return (
        '<g transform="rotate(14 200 210)"><path d="M190 62 186 22Q200 8 216 20L210 62Z" fill="#8a5a2c"/>'
        f'{pegs}<path d="M146 214C112 196 118 168 138 170C152 172 158 190 176 186L224 186C244 192 252 166 270 172C290 180 284 206 262 216'
        'C250 226 252 240 264 256C286 284 280 334 226 344C206 348 190 348 172 344C118 334 116 286 136 256C148 238 156 228 146 214Z" fill="url(#body)"/>'
        '<path d="M146 214C112 196 118 168 138 170C152 172 158 190 176 186L224 186C244 192 252 166 270 172C290 180 284 206 262 216'
        'C250 226 252 240 264 256C286 284 280 334 226 344C206 348 190 348 172 344C118 334 116 286 136 256C148 238 156 228 146 214Z" fill="none" stroke="#000" stroke-opacity=".35" stroke-width="3"/>'
        f'<path d="M172 196H232C252 204 236 232 244 252C256 272 252 300 230 296L176 282C160 262 168 230 160 216Z" fill="{guard}" opacity=".95"/>'
        '<path d="M134 264C124 290 132 326 170 336" fill="none" stroke="#fff" stroke-opacity=".5" stroke-width="5" stroke-linecap="round"/>'
        f'<rect x="190" y="58" width="20" height="150" fill="#4a2f1a"/>{frets}'
        '<circle cx="200" cy="96" r="2.4" fill="#eee"/><circle cx="200" cy="122" r="2.4" fill="#eee"/><circle cx="200" cy="148" r="2.4" fill="#eee"/>'
        '<rect x="180" y="222" width="40" height="13" rx="5" fill="#15161a"/><rect x="180" y="250" width="40" height="13" rx="5" fill="#15161a"/>'
        '<rect x="178" y="284" width="44" height="18" rx="4" fill="url(#metal)"/><circle cx="246" cy="290" r="8" fill="url(#metal)"/><circle cx="240" cy="314" r="8" fill="url(#metal)"/>'
        f"{strings}</g>"
    )


def _synth(color: str, noise: int) -> str:
    led = ("#e0452f", "#3fb6e0", "#e8a53a")[noise % 3]
    white = "".join(
        f'<rect x="{66 + at * 16.75:.1f}" y="232" width="15.6" height="74" rx="2" fill="url(#keys)"/>'
        for at in range(16)
    )
    black = "".join(
        f'<rect x="{77 + at * 16.75:.1f}" y="232" width="9.5" height="45" rx="1.5" fill="#17181c"/>'
        for at in range(15)
        if at % 7 not in (2, 6)
    )
    knobs = "".join(
        f'<g transform="translate({86 + at % 8 * 27} {160 + at // 8 * 32})"><circle r="10" fill="#0f1013"/><circle r="7.5" fill="url(#metal)"/>'
        f'<rect x="-1" y="-7" width="2" height="7" fill="#222" transform="rotate({(noise >> at) % 9 * 30 - 120})"/></g>'
        for at in range(16)
    )
    return (
        '<defs><linearGradient id="keys" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#d9d7d0"/><stop offset=".2" stop-color="#fffefa"/><stop offset="1" stop-color="#eceae3"/></linearGradient></defs>'
        '<rect x="46" y="132" width="14" height="186" rx="5" fill="#7a4d2a"/><rect x="340" y="132" width="14" height="186" rx="5" fill="#6a4124"/>'
        '<rect x="56" y="134" width="288" height="182" rx="6" fill="url(#body)"/><rect x="62" y="140" width="276" height="82" rx="4" fill="#14161a" opacity=".5"/>'
        f'{knobs}<rect x="302" y="146" width="32" height="30" rx="3" fill="url(#screen)"/><rect x="306" y="156" width="24" height="2" fill="#9fe8ff"/><rect x="306" y="162" width="15" height="2" fill="#9fe8ff" opacity=".7"/>'
        f'<rect x="304" y="188" width="9" height="22" rx="2" fill="{led}"/><rect x="318" y="188" width="9" height="22" rx="2" fill="#e9e6dd"/>'
        f'<rect x="62" y="228" width="276" height="84" rx="3" fill="#0b0c0e"/>{white}{black}'
    )


def _headphones(color: str, noise: int) -> str:
    tip = ("#c9a54a", "#8d949d", "#b8323a")[noise % 3]
    cup = (
        '<rect x="-32" y="-62" width="64" height="124" rx="30" fill="url(#side)"/><rect x="-26" y="-56" width="50" height="112" rx="25" fill="url(#body)"/>'
        '<ellipse cx="-2" cy="0" rx="15" ry="38" fill="#000" opacity=".16"/><ellipse cx="-10" cy="-22" rx="5" ry="20" fill="#fff" opacity=".35"/>'
    )
    return (
        '<path d="M92 236C80 60 320 60 308 236" fill="none" stroke="#1b1d22" stroke-width="27" stroke-linecap="round"/>'
        '<path d="M92 236C80 60 320 60 308 236" fill="none" stroke="url(#body)" stroke-width="21" stroke-linecap="round"/>'
        '<path d="M122 150C146 92 254 92 278 150" fill="none" stroke="#24262b" stroke-width="12" stroke-linecap="round" transform="translate(0 9)"/>'
        '<path d="M112 148C136 92 220 82 258 108" fill="none" stroke="#fff" stroke-opacity=".4" stroke-width="3.5" stroke-linecap="round"/>'
        f'<rect x="84" y="176" width="14" height="60" rx="6" fill="url(#metal)"/><rect x="302" y="176" width="14" height="60" rx="6" fill="url(#metal)"/><rect x="84" y="176" width="14" height="7" fill="{tip}"/><rect x="302" y="176" width="14" height="7" fill="{tip}"/>'
        '<rect x="112" y="196" width="34" height="124" rx="17" fill="#202227"/><rect x="254" y="196" width="34" height="124" rx="17" fill="#202227"/>'
        '<path d="M126 204Q140 258 126 312" fill="none" stroke="#3a3d45" stroke-width="5"/><path d="M274 204Q260 258 274 312" fill="none" stroke="#3a3d45" stroke-width="5"/>'
        f'<g transform="translate(98 258) rotate(5)">{cup}</g><g transform="translate(302 258) scale(-1 1) rotate(5)">{cup}</g>'
    )


SHAPES: dict[str, Shape] = {
    "camera": _camera,
    "lens": _lens,
    "guitar": _guitar,
    "synth": _synth,
    "headphones": _headphones,
}
