"""Who may call which operation. An operation without a row here answers nobody, and fails the build.

Keys act within their scopes and within what their account may do at that moment. What is about the
account itself (its password, sessions, keys) takes a session: a stolen key must not become an account.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Rule:
    """`role`: what the account must be (None: any). `public`: nobody need be signed in.

    `scopes`: an API key with one of these may call it; with none, only sessions may. `read` opens
    reading operations to keys with that scope.
    """

    role: str | None = None
    public: bool = False
    scopes: frozenset[str] = frozenset()
    read: bool = False


PUBLIC: Final = Rule(public=True)
OWN_ACCOUNT: Final = Rule()
SELLER: Final = Rule("seller", scopes=frozenset({"seller"}), read=True)
ADMIN: Final = Rule("admin")
ADMIN_TASKS: Final = Rule("admin", scopes=frozenset({"admin:tasks"}))
METRICS: Final = Rule("admin", scopes=frozenset({"metrics"}))

RULES: Final[dict[str, Rule]] = {
    # what everybody may read
    "list_deals": PUBLIC,
    "get_deal": PUBLIC,
    "list_listings": PUBLIC,
    "list_marketplaces": PUBLIC,
    "list_categories": PUBLIC,
    "get_liveness": PUBLIC,
    "get_readiness": PUBLIC,
    "get_health": PUBLIC,
    "docs_page": PUBLIC,
    "docs_start": PUBLIC,
    # signing in
    "register": PUBLIC,
    "verify_email": PUBLIC,
    "sign_in": PUBLIC,
    "sign_out": PUBLIC,
    "get_session": PUBLIC,
    "request_password_reset": PUBLIC,
    "reset_password": PUBLIC,
    # one's own account
    "get_account": OWN_ACCOUNT,
    "change_account": OWN_ACCOUNT,
    "change_password": OWN_ACCOUNT,
    "change_email": OWN_ACCOUNT,
    "export_account": OWN_ACCOUNT,
    "delete_account": OWN_ACCOUNT,
    "list_sessions": OWN_ACCOUNT,
    "end_session": OWN_ACCOUNT,
    "end_other_sessions": OWN_ACCOUNT,
    "begin_second_factor": OWN_ACCOUNT,
    "confirm_second_factor": OWN_ACCOUNT,
    "remove_second_factor": OWN_ACCOUNT,
    "list_api_keys": OWN_ACCOUNT,
    "make_api_key": OWN_ACCOUNT,
    "rotate_api_key": OWN_ACCOUNT,
    "revoke_api_key": OWN_ACCOUNT,
    # selling
    "suggest_price": SELLER,
    # what machines of an admin may do
    "queue_scan": ADMIN_TASKS,
    "queue_comps_refresh": ADMIN_TASKS,
    "run_scan": ADMIN_TASKS,
    "get_job": ADMIN_TASKS,
    "import_comps": ADMIN_TASKS,
    "get_metrics": METRICS,
    # administration
    "get_setup": ADMIN,
    "list_comps": ADMIN,
    "delete_comps_import": ADMIN,
    "list_scan_plan": ADMIN,
    "create_scan_plan_entry": ADMIN,
    "change_scan_plan_entry": ADMIN,
    "delete_scan_plan_entry": ADMIN,
    "list_users": ADMIN,
    "change_user": ADMIN,
    "list_audit_events": ADMIN,
    "list_jobs": ADMIN,
    "retry_job": ADMIN,
    "list_sources": ADMIN,
}
