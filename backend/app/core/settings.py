"""Every setting of the product, read from the environment once.

`.env` files are for docker compose and for people; the processes read their environment only, so
what a process runs with is what `env` shows. Settings refuse to be built when they are unsafe.
"""

import hmac
import re
from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import unquote, urlsplit, urlunsplit

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.core import origins, secrecy

EBAY_HOSTS = {
    "production": {
        "ebay_api_base": "https://api.ebay.com",
        "ebay_apiz_base": "https://apiz.ebay.com",
        "ebay_apim_base": "https://apim.ebay.com",
        "ebay_auth_base": "https://auth.ebay.com",
    },
    "sandbox": {
        "ebay_api_base": "https://api.sandbox.ebay.com",
        "ebay_apiz_base": "https://apiz.sandbox.ebay.com",
        "ebay_apim_base": "https://apim.sandbox.ebay.com",
        "ebay_auth_base": "https://auth.sandbox.ebay.com",
    },
}
"""Hosts of eBay's REST APIs by environment (eBay developer documentation, read 2026-11)."""

IMPLICIT_TLS_PORT = 465
"""The port on which mail servers speak TLS from the first byte (RFC 8314 section 3.3)."""
MAIL_ADDRESS = re.compile(
    r"[^\s@<>\"(),:;\\\[\]\x00-\x1f\x7f]+@[^\s@<>\"(),:;\\\[\]\x00-\x1f\x7f]+"
)
"""Addresses as mailboxes have them; quoted local parts and address literals (RFC 5321) are left out on purpose."""
DEMO_ROLES = ("buyer", "seller", "admin")


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account that a demo comes with. Its password follows from SESSION_KEY, so it is another in every demo."""

    email: str
    display_name: str
    password: str
    roles: tuple[str, ...]


class Settings(BaseSettings):
    """The product's settings. Names in capitals are the environment variables."""

    model_config = SettingsConfigDict(
        extra="ignore",
        case_sensitive=False,
        env_ignore_empty=True,
        hide_input_in_errors=True,  # what is refused may be a secret
    )

    # what this is
    environment: Literal["development", "staging", "production"] = "development"
    demo_mode: bool = False
    public_origin: str = "http://127.0.0.1:3000"
    cors_origins: str = ""
    trusted_hosts: str = ""
    trusted_proxies: str = ""
    docs_public: bool = False
    registration: Literal["open", "closed"] = "open"

    # data services
    database_url: str = "postgresql+psycopg://dealscout@127.0.0.1:5432/dealscout"
    database_migration_url: str = ""
    database_pool_size: int = Field(default=8, ge=1, le=100)
    read_pool_size: int = Field(default=8, ge=1, le=100)
    database_statement_timeout_ms: int = Field(default=10_000, ge=100)
    redis_url: str = "redis://127.0.0.1:6379/0"
    cache_url: str = ""
    s3_endpoint_url: str | None = None
    s3_region: str = "us-east-1"
    s3_bucket: str = "deal-scout"
    s3_access_key_id: SecretStr | None = None
    s3_secret_access_key: SecretStr | None = None

    # processes
    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8000, ge=0, le=65535)
    web_port: int = Field(default=3000, ge=0, le=65535)
    api_origin: str = "http://127.0.0.1:8000"
    data_dir: Path = Path(".data")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"
    log_file: Path | None = None
    prometheus_multiproc_dir: Path | None = None
    max_body_bytes: int = Field(default=1_048_576, ge=1024)
    comps_import_max_bytes: int = Field(default=536_870_912, ge=1024)
    rate_limit_anonymous: int = Field(default=600, ge=0, le=100_000)
    rate_limit_signed_in: int = Field(default=3000, ge=0, le=100_000)
    metrics_port: int = Field(default=0, ge=0, le=65535)

    # secrets
    session_key: SecretStr | None = None
    encryption_keys: SecretStr | None = None

    # eBay
    ebay_env: Literal["sandbox", "production"] = "sandbox"
    ebay_app_id: str = Field(
        default="", validation_alias=AliasChoices("EBAY_APP_ID", "EBAY_CLIENT_ID")
    )
    ebay_client_secret: SecretStr | None = None
    ebay_marketplace_id: str = "EBAY_US"
    ebay_api_base: str = ""
    ebay_apiz_base: str = ""
    ebay_apim_base: str = ""
    ebay_auth_base: str = ""
    ebay_browse_daily_budget: int = Field(default=4000, ge=0)
    ebay_listing_max_age_seconds: int = Field(default=21_600, ge=60, le=21_600)
    ebay_content_pricing_permitted: bool | None = None
    ebay_marketplace_insights_enabled: bool | None = None

    # mail; no host means that none is sent
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_username: str = ""
    smtp_password: SecretStr | None = None
    smtp_starttls: bool = True
    mail_from: str = ""

    # scanning
    scan_interval_s: int = Field(default=300, ge=5)
    scan_calls_per_cycle: int = Field(default=17, ge=1)
    marketplace_cache_ttl_s: int = Field(default=300, ge=0)
    comparables_cache_ttl_s: int = Field(default=86_400, ge=0)

    # the demo's marketplace (read by the supervisor, which starts it)
    sim_listings: int = Field(default=20_000, ge=100, le=1_000_000)
    sim_seed: int = 7

    @field_validator("database_url", "database_migration_url")
    @classmethod
    def _with_driver(cls, url: str) -> str:
        return with_driver(url)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.cache_url:
            parts = urlsplit(self.redis_url)
            self.cache_url = urlunsplit(parts._replace(path="/1"))
        for name, host in EBAY_HOSTS[self.ebay_env].items():
            if not getattr(self, name):
                setattr(self, name, host)
        for gate in (
            "ebay_content_pricing_permitted",
            "ebay_marketplace_insights_enabled",
        ):
            if getattr(self, gate) is None:
                setattr(self, gate, self.demo_mode)
        return self

    @model_validator(mode="after")
    def _safe(self) -> Self:
        """Name every unsafe setting at once."""
        faults = list(
            dict.fromkeys(
                origins.faults(
                    public_origin=self.public_origin,
                    cors_origins=self.cors_origins,
                    trusted_hosts=self.trusted_hosts,
                    trusted_proxies=self.trusted_proxies,
                )
            )
        )
        if self.demo_mode and self.ebay_env == "production":
            faults.append("DEMO_MODE cannot be used with EBAY_ENV=production")
        for name in EBAY_HOSTS["production"]:
            base: str = getattr(self, name)
            if not base.startswith("https://") and not self.demo_mode:
                faults.append(f"{name.upper()} must be https unless DEMO_MODE is on")
        faults += self._mail_faults()
        faults += secrecy.key_faults(_told(self.encryption_keys))
        if self.environment == "production":
            faults += self._production_faults()
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _production_faults(self) -> list[str]:
        faults = []
        if self.demo_mode:
            faults.append("DEMO_MODE must be off")
        if not self.is_https:
            faults.append("PUBLIC_ORIGIN must be https")
        if not _told(self.encryption_keys):
            faults.append("ENCRYPTION_KEYS is missing")
        faults += secrecy.weak_keys(_told(self.encryption_keys))
        known = self.secrets
        needed: dict[str, int] = {
            "SESSION_KEY": secrecy.MIN_SECRET_LENGTH,
            "DATABASE_URL's password": secrecy.MIN_PASSWORD_LENGTH,
            "REDIS_URL's password": secrecy.MIN_PASSWORD_LENGTH,
        }
        where_used = (
            (
                self.database_migration_url,
                "DATABASE_MIGRATION_URL's password",
                secrecy.MIN_PASSWORD_LENGTH,
            ),
            (self.s3_endpoint_url, "S3_ACCESS_KEY_ID", 1),
            (self.s3_endpoint_url, "S3_SECRET_ACCESS_KEY", secrecy.MIN_PASSWORD_LENGTH),
            (self.ebay_app_id, "EBAY_CLIENT_SECRET", secrecy.MIN_PASSWORD_LENGTH),
            (self.smtp_username, "SMTP_PASSWORD", 1),
        )
        needed |= {name: least for use, name, least in where_used if use or known.get(name)}
        for name, least in needed.items():
            if fault := secrecy.weakness(name, known.get(name, ""), least):
                faults.append(fault)
        return [*faults, *secrecy.used_twice(known)]

    @property
    def secrets(self) -> dict[str, str]:
        """Every secret that these settings hold, by a name for people."""
        found = {
            name.upper(): _told(value)
            for name in type(self).model_fields
            if isinstance(value := getattr(self, name), SecretStr)
        }
        found |= secrecy.keys_apart(found.pop("ENCRYPTION_KEYS", ""))
        for name in ("database_url", "database_migration_url", "redis_url", "cache_url"):
            password = secrecy.password_of(getattr(self, name))
            if name == "cache_url" and password == secrecy.password_of(self.redis_url):
                continue  # the same server
            found[f"{name.upper()}'s password"] = password
        return {name: value for name, value in found.items() if value}

    @property
    def notices(self) -> list[str]:
        """What an operator may have forgotten: allowed, and said at start."""
        if self.environment != "production":
            return []
        found = []
        if not self.smtp_host:
            found.append("SMTP_HOST is not set: no address can be verified, no password reset")
        if not self.ebay_app_id:
            found.append("EBAY_APP_ID is not set: no listing is found on eBay")
        return found

    def _mail_faults(self) -> list[str]:
        if not self.smtp_host:
            return []
        faults = []
        if not MAIL_ADDRESS.fullmatch(parseaddr(self.mail_from)[1]):
            faults.append("MAIL_FROM must be an address, as in Deal Scout <deals@example.com>")
        encrypted = self.smtp_starttls or self.smtp_port == IMPLICIT_TLS_PORT
        if self.smtp_username and not encrypted and self.smtp_host not in origins.LOOPBACK_NAMES:
            faults.append("SMTP_STARTTLS must be on, or SMTP_PORT 465, where SMTP_USERNAME is sent")
        return faults

    @property
    def known_hosts(self) -> frozenset[str]:
        """The names by which we answer: those listed, else our own; the web server's name for us always."""
        named = [host.lower() for host in origins.listed(self.trusted_hosts)]
        own = {origins.host_of(self.public_origin), self.api_host, *origins.LOOPBACK_NAMES}
        return (frozenset(named or own) | {origins.host_of(self.api_origin)}) - {
            "",
            "0.0.0.0",  # noqa: S104 - taken out, not bound to
            "::",
        }

    @property
    def is_https(self) -> bool:
        """Whether people come by https, as far as we can tell them to."""
        return self.public_origin.startswith("https://")

    @property
    def own_origins(self) -> frozenset[str]:
        """Where pages that may speak to us come from."""
        return frozenset({self.public_origin, *origins.listed(self.cors_origins)})

    @property
    def shows_docs(self) -> bool:
        """Whether /docs and /openapi.json are there; in production only when asked for."""
        return self.docs_public or self.environment != "production"

    @property
    def admins_need_second_factor(self) -> bool:
        """In production a password alone administers nothing."""
        return self.environment == "production"

    @property
    def demo_accounts(self) -> tuple[DemoAccount, ...]:
        """One account of each role for who tries the demo; none anywhere else."""
        if not self.demo_mode:
            return ()
        key = self.session_key.get_secret_value() if self.session_key else ""
        return tuple(
            DemoAccount(
                email=f"{role}@demo.example",
                display_name=f"Demo {role}",
                password=f"demo-{hmac.digest(key.encode(), role.encode(), 'sha256').hex()[:12]}",
                roles=(role,) if role != "admin" else ("admin", "buyer", "seller"),
            )
            for role in DEMO_ROLES
        )

    @property
    def owner_url(self) -> str:
        """Where migrations are run: as the owner of the tables, who may be the application itself."""
        return self.database_migration_url or self.database_url

    @property
    def app_role(self) -> str | None:
        """The database role of the application when the tables belong to another; else None."""
        role = urlsplit(self.database_url).username
        if not self.database_migration_url or role == urlsplit(self.owner_url).username:
            return None
        return unquote(role) if role else None

    @property
    def database_dsn(self) -> str:
        """The address in libpq's own form, for psycopg without SQLAlchemy."""
        return self.database_url.replace("postgresql+psycopg://", "postgresql://", 1)

    @property
    def owner_dsn(self) -> str:
        """`owner_url` in libpq's own form."""
        return self.owner_url.replace("postgresql+psycopg://", "postgresql://", 1)


def _told(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def with_driver(database_url: str) -> str:
    """The address with our driver; hosting companies hand out postgres:// and postgresql://."""
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", database_url)


@lru_cache
def get_settings() -> Settings:
    """The process's settings, read once."""
    return Settings()
