"""Settings from the environment; an invalid value ends the process."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from limits import parse

from app.lib.digits import parse_int
from app.lib.process.environment import (
    Misconfigured,
    load_dotenv,
    read_database_url,
    read_factor,
    read_number,
    read_numbers,
    read_switch,
    read_text,
)

ROOT = Path(__file__).parent
ENVIRONMENTS = ("development", "test", "production")
# Parts of the keys that documentation and samples use, in lower case.
EXAMPLE_SECRETS = (
    "secret",
    "changeme",
    "change-me",
    "change_me",
    "put-a-long-random",
    "this-is-a",
    "thisisa",
    "insecure",
    "password",
    "only the tests know",
    "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
)

# Requests of one member by group of routes; webhooks: of one provider.
RATES = {
    "list": "120/minute",
    "page": "240/minute",
    "search": "60/minute",
    "write": "60/minute",
    "upload": "30/minute",
    "export": "10/hour",
    "sms": "30/minute",
    "campaign": "20/hour",
    "chat": "60/minute",
    "report": "30/minute",
    "news": "240/minute",
    "webhook": "600/minute",
}


load_dotenv(ROOT / ".env")
VAR = Path(read_text("VAR_DIR", str(ROOT / "var")))


def _no_less(name: str, default: int, least: int) -> int:
    """A number of at least *least*, except in the test environment."""
    value = read_number(name, default)
    if value < least and _environment() != "test":
        raise Misconfigured(f"مقدار {name} باید دست‌کم {least} باشد.")
    return value


def _look_ups() -> list[int]:
    """The pauses before look-ups of unanswered messages: three, over ten minutes, except in the test environment.

    A provider that answers «not found» earlier may still accept the message.
    """
    pauses = read_numbers("SMS_LOOK_UPS", "30 120 600")
    if (len(pauses) < 3 or sum(pauses) < 600) and _environment() != "test":
        raise Misconfigured("SMS_LOOK_UPS باید دست‌کم سه عدد با جمع ۶۰۰ ثانیه یا بیشتر باشد.")
    return pauses


def _environment() -> str:
    value = read_text("APP_ENV", "development")
    if value not in ENVIRONMENTS:
        raise Misconfigured(f"مقدار APP_ENV باید یکی از {'، '.join(ENVIRONMENTS)} باشد.")
    return value


def _embedded_database() -> str:
    VAR.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{VAR / 'ava.db'}"


def _secret(environment: str) -> str:
    """The secret key; outside production it is generated once and stored in a file."""
    given = read_text("SECRET_KEY")
    # Production generates none, because each machine would have another one. `app.checks` refuses weak secrets.
    if given or environment == "production":
        return given
    VAR.mkdir(parents=True, exist_ok=True)
    file = VAR / "secret"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48))
    return file.read_text()


def _fake_now(environment: str) -> datetime | None:
    value = read_text("APP_FAKE_NOW")
    if not value:
        return None
    if environment != "test":
        raise Misconfigured("APP_FAKE_NOW فقط در محیط test پذیرفته می‌شود.")
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise Misconfigured("APP_FAKE_NOW باید منطقهٔ زمانی داشته باشد.")
    return moment


def _bucket() -> str:
    """The bucket for files, as ``s3://bucket`` or ``s3://bucket/prefix``."""
    url = read_text("FILES_URL").rstrip("/")
    if url and not (url.startswith("s3://") and urlsplit(url).netloc):
        raise Misconfigured("مقدار FILES_URL باید نشانی یک سطل مانند s3://bucket/prefix باشد.")
    return url


def _clamd() -> str:
    """``host:port`` of clamd; empty where files are not scanned."""
    address = read_text("CLAMD_ADDRESS")
    host, _colon, port = address.rpartition(":")
    if address and not (host and parse_int(port)):
        raise Misconfigured("مقدار CLAMD_ADDRESS باید مانند 127.0.0.1:3310 باشد.")
    return address


def _public_url() -> str:
    return read_text("PUBLIC_BASE_URL", f"http://127.0.0.1:{read_number('PORT', 8000)}").rstrip("/")


def _rates() -> dict[str, str]:
    """The limits on requests by group of routes (`app/panel/rates/groups.py`), such as ``60/minute``."""
    rates = {name: read_text(f"RATE_{name.upper()}", default) for name, default in RATES.items()}
    for name, text in rates.items():
        try:
            parse(text)
        except ValueError:
            raise Misconfigured(f"مقدار RATE_{name.upper()} باید مانند 60/minute باشد.") from None
    return rates


def _celery() -> dict[str, Any]:
    """Celery's settings, with Redis if configured, otherwise a folder as broker.

    The queue is in database rows; the broker only wakes the workers.
    """
    common: dict[str, Any] = {
        "task_ignore_result": True,
        # A page must not wait for an unreachable broker.
        "task_publish_retry": False,
        "accept_content": ["json"],
        "broker_connection_retry_on_startup": True,
        "worker_prefetch_multiplier": 1,
        "worker_max_tasks_per_child": 1000,
        # Seconds after SIGQUIT in which a running call to a provider can finish and be stored.
        "worker_soft_shutdown_timeout": 30,
        "task_acks_late": True,
        "task_time_limit": 1800,
        "timezone": "UTC",
        "beat_schedule_filename": str(VAR / "beat"),
    }
    if url := read_text("REDIS_URL"):
        # A page that wakes the workers tries once, and waits less than a second for a broker that hangs.
        timeouts = {
            "max_retries": 0,
            "socket_connect_timeout": 0.8,
            "socket_timeout": 0.8,
            "socket_keepalive": True,
        }
        return {**common, "broker_url": url, "broker_transport_options": timeouts}
    folder = VAR / "broker"
    for name in ("queue", "done", "control"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return {
        **common,
        "broker_url": "filesystem://localhost",
        "broker_transport_options": {
            "data_folder_in": str(folder / "queue"),
            "data_folder_out": str(folder / "queue"),
            "processed_folder": str(folder / "done"),
            "control_folder": str(folder / "control"),
            "polling_interval": 0.1,
        },
    }


class Config:
    """The settings of Flask, Flask-AppBuilder and Celery."""

    APP_ENV = _environment()
    APP_NAME = "آوا"
    SECRET_KEY = _secret(APP_ENV)
    # Old keys, which still decrypt and verify but no longer sign.
    SECRET_KEY_FALLBACKS: ClassVar[list[str]] = read_text("SECRET_KEY_FALLBACKS").split()
    # The key of the digests of numbers that opted out. They can't be made again with another one, so without a setting of
    # its own the oldest secret stays their key when the secret changes.
    NUMBERS_KEY = read_text("NUMBERS_KEY") or [SECRET_KEY, *SECRET_KEY_FALLBACKS][-1]
    PUBLIC_BASE_URL = _public_url()
    APP_FAKE_NOW = _fake_now(APP_ENV)
    PORT = read_number("PORT", 8000)
    SANDBOX_PORT = read_number("SANDBOX_PORT", 8001)

    SQLALCHEMY_DATABASE_URI = read_database_url("DATABASE_URL") or _embedded_database()
    DATABASE_OWNER_URL = read_database_url("DATABASE_OWNER_URL")
    SQLALCHEMY_ENGINE_OPTIONS: ClassVar[dict[str, Any]] = {
        "hide_parameters": True,
        **({} if SQLALCHEMY_DATABASE_URI.startswith("sqlite") else {"pool_size": 10}),
    }
    UPLOAD_FOLDER = read_text("UPLOAD_URL", str(VAR / "uploads")).removeprefix("file://")
    # With a bucket, uploads go there instead; missing values come from the usual AWS_… variables.
    FILES_URL = _bucket()
    FILES_ENDPOINT = read_text("FILES_ENDPOINT")
    FILES_KEY = read_text("FILES_KEY")
    FILES_SECRET = read_text("FILES_SECRET")
    FILES_REGION = read_text("FILES_REGION")
    CLAMD_ADDRESS = _clamd()
    SMTP_URL = read_text("SMTP_URL")
    MAIL_FROM = read_text("MAIL_FROM", f"ava@{urlsplit(PUBLIC_BASE_URL).hostname}")
    # The number of trusted proxies in front; each adds one address that can be trusted.
    PROXIES = read_number("PROXIES", 0)
    LIMITS = read_factor("LIMITS", default="off" if APP_ENV == "test" else "on")
    RATES: ClassVar[dict[str, str]] = _rates()
    # Where requests are counted for all processes together; empty: in the memory of each process.
    RATES_URL = read_text("REDIS_URL")
    REAUTHENTICATE = read_switch("REAUTHENTICATE", default=APP_ENV == "production")
    TRUSTED_HOSTS = [urlsplit(PUBLIC_BASE_URL).hostname] if APP_ENV == "production" else None
    MAX_CONTENT_LENGTH = 12 * 1024 * 1024
    MAX_FORM_PARTS = 1200
    MAX_FORM_MEMORY_SIZE = 2 * 1024 * 1024
    # The first SMS account; outside production, the sandbox's by default.
    SMS_BASE_URL = read_text("SMS_BASE_URL")
    SMS_API_KEY = read_text("SMS_API_KEY")
    SMS_LINE = read_text("SMS_LINE")
    # Seconds until messages of a call count as unanswered, and the pauses before each look-up of them.
    SMS_LEASE = _no_less("SMS_LEASE", 90, least=60)
    SMS_LOOK_UPS = _look_ups()
    # Pauses before each poll for the delivery of accepted messages.
    SMS_POLLS = read_numbers("SMS_POLLS", "60 300 1800 10800 43200 129600")
    # Pause of an account after five failures, and messages per call (limited by the provider's maximum).
    SMS_REST = _no_less("SMS_REST", 60, least=10)
    SMS_BATCH = _no_less("SMS_BATCH", 1000, least=1)
    CELERY = _celery()

    # Alembic creates the tables and `upgrade` the roles, so a web worker must create neither at its start.
    FAB_CREATE_DB = False
    FAB_UPDATE_PERMS = False
    FAB_ADD_SECURITY_API = False
    FAB_ADD_MENU_API = False
    FAB_ADD_OPENAPI_VIEWS = False
    FAB_API_SWAGGER_UI = False
    FAB_BASE_TEMPLATE = "layout.html"
    AUTH_TYPE = 1
    RATELIMIT_ENABLED = False

    BABEL_DEFAULT_LOCALE = "fa"
    BABEL_DEFAULT_TIMEZONE = "UTC"
    BABEL_TRANSLATION_DIRECTORIES = str(ROOT / "translations")
    LANGUAGES: ClassVar[dict[str, dict[str, str]]] = {"fa": {"flag": "ir", "name": "فارسی"}}

    WTF_CSRF_ENABLED = True
    WTF_CSRF_TIME_LIMIT = 3600
    WTF_CSRF_SSL_STRICT = True
    # The last key signs; all of them verify.
    WTF_CSRF_SECRET_KEY: ClassVar[list[str]] = [*SECRET_KEY_FALLBACKS, SECRET_KEY]
    # For gzip, three quarters of the time of the default level with a hundredth more bytes; browsers use zstd.
    COMPRESS_LEVEL = 5
    SESSION_COOKIE_NAME = "ava"
    # Sessions are rows that their member can see and end; a phone changes its address all day.
    SESSION_PROTECTION = None
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    SESSION_COOKIE_SECURE = APP_ENV == "production"
    TEMPLATES_AUTO_RELOAD = APP_ENV == "development"
