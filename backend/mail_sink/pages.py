"""The HTTP side: what was received, as JSON for programs and as plain pages for people. Loopback names only."""

import re
from collections.abc import Mapping
from html import escape
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from mail_sink.faults import Faults, from_json
from mail_sink.store import Letter, MailStore

_SAFE: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_LETTER: Final = {
    **_SAFE,
    "Content-Security-Policy": "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';"
    " style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
}
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;"
    "background:#fff}a{color:#0b57b7}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #ddd;overflow-wrap:anywhere}"
    "pre{font-size:14px;white-space:pre-wrap;overflow-wrap:anywhere;background:#f5f5f5;padding:1rem;border-radius:6px}"
    "iframe{width:100%;height:32rem;border:1px solid #ddd;border-radius:6px}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}a{color:#8ab8ff}"
    "pre{background:#222}th,td,iframe{border-color:#444}iframe{background:#fff}}"
)
_LINK: Final = re.compile(r"https?://[^\s<>\"]+")


def create_app(store: MailStore, faults: Faults) -> Starlette:
    """The pages and the API over one store."""
    app = Starlette(
        routes=[
            Route("/", _list_page),
            Route("/health", _health),
            Route("/messages", _list),
            Route("/messages/{id}", _one),
            Route("/messages/{id}/page", _page),
            Route("/messages/{id}/html", _html),
            Route("/messages/{id}/raw", _raw),
            Route("/faults", _faults, methods=["GET", "POST", "DELETE"]),
        ],
        # another name means a page elsewhere that has its name point here (DNS rebinding)
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
        exception_handlers={HTTPException: _refused},
    )
    app.state.store, app.state.faults = store, faults
    return app


def _health(request: Request) -> Response:
    return JSONResponse({"status": "ok"}, headers=_SAFE)


def _list(request: Request) -> Response:
    """`?to=` keeps one address's letters."""
    letters = request.app.state.store.newest(to=request.query_params.get("to"))
    return JSONResponse({"items": [_summary(letter) for letter in letters]}, headers=_SAFE)


def _one(request: Request) -> Response:
    letter = _letter(request)
    document = {
        **_summary(letter),
        "headers": [[name, str(value)] for name, value in letter.message.items()],
        "text": letter.body("plain"),
        "html": letter.body("html"),
    }
    return JSONResponse(document, headers=_SAFE)


def _raw(request: Request) -> Response:
    letter = _letter(request)
    content = request.app.state.store.raw(letter.id)
    return Response(content, media_type="text/plain; charset=utf-8", headers=_SAFE)


def _html(request: Request) -> Response:
    """The letter as it is, but that its links open beside this page instead of inside its frame."""
    html = _letter(request).body("html").replace("<head>", '<head><base target="_blank">', 1)
    return HTMLResponse(html, headers=_LETTER)


def _page(request: Request) -> Response:
    letter = _letter(request)
    frame = f'<iframe src="/messages/{letter.id}/html" title="The letter as formatted"></iframe>'
    parts = [
        '<p><a href="/">All mail</a></p>',
        f"<h1>{escape(letter.subject) or '(no subject)'}</h1>",
        f"<p>From {escape(str(letter.message.get('From', '')))}<br>To {escape(', '.join(letter.to))}<br>",
        f"{letter.received_at:%Y-%m-%d %H:%M:%S} UTC</p>",
        f"<h2>Text</h2><pre>{_linked(letter.body('plain'))}</pre>",
        f"<h2>Formatted</h2>{frame}" if letter.body("html") else "",
        f'<p><a href="/messages/{letter.id}/raw">As it was received</a></p>',
    ]
    return _document(letter.subject or "(no subject)", "\n".join(parts))


def _list_page(request: Request) -> Response:
    letters = request.app.state.store.newest()
    rows = "\n".join(
        f'<tr><td><a href="/messages/{letter.id}/page">{escape(letter.subject) or "(no subject)"}</a></td>'
        f"<td>{escape(', '.join(letter.to))}</td><td>{letter.received_at:%Y-%m-%d %H:%M:%S}</td></tr>"
        for letter in letters
    )
    table = (
        f"<table><thead><tr><th>Subject</th><th>To</th><th>Received (UTC)</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )
    empty = "<p>Nothing has been sent yet. Letters appear here when this page is loaded again.</p>"
    what = "<p>Mail of this Deal Scout stays here: it is delivered to nobody.</p>"
    return _document("Mail", f"<h1>Mail</h1>{what}{table if letters else empty}")


async def _faults(request: Request) -> Response:
    faults: Faults = request.app.state.faults
    if request.method == "DELETE":
        faults.clear()
    if request.method == "POST":
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            raise HTTPException(415, "send application/json")
        try:
            faults.script(*from_json(await request.json()))
        except ValueError as fault:
            raise HTTPException(422, str(fault)) from fault
    return JSONResponse({"waiting": len(faults)}, headers=_SAFE)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"detail": error.detail}, status_code=error.status_code, headers=_SAFE)


def _letter(request: Request) -> Letter:
    found: Letter | None = request.app.state.store.find(request.path_params["id"])
    if found is None:
        raise HTTPException(404, "no such letter")
    return found


def _summary(letter: Letter) -> Mapping[str, Any]:
    return {
        "id": letter.id,
        "received_at": letter.received_at.isoformat(),
        "from": str(letter.message.get("From", "")),
        "sender": letter.sender,
        "to": list(letter.to),
        "subject": letter.subject,
        "message_id": str(letter.message.get("Message-ID", "")),
    }


def _linked(text: str) -> str:
    """Text as HTML, its web addresses as links."""
    pieces = []
    end = 0
    for found in _LINK.finditer(text):
        pieces.append(escape(text[end : found.start()]))
        address = escape(found.group())
        pieces.append(f'<a href="{address}" rel="noreferrer noopener">{address}</a>')
        end = found.end()
    return "".join(pieces) + escape(text[end:])


def _document(title: str, body: str) -> Response:
    return HTMLResponse(
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Deal Scout mail</title><style>{_STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>\n",
        headers=_SAFE,
    )
