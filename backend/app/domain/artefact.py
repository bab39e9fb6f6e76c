"""A fitted market as bytes and back: one .npz without pickle, named by its content.

The same comparables give the same bytes, so their SHA-256 names the model wherever it was fitted.
Networks are kept in half precision: whoever fits uses what `unpack` gives, as everybody else does.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, Final
from uuid import UUID

import numpy as np
import orjson
import scipy.sparse as sp
from numpy.typing import NDArray

from app.domain.agreement import StrongIndex
from app.domain.calibration import Calibration
from app.domain.comparables import Comp, Learned, Market
from app.domain.effects import Effects
from app.domain.features import FeatureSpace
from app.domain.price_model import PriceModel, Trend
from app.domain.valuation import FORMULA_VERSION

__all__ = ["FORMAT", "MAX_UNPACKED", "InvalidArtefact", "pack", "unpack", "version_of"]

Arrays = dict[str, NDArray[np.generic]]

FORMAT: Final = 2
MAX_UNPACKED: Final = 512 * 2**20
"""Bytes. MAX_MARKET comparables take about a tenth of it."""
LEVEL: Final = 1
"""Of compression: the highest takes five times as long for a tenth fewer bytes."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)


class InvalidArtefact(ValueError):
    """Bytes that are no artefact of this format and formula; the message says what is wrong."""


def version_of(packed: bytes) -> str:
    """The model's name: the formula's version and the first 12 hex digits of the bytes' SHA-256."""
    return f"{FORMULA_VERSION}-{hashlib.sha256(packed).hexdigest()[:12]}"


def pack(market: Market) -> bytes:
    """The market and all it has learned, but its version, which follows from the bytes."""
    learned = market.learned
    arrays = _comp_arrays(market.comps)
    for name, part in (
        ("space", learned.space.to_arrays()),
        ("words", _sparse_arrays(learned.words)),
        ("grams", _sparse_arrays(learned.grams)),
        ("strong", learned.strong.to_arrays()),
        ("effects", learned.effects.to_arrays()),
        ("calibration", learned.calibration.to_arrays()),
        ("model", {} if learned.model is None else learned.model.to_arrays()),
    ):
        arrays |= {f"{name}.{key}": array for key, array in part.items()}
    arrays["row_effect"] = learned.row_effect
    arrays["plain"] = learned.plain
    arrays["trend"] = np.array([learned.trend.per_day, learned.trend.centre])
    if learned.word_weight is not None:
        arrays["word_weight"] = learned.word_weight
    header = {
        "format": FORMAT,
        "formula": FORMULA_VERSION,
        "currency": market.currency,
        "use_for_days": learned.use_for_days,
        "kinds": _known(comp.kind for comp in market.comps),
        "currencies": _known(comp.currency for comp in market.comps),
        "conditions": _known(comp.condition for comp in market.comps),
    }
    arrays["header"] = np.frombuffer(orjson.dumps(header, option=orjson.OPT_SORT_KEYS), np.uint8)
    return _zipped(arrays)


def unpack(packed: bytes) -> Market:
    """The market that `pack` wrote, its version set. InvalidArtefact for anything else."""
    try:
        arrays = _unzipped(packed)
        header = orjson.loads(arrays["header"].tobytes())
        if header["format"] != FORMAT or header["formula"] != FORMULA_VERSION:
            raise InvalidArtefact(
                f"format {header['format']} of formula {header['formula']}:"
                f" this release reads format {FORMAT} of {FORMULA_VERSION}"
            )
        return _market(header, arrays, version_of(packed))
    except InvalidArtefact:
        raise
    except (
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        OverflowError,
        EOFError,
        NotImplementedError,
        OSError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise InvalidArtefact(
            f"no artefact of a market: {type(error).__name__}: {error}"
        ) from error


def _market(header: Mapping[str, Any], arrays: Arrays, version: str) -> Market:
    comps = _comps(header, arrays)
    model = _part(arrays, "model")
    trend = arrays["trend"].astype(float)
    learned = Learned(
        space=FeatureSpace.from_arrays(_part(arrays, "space")),
        words=_sparse(_part(arrays, "words")),
        grams=_sparse(_part(arrays, "grams")),
        strong=StrongIndex.from_arrays(_part(arrays, "strong")),
        effects=Effects.from_arrays(_part(arrays, "effects")),
        row_effect=arrays["row_effect"].astype(float),
        plain=arrays["plain"].astype(bool),
        model=PriceModel.from_arrays(model) if model else None,
        trend=Trend(float(trend[0]), float(trend[1])),
        word_weight=arrays["word_weight"].astype(float) if "word_weight" in arrays else None,
        calibration=Calibration.from_arrays(_part(arrays, "calibration")),
        use_for_days=header["use_for_days"],
        version=version,
    )
    for rows in (
        learned.words.shape[0],
        learned.grams.shape[0],
        len(learned.strong.borne),
        len(learned.row_effect),
        len(learned.plain),
    ):
        if rows != len(comps):
            raise InvalidArtefact(f"{rows} learned rows for {len(comps)} comparables")
    return Market(comps, currency=header["currency"], learned=learned)


def _known(values: Any) -> list[str]:
    return sorted(set(values))


def _comp_arrays(comps: Sequence[Comp]) -> Arrays:
    titles = [comp.title.encode() for comp in comps]
    kinds, currencies, conditions = (
        {value: code for code, value in enumerate(_known(getattr(comp, name) for comp in comps))}
        for name in ("kind", "currency", "condition")
    )
    untold = [comp.shipping_cents is None for comp in comps]
    return {
        "comp.id": np.frombuffer(b"".join(comp.id.bytes for comp in comps), np.uint8),
        "comp.titles": np.frombuffer(b"".join(titles), np.uint8),
        "comp.title_length": np.array([len(title) for title in titles], np.int32),
        "comp.price_cents": np.array([comp.price_cents for comp in comps], np.int64),
        "comp.shipping_cents": np.array([comp.shipping_cents or 0 for comp in comps], np.int64),
        "comp.shipping_untold": np.array(untold, bool),
        "comp.kind": np.array([kinds[comp.kind] for comp in comps], np.uint16),
        "comp.currency": np.array([currencies[comp.currency] for comp in comps], np.uint16),
        "comp.condition": np.array([conditions[comp.condition] for comp in comps], np.uint16),
        "comp.sold_at": np.array([(c.sold_at - _EPOCH) // _MICROSECOND for c in comps], np.int64),
        "comp.dated": np.array([comp.dated for comp in comps], bool),
    }


def _comps(header: Mapping[str, Any], arrays: Arrays) -> list[Comp]:
    ids, titles = arrays["comp.id"].tobytes(), arrays["comp.titles"].tobytes()
    ends = np.cumsum(arrays["comp.title_length"], dtype=np.int64).tolist()
    columns = [
        arrays[f"comp.{name}"].tolist()
        for name in (
            *("kind", "price_cents", "shipping_cents", "shipping_untold"),
            *("currency", "condition", "sold_at", "dated"),
        )
    ]
    if len(ids) != 16 * len(ends) or len(titles) != (ends[-1] if ends else 0):
        raise InvalidArtefact("ids, titles and their lengths do not agree")
    return [
        Comp(
            id=UUID(bytes=ids[16 * i : 16 * i + 16]),
            kind=header["kinds"][kind],
            title=titles[start:end].decode(),
            price_cents=price,
            shipping_cents=None if untold else shipping,
            currency=header["currencies"][currency],
            condition=header["conditions"][condition],
            sold_at=_EPOCH + at * _MICROSECOND,
            dated=dated,
        )
        for i, (
            start,
            end,
            kind,
            price,
            shipping,
            untold,
            currency,
            condition,
            at,
            dated,
        ) in enumerate(zip([0, *ends[:-1]] if ends else [], ends, *columns, strict=True))
    ]


def _sparse_arrays(matrix: sp.csc_array) -> Arrays:
    return {
        "values": matrix.data,
        "indices": matrix.indices.astype(np.int32),
        "starts": matrix.indptr.astype(np.int32),
        "shape": np.array(matrix.shape, np.int64),
    }


def _sparse(arrays: Mapping[str, Any]) -> sp.csc_array:
    matrix = sp.csc_array(
        (arrays["values"], arrays["indices"], arrays["starts"]),
        shape=tuple(arrays["shape"].tolist()),
    )
    matrix.check_format()
    return matrix


def _part(arrays: Arrays, name: str) -> Arrays:
    prefix = f"{name}."
    return {key.removeprefix(prefix): a for key, a in arrays.items() if key.startswith(prefix)}


def _zipped(arrays: Arrays) -> bytes:
    """An .npz as numpy's savez_compressed writes, with members in order and no time of writing."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(arrays):
            member = BytesIO()
            np.lib.format.write_array(
                member, np.asarray(arrays[name], order="C"), allow_pickle=False
            )
            entry = zipfile.ZipInfo(f"{name}.npy", _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, member.getvalue(), compresslevel=LEVEL)
    return buffer.getvalue()


def _unzipped(packed: bytes) -> Arrays:
    with zipfile.ZipFile(BytesIO(packed)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MAX_UNPACKED:
        raise InvalidArtefact(f"{unpacked} bytes unpacked are more than any market takes")
    with np.load(BytesIO(packed), allow_pickle=False) as arrays:
        found = {name: arrays[name] for name in arrays.files}
    for name, array in found.items():
        if not isinstance(array, np.ndarray):  # numpy gives a member that is no array as bytes
            raise InvalidArtefact(f"{name} is no array")
    return found
