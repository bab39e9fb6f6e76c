"""A certificate for 127.0.0.1 that signs itself, made anew for a test: X.509 in DER, ECDSA on P-256 (FIPS 186-5)."""

import base64
import hashlib
import secrets
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
Point = tuple[int, int] | None


def _plus(a: Point, b: Point) -> Point:
    if a is None or b is None:
        return a or b
    (x1, y1), (x2, y2) = a, b
    if x1 == x2:
        if (y1 + y2) % P == 0:
            return None
        slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, P)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P)
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def _times(number: int, point: Point) -> tuple[int, int]:
    total: Point = None
    while number:
        if number & 1:
            total = _plus(total, point)
        point, number = _plus(point, point), number >> 1
    assert total is not None
    return total


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _integer(value: int) -> bytes:
    return _der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _oid(dotted: str) -> bytes:
    first, second, *rest = (int(part) for part in dotted.split("."))
    content = bytes([40 * first + second])
    for part in rest:
        groups = [part & 0x7F]
        while part := part >> 7:
            groups.insert(0, 0x80 | (part & 0x7F))
        content += bytes(groups)
    return _der(6, content)


def _pem(kind: str, content: bytes) -> str:
    dashes = "-" * 5
    body = base64.encodebytes(content).decode()
    return f"{dashes}BEGIN {kind}{dashes}\n{body}{dashes}END {kind}{dashes}\n"


def contexts(home: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a fresh certificate, and a client's that believes in it alone."""
    key = secrets.randbelow(N - 1) + 1
    x, y = _times(key, G)
    public = _der(3, b"\0\4" + x.to_bytes(32, "big") + y.to_bytes(32, "big"))
    kind = _der(0x30, _oid("1.2.840.10045.2.1"), _oid("1.2.840.10045.3.1.7"))
    name = _der(0x30, _der(0x31, _der(0x30, _oid("2.5.4.3"), _der(12, b"Deal Scout's tests"))))
    now = datetime.now(UTC)
    times = [
        _der(0x17, f"{at:%y%m%d%H%M%SZ}".encode())
        for at in (now - timedelta(days=1), now + timedelta(days=1))
    ]
    algorithm = _der(0x30, _oid("1.2.840.10045.4.3.2"))
    names = _der(0x30, _der(0x87, bytes([127, 0, 0, 1])))
    extensions = _der(
        0x30,
        _der(0x30, _oid("2.5.29.17"), _der(4, names)),
        _der(0x30, _oid("2.5.29.19"), _der(1, b"\xff"), _der(4, _der(0x30, _der(1, b"\xff")))),
    )
    body = _der(
        0x30,
        _der(0xA0, _integer(2)),
        _integer(secrets.randbits(63)),
        *(algorithm, name, _der(0x30, *times), name, _der(0x30, kind, public)),
        _der(0xA3, extensions),
    )
    digest = int.from_bytes(hashlib.sha256(body).digest(), "big")
    nonce = secrets.randbelow(N - 1) + 1
    r = _times(nonce, G)[0] % N
    s = pow(nonce, -1, N) * (digest + r * key) % N
    signature = _der(3, b"\0" + _der(0x30, _integer(r), _integer(s)))
    certificate = _pem("CERTIFICATE", _der(0x30, body, algorithm, signature))
    private = _der(
        0x30, _integer(1), _der(4, key.to_bytes(32, "big")), _der(0xA0, _oid("1.2.840.10045.3.1.7"))
    )
    path = home / "server.pem"
    path.write_text(_pem("EC PRIVATE KEY", private) + certificate)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=certificate)
