"""What titles tell: the same thing in other spellings, the variant, and whether it is the thing at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.titles import conflict, normalise, read_title


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Canon AE-1  50 mm f/1.8", "canon ae1 50mm F1.8"),
        ("Sony WH-1000XM4 Headphones", "sony wh1000xm4 headphones"),
        ("iPhone 12 128 GB", "IPHONE 12 128GB"),
        ('MacBook Pro 13"', "macbook pro 13 in"),
        ("iPad 9th Generation", "ipad gen 9"),
        ("Café Grinder", "cafe grinder"),
        ("Canon 5D Mark III", "canon 5d mk 3"),
    ],
)
def test_spellings_of_one_thing_read_the_same(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("mine", "theirs", "kind"),
    [
        ("iPhone 12 64GB", "iPhone 12 256GB", "storage"),
        ("iPhone 12", "iPhone 13", "number"),
        ("Canon AE-1", "Canon A-1 T50", "model"),
        ("Canon AE-1", "Canon AE-1 Program", None),
        ("MacBook Pro 2015", "MacBook Pro 2019", "year"),
        ("iPad 9th gen", "iPad 10th gen", "generation"),
        ("Nikon 50mm f1.8", "Nikon 85mm f1.8", "size"),
        ("Leica M6", "Leica M6 35mm", None),
        ("ThinkPad T480 8GB 256GB", "ThinkPad T480 16GB 256GB", "storage"),
    ],
)
def test_titles_disagree_only_where_both_name_a_variant(
    mine: str, theirs: str, kind: str | None
) -> None:
    found = conflict(read_title(mine).strong, read_title(theirs).strong)
    assert (found and found[0]) == kind


@pytest.mark.parametrize(
    ("title", "code", "quote"),
    [
        ("Lot of 3 Canon AE-1 cameras", "lot", "Lot of 3"),
        ("Canon AE-1 x2", "lot", "x2"),
        ("Nike Dunk Low Size 11 x3 wholesale lot Shoes", "lot", "wholesale"),
        ("Bundle of 5 Nikon lenses", "lot", "Bundle of 5"),
        ("2 x Makita drill", "lot", "2 x"),
        ("Nintendo Switch OLED bundle", "lot", "bundle"),
        ("Leather case for Canon AE-1", "accessory", "Leather case for"),
        ("Battery for DeWalt 20V drill", "accessory", "Battery for"),
        ("Rolex Submariner box only", "accessory", "box only"),
        ("Apple Watch band compatible with series 7", "accessory", "band compatible with"),
        ("Drip Tray for Gaggia Classic Pro", "accessory", "Drip Tray for Gaggia"),
        ("Replacement screen iPhone 12", "accessory", "Replacement screen"),
        ("Canon AE-1 for parts or repair", "for_parts", "for parts or repair"),
        ("ThinkPad T480 not working", "for_parts", "not working"),
        ("iPhone X iCloud locked", "for_parts", "iCloud locked"),
        ("Espresso machine BROKEN", "for_parts", "BROKEN"),
    ],
)
def test_what_is_not_the_plain_thing_is_named_with_the_words_that_say_so(
    title: str, code: str, quote: str
) -> None:
    assert [(flag.code, flag.quote) for flag in read_title(title).flags][:1] == [(code, quote)]


@pytest.mark.parametrize(
    "title",
    [
        "Canon AE-1 with case and strap",
        "DeWalt DCD791 drill with battery and charger",
        "Fender Stratocaster lots of extras",
        "Guitar used a lot but lovely",
        "Sigma 50mm lens for Canon EF",
        "Camera for beginners Canon AE-1",
        "Working Pentax K1000, no broken parts inside",
        "HP Elite X2 G4 13 in i5",
        "Squier Strat one broken string",
        "Grateful Dead signed guitar",
        "Nike Air Max for men size 10",
        "Tested and fully functional Nikon FM2",
    ],
)
def test_the_plain_thing_is_not_accused(title: str) -> None:
    assert read_title(title).flags == ()


@given(st.text(max_size=120))
def test_any_text_can_be_read(title: str) -> None:
    read = read_title(title)
    assert all(flag.quote in " ".join(title.split()) or flag.quote for flag in read.flags)
    assert read == read_title(title)
    assert " ".join(read.words) == read.text
