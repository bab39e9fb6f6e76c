"""Which parts a stack has, on which ports, and the settings that follow: the one place that ties them together."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from app.stack.errors import StackError
from app.stack.objects import PORT_NAMES, REGION, ObjectStore
from app.stack.part import Part, Plan
from app.stack.ports import LOOPBACK, Ports, is_free
from app.stack.postgres import Postgres
from app.stack.programs import (
    Api,
    Beat,
    DemoAccounts,
    MailSink,
    Migrations,
    Simulator,
    Web,
    Worker,
)
from app.stack.secrets import SECRET_NAMES
from app.stack.valkey import Valkey

ALL_PARTS = ("postgres", "redis", "s3", "ebay_sim", "mail", "api", "worker", "beat", "web")
REPLACED_BY = {
    "postgres": "DATABASE_URL",
    "redis": "REDIS_URL",
    "s3": "S3_ENDPOINT_URL",
    "mail": "SMTP_HOST",
}
"""A part that is not started when its variable names one elsewhere."""

_SECRET_SETTINGS = SECRET_NAMES | {
    "DATABASE_URL",
    "DATABASE_MIGRATION_URL",
    "REDIS_URL",
    "CACHE_URL",
    "SMTP_PASSWORD",
}


def without_password(url: str) -> str:
    """host:port of an address, for people."""
    parts = urlsplit(url if "//" in url else f"//{url}")
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.hostname or ''}{port}"


def public_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings that may be written down for other programs."""
    return {name: value for name, value in sorted(settings.items()) if name not in _SECRET_SETTINGS}


def assemble(
    plan: Plan, parts: Iterable[str], given: Mapping[str, str], ports: Ports
) -> tuple[list[Part], dict[str, str]]:
    """The parts in the order of their needs, and the addresses of those that are elsewhere. Fills `plan.settings`."""
    wanted = set(parts)
    if unknown := wanted - set(ALL_PARTS):
        raise StackError(
            f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(ALL_PARTS)}"
        )
    # each part's output goes to its own file, so one LOG_FILE for all is not taken over
    given = {name: value for name, value in given.items() if value != "" and name != "LOG_FILE"}
    elsewhere = {
        part: without_password(given[variable])
        for part, variable in REPLACED_BY.items()
        if part in wanted and variable in given
    }
    wanted -= set(elsewhere)
    settings = plan.settings
    settings.update(_own_settings(plan, given))
    settings.update(given)
    plan.owner_url = settings.pop("DATABASE_MIGRATION_URL", "")
    chosen: list[Part] = []

    if "postgres" in wanted:
        postgres = Postgres(plan, ports.take("postgres"))
        settings["DATABASE_URL"] = postgres.urls["DATABASE_URL"]
        plan.owner_url = postgres.urls["DATABASE_MIGRATION_URL"]
        chosen.append(postgres)
    if "redis" in wanted:
        valkey = Valkey(plan, ports.take("redis"))
        settings["REDIS_URL"] = valkey.url
        chosen.append(valkey)
    if "s3" in wanted:
        numbers = {name: ports.take(name, with_grpc=True) for name in PORT_NAMES}
        store = ObjectStore(plan, numbers, settings["S3_BUCKET"])
        settings["S3_ENDPOINT_URL"] = store.address
        for key in ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "S3_REGION"):
            settings[key] = {**plan.secrets, "S3_REGION": REGION}[key]
        chosen.append(store)
    if "ebay_sim" in wanted:
        simulator = Simulator(plan, ports.take("ebay_sim"))
        for host in ("API", "APIZ", "APIM", "AUTH"):
            settings[f"EBAY_{host}_BASE"] = simulator.address
        chosen.append(simulator)
    if "mail" in wanted:
        sink = MailSink(plan, ports.take("mail"), ports.take("mail_smtp"))
        settings.update(sink.settings)
        settings.setdefault("MAIL_FROM", "Deal Scout <deals@deal-scout.example>")
        chosen.append(sink)
    chosen += _doors(plan, wanted, ports)
    _connect(chosen)
    return chosen, elsewhere


def _own_settings(plan: Plan, given: Mapping[str, str]) -> dict[str, str]:
    """What a stack sets unless the caller has set it."""
    names = ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "SESSION_KEY", "ENCRYPTION_KEYS")
    own = {name: plan.secrets[name] for name in names}
    own |= {
        "DEMO_MODE": "true",
        "ENVIRONMENT": "development",
        "DATA_DIR": str(plan.data_dir),
        "API_HOST": LOOPBACK,
        "LOG_FORMAT": "json",
        "S3_REGION": REGION,
        "S3_BUCKET": "deal-scout",
        "PROMETHEUS_MULTIPROC_DIR": str(plan.run_dir / "metrics"),
    }
    if is_demo({**own, **given}):
        own |= {"EBAY_APP_ID": "demo-app", "EBAY_CLIENT_SECRET": plan.secrets["EBAY_CLIENT_SECRET"]}
    return own


def is_demo(settings: Mapping[str, str]) -> bool:
    """Whether the marketplace is the simulated one."""
    return settings.get("DEMO_MODE", "false").lower() in ("true", "1", "yes", "on")


def _doors(plan: Plan, wanted: set[str], ports: Ports) -> list[Part]:
    """Migrations, API, worker, beat and web server, with their fixed ports checked."""
    settings = plan.settings
    api_port = _fixed_port(settings, "API_PORT", 8000, ports, taken="api" in wanted)
    web_port = _fixed_port(settings, "WEB_PORT", 3000, ports, taken="web" in wanted)
    settings.setdefault("API_ORIGIN", f"http://{LOOPBACK}:{api_port}")
    settings.setdefault("PUBLIC_ORIGIN", f"http://{LOOPBACK}:{web_port}")
    if settings.get("METRICS_PORT", "0") != "0":
        _fixed_port(settings, "METRICS_PORT", 0, ports, taken="api" in wanted)
    doors: list[Part] = []
    if wanted & {"api", "worker", "beat"}:
        doors.append(Migrations(plan))
        if is_demo(settings):
            doors.append(DemoAccounts(plan))
    if "api" in wanted:
        doors.append(Api(plan, settings["API_HOST"], api_port))
    if "worker" in wanted:
        doors.append(Worker(plan, "2 processes"))
    if "beat" in wanted:
        doors.append(Beat(plan, "schedules"))
    if "web" in wanted:
        doors.append(Web(plan, web_port))
    return doors


def _fixed_port(
    settings: dict[str, str], variable: str, default: int, ports: Ports, *, taken: bool
) -> int:
    """The port that a person chose; 0 means any free one. A port in use is an error when the part is ours."""
    text = settings.get(variable, str(default))
    if not text.isdigit() or int(text) > 65_535:
        raise StackError(f"{variable}={text} is not a port")
    port = int(text) or ports.take(variable.lower())
    settings[variable] = str(port)
    if taken and not is_free(port):
        raise StackError(
            f"port {port} is taken: stop the program that uses it, or set {variable} to another port"
        )
    return port


_NEEDS = {
    "migrations": ("postgres",),
    "demo_accounts": ("migrations",),
    "api": ("migrations", "redis"),
    "worker": ("migrations", "redis"),
    "beat": ("migrations", "redis"),
}


def _connect(parts: list[Part]) -> None:
    """Tell each part which of the parts that are here it waits for."""
    here = {part.name for part in parts}
    for part in parts:
        part.needs = tuple(name for name in _NEEDS.get(part.name, ()) if name in here)
