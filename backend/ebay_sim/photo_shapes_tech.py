"""Drawn shapes: phones, laptops, tablets, graphics cards, consoles, games. Each fills about 70…330 of a 400 × 400 field."""

from collections.abc import Callable

Shape = Callable[[str, int], str]
_WALLPAPERS = (
    ("#f2a65a", "#772f6e"),
    ("#5ad1c8", "#20409a"),
    ("#f7d08a", "#d1495b"),
    ("#9bd4f5", "#3b5ba9"),
    ("#c9a7f2", "#4a2c7f"),
)


def _wallpaper(noise: int) -> str:
    top, bottom = _WALLPAPERS[noise % len(_WALLPAPERS)]
    return f'<defs><linearGradient id="paper" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="{top}"/><stop offset="1" stop-color="{bottom}"/></linearGradient></defs>'


def _phone(color: str, noise: int) -> str:
    return (
        _wallpaper(noise)
        + '<g transform="translate(46 0) rotate(7 200 210)"><rect x="122" y="74" width="132" height="262" rx="26" fill="url(#side)"/><rect x="122" y="74" width="127" height="262" rx="26" fill="url(#body)"/>'
        '<rect x="132" y="84" width="60" height="64" rx="18" fill="#000" opacity=".2"/>'
        + "".join(
            f'<circle cx="{x}" cy="{y}" r="13" fill="#0c0e13"/><circle cx="{x}" cy="{y}" r="8.5" fill="url(#glass)"/><circle cx="{x - 3}" cy="{y - 3}" r="2.5" fill="#fff" opacity=".7"/>'
            for x, y in ((149, 101), (149, 131), (175, 116))
        )
        + '<path d="M130 330Q120 200 150 80" stroke="#fff" stroke-opacity=".25" stroke-width="6" fill="none"/></g>'
        '<g transform="translate(-50 6) rotate(-5 200 210)"><rect x="136" y="70" width="136" height="270" rx="27" fill="#0c0d10"/><rect x="138" y="72" width="132" height="266" rx="25" fill="none" stroke="url(#metal)" stroke-width="3"/>'
        '<rect x="145" y="79" width="118" height="252" rx="19" fill="url(#paper)"/><rect x="182" y="86" width="44" height="12" rx="6" fill="#0c0d10"/>'
        '<circle cx="228" cy="176" r="54" fill="#fff" opacity=".13"/><circle cx="180" cy="246" r="70" fill="#fff" opacity=".1"/>'
        '<rect x="176" y="128" width="56" height="12" rx="6" fill="#fff" opacity=".85"/><rect x="188" y="146" width="32" height="6" rx="3" fill="#fff" opacity=".65"/>'
        '<rect x="180" y="320" width="48" height="4" rx="2" fill="#fff" opacity=".85"/><path d="M145 98Q145 79 164 79H236L150 280H145Z" fill="#fff" opacity=".14"/></g>'
    )


def _laptop(color: str, noise: int) -> str:
    keys = "".join(
        f'<path d="M{106 + at % 13 * 14.6 - at // 13 * 3.4:.1f} {270 + at // 13 * 10}h11l-1.5 6.5h-11.4z" fill="#0f1115" opacity=".8"/>'
        for at in range(39)
    )
    return (
        _wallpaper(noise)
        + '<rect x="82" y="84" width="236" height="164" rx="12" fill="url(#side)"/><rect x="86" y="87" width="228" height="158" rx="9" fill="#0b0c0f"/>'
        '<rect x="95" y="96" width="210" height="138" rx="3" fill="url(#paper)"/><circle cx="248" cy="150" r="58" fill="#fff" opacity=".12"/><circle cx="156" cy="206" r="48" fill="#fff" opacity=".1"/>'
        '<rect x="112" y="114" width="76" height="52" rx="5" fill="#fff" opacity=".82"/><rect x="119" y="122" width="44" height="5" rx="2" fill="#54606f"/><rect x="119" y="132" width="60" height="3" rx="1.5" fill="#9aa5b1"/><rect x="119" y="139" width="54" height="3" rx="1.5" fill="#9aa5b1"/><rect x="119" y="146" width="58" height="3" rx="1.5" fill="#9aa5b1"/>'
        '<path d="M95 96H238L142 234H95Z" fill="#fff" opacity=".12"/><circle cx="200" cy="91.5" r="2" fill="#4b5260"/>'
        '<path d="M82 246H318L352 312H48Z" fill="url(#body)"/><path d="M100 264H300L312 302H88Z" fill="#000" opacity=".12"/>'
        f"{keys}"
        '<path d="M168 301H232L236 310H164Z" fill="#000" opacity=".16"/><path d="M48 312H352L346 323Q345 325 340 325H60Q55 325 54 323Z" fill="url(#side)"/><path d="M176 312H224L220 317H180Z" fill="#000" opacity=".3"/>'
        '<path d="M84 247H316" stroke="#fff" stroke-opacity=".5" stroke-width="2"/>'
    )


def _tablet(color: str, noise: int) -> str:
    icons = "".join(
        f'<rect x="{132 + at % 4 * 36}" y="{112 + at // 4 * 38}" width="25" height="25" rx="7" fill="#fff" opacity="{0.35 + (noise >> at) % 5 / 10:.1f}"/>'
        for at in range(12)
    )
    return (
        _wallpaper(noise)
        + '<rect x="104" y="70" width="196" height="268" rx="20" fill="url(#side)"/><rect x="100" y="68" width="196" height="268" rx="20" fill="#0d0e12"/><rect x="101.500" y="69.5" width="193" height="265" rx="19" fill="none" stroke="url(#body)" stroke-width="4"/>'
        '<rect x="113" y="81" width="170" height="242" rx="9" fill="url(#paper)"/><circle cx="250" cy="150" r="70" fill="#fff" opacity=".1"/><circle cx="150" cy="280" r="66" fill="#fff" opacity=".1"/>'
        f'{icons}<rect x="132" y="288" width="132" height="26" rx="12" fill="#fff" opacity=".3"/><circle cx="150" cy="301" r="8" fill="#fff" opacity=".8"/><circle cx="174" cy="301" r="8" fill="#fff" opacity=".8"/><circle cx="222" cy="301" r="8" fill="#fff" opacity=".8"/><circle cx="246" cy="301" r="8" fill="#fff" opacity=".8"/>'
        '<path d="M113 90Q113 81 122 81H230L128 323H122Q113 323 113 314Z" fill="#fff" opacity=".13"/><circle cx="198" cy="74.500" r="2" fill="#3b4250"/>'
        '<rect x="308" y="96" width="10" height="214" rx="5" fill="#f3f4f6"/><path d="M308 300H318L313 318Z" fill="#cdd1d8"/><rect x="308" y="112" width="10" height="3" fill="#b9bec6"/>'
    )


def _gpu(color: str, noise: int) -> str:
    glow = ("#e0452f", "#39b6e8", "#68c93f", "#b06cf0")[noise % 4]
    blades = "".join(
        f'<path d="M0 -8Q15 -22 10 -43Q-6 -38 -7 -12Z" fill="#3c4049" transform="rotate({at * 36})"/>'
        for at in range(10)
    )
    fan = f'<circle r="55" fill="#0b0c0f"/><circle r="51" fill="#1b1d22"/>{blades}<circle r="15" fill="url(#dark)"/><circle r="8" fill="{glow}" opacity=".75"/><circle r="53" fill="none" stroke="{glow}" stroke-opacity=".5" stroke-width="2"/>'
    return (
        '<rect x="44" y="126" width="12" height="196" rx="2" fill="url(#metal)"/><rect x="46" y="150" width="8" height="26" fill="#1a1c20"/><rect x="46" y="186" width="8" height="26" fill="#1a1c20"/><rect x="46" y="222" width="8" height="26" fill="#1a1c20"/>'
        '<rect x="96" y="284" width="150" height="22" fill="#1d5b3a"/><rect x="106" y="296" width="128" height="12" fill="#d2ac4a"/>'
        '<path d="M58 138H340Q352 138 352 150V270Q352 288 334 288H58Z" fill="url(#side)"/><path d="M58 134H328Q348 134 348 154V262Q348 282 328 282H58Z" fill="url(#body)"/>'
        '<path d="M58 134H150L120 166H58Z" fill="#fff" opacity=".14"/><path d="M190 134 226 168 190 210 214 282H182L168 214 178 168Z" fill="#000" opacity=".22"/>'
        f'<g transform="translate(124 208)">{fan}</g><g transform="translate(272 208)">{fan}</g><rect x="74" y="141" width="70" height="6" rx="3" fill="{glow}"/><rect x="290" y="124" width="34" height="12" rx="2" fill="#0e0f12"/>'
    )


def _console(color: str, noise: int) -> str:
    light = ("#3fa9f5", "#58c94a", "#e0452f")[noise % 3]
    pad = (
        '<path d="M-62 -26Q-56 -42 -36 -40H36Q56 -42 62 -26L76 24Q80 46 60 46Q48 46 38 24H-38Q-48 46 -60 46Q-80 46 -76 24Z" fill="url(#body)"/>'
        '<path d="M-62 -26Q-56 -42 -36 -40H36Q56 -42 62 -26L66 -10H-66Z" fill="#fff" opacity=".18"/><circle cx="-24" cy="10" r="13" fill="#17191e"/><circle cx="24" cy="10" r="13" fill="#17191e"/><circle cx="-24" cy="8" r="8" fill="#3b3f47"/><circle cx="24" cy="8" r="8" fill="#3b3f47"/>'
        '<path d="M-52 -18h7v-7h8v7h7v8h-7v7h-8v-7h-7z" fill="#22252b"/><circle cx="45" cy="-24" r="4.500" fill="#4fbf7a"/><circle cx="45" cy="-6" r="4.500" fill="#4a86d8"/><circle cx="36" cy="-15" r="4.500" fill="#d75a8a"/><circle cx="54" cy="-15" r="4.500" fill="#d94a3a"/>'
    )
    return (
        '<path d="M96 76H222Q232 76 231 88L218 306Q217 316 206 316H112Q101 316 100 306L86 88Q85 76 96 76Z" fill="url(#dark)"/>'
        '<path d="M86 88Q85 76 96 76H138L146 316H112Q101 316 100 306Z" fill="url(#body)"/><path d="M231 88Q232 76 222 76H180L172 316H206Q217 316 218 306Z" fill="url(#body)"/>'
        '<path d="M86 88Q85 76 96 76H112L122 316H112Q101 316 100 306Z" fill="#fff" opacity=".22"/>'
        f'<rect x="140" y="84" width="3" height="222" rx="1.5" fill="{light}" opacity=".9" transform="rotate(-1.800 141 190)"/><rect x="175" y="84" width="3" height="222" rx="1.5" fill="{light}" opacity=".9" transform="rotate(1.800 176 190)"/>'
        '<rect x="154" y="190" width="10" height="62" rx="3" fill="#08090b"/><circle cx="159" cy="284" r="5" fill="#d9dde2"/><ellipse cx="160" cy="322" rx="74" ry="9" fill="#1a1c21"/>'
        f'<g transform="translate(262 276) rotate(-8) scale(.98)">{pad}</g>'
    )


def _game(color: str, noise: int) -> str:
    sun = ("#ffe08a", "#ffd0b0", "#e6f7ff")[noise % 3]
    hill = 214 + noise % 30
    return (
        '<path d="M286 84 300 92V330L286 338Z" fill="#000" opacity=".4"/><rect x="112" y="78" width="176" height="262" rx="8" fill="#e8ebef"/><rect x="112" y="78" width="16" height="262" rx="5" fill="#c5cad1"/>'
        '<rect x="122" y="84" width="160" height="250" rx="3" fill="url(#body)"/><rect x="122" y="84" width="160" height="32" rx="3" fill="#0d1016" opacity=".72"/><rect x="132" y="95" width="52" height="9" rx="4" fill="#fff" opacity=".92"/><circle cx="268" cy="100" r="7" fill="#fff" opacity=".5"/>'
        f'<circle cx="222" cy="176" r="34" fill="{sun}" opacity=".95"/><circle cx="222" cy="176" r="48" fill="{sun}" opacity=".22"/>'
        f'<path d="M122 {hill + 30}Q160 {hill - 34} 196 {hill + 10}T282 {hill - 6}V334H122Z" fill="#0f1a2c" opacity=".45"/><path d="M122 {hill + 62}Q150 {hill + 14} 190 {hill + 50}T282 {hill + 34}V334H122Z" fill="#0b1220" opacity=".7"/>'
        f'<path d="M186 {hill + 44}v-26l6-9 6 9v26zM183 {hill + 22}h18" stroke="#f4f1e6" stroke-width="2" fill="#f4f1e6"/>'
        '<rect x="136" y="288" width="112" height="13" rx="3" fill="#fff" opacity=".92"/><rect x="136" y="307" width="74" height="7" rx="3" fill="#fff" opacity=".6"/><rect x="252" y="300" width="22" height="26" rx="2" fill="#fff" opacity=".85"/><path d="M112 86Q112 78 120 78H216L128 340H120Q112 340 112 332Z" fill="#fff" opacity=".16"/>'
    )


SHAPES: dict[str, Shape] = {
    "phone": _phone,
    "laptop": _laptop,
    "tablet": _tablet,
    "gpu": _gpu,
    "console": _console,
    "game": _game,
}
