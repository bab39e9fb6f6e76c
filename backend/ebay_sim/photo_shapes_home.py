"""Drawn shapes: watches, shoes, bricks, drills, espresso machines, derailleurs. Each fills about 70…330 of a 400 × 400 field."""

import math
from collections.abc import Callable

Shape = Callable[[str, int], str]


def _watch(color: str, noise: int) -> str:
    leather = ("#6b4226", "#2b2d33", "#3d5240", "#7d828a")[noise % 4]
    marks = "".join(
        f'<rect x="198.500" y="142" width="3" height="{13 if at % 3 == 0 else 8}" rx="1" fill="#f4f1e6" transform="rotate({at * 30} 200 210)"/>'
        for at in range(12)
    )
    ticks = "".join(
        f'<rect x="199.500" y="136" width="1" height="4" fill="#dfe3e8" transform="rotate({at * 6} 200 210)"/>'
        for at in range(60)
    )
    hour, minute = (noise >> 3) % 360, (noise >> 12) % 360
    return (
        f'<path d="M162 136 168 50Q169 42 178 42H222Q231 42 232 50L238 136Z" fill="{leather}"/><path d="M162 284 168 370Q169 378 178 378H222Q231 378 232 370L238 284Z" fill="{leather}"/>'
        '<path d="M170 130 175 50M230 130 225 50M170 290 175 370M230 290 225 370" stroke="#fff" stroke-opacity=".3" stroke-width="1.6" stroke-dasharray="5 4" fill="none"/><path d="M184 42H196L192 136H180Z" fill="#fff" opacity=".1"/>'
        '<path d="M140 148 152 124H168V152ZM260 148 248 124H232V152ZM140 272 152 296H168V268ZM260 272 248 296H232V268Z" fill="url(#metal)"/>'
        '<rect x="296" y="200" width="17" height="20" rx="4" fill="url(#metal)"/><circle cx="200" cy="210" r="100" fill="#4d535b"/><circle cx="200" cy="210" r="98" fill="url(#metal)"/><circle cx="200" cy="210" r="86" fill="#0d0f13"/><circle cx="200" cy="210" r="78" fill="url(#face)"/><circle cx="200" cy="210" r="78" fill="#0c0e12" opacity=".12"/>'
        f"{ticks}{marks}"
        '<circle cx="200" cy="250" r="17" fill="#000" opacity=".28"/><path d="M200 250V237" stroke="#e9c46a" stroke-width="2"/><rect x="190" y="166" width="20" height="4" rx="2" fill="#f4f1e6" opacity=".8"/>'
        f'<path d="M197 218 198.500 166H201.500L203 218Z" fill="#f7f5ee" transform="rotate({hour} 200 210)"/><path d="M197.500 222 199 146H201L202.500 222Z" fill="#f7f5ee" transform="rotate({minute} 200 210)"/>'
        f'<path d="M199.500 230V140H200.500V230Z" fill="#d9482f" transform="rotate({(noise >> 20) % 360} 200 210)"/><circle cx="200" cy="210" r="5" fill="url(#metal)"/><path d="M132 178A78 78 0 0 1 246 147Q190 164 132 178Z" fill="#fff" opacity=".26"/>'
    )


def _sneaker(color: str, noise: int) -> str:
    stripe = ("#f5f5f2", "#c9302c", "#1f4fa0", "#111317", "#e5a823")[noise % 5]
    laces = "".join(
        f'<path d="M{180 + at * 17} {206 + at * 7:.1f}L{202 + at * 16} {190 + at * 8:.1f}" stroke="#fdfdfb" stroke-width="6" stroke-linecap="round"/>'
        for at in range(5)
    )
    return (
        '<path d="M56 276Q52 302 74 304H318Q350 304 352 284Q352 270 340 266L60 262Z" fill="#f6f4ee"/><path d="M56 284Q56 303 74 304H318Q350 304 352 284Q300 296 200 294T56 284Z" fill="#d3cfc4"/>'
        '<path d="M66 268C58 240 60 214 70 190C74 178 82 172 92 174C100 176 104 186 116 190C132 194 146 188 158 176C164 170 172 170 178 178C200 206 244 228 304 236C334 240 346 254 344 272Z" fill="url(#body)"/>'
        '<path d="M66 268C60 246 61 226 66 204Q110 212 122 268Z" fill="url(#side)" opacity=".7"/><path d="M270 230C324 234 346 250 344 272H252Q246 246 270 230Z" fill="url(#side)" opacity=".5"/>'
        f'<path d="M118 262Q158 232 170 196L194 208Q198 238 250 246L246 258Q186 264 144 270Z" fill="{stripe}" opacity=".95"/>'
        '<path d="M162 178C168 172 174 174 180 182C202 208 234 224 276 233" fill="none" stroke="#000" stroke-opacity=".25" stroke-width="3"/>'
        f'{laces}<path d="M84 178C90 172 98 176 104 184C116 196 142 194 158 178L150 168Q128 180 112 172Q92 160 84 178Z" fill="#1c1e22" opacity=".72"/>'
        '<path d="M74 254Q70 222 80 192" stroke="#fff" stroke-opacity=".35" stroke-width="4" fill="none" stroke-linecap="round"/><path d="M62 268H346" stroke="#000" stroke-opacity=".16" stroke-width="3"/>'
        '<path d="M276 300h12M296 299h12M316 297h12M96 300h12M116 301h12" stroke="#b3aea1" stroke-width="3"/>'
    )


def _bricks(color: str, noise: int) -> str:
    palette = ("#c4302b", "#e0a526", "#2a66b0", "#3c8c4f", "#e8e6df")

    def brick(x: int, y: int, studs: int, fill: str) -> str:
        width = studs * 40
        tops = "".join(
            f'<path d="M{x + 12 + at * 40} {y - 7}v-9a11 5 0 0 1 22 0v9z" fill="{fill}"/><ellipse cx="{x + 23 + at * 40}" cy="{y - 16}" rx="11" ry="5" fill="#fff" opacity=".35"/>'
            for at in range(studs)
        )
        return (
            f'<path d="M{x} {y}l14 -14h{width}l-14 14z" fill="{fill}"/><path d="M{x} {y}l14 -14h{width}l-14 14z" fill="#fff" opacity=".25"/>{tops}'
            f'<rect x="{x}" y="{y}" width="{width}" height="44" fill="{fill}"/><rect x="{x}" y="{y}" width="{width}" height="44" fill="url(#gloss)"/>'
            f'<path d="M{x + width} {y}l14 -14v44l-14 14z" fill="{fill}"/><path d="M{x + width} {y}l14 -14v44l-14 14z" fill="#000" opacity=".3"/>'
        )

    colors = [color, *(palette[(noise >> at * 3) % 5] for at in range(6))]
    return (
        '<defs><linearGradient id="gloss" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#fff" stop-opacity=".22"/><stop offset="1" stop-color="#000" stop-opacity=".18"/></linearGradient></defs>'
        + brick(80, 276, 3, colors[1]) + brick(200, 276, 3, colors[2]) + brick(100, 232, 2, colors[3]) + brick(180, 232, 3, colors[0])
        + brick(120, 188, 4, colors[4]) + brick(140, 144, 2, colors[5]) + brick(220, 144, 1, colors[6])
    )  # fmt: skip


def _drill(color: str, noise: int) -> str:
    return (
        '<path d="M60 150H44Q38 150 38 156V168Q38 174 44 174H60Z" fill="url(#metal)"/><path d="M14 159H42V165H14L8 162Z" fill="#9aa1aa"/><path d="M58 140H96V184H58Q52 184 52 178V146Q52 140 58 140Z" fill="url(#dark)"/><path d="M64 140V184M72 140V184M80 140V184" stroke="#5b616b" stroke-width="2"/>'
        '<path d="M94 126H252Q296 126 300 162Q300 196 268 198H94Z" fill="url(#body)"/><path d="M94 126H128V198H94Z" fill="#1e2025"/><path d="M134 134H250Q284 134 290 158H134Z" fill="#fff" opacity=".2"/>'
        '<rect x="150" y="162" width="74" height="16" rx="4" fill="#15171b"/><rect x="156" y="167" width="40" height="6" rx="3" fill="#fff" opacity=".85"/><path d="M246 150h34M246 160h36M246 170h34" stroke="#15171b" stroke-width="4" stroke-linecap="round"/>'
        '<path d="M196 196H262Q268 236 286 282H222Q206 236 196 196Z" fill="#1c1e23"/><path d="M214 206H250Q256 240 268 276H236Q222 240 214 206Z" fill="#33363d"/><path d="M196 198Q178 208 186 232L204 234Z" fill="#b3262c"/>'
        '<path d="M186 278H312Q324 278 324 290V318Q324 330 312 330H190Q178 330 178 318V288Q178 278 186 278Z" fill="url(#dark)"/><path d="M178 288Q178 278 186 278H312Q324 278 324 290V296H178Z" fill="url(#body)"/><rect x="198" y="306" width="52" height="11" rx="3" fill="#fff" opacity=".3"/><circle cx="292" cy="312" r="4" fill="#6fcf5a"/><circle cx="304" cy="312" r="4" fill="#6fcf5a"/>'
    )


def _espresso(color: str, noise: int) -> str:
    wood = ("#5a3820", "#1b1d21", "#7a4d2a")[noise % 3]
    return (
        '<path d="M92 92H308Q318 92 318 102V148H82V102Q82 92 92 92Z" fill="url(#body)"/><rect x="112" y="80" width="176" height="13" rx="4" fill="#2a2d33"/><ellipse cx="140" cy="78" rx="20" ry="8" fill="#f5f2ea"/><path d="M120 78Q122 62 128 58H152Q158 62 160 78Z" fill="#fffdf7"/><path d="M160 66q12 0 10 9t-12 5" fill="none" stroke="#fffdf7" stroke-width="4"/>'
        '<rect x="96" y="148" width="208" height="140" fill="url(#side)"/><rect x="104" y="148" width="192" height="132" fill="#0e1013" opacity=".55"/><rect x="82" y="284" width="236" height="42" rx="7" fill="url(#body)"/><rect x="98" y="288" width="204" height="9" rx="3" fill="#15171b"/><path d="M106 292h188" stroke="#7d838c" stroke-width="3" stroke-dasharray="7 5"/>'
        '<circle cx="126" cy="120" r="16" fill="#f6f4ee"/><circle cx="126" cy="120" r="16" fill="none" stroke="url(#metal)" stroke-width="4"/><path d="M126 120 134 110" stroke="#c0392b" stroke-width="2.500"/><circle cx="186" cy="120" r="8" fill="url(#metal)"/><circle cx="214" cy="120" r="8" fill="url(#metal)"/><circle cx="242" cy="120" r="8" fill="url(#metal)"/><circle cx="282" cy="120" r="13" fill="#22252b"/><rect x="280.500" y="108" width="3" height="12" fill="#eee"/>'
        '<path d="M172 148H228V172Q228 180 220 180H180Q172 180 172 172Z" fill="url(#metal)"/><path d="M166 180H234V192Q234 198 228 198H172Q166 198 166 192Z" fill="#3a3e46"/>'
        f'<path d="M166 184 96 202Q86 206 88 214T100 220L170 196Z" fill="{wood}"/><path d="M192 198H197V218H192ZM204 198H209V218H204Z" fill="#4a2a17"/><path d="M274 148V214Q274 228 264 238" fill="none" stroke="url(#metal)" stroke-width="7" stroke-linecap="round"/>'
        '<path d="M176 238H226L221 272Q220 282 210 282H192Q182 282 181 272Z" fill="#fffdf7"/><ellipse cx="201" cy="238" rx="25" ry="6" fill="#e7e2d6"/><ellipse cx="201" cy="238" rx="20" ry="4.500" fill="#5a3019"/><path d="M225 244q16 0 14 12t-17 8" fill="none" stroke="#fffdf7" stroke-width="5"/>'
        '<path d="M92 100H176L150 148H92Z" fill="#fff" opacity=".2"/>'
    )


def _derailleur(color: str, noise: int) -> str:
    def cog(x: int, y: int, radius: int, teeth: int, fill: str) -> str:
        points = []
        for at in range(teeth * 2):
            angle = math.pi * at / teeth
            reach = radius + (6 if at % 2 else -3)
            points.append(f"{x + reach * math.cos(angle):.1f},{y + reach * math.sin(angle):.1f}")
        return f'<polygon points="{" ".join(points)}" fill="{fill}" stroke="#1a1c20" stroke-width="2" stroke-linejoin="round"/>'

    accent = ("#c23a2e", "#d7dbe0", "#3f7fae")[noise % 3]
    return (
        cog(164, 150, 84, 30, "url(#metal)") + '<circle cx="164" cy="150" r="62" fill="none" stroke="#6b727b" stroke-width="9" stroke-dasharray="26 13"/>' + cog(164, 150, 50, 20, "#9aa1aa")
        + '<circle cx="164" cy="150" r="30" fill="#d9dde2"/><circle cx="164" cy="150" r="15" fill="#23262b"/>'
        '<path d="M200 128Q246 126 258 160L284 214Q292 232 276 240Q258 246 248 230L206 168Q190 142 200 128Z" fill="url(#body)"/><path d="M208 136Q238 136 248 160L268 204" fill="none" stroke="#fff" stroke-opacity=".4" stroke-width="5" stroke-linecap="round"/>'
        f'<circle cx="214" cy="144" r="13" fill="url(#metal)"/><circle cx="214" cy="144" r="6" fill="#1a1c20"/><path d="M226 166 264 226" stroke="{accent}" stroke-width="6" stroke-linecap="round"/>'
        '<path d="M268 216 300 226 250 322Q242 334 228 328Q216 320 222 308Z" fill="url(#side)"/>'
        + cog(274, 226, 25, 11, "#33373e") + cog(238, 308, 25, 11, "#33373e")
        + '<circle cx="274" cy="226" r="8" fill="url(#metal)"/><circle cx="238" cy="308" r="8" fill="url(#metal)"/><path d="M80 166Q84 236 150 238Q230 240 250 214M300 236 262 320M214 318Q150 330 112 318" fill="none" stroke="#4f555e" stroke-width="5" stroke-dasharray="5 3"/>'
    )  # fmt: skip


SHAPES: dict[str, Shape] = {
    "watch": _watch, "sneaker": _sneaker, "bricks": _bricks, "drill": _drill, "espresso": _espresso, "derailleur": _derailleur,
}  # fmt: skip
