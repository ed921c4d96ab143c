"""Settings of the sandbox: failure rates, credit, delivery times and webhook addresses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum, auto
from pathlib import Path
from typing import Any, Self


class Mode(StrEnum):
    """The failure of one sending call."""

    NORMAL = auto()
    # The call is refused, and nothing is accepted.
    ERROR = auto()
    BUSY = auto()
    BUSY_409 = auto()
    NO_CREDIT = auto()
    # The call is accepted, but its response is missing or wrong.
    SILENT = auto()
    RESET = auto()
    BAD_GATEWAY = auto()
    HTML = auto()
    CUT = auto()
    HUGE = auto()
    PARTIAL = auto()
    SHUFFLE = auto()
    DUPLICATE = auto()
    ANONYMOUS = auto()


class Rejection(StrEnum):
    """The effect of one invalid number among several: its entry is rejected, or the whole call is."""

    ENTRY = auto()
    CALL = auto()


# Failure rates of the delivery drills.
DRILL = {
    "error": 0.03,
    "busy": 0.02,
    "silent": 0.05,
    "bad_gateway": 0.03,
    "reject_numbers": 0.02,
}


class InvalidSetting(ValueError):
    """An unknown setting or an invalid value; the message is shown to the caller."""


@dataclass(frozen=True)
class Settings:
    """All settings; shares are between 0 and 1, times in seconds."""

    shares: Mapping[str, float] = field(default_factory=dict)
    next: tuple[str, ...] = ()
    reject_numbers: float = 0.0
    rejection: Rejection = Rejection.ENTRY
    partial_share: float = 0.2
    credit: int | None = None
    price: int = 1200
    slow: float = 0.0
    hold: float = 60.0
    calls_per_minute: int | None = None
    suppress_local_ids: bool = False
    debug: bool = False
    sent_after: float = 1.0
    final_after: float = 3.0
    reports_url: str = ""
    inbound_url: str = ""
    reports_twice: float = 0.0
    reports_disorder: float = 0.0
    clock_offset: float = 0.0
    seed: int = 7

    def changed(self, given: Mapping[str, Any]) -> Self:
        """A copy with the *given* values; a mode's name sets its share. Raises `InvalidSetting`."""
        values: dict[str, Any] = {}
        shares = dict(self.shares)
        preset = DRILL if given.get("preset") == "drill" else {}
        for name, value in {**preset, **given}.items():
            if name in _MODES:
                shares[name] = _share(name, value)
            elif name in _READERS:
                values[name] = _READERS[name](name, value)
            elif name != "preset":
                known = ", ".join(sorted((*_MODES, *_READERS, "preset")))
                raise InvalidSetting(f"{name}: unknown; known are {known}")
        return replace(self, shares={name: share for name, share in shares.items() if share}, **values)

    def as_dict(self) -> dict[str, Any]:
        """The settings as JSON values, with one share per mode."""
        values = asdict(self)
        shares = values.pop("shares")
        return {**{name: shares.get(name, 0.0) for name in _MODES}, **values, "next": list(self.next)}


def load_settings(path: Path) -> Settings:
    """The settings saved at *path*; the defaults when there are none."""
    with suppress(OSError, ValueError):
        return Settings().changed(json.loads(path.read_text("utf-8")))
    return Settings()


def save_settings(settings: Settings, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings.as_dict()), "utf-8")


def _share(name: str, value: Any) -> float:
    share = _amount(name, value)
    if share > 1:
        raise InvalidSetting(f"{name}: a share is between 0 and 1")
    return share


def _amount(name: str, value: Any) -> float:
    try:
        amount = float(value)
    except (TypeError, ValueError):
        raise InvalidSetting(f"{name}: not a number") from None
    if not 0 <= amount < 1e12:
        raise InvalidSetting(f"{name}: out of range")
    return amount


def _whole(name: str, value: Any) -> int:
    return int(_amount(name, value))


def _whole_or_none(name: str, value: Any) -> int | None:
    return None if value in (None, "", "none") else _whole(name, value)


def _switch(name: str, value: Any) -> bool:
    words = {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False, "": False}
    try:
        return words[str(value).lower()]
    except KeyError:
        raise InvalidSetting(f"{name}: on or off") from None


def _address(name: str, value: Any) -> str:
    address = str(value or "")
    if address and not address.startswith(("http://", "https://")):
        raise InvalidSetting(f"{name}: a web address")
    return address


def _modes(name: str, value: Any) -> tuple[str, ...]:
    listed = value.split(",") if isinstance(value, str) else list(value)
    modes = tuple(str(each).strip() for each in listed if str(each).strip())
    if unknown := set(modes) - set(Mode):
        raise InvalidSetting(f"{name}: {', '.join(sorted(unknown))} unknown; known are {', '.join(Mode)}")
    return modes


def _rejection(name: str, value: Any) -> Rejection:
    try:
        return Rejection(value)
    except ValueError:
        raise InvalidSetting(f"{name}: entry or call") from None


_MODES = tuple(mode.value for mode in Mode if mode is not Mode.NORMAL)
_READERS = {
    **{each.name: _amount for each in fields(Settings) if each.name != "shares"},
    **dict.fromkeys(("reject_numbers", "partial_share", "reports_twice", "reports_disorder"), _share),
    **dict.fromkeys(("credit", "calls_per_minute"), _whole_or_none),
    **dict.fromkeys(("price", "seed"), _whole),
    **dict.fromkeys(("suppress_local_ids", "debug"), _switch),
    **dict.fromkeys(("reports_url", "inbound_url"), _address),
    "next": _modes,
    "rejection": _rejection,
}
