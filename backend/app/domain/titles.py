"""What a listing's title says: its words, the tokens that pin the exact variant, and its fitness.

A title may offer the thing itself, or a lot, an accessory, a broken one. Reads titles only; no prices.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Flag", "Title", "conflict", "normalise", "read_title"]

STORAGE, YEAR, GENERATION, SIZE, MODEL, NUMBER = (
    "storage",
    "year",
    "generation",
    "size",
    "model",
    "number",
)

NOISE = frozenset(
    """a an and are as at be been but by can come comes do does for free from get great has have in
    is it its just like look looks lot made make more must my no not of off on only or other out
    plus+ see so some the this to up us very was we what will with without you your
    w wow read desc description pics pic photo photos picture listing item items sale sell selling
    fast ship ships shipping shipped quick same day delivery usa seller authentic genuine original
    100% rare htf vtg nice good excellent fair mint exc exc+ near clean lightly gently barely hardly
    fully used preowned pre owned new brand sealed nib nwt bnib open box boxed opened refurbished refurb renewed
    condition cond cosmetic working works work worked tested test guaranteed guarantee warranty
    perfect perfectly beautiful gorgeous amazing awesome lovely super+ price priced cheap bargain deal
    steal obo offer offers best value l@@k look!! nr reserve ready complete completely shape everything
    included includes include incl please fully functional functions grade damage scratches scratched worn
    wear minor heavy acceptable adult owner owned home smoke pet estate find""".split()  # noqa: SIM905 - a list of 160 quoted words is unreadable
)
"""Words of the trade that say how a seller praises or ships, not what the thing is.
Conditions are read from the listing's own field, never from such words. Own list, 2026-11."""

ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8"}

_SPLIT = re.compile(r"[^a-z0-9.+/&\"']+")
_UNIT = "gb|tb|mb|mm|cm|in|inch|inches|oz|lb|lbs|kg|g|v|w|ah|mah|hz|khz|ghz|mhz|mp|k|t|pc|pcs"
_JOIN_UNIT = re.compile(rf"\b(\d+(?:\.\d+)?)[ -]({_UNIT})\b")
_INCHES = re.compile(r"(\d)\s?(?:\"|''|”)")
_FSTOP = re.compile(r"\bf\s?/?\s?(\d+(?:\.\d+)?)\b")
_ORDINAL = re.compile(
    r"\b(\d+)(?:st|nd|rd|th)[ -]?gen(?:eration)?\b|\bgen(?:eration)?[ .-]?(\d+)\b"
)
_MARK = re.compile(r"\b(?:mk|mark|version|ver)[ .-]?(\d+|i{1,3}|iv|vi{0,3})\b")
_STORAGE = re.compile(r"^\d+(?:\.\d+)?(?:gb|tb)$")
_SIZE = re.compile(r"^\d+(?:\.\d+)?(?:mm|cm|in|oz|lb|kg|v|w|ah|mah|hz|mp|pcs)$|^f\d")
_YEAR = re.compile(r"^(?:19[3-9]\d|20[0-4]\d)$")
_NUMBER = re.compile(r"^\d+(?:\.\d+)?$")
_COUNT_OF = re.compile(r"^(?:\d+x|x\d+|\d+pcs?)$")


@dataclass(frozen=True, slots=True)
class Flag:
    """Why a title is not the plain thing: `lot`, `accessory` or `for_parts`, and the words that say so."""

    code: str
    quote: str


@dataclass(frozen=True, slots=True)
class Title:
    """A title as read: `full` is all of it normalised, `text` without noise, its `words`, its strong
    tokens by kind, its flags.
    """

    full: str
    text: str
    words: tuple[str, ...]
    strong: frozenset[tuple[str, str]]
    flags: tuple[Flag, ...]

    @property
    def kinds(self) -> frozenset[str]:
        """The codes of the flags."""
        return frozenset(flag.code for flag in self.flags)


def normalise(title: str) -> str:
    """Lower case, no accents, units joined to their numbers, hyphens inside model numbers dropped.

    `Canon AE-1  50 mm f/1.8` and `canon ae1 50mm f1.8` give the same text.
    """
    text = unicodedata.normalize("NFKD", title).lower()
    if not text.isascii():
        text = "".join(c for c in text if not unicodedata.combining(c))
    text = _INCHES.sub(r"\1in ", text)
    text = _ORDINAL.sub(lambda m: f" gen{m.group(1) or m.group(2)} ", text)
    text = _MARK.sub(lambda m: f" mk{ROMAN.get(m.group(1), m.group(1))} ", text)
    text = _JOIN_UNIT.sub(_join_unit, text)
    text = _FSTOP.sub(r"f\1", text)
    text = re.sub(r"(?<=[a-z])-(?=\d)|(?<=\d)-(?=[a-z]\b)", "", text)
    words = (word.strip("./&'\"+") for word in _SPLIT.split(text.replace("/", " ")))
    return " ".join(word for word in words if word)


def _join_unit(match: re.Match[str]) -> str:
    unit = match.group(2)
    unit = {"inch": "in", "inches": "in", "lbs": "lb", "pc": "pcs"}.get(unit, unit)
    return match.group(1) + unit


def _strong_kind(word: str) -> str | None:
    """What a token pins down; None for plain words."""
    if word.startswith(("gen", "mk")) and word[-1].isdigit():
        return GENERATION
    if not any(c.isdigit() for c in word):
        return None
    if _STORAGE.match(word):
        return STORAGE
    if _SIZE.match(word):
        return SIZE
    if _YEAR.match(word):
        return YEAR
    if _NUMBER.match(word):
        return NUMBER
    return None if _COUNT_OF.match(word) else MODEL


@lru_cache(maxsize=4096)
def read_title(title: str) -> Title:
    """Everything a title tells. Pure; remembered because relists and repeats are common."""
    text = normalise(title)
    words: list[str] = []
    strong: set[tuple[str, str]] = set()
    for word in text.split():
        if word in NOISE or (len(word) < 2 and not word.isdigit()):
            continue
        word = ROMAN.get(word, word) if words else word
        words.append(word)
        kind = _strong_kind(word)
        if kind is not None:
            strong.add((kind, word))
    kept = tuple(dict.fromkeys(words))
    return Title(text, " ".join(kept), kept, frozenset(strong), find_flags(title))


def conflict(
    mine: frozenset[tuple[str, str]], theirs: frozenset[tuple[str, str]]
) -> tuple[str, str, str] | None:
    """The strong tokens on which two titles disagree, as (kind, mine, theirs).

    They disagree when each names something of a kind that the other does not: 64gb and 256gb, ae1 and
    a1. A token that only one side gives is no disagreement: titles leave things out.
    """
    if mine == theirs:
        return None
    only_mine, only_theirs = mine - theirs, theirs - mine
    if not only_mine or not only_theirs:
        return None
    for kind in (STORAGE, MODEL, GENERATION, YEAR, NUMBER, SIZE):
        left = [word for k, word in only_mine if k == kind]
        right = [word for k, word in only_theirs if k == kind]
        if left and right and not _same_spelling(left, right):
            return kind, min(left), min(right)
    return None


def _same_spelling(left: list[str], right: list[str]) -> bool:
    """Whether one side's tokens are the other's with something attached: a7 and a7body."""
    return any(
        len(a) > 2 and len(b) > 2 and (a.startswith(b) or b.startswith(a))
        and not (a[-1].isdigit() and b[-1].isdigit())
        for a in left
        for b in right
    )  # fmt: skip


# --- is it the thing itself? -----------------------------------------------------------------

_PART_NOUN = (
    r"(?:hard |soft |leather |silicone |protective |carrying |carry |gig |travel |storage |padded |clear )*"
    r"(?:case|cover|strap|band|battery|batteries|battery grip|charger|charging cable|charging dock|cable|cord|"
    r"adapter|adaptor|power supply|ac adapter|box|packaging|manual|user guide|instructions?|lens cap|cap|"
    r"lens hood|hood|skin|decals?|stickers?|screen protector|protector|tempered glass|bag|pouch|sleeve|holster|"
    r"mount|stand|holder|cradle|remote|controller grip|thumb grips?|grips?|ear ?pads?|ear ?cushions?|cushions?|"
    r"ear ?tips|bracket|backplate|water ?block|filter|filter holder|portafilter|basket|tamper|gasket|seal|"
    r"insoles?|laces|shoe ?laces|light(?:ing)? kit|display case|display stand|keyboard cover|hub|"
    r"dust cover|knobs?|strings|tuners?|pickguard|bridge|saddle cover|blades?|bits?|chuck|brushes|"
    r"bracelet|links?|buckle|clasp|crystal|bezel|faceplate|shell|housing|fan|heatsink|riser|parts?|"
    r"replacement [a-z]+|accessor(?:y|ies))s?"
)
_NOT_AFTER = r"(?<!with )(?<!w/ )(?<!w/)(?<!and )(?<!& )(?<!\+ )(?<!plus )(?<!incl )(?<!including )(?<!includes )(?<!no )"
_ACCESSORY = [
    re.compile(
        rf"{_NOT_AFTER}\b{_PART_NOUN}\s+(?:for|fits?|to fit|compatible with|only for)\b(?!\s+(?:parts|repair|spares))"
    ),
    re.compile(
        r"\b(?:empty\s+)?(?:original\s+)?(?:retail\s+)?(?:box|packaging|manual|case|charger|remote|strap|dock|lid|stand)s?\s*"
        r"(?:(?:and|&|\+)\s*(?:manual|papers|inserts?|box)\s*)?only\b"
    ),
    re.compile(
        r"\b(?:minifig(?:ure)?s?|instructions?|accessor(?:y|ies)|body cap|shell|frame) only\b"
    ),
    re.compile(r"\bempty\s+(?:retail\s+|original\s+)?(?:box|case)\b"),
    re.compile(r"\bcompatible\s+(?:with|for)\b"),
    re.compile(rf"{_NOT_AFTER}\breplacement\s+(?:for\b|screen\b|display\b|lcd\b|{_PART_NOUN}\b)"),
    re.compile(
        r"\bno\s+(?:camera|lens|phone|console|laptop|watch|guitar|tool|machine|shoes|unit|device|headphones)\b(?!\s+(?:case|strap|bag|box|cap|charger|stand|band))"
    ),
    re.compile(rf"{_NOT_AFTER}\b(?:instruction|owner'?s|user|service)\s+manual\b(?!\s+included)"),
]
_HEAD_FOR = re.compile(r"((?:[a-z][a-z'&+-]*\s+){1,4}?)(?:for|fits)\s+([a-z0-9]+)")
_NOT_A_TARGET = frozenset(
    """parts part repair repairs spares spare sale sell trade kids kid men mens women womens boys girls him her
    beginners beginner home office travel gaming work school students student study running hiking left right
    adults everyone all any your you the a display collectors collector restoration project free only use""".split()  # noqa: SIM905 - as above
)
_MAIN_THINGS = frozenset(
    """camera lens lenses guitar bass laptop notebook phone smartphone console headphones earbuds watch drill
    driver saw tool shoes sneakers boots set card gpu machine bike bicycle tablet synthesizer synth keyboard-synth
    amp amplifier speaker monitor printer kit""".split()  # noqa: SIM905 - as above
)


def _is_made_for_another(text: str) -> str | None:
    """The opening of a title such as `drip tray for gaggia …`: a thing named by what it belongs to.

    Not `lens for nikon` (the thing itself) nor `camera for beginners` (whom it suits).
    """
    match = _HEAD_FOR.match(text)
    if match is None or match.group(2) in _NOT_A_TARGET:
        return None
    return None if match.group(1).split()[-1] in _MAIN_THINGS else match.group(0)


_LOT = [
    re.compile(
        r"\b(?:job\s?lot|wholesale|bulk\s+lot|lots?\s*(?:of|x)\s*\(?(?:\d|two|three|four|five|six|ten)\w*\)?|lot\s+of\b|"
        r"bundle\s+of\s+\(?\d+\)?|(?:set|pack|group|pair|collection|box)\s+of\s+\(?(?:[2-9]|\d\d)\b\)?(?!\s*(?:in|mm|piece))|"
        r"\(?\d+\)?\s*(?:pc|pcs|piece|unit)s?\s+lot)\b"
    ),
    re.compile(r"^\(?[2-9]\)?\s?[x×]\s(?=\w)|\s[x×]\s?[2-9]\)?$|\([x×]\s?[2-9]\)"),
    re.compile(r"\b(?:qty|quantity)\s*:?\s*\(?(?:[2-9]|\d\d)\b"),
    re.compile(
        r"(?<!\ba )(?<!whole )(?<!parking )\blot\b(?!\s+of\s+(?!\d|two|three|four|five|six))(?!\s*#?\d{3})"
    ),
    re.compile(
        r"\bbundle\b|\b(?!out|one|best|part|copy|each)[a-z]{3,}\s+of\s+\(?[2-9]\)?(?=\s)(?!\s+(?:in|mm))"
    ),
]
_PARTS = [
    re.compile(
        r"(?<!not )\bfor\s+(?:parts?|repairs?|spares?)\b"
        r"(?:\s*(?:or|/|&|and|-)?\s*(?:not\s+working|repairs?|parts?|spares?|restore))?"
    ),
    re.compile(
        r"\bparts?\s+(?:only|or\s+repair)\b|\bparts\s*/\s*repair\b|\bspares?\s*(?:or|/|&|and)\s*repairs?\b"
    ),
    re.compile(
        r"\b(?:not|non|isn'?t|doesn'?t|does\s+not|won'?t|no\s+longer)[\s-]+"
        r"(?:working|work|functional|function|functioning|turn(?:ing)?\s+on|power(?:ing)?\s+on|charge|boot)\b"
    ),
    re.compile(
        r"(?<!no )(?<!not )(?<!never )\bbroken\b(?!\s+(?:strings?|tuners?|in\b))|(?<!not )\b(?:faulty|defective)\b|"
        r"\bwater\s+damaged?\b|(?<!no )\bcracked\s+(?:screen|lcd|display|glass)\b|\b(?:bad|dead)\s+(?:esn|imei|board|lcd|motherboard)\b"
    ),
    re.compile(r"\b(?:icloud|activation|bios|mdm|account)\s+lock(?:ed)?\b"),
    re.compile(
        r"\bneeds?\s+(?:repairs?|work|fix(?:ing)?)\b|(?<!reserve )\bno\s+power\b(?!\s+(?:cord|supply|cable|adapter))"
    ),
]
_CUES = (
    ("accessory", _ACCESSORY, re.compile(r" for| fits?\b|to fit|only|empty|compat|replacement|\bno |manual")),
    ("lot", _LOT, re.compile(r"lot|bundle|wholesale| of \(?\d|[x×]|qty|quantity")),
    ("for_parts", _PARTS, re.compile(r"part|repair|spare|work|func|turn|power|charge|boot|broken|faulty|defect|damage|crack|bad|dead|lock|fix")),
)  # fmt: skip
"""Code, its patterns, and a cheap cue without which none of them can match."""


def find_flags(title: str) -> tuple[Flag, ...]:
    """Whether the title offers a lot, an accessory or a broken thing, each with the words that say so."""
    plain = " ".join(title.split())
    text = plain.lower()
    if len(text) != len(plain):
        plain = text
    flags = []
    for code, patterns, cue in _CUES:
        if not cue.search(text):
            continue
        for pattern in patterns:
            match = pattern.search(text)
            if match:
                quote = plain[match.start() : match.end()].strip()
                flags.append(Flag(code, quote))
                break
    made_for = None if flags else _is_made_for_another(text)
    if made_for is not None:
        flags.append(Flag("accessory", plain[: len(made_for)]))
    return tuple(flags)
