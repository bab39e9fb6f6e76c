"""Words by which a seller leads a buyer away from the marketplace's protection, and where they stand.

Payment that cannot be taken back, and contact outside. What is refused ("no zelle, please") does not
count; "no paypal, zelle only" does. English only. Reads text; knows nothing of prices.
"""

import re
import unicodedata
from typing import Final

__all__ = ["find_contact", "find_payment"]

_PAY: Final = (
    r"zelle|venmo|cash\s?app|\$cashtag|western\s+union|money\s?gram|"
    r"(?:wire|bank)\s+transfers?|"
    r"pay\s?pal\s+(?:as\s+)?(?:f\s?(?:&|and|\+|/|n)\s?f|friends\s*(?:&|and|/|\+)?\s*family)"
)
_PAY_IN_CONTEXT: Final = (
    r"(?:pay(?:ment|ing|s)?|accept(?:s|ed|ing)?|send|via|with|by|through|take[sn]?|using)"
    r"(?:\s+(?:me|is|by|via|with|through|in|an?|the|using|only|amazon|apple|steam|google|play|itunes|e-?bay)){0,4}\s+"
    r"(?:gift\s?cards?|bitcoins?|btc|crypto(?:currency)?|ethereum|usdt)|"
    r"(?:gift\s?cards?|bitcoins?|btc|crypto)\s+(?:only|accepted|payments?|preferred)"
)
_PAYMENT: Final = re.compile(rf"(?<![\w@])(?:{_PAY}|{_PAY_IN_CONTEXT})(?!\w)", re.IGNORECASE)

_APART: Final = re.compile(
    r"\b(?:whats\s?app|we\s?chat|telegram\s*(?::|@|me\b)|(?:on|via|by|my)\s+telegram)(?!\w)|"
    r"\b(?:deals?|sales?|sell|buy|pay(?:ment)?|trades?|transactions?|contact|talk)\s+(?:me\s+)?outside(?:\s+of)?\s+"
    r"(?:e-?bay|(?:the|this)\s+(?:site|platform|app))\b|"
    r"\boff[\s-](?:platform|e-?bay)\s+(?:deals?|sales?|payments?|transactions?)\b",
    re.IGNORECASE,
)
_TOLD: Final = re.compile(
    r"\b(?:(?:text|sms|e-?mail|dm|message|call)(?:\s+(?:or|and)\s+(?:text|call|e-?mail))?\s+(?:me|us)\s+(?:at|on|@)|"
    r"(?:text|call)\s+(?:or|/)\s*(?:text|call)\b|(?:text|e-?mail|sms)\s+me\b)",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(
    r"(?<![\w.$-])(?:\+?1[\s.-]?)?(?:\([2-9]\d{2}\)\s?|[2-9]\d{2}[\s.-])[2-9]\d{2}[\s.-]\d{4}(?![\w-])|"
    r"(?<![\w.$])\+[1-9]\d{0,2}(?:[\s.()-]{0,2}\d){8,12}(?!\w)|"
    r"(?<=[a-z])[\s:.#@-]{1,3}[2-9]\d{9}(?!\w)"
)
_CALLED: Final = re.compile(
    r"(?:text|call|phone|tel|cell|mobile|sms|contact|reach|me|us)\W{0,3}(?:at|on)?$", re.IGNORECASE
)
_MAIL: Final = re.compile(
    r"(?<![\w.])[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.|\s?\(dot\)\s?|\s?\[dot\]\s?)(?:com|net|org|co|io|me|info|biz|us|uk|ru|de)\b",
    re.IGNORECASE,
)

_NEVER: Final = r"(?:no|not|never|nor|don['’]?t|doesn['’]?t|won['’]?t|can(?:no|['’]?)t|isn['’]?t|without|refuse|avoid|beware\s+of)"
_BETWEEN: Final = (
    r"(?:accept(?:s|ed|ing)?|take|use|using|do|ask(?:ing)?|send|deal(?:s|ing)?|trades?|for|to|me|us|my|any|or|and|nor|"
    r"pay(?:ments?|ing)?|methods?|via|by|with|through|e-?bay|please|requests?|offers?|talk|contact|"
    rf"pay\s?pal|checks?|che(?:que)s?|cash|gift|cards?|bitcoin|btc|crypto|telegram|whats\s?app|{_PAY})"
)
_LINK: Final = r"[\s,/&+|-]+"
_REFUSED_BEFORE: Final = re.compile(
    rf"(?<!\w){_NEVER}(?:{_LINK}{_BETWEEN})*{_LINK}$", re.IGNORECASE
)
_REFUSED_AFTER: Final = re.compile(
    rf"^(?:{_LINK}{_BETWEEN})*\s*(?:is|are|will\s+be|payments?\s+(?:is|are))?\s*"
    r"(?:not\b|never\b|declined|refused|ignored|blocked|reported|(?:is|are|=)?\s*(?:a\s+)?scams?\b)",
    re.IGNORECASE,
)
_INSISTED: Final = re.compile(
    r"^\W*(?:only\b|accepted|preferred|works\b|is\s+(?:ok|fine|best)|ok\b)", re.IGNORECASE
)
_JUST_BEFORE: Final = re.compile(
    rf"(?<!\w){_NEVER}\s+(?:ever\s+|try\s+to\s+|please\s+)?$", re.IGNORECASE
)
_SENTENCE: Final = re.compile(r"[.!?;\n](?:\s|$)")


def find_payment(text: str) -> str | None:
    """The words that ask for a payment outside the marketplace, as they stand in `text`; None when there are none."""
    return next(
        (
            match.group(0)
            for match in _PAYMENT.finditer(_plain(text))
            if not _is_refused(match, _plain(text))
        ),
        None,
    )


def find_contact(text: str) -> str | None:
    """The words that lead to a contact or a deal outside the marketplace, as they stand in `text`."""
    text = _plain(text)
    mail = _MAIL.search(text)
    number = next((m for m in _NUMBER.finditer(text) if _is_phone(m, text)), None)
    told = next(
        (m for m in _TOLD.finditer(text) if not _JUST_BEFORE.search(text[: m.start()])), None
    )
    apart = next((m for m in _APART.finditer(text) if not _is_refused(m, text)), None)
    found = min(filter(None, (mail, number, told, apart)), key=lambda m: m.start(), default=None)
    if found is None:
        return None
    end = found.end()
    if found is told:  # with where it leads to, when that follows at once
        end = max(m.end() for m in (told, mail, number, apart) if m and m.start() - told.end() <= 3)
    return text[found.start() : end].strip(" :.#@-")


def _plain(text: str) -> str:
    """Full-width and styled letters as plain ones (a common way around filters), spaces as one."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _is_phone(match: re.Match[str], text: str) -> bool:
    """Ten digits in a row are a number of anything, unless one is told to call it."""
    digits = match.group(0).strip(" :.#@-")
    return not digits.isdigit() or _CALLED.search(text[: match.start()]) is not None


def _is_refused(match: re.Match[str], text: str) -> bool:
    """Whether the sentence says no to what it names: before it in one breath, or after it."""
    starts = [m.end() for m in _SENTENCE.finditer(text, 0, match.start())]
    before = text[starts[-1] if starts else 0 : match.start()]
    ends = _SENTENCE.search(text, match.end())
    after = text[match.end() : ends.start() if ends else len(text)]
    if _REFUSED_AFTER.search(after):
        return True
    return _REFUSED_BEFORE.search(before) is not None and not _INSISTED.search(after)
