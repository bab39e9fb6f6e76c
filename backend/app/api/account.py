"""One's own account: profile, password, second factor, sessions, keys, a copy of one's data, and its end.

All of it takes a session, never a key; what would let somebody keep the account takes the password too.
"""

import zipfile
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import orjson
from fastapi import Response

from app.api.access import CallerDep, refuse_without_second_factor
from app.api.auth import WrongCredentials, forget_cookie, me
from app.api.deps import SealerDep, SessionDep, SettingsDep
from app.api.idempotent import (
    CallDep,
    Router,
    answer_shows_a_secret,
    claim,
    json_response,
    keep,
    keeps_its_own_answer,
)
from app.api.origin import ActorDep, OriginDep
from app.api.problems import declared
from app.api.schemas.accounts import (
    AccountChange,
    ApiKeyIn,
    ApiKeyList,
    ApiKeyMade,
    ApiKeyOut,
    ApiKeyRotation,
    CodeIn,
    EmailChange,
    MailSent,
    Me,
    OwnSession,
    OwnSessionList,
    PasswordChange,
    PasswordIn,
    RecoveryCodes,
    SecondFactorBegun,
    SecondFactorRemoval,
)
from app.core import passwords
from app.core.clock import utc_now
from app.db.models import ApiKey, User
from app.db.session import Session, transaction
from app.services import (
    account_export,
    account_mail,
    account_tokens,
    accounts,
    api_keys,
    audit,
    second_factor,
    sessions,
    throttles,
)
from app.services.api_keys import PREFIX
from app.services.callers import Caller

router = Router(tags=["account"], responses=declared(401, 403, 413, 422, 429, 503))


@router.get("/account", operation_id="get_account")
def get_account(session: SessionDep, caller: CallerDep) -> Me:
    """The account of who asks."""
    return me(session, accounts.get(session, caller.user_id))


@router.patch("/account", operation_id="change_account")
def change_account(body: AccountChange, session: SessionDep, caller: CallerDep) -> Me:
    """Change the name that is shown."""
    user = accounts.get(session, caller.user_id)
    if body.display_name is not None:
        user = accounts.rename(session, user.id, body.display_name, now=utc_now())
    return me(session, user)


@router.post("/account/password", operation_id="change_password", status_code=204)
def change_password(
    body: PasswordChange, caller: CallerDep, origin: OriginDep, actor: ActorDep
) -> None:
    """Replace the password. Ends every other session."""
    now = utc_now()
    user = _reassured(caller, body.current_password, origin.ip)
    passwords.check_new(body.password, not_like=(user.email, user.display_name))
    hashed = passwords.hash_password(body.password)
    with transaction() as session:
        held = _unchanged(session, user)
        accounts.set_password(session, held, hashed, now=now)
        account_tokens.drop_tokens(session, held.id)
        sessions.end_sessions(session, held.id, but=caller.session_id)
        audit.note(session, "account.password_changed", actor, now=now)
        account_mail.request(session, "password_changed", held.id, now=utc_now())


@router.post(
    "/account/email", operation_id="change_email", status_code=202, response_model=MailSent
)
@keeps_its_own_answer
def change_email(
    body: EmailChange, caller: CallerDep, origin: OriginDep, call: CallDep
) -> Response:
    """Ask for another address. It holds once the link in the mail that is sent there is opened."""
    user = _reassured(caller, body.current_password, origin.ip)
    sent = MailSent(detail="Open the link in the mail that was sent to the new address.")
    answer = json_response(202, sent)
    with transaction() as session:
        claim(session, call)
        account_tokens.make_token(
            session, user.id, "change_email", now=utc_now(), new_email=body.email
        )
        account_mail.request(session, "change_email", user.id, now=utc_now())
        keep(session, call, answer)
    return answer


@router.post(
    "/account/export",
    operation_id="export_account",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}, "description": "A zip of JSON files"}},
)
def export_account(session: SessionDep, caller: CallerDep, actor: ActorDep) -> Response:
    """A copy of everything that is kept about the account, one JSON file per kind."""
    held = account_export.collect(session, caller.user_id)
    audit.note(session, "account.exported", actor, now=utc_now())
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in held.items():
            archive.writestr(f"{name}.json", orjson.dumps(rows, option=orjson.OPT_INDENT_2))
    return Response(
        packed.getvalue(),
        media_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="deal-scout-account.zip"'},
    )


@router.post(
    "/account/delete", operation_id="delete_account", status_code=204, responses=declared(409)
)
def delete_account(
    body: PasswordIn,
    response: Response,
    settings: SettingsDep,
    sealer: SealerDep,
    caller: CallerDep,
    origin: OriginDep,
    actor: ActorDep,
) -> None:
    """End the account and remove everything that it owns, now. The audit log keeps that it was done, not who it was."""
    user = _reassured(caller, body.current_password, origin.ip)
    with transaction() as session:
        account_mail.request_farewell(session, user, sealer, now=utc_now())
        accounts.delete(session, user.id)
        audit.note(session, "account.deleted", actor, subject=user.id, now=utc_now())
    forget_cookie(response, settings)


@router.post(
    "/account/second-factor",
    operation_id="begin_second_factor",
    responses=declared(409),
)
def begin_second_factor(
    body: PasswordIn, sealer: SealerDep, caller: CallerDep, origin: OriginDep
) -> SecondFactorBegun:
    """A secret for an authenticator. The second factor holds once a code has confirmed it."""
    user = _reassured(caller, body.current_password, origin.ip)
    with transaction() as session:
        held = _unchanged(session, user)
        secret, address = second_factor.begin(session, held, sealer, now=utc_now())
    return SecondFactorBegun(secret=secret, address=address)


@router.post(
    "/account/second-factor/confirm",
    operation_id="confirm_second_factor",
    responses=declared(409),
)
def confirm_second_factor(
    body: CodeIn,
    session: SessionDep,
    sealer: SealerDep,
    caller: CallerDep,
    origin: OriginDep,
    actor: ActorDep,
) -> RecoveryCodes:
    """Switch the second factor on with a first code. Ends every other session; this one counts as signed in with it."""
    now = utc_now()
    throttles.admit("code", {"account": str(caller.user_id), "ip": origin.ip}, now=now)
    user = accounts.lock(session, caller.user_id)
    codes = second_factor.confirm(session, user, body.code, sealer, now=now)
    sessions.end_sessions(session, user.id, but=caller.session_id)
    sessions.mark_second_factor(session, user.id, caller.session_id)
    audit.note(session, "account.second_factor_added", actor, now=now)
    account_mail.request(session, "second_factor_changed", user.id, now=utc_now())
    return RecoveryCodes(recovery_codes=codes)


@router.post("/account/second-factor/remove", operation_id="remove_second_factor", status_code=204)
def remove_second_factor(
    body: SecondFactorRemoval,
    sealer: SealerDep,
    caller: CallerDep,
    origin: OriginDep,
    actor: ActorDep,
) -> None:
    """Switch the second factor off; takes the password and a code."""
    now = utc_now()
    user = _reassured(caller, body.current_password, origin.ip)
    with transaction() as session:
        held = _unchanged(session, user)
        if second_factor.passes(session, held, body.code, sealer, now=now) is None:
            raise second_factor.wrong_code()
        second_factor.remove(session, held, now=now)
        audit.note(session, "account.second_factor_removed", actor, now=now)
        account_mail.request(session, "second_factor_changed", held.id, now=utc_now())


@router.get("/account/sessions", operation_id="list_sessions")
def list_sessions(session: SessionDep, caller: CallerDep) -> OwnSessionList:
    """The browsers that are signed in to this account."""
    items = [
        OwnSession(
            id=held.id,
            current=held.id == caller.session_id,
            ip=held.ip,
            user_agent=held.user_agent,
            second_factor=held.second_factor,
            created_at=held.created_at,
            last_seen_at=held.last_seen_at,
            expires_at=held.expires_at,
        )
        for held in sessions.list_sessions(session, caller.user_id, now=utc_now())
    ]
    return OwnSessionList(items=items, next=None, total=len(items))


@router.delete(
    "/account/sessions/{session_id}",
    operation_id="end_session",
    status_code=204,
    responses=declared(404),
)
def end_session(session_id: UUID, session: SessionDep, caller: CallerDep, actor: ActorDep) -> None:
    """Sign another browser out, at once."""
    sessions.end_session(session, caller.user_id, session_id)
    audit.note(session, "account.session_ended", actor, subject=session_id, now=utc_now())


@router.delete("/account/sessions", operation_id="end_other_sessions", status_code=204)
def end_other_sessions(session: SessionDep, caller: CallerDep, actor: ActorDep) -> None:
    """Sign every other browser out, at once."""
    ended = sessions.end_sessions(session, caller.user_id, but=caller.session_id)
    audit.note(session, "account.session_ended", actor, details={"sessions": ended}, now=utc_now())


@router.get("/account/keys", operation_id="list_api_keys")
def list_api_keys(session: SessionDep, caller: CallerDep) -> ApiKeyList:
    """The account's keys for machines."""
    items = [_key_out(key) for key in api_keys.list_keys(session, caller.user_id)]
    return ApiKeyList(items=items, next=None, total=len(items))


@router.post("/account/keys", operation_id="make_api_key", status_code=201, responses=declared(409))
@answer_shows_a_secret
def make_api_key(
    body: ApiKeyIn,
    session: SessionDep,
    settings: SettingsDep,
    caller: CallerDep,
    actor: ActorDep,
) -> ApiKeyMade:
    """A new key. Its text is in this answer and nowhere else. What needs a second factor needs it here too."""
    if "admin" in {api_keys.NEEDS_ROLE[scope] for scope in body.scopes}:
        refuse_without_second_factor(settings, caller)
    key, text = api_keys.make_key(
        session,
        accounts.get(session, caller.user_id),
        name=body.name,
        scopes=body.scopes,
        lifetime=timedelta(days=body.expires_in_days),
        now=utc_now(),
    )
    _note_key(session, "key.made", key, actor)
    return ApiKeyMade(key=_key_out(key), text=text)


@router.post(
    "/account/keys/{key_id}/rotate",
    operation_id="rotate_api_key",
    status_code=201,
    responses=declared(404, 409),
)
@answer_shows_a_secret
def rotate_api_key(
    key_id: UUID, body: ApiKeyRotation, session: SessionDep, caller: CallerDep, actor: ActorDep
) -> ApiKeyMade:
    """Another key in this one's place; both work until the overlap ends."""
    key, text = api_keys.rotate_key(
        session,
        accounts.get(session, caller.user_id),
        key_id,
        overlap=timedelta(hours=body.overlap_hours),
        now=utc_now(),
    )
    _note_key(session, "key.rotated", key, actor)
    return ApiKeyMade(key=_key_out(key), text=text)


@router.delete(
    "/account/keys/{key_id}",
    operation_id="revoke_api_key",
    status_code=204,
    responses=declared(404),
)
def revoke_api_key(key_id: UUID, session: SessionDep, caller: CallerDep, actor: ActorDep) -> None:
    """End a key, at once."""
    key = api_keys.revoke_key(session, caller.user_id, key_id, now=utc_now())
    _note_key(session, "key.revoked", key, actor)


def _reassured(caller: Caller, password: str, ip: str) -> User:
    """The caller's account, once the password has been given again. No transaction is open while it is checked."""
    throttles.admit("password", {"account": str(caller.user_id), "ip": ip}, now=utc_now())
    with transaction() as session:
        user = accounts.get(session, caller.user_id)
    if not passwords.is_password(password, user.password_hash):
        raise WrongCredentials("This is not the account's password.")
    return user


def _unchanged(session: Session, user: User) -> User:
    """The account locked, if its password is still the one that was checked."""
    held = accounts.lock(session, user.id)
    if held.password_hash != user.password_hash:
        raise WrongCredentials("The password was changed meanwhile.")
    return held


def _note_key(session: Session, kind: str, key: ApiKey, actor: audit.Actor) -> None:
    audit.note(
        session, kind, actor, subject=key.id, details={"scopes": list(key.scopes)}, now=utc_now()
    )


def _key_out(key: ApiKey) -> ApiKeyOut:
    return ApiKeyOut.model_validate(
        {
            "id": key.id,
            "name": key.name,
            "shown_as": f"{PREFIX}{key.public_id}_…",
            "scopes": key.scopes,
            "created_at": key.created_at,
            "expires_at": key.expires_at,
            "last_used_at": key.last_used_at,
            "revoked_at": key.revoked_at,
        }
    )
