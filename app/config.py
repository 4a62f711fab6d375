"""The settings: environment variables with the prefix EP_, read once, frozen."""

from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting with its default; the README prints this table and a test compares them."""

    model_config = SettingsConfigDict(env_prefix="EP_", frozen=True, extra="ignore")

    env: Literal["development", "production"] = Field(
        "development", description="`production` refuses to start on an unsafe setting"
    )
    database_url: str = Field(
        "", description="PostgreSQL 15 or later; empty: the embedded one in EP_DATA_DIR"
    )
    database_owner_url: str = Field(
        "", description="the owner's connection, for `migrate` alone; empty: EP_DATABASE_URL"
    )
    data_dir: Path = Field(
        Path("var"), description="embedded database, development mailbox, generated secret"
    )
    base_url: str = Field("http://127.0.0.1:8000", description="public address, without a final slash")
    secret_key: SecretStr = Field(
        SecretStr(""), description="seals signing keys and cursors; empty: generated in EP_DATA_DIR"
    )
    smtp_url: SecretStr = Field(
        SecretStr(""),
        description="`smtp://user:password@host:port?starttls=true`; empty: mails become files in EP_DATA_DIR/mails",
    )
    mail_from: str = Field("espace-partenaires@localhost", description="sender of every mail")
    storage_url: str = Field(
        "", description="`file:///…` or `s3://bucket/prefix`; empty: the folder `pieces` of EP_DATA_DIR"
    )
    storage_keys: list[SecretStr] = Field(
        default=[],
        description="seal the pieces, JSON list: the first seals, the others open; empty: derived from the secret",
    )
    clamd_url: str = Field(
        "", description="`tcp://host:port` or `unix:///path`; empty: pieces are accepted as `non_analyse`"
    )
    access_token_ttl: int = Field(600, ge=60, le=3600, description="life of an access token, seconds")
    refresh_token_ttl: int = Field(43_200, ge=600, description="life of a family of refresh tokens, seconds")
    browser_session_ttl: int = Field(
        1800, ge=60, le=43_200, description="life of a signing in on the pages, seconds"
    )
    link_ttl: int = Field(86_400, ge=300, description="life of the links sent by mail, seconds")
    password_days: int = Field(180, ge=1, description="days before a password must be changed (2.2.1-4)")
    journal_months: int = Field(
        12, ge=6, description="months before a line of the journal is purged (5-5); six at least"
    )
    retention_pieces_months: int = Field(
        12, ge=1, description="months before the pieces of a closed request go; never before 7-1 allows it"
    )
    retention_months: int = Field(
        24,
        ge=1,
        description="months a closed request names its person, from the end of the convention's year (5-5, 7-1)",
    )
    retention_residue_months: int = Field(
        120, ge=1, description="months the anonymous remainder of a request is kept, for the statistics"
    )
    retention_support_months: int = Field(
        24,
        ge=12,
        description="months before past maintenances, notices and malfunctions go (5-5); twelve at least",
    )
    withdrawn_days: int = Field(
        30, ge=0, description="days a request names its person after the consent was withdrawn (5-5, 7-1)"
    )
    password_grant: bool | None = Field(
        None, description="the `password` grant; default: on in development, off in production"
    )
    secret_days: int = Field(365, ge=1, description="life of an application's secret, days")
    rate_limit: Literal["on", "off"] = Field("on", description="sign-in throttle and request limits")
    geoip_db: Path | None = Field(
        None,
        description="file of the countries of addresses, MaxMind format; unset: the rule of 3.1-4 is off",
    )
    europe: Literal["signaler", "refuser", "off"] = Field(
        "signaler",
        description="a sign-in from outside the European territory (3.1-4): told to the caisse, or refused",
    )
    device_months: int = Field(
        6, ge=1, le=13, description="months after which a device that was not used is forgotten"
    )
    requests_per_minute: int = Field(1200, ge=1, description="calls a minute of one account or application")
    cors_origins: list[str] = Field(
        default=[], description="origins allowed to call from a browser, JSON list"
    )
    metrics_token: SecretStr = Field(
        SecretStr(""), description="bearer token of /metrics; empty: /metrics answers the loopback only"
    )
    docs: bool = Field(True, description="serve Swagger UI at /docs")
    pool_size: int = Field(10, ge=1, description="database connections of one API process")
    max_body_bytes: int = Field(1_048_576, ge=1024, description="largest JSON body, bytes")
    status_seconds: int = Field(
        2,
        ge=1,
        le=60,
        description="seconds between two looks of a process at the announced maintenances and at the service",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="level of the JSON logs"
    )

    webhooks_allow_private: bool = Field(
        False, description="webhooks may go to loopback, to http and to any port; refused in production"
    )

    @property
    def production(self) -> bool:
        return self.env == "production"

    @property
    def password_grant_on(self) -> bool:
        return not self.production if self.password_grant is None else self.password_grant

    @property
    def pieces_kept_months(self) -> int:
        """Pieces go first: never kept longer than the person."""
        return min(self.retention_pieces_months, self.retention_months)

    @field_validator("base_url")
    @classmethod
    def without_final_slash(cls, value: str) -> str:
        """Paths follow it, and issuers are compared to the letter (RFC 8414)."""
        return value.rstrip("/")

    @model_validator(mode="after")
    def refuse_unsafe(self) -> Self:
        if self.production and (unsafe := self._unsafe()):
            raise ValueError("unsafe in production: " + "; ".join(unsafe))
        return self

    @model_validator(mode="after")
    def refuse_retention_out_of_order(self) -> Self:
        if self.retention_residue_months < self.retention_months:
            raise ValueError("EP_RETENTION_RESIDUE_MONTHS is shorter than EP_RETENTION_MONTHS")
        return self

    def _unsafe(self) -> list[str]:
        checks = {
            "EP_DATABASE_URL is empty (the embedded engine is for development)": not self.database_url,
            "EP_DATABASE_OWNER_URL is empty (migrations need the owner, the API must not be it)": (
                not self.database_owner_url or self.database_owner_url == self.database_url
            ),
            "EP_SECRET_KEY has fewer than 32 characters": len(self.secret_key.get_secret_value()) < 32,  # noqa: PLR2004
            "EP_SMTP_URL is empty (mails would stay on this disk)": not self.smtp_url.get_secret_value(),
            "EP_BASE_URL is not https": not self.base_url.startswith("https://"),
            "EP_RATE_LIMIT is off": self.rate_limit == "off",
            "EP_PASSWORD_GRANT is on": self.password_grant_on,
            "EP_GEOIP_DB is unset (EP_EUROPE=off says that the rule of 3.1-4 is meant to be off)": (
                self.geoip_db is None and self.europe != "off"
            ),
            "EP_WEBHOOKS_ALLOW_PRIVATE is on": self.webhooks_allow_private,
            "EP_CLAMD_URL is empty (pieces would not be checked)": not self.clamd_url,
            "EP_STORAGE_KEYS is empty, or a key has fewer than 32 characters": not self.storage_keys
            or any(len(key.get_secret_value()) < 32 for key in self.storage_keys),  # noqa: PLR2004
            "EP_METRICS_TOKEN is empty": not self.metrics_token.get_secret_value(),
        }
        return [sentence for sentence, wrong in checks.items() if wrong]


@lru_cache
def settings() -> Settings:
    return Settings()
