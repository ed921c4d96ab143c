"""Start-up checks of settings and machine: S-1 to S-9."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.lib.jalali import TEHRAN
from app.lib.process.environment import Misconfigured
from config import EXAMPLE_SECRETS

Settings = Mapping[str, Any]

ROOT = Path(__file__).parents[2]
SHORTEST_SECRET = 32
# Random secrets have more distinct characters than this; «kkkk…» has not.
FEWEST_CHARACTERS = 8
LONGEST_FORM = 3600
LEAST_SPACE = 1024**3
# Folders that web servers usually serve.
WEB_ROOTS = (ROOT / "app/static", Path("/var/www"), Path("/srv/www"), Path("/usr/share/nginx/html"))
FAB_SWITCHES = (
    "AUTH_USER_REGISTRATION",
    "FAB_ADD_SECURITY_API",
    "FAB_ALLOW_GET_UNSAFE_MUTATIONS",
    "FAB_API_KEY_ENABLED",
    "FAB_API_SWAGGER_UI",
    "FAB_CREATE_DB",
    "FAB_UPDATE_PERMS",
)
BY_PASSWORD = 1


@dataclass(frozen=True)
class Rule:
    """A condition for starting in production, with its id and the sentence to print when it fails.

    `doctor` reports rules with `everywhere` in development too.
    """

    name: str
    sentence: str
    holds: Callable[[Settings], bool]
    everywhere: bool = False


def weaknesses(settings: Settings) -> Iterator[Rule]:
    """The rules that *settings* violate."""
    return (rule for rule in RULES if not rule.holds(settings))


def refuse_weak_settings(settings: Settings) -> None:
    """End the process when it is production and a rule is violated; does not use the database."""
    if settings["APP_ENV"] != "production":
        return
    for rule in weaknesses(settings):
        raise Misconfigured(rule.sentence)


def has_strong_secrets(settings: Settings) -> bool:
    """Whether all keys are strong; old keys count too, because they still verify."""
    secrets = [settings["SECRET_KEY"], *settings["SECRET_KEY_FALLBACKS"]]
    return all(
        len(secret.encode()) >= SHORTEST_SECRET
        and len(set(secret)) >= FEWEST_CHARACTERS
        and not any(example in secret.lower() for example in EXAMPLE_SECRETS)
        for secret in secrets
    )


def forms_are_guarded(settings: Settings) -> bool:
    limit = settings.get("WTF_CSRF_TIME_LIMIT", LONGEST_FORM)
    switches = ("WTF_CSRF_ENABLED", "WTF_CSRF_CHECK_DEFAULT", "WTF_CSRF_SSL_STRICT")
    return limit is not None and limit <= LONGEST_FORM and all(settings.get(name, True) for name in switches)


def tries_are_limited(settings: Settings) -> bool:
    """Whether attempts are limited across processes: by our database counters, not in the memory of each process."""
    elsewhere = not str(settings.get("RATELIMIT_STORAGE_URI", "memory://")).startswith("memory")
    return bool(settings["LIMITS"] == 1) and (not settings.get("RATELIMIT_ENABLED") or elsewhere)


def tehran_has_no_summer_time(_settings: Settings) -> bool:
    """Whether tzdata knows that Iran has had no summer time since 2022."""
    summer = datetime(2026, 7, 1, tzinfo=UTC).astimezone(TEHRAN).utcoffset()
    return summer == timedelta(hours=3, minutes=30)


def fab_is_closed(settings: Settings) -> bool:
    return (
        settings.get("AUTH_TYPE") == BY_PASSWORD
        and settings.get("AUTH_ROLE_PUBLIC", "Public") == "Public"
        and not any(settings.get(name) for name in FAB_SWITCHES)
    )


def uploads_can_be_written(settings: Settings) -> bool:
    folder = Path(settings["UPLOAD_FOLDER"])
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def uploads_are_private(settings: Settings) -> bool:
    folder = Path(settings["UPLOAD_FOLDER"]).resolve()
    return not any(folder.is_relative_to(root.resolve()) for root in WEB_ROOTS)


def uploads_have_room(settings: Settings) -> bool:
    folder = Path(settings["UPLOAD_FOLDER"])
    return not folder.exists() or shutil.disk_usage(folder).free >= LEAST_SPACE


def _cookie_is_safe(settings: Settings) -> bool:
    return bool(
        settings.get("SESSION_COOKIE_SECURE")
        and settings.get("SESSION_COOKIE_HTTPONLY")
        and settings.get("SESSION_COOKIE_SAMESITE") in {"Lax", "Strict"}
    )


RULES = (
    Rule(
        "S-1",
        "SECRET_KEY و هر یک از SECRET_KEY_FALLBACKS باید دست‌کم ۳۲ نویسهٔ تصادفی باشد و نمونه‌ای شناخته‌شده نباشد.",
        has_strong_secrets,
        everywhere=True,
    ),
    Rule(
        "S-2",
        "PUBLIC_BASE_URL باید با https شروع شود.",
        lambda settings: str(settings.get("PUBLIC_BASE_URL", "")).startswith("https://"),
    ),
    Rule(
        "S-2",
        "TRUSTED_HOSTS خالی است؛ نشانی میزبان باید شناخته باشد.",
        lambda settings: bool(settings.get("TRUSTED_HOSTS")) and all(settings["TRUSTED_HOSTS"]),
    ),
    Rule(
        "S-3",
        "محافظت فرم‌ها (CSRF) باید روشن و سخت‌گیر باشد و WTF_CSRF_TIME_LIMIT از ۳۶۰۰ ثانیه بیشتر نباشد.",
        forms_are_guarded,
    ),
    Rule("S-4", "کوکی نشست باید Secure، HttpOnly و SameSite=Lax باشد.", _cookie_is_safe),
    Rule(
        "S-5",
        "محدودیت تلاش‌ها (LIMITS) باید روشن باشد و میان همهٔ پردازه‌ها مشترک شمرده شود.",
        tries_are_limited,
    ),
    Rule(
        "S-6",
        "DEBUG و TESTING باید خاموش باشند.",
        lambda settings: not settings.get("DEBUG") and not settings.get("TESTING"),
    ),
    Rule(
        "S-7",
        "داده‌های منطقهٔ زمانی کهنه است: ساعت تهران در تابستان باید ۳:۳۰+ باشد. tzdata را به‌روز کنید.",
        tehran_has_no_summer_time,
        everywhere=True,
    ),
    Rule(
        "S-8",
        "ورود فقط با رمز عبور است و رابط‌های Flask-AppBuilder (امنیت، Swagger، کلید API، ثبت‌نام) باید خاموش باشند.",
        fab_is_closed,
    ),
    Rule("S-9", "پوشهٔ بارگذاری (UPLOAD_URL) نوشتنی نیست.", uploads_can_be_written, everywhere=True),
    Rule("S-9", "پوشهٔ بارگذاری (UPLOAD_URL) درون پوشه‌ای است که وب‌سرور نشان می‌دهد.", uploads_are_private),
    Rule("S-9", "در پوشهٔ بارگذاری (UPLOAD_URL) کمتر از یک گیگابایت جا مانده است.", uploads_have_room),
)
