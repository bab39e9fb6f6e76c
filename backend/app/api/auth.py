"""Signing in and out, registering, and passwords that were lost.

Whether an address has an account is told to nobody: the answers and the time they take are the same.
Passwords are hashed and checked between transactions, as that takes tenths of a second.
"""

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from fastapi import Response

from app.api.access import AnyCallerDep, cookie_name, csrf_token
from app.api.deps import SealerDep, SessionDep, SettingsDep
from app.api.idempotent import (
    CallDep,
    Router,
    claim,
    json_response,
    keep,
    keeps_its_own_answer,
)
from app.api.origin import ActorDep, OriginDep
from app.api.problems import declared
from app.api.schemas.accounts import (
    DemoAccountOut,
    MailSent,
    Me,
    RegisterIn,
    ResetIn,
    ResetRequestIn,
    SessionOut,
    SignInChoices,
    SignInIn,
    TokenIn,
)
from app.core import passwords
from app.core.clock import utc_now
from app.core.ids import new_id
from app.core.settings import Settings
from app.db.models import User
from app.db.session import Session, on_commit, transaction
from app.errors import Forbidden, Unauthenticated
from app.services import (
    account_mail,
    account_tokens,
    accounts,
    audit,
    callers,
    second_factor,
    sessions,
    throttles,
)
from app.services.audit import Actor
from app.services.sessions import Origin

router = Router(tags=["signing in"], responses=declared(403, 413, 422, 429, 503))

ASKED: Final = "If this address can have an account here, a mail is on its way to it."


class RegistrationClosed(Forbidden):
    """Nobody can make an account for themselves here."""

    code, title = "registration_closed", "Registration is closed"


class WrongCredentials(Unauthenticated):
    """No account has this address and this password."""

    code, title = "wrong_credentials", "Wrong address or password"


class SecondFactorRequired(Unauthenticated):
    """Address and password are right; the account's second factor is asked for as well."""

    code, title = "second_factor_required", "Code needed"


class EmailNotVerified(Forbidden):
    """Address and password are right; that the mailbox is theirs has not been shown yet."""

    code, title = "email_not_verified", "Open the link in the mail first"


@router.post("/auth/register", status_code=202, operation_id="register", response_model=MailSent)
@keeps_its_own_answer
def register(
    body: RegisterIn, settings: SettingsDep, origin: OriginDep, actor: ActorDep, call: CallDep
) -> Response:
    """Ask for an account. The link in the mail that follows makes it usable."""
    if why := why_closed(settings):
        raise RegistrationClosed(why)
    now = utc_now()
    throttles.admit("register", {"ip": origin.ip}, now=now)
    passwords.check_new(body.password, not_like=(body.email, body.display_name))
    hashed = passwords.hash_password(body.password)
    answer = json_response(202, MailSent(detail=ASKED))
    with transaction() as session:
        claim(session, call)
        created = accounts.register(
            session,
            email=body.email,
            display_name=body.display_name,
            password_hash=hashed,
            roles=body.roles,
            now=now,
        )
        if created is not None:
            audit.note(session, "account.registered", actor, subject=created.id, now=now)
            account_mail.request(session, "verify_email", created.id, now=now)
        elif known := accounts.find_by_email(session, body.email):
            account_mail.request(session, "email_in_use", known.id, now=now)
        keep(session, call, answer)
    return answer


@router.post("/auth/verify", operation_id="verify_email", status_code=204)
def verify_email(body: TokenIn, session: SessionDep, actor: ActorDep) -> None:
    """Show that a mailbox is one's own, with the token that was sent there."""
    now = utc_now()
    used = account_tokens.use_token(session, body.token, ("verify_email", "change_email"), now=now)
    accounts.set_verified(session, used.user_id, new_email=used.new_email, now=now)
    audit.note(session, "account.email_verified", actor, subject=used.user_id, now=now)


@router.post("/auth/login", operation_id="sign_in", responses=declared(401))
def sign_in(
    body: SignInIn,
    response: Response,
    settings: SettingsDep,
    sealer: SealerDep,
    origin: OriginDep,
    before: AnyCallerDep,
) -> SessionOut:
    """Open a session. Sets its cookie; the session that this browser had before ends."""
    now = utc_now()
    throttles.admit(
        "sign_in", {"account": accounts.email_key(body.email), "ip": origin.ip}, now=now
    )
    with transaction() as session:
        user = accounts.find_by_email(session, body.email)
    matches = passwords.is_password(body.password, user.password_hash if user else None)
    if user is None or not matches or user.disabled_at is not None:
        reason = "unknown" if user is None else "password" if not matches else "disabled"
        _note_refusal(user, reason, origin, now=now)
        raise WrongCredentials("No account has this address and this password.")
    if user.email_verified_at is None:
        with transaction() as session:
            account_mail.request(session, "verify_email", user.id, now=now)
        raise EmailNotVerified(
            "Open the link in the mail that we sent you; a new one is on its way."
        )
    with transaction() as session:
        held = accounts.lock(session, user.id)
        if held.password_hash != user.password_hash or held.disabled_at is not None:
            raise WrongCredentials("No account has this address and this password.")
        passed = None
        if held.totp_confirmed_at is not None:
            if body.code is None:
                raise SecondFactorRequired("Send the code of your authenticator as well.")
            passed = second_factor.passes(session, held, body.code, sealer, now=now)
        if held.totp_confirmed_at is None or passed is not None:
            if before is not None and before.session_id is not None:
                sessions.end_session(session, before.user_id, before.session_id)
            opened, token = sessions.open_session(
                session, held.id, origin=origin, second_factor=passed is not None, now=now
            )
            actor = Actor(held.id, ip=origin.ip)
            audit.note(session, "account.signed_in", actor, subject=opened.id, now=now)
            if passed == "recovery_code":
                audit.note(session, "account.recovery_code_used", actor, now=now)
            answer = session_of(
                session, settings, held, opened.id, second_factor=passed is not None
            )
            set_cookie(response, settings, token)
            on_commit(session, partial(throttles.forgive, "sign_in", "account", held.email_key))
            return answer
    _note_refusal(user, "code", origin, now=now)
    raise second_factor.wrong_code()


@router.post("/auth/logout", operation_id="sign_out", status_code=204)
def sign_out(
    response: Response,
    session: SessionDep,
    settings: SettingsDep,
    caller: AnyCallerDep,
    actor: ActorDep,
) -> None:
    """End this browser's session, here and on the server. Signing out twice is signing out once."""
    if caller is not None and caller.session_id is not None:
        sessions.end_session(session, caller.user_id, caller.session_id)
        audit.note(session, "account.signed_out", actor, subject=caller.session_id, now=utc_now())
    forget_cookie(response, settings)


@router.get("/auth/session", operation_id="get_session")
def get_session_state(
    session: SessionDep, settings: SettingsDep, caller: AnyCallerDep
) -> SessionOut:
    """Who is signed in here, and what the sign-in page may offer. Anonymous callers get `user: null`."""
    if caller is None:
        return session_of(session, settings, None, None, second_factor=False)
    user = accounts.get(session, caller.user_id)
    return session_of(
        session, settings, user, caller.session_id, second_factor=caller.second_factor
    )


@router.post(
    "/auth/reset-request",
    status_code=202,
    operation_id="request_password_reset",
    response_model=MailSent,
)
@keeps_its_own_answer
def request_password_reset(body: ResetRequestIn, origin: OriginDep, call: CallDep) -> Response:
    """Have a link sent with which a lost password is replaced."""
    now = utc_now()
    key = accounts.email_key(body.email)
    throttles.admit("reset", {"account": key, "ip": origin.ip}, now=now)
    answer = json_response(202, MailSent(detail=ASKED))
    with transaction() as session:
        claim(session, call)
        user = accounts.find_by_email(session, body.email)
        # for nobody it is queued as well: the time it takes tells nothing, and no mail comes of it
        account_mail.request(session, "reset_password", user.id if user else new_id(), now=now)
        keep(session, call, answer)
    return answer


@router.post("/auth/reset", operation_id="reset_password", status_code=204)
def reset_password(body: ResetIn, origin: OriginDep, actor: ActorDep) -> None:
    """Replace a lost password, with the token that was sent. Ends every session of the account."""
    now = utc_now()
    throttles.admit("reset", {"ip": origin.ip}, now=now)
    passwords.check_new(body.password)
    hashed = passwords.hash_password(body.password)
    with transaction() as session:
        used = account_tokens.use_token(session, body.token, ("reset_password",), now=now)
        user = accounts.lock(session, used.user_id)
        accounts.set_password(session, user, hashed, now=now)
        if user.email_verified_at is None:  # the mail was read: the mailbox is theirs
            accounts.set_verified(session, user.id, new_email=None, now=now)
        account_tokens.drop_tokens(session, user.id)
        sessions.end_sessions(session, user.id)
        audit.note(session, "account.password_reset", actor, subject=user.id, now=now)
        account_mail.request(session, "password_changed", user.id, now=now)


def why_closed(settings: Settings) -> str | None:
    """Why nobody can register; None when everybody can."""
    if settings.registration == "closed":
        return "Accounts are made by the people who run this Deal Scout."
    if not settings.smtp_host:
        return "No mail can be sent from here, so that an address could not be verified."
    return None


def session_of(
    session: Session,
    settings: Settings,
    user: User | None,
    session_id: UUID | None,
    *,
    second_factor: bool,
) -> SessionOut:
    """What a browser is told about itself."""
    closed = why_closed(settings)
    return SessionOut(
        user=me(session, user) if user else None,
        csrf_token=csrf_token(settings, session_id) if session_id else None,
        second_factor=second_factor,
        second_factor_needed=settings.admins_need_second_factor,
        sign_in=SignInChoices(
            registration_open=closed is None,
            why_closed=closed,
            demo_accounts=[
                DemoAccountOut.model_validate(account) for account in settings.demo_accounts
            ],
        ),
    )


def me(session: Session, user: User) -> Me:
    """An account as its owner sees it."""
    return Me.model_validate(
        {
            "id": user.id,
            "email": user.email,
            "display_name": user.display_name,
            "roles": user.roles,
            "email_verified_at": user.email_verified_at,
            "second_factor_since": user.totp_confirmed_at,
            "recovery_codes_left": second_factor.recovery_codes_left(session, user),
            "created_at": user.created_at,
        }
    )


def set_cookie(response: Response, settings: Settings, token: str) -> None:
    """Hand the session's token to the browser, and to nothing that runs in its pages."""
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(callers.ABSOLUTE.total_seconds()),
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )


def forget_cookie(response: Response, settings: Settings) -> None:
    """Have the browser forget its session's token."""
    response.delete_cookie(
        cookie_name(settings), path="/", secure=settings.is_https, httponly=True, samesite="lax"
    )


def _note_refusal(user: User | None, reason: str, origin: Origin, *, now: datetime) -> None:
    """Note a refused sign-in; in a transaction of its own, since the request fails."""
    with transaction() as session:
        audit.note(
            session,
            "account.sign_in_refused",
            Actor(user.id if user else None, ip=origin.ip),
            details={"reason": reason},
            now=now,
        )
