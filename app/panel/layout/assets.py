"""The built front-end files: their addresses, the icons, and the middleware that serves them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from flask import Flask, current_app, g, url_for
from markupsafe import Markup
from whitenoise import WhiteNoise

STATIC = Path(__file__).parents[2] / "static"
MANIFEST = STATIC / "dist" / "manifest.json"
# All icons of the package: its folder, or the list that the build writes.
_ICON_FILES = STATIC.parent / "assets/node_modules/@tabler/icons/icons/outline"
_ICON_NAMES = STATIC / "dist" / "icon-names.txt"
# Shown in place of an icon that the last build does not contain.
FALLBACK_ICON = "point"

_HASHED = re.compile(r"-[A-Z0-9]{8}\.\w+$")
_MISSING_PAGE = """<!doctype html>
<html lang="fa" dir="rtl"><meta charset="utf-8"><title>آوا</title>
<h1>فایل‌های نمایش ساخته نشده‌اند</h1>
<p>در پوشهٔ برنامه فرمان <code dir="ltr">make setup</code> را اجرا کنید و سپس صفحه را دوباره باز کنید.</p></html>"""


class AssetsMissingError(RuntimeError):
    """The front end is not built; the message names the command that builds it."""

    def __init__(self) -> None:
        super().__init__("The front-end assets are missing: run `make setup`. (فایل‌های نمایش ساخته نشده‌اند.)")


@dataclass
class Manifest:
    """The result of the last build: hashed file names by name, and the icons of the style sheet."""

    path: Path
    files: dict[str, str] = field(default_factory=dict)
    icons: frozenset[str] = frozenset()
    read_at: float = 0.0

    def refresh(self) -> None:
        """Read the file again if it changed."""
        changed_at = self.path.stat().st_mtime if self.path.exists() else 0.0
        if changed_at == self.read_at:
            return
        content = json.loads(self.path.read_text("utf-8")) if changed_at else {}
        self.files, self.icons = content.get("files", {}), frozenset(content.get("icons", []))
        self.read_at = changed_at


_manifest = Manifest(MANIFEST)


def assets_built() -> bool:
    """Whether a complete build exists."""
    _manifest.refresh()
    return bool(_manifest.files)


def asset_url(name: str) -> str:
    """The address of a built file; its plain name in tests without a build."""
    base = g.get("static_url") or _static_url()
    return f"{base}{_manifest.files.get(name, name)}"


def _static_url() -> str:
    """The address of the folder of built files, computed once per request; raises where it is empty."""
    if current_app.debug or not _manifest.files:
        _manifest.refresh()
    if not _manifest.files and not current_app.testing:
        raise AssetsMissingError
    g.static_url = url_for("static", filename="dist/")
    found: str = g.static_url
    return found


def icon(name: str) -> Markup:
    """The Tabler icon *name*: an empty element without a meaning for screen readers; the label beside it has one."""
    if not _manifest.icons:
        _manifest.refresh()
    return _mark(name if name in _manifest.icons else FALLBACK_ICON)


def has_icon(name: str) -> bool:
    """Whether the icon package has *name*; true where neither the package nor a build exists."""
    if _ICON_FILES.is_dir():
        return (_ICON_FILES / f"{name}.svg").is_file()
    names = icon_names()
    return name in names or not names


@cache
def icon_names() -> frozenset[str]:
    """The names of all icons of the package."""
    if _ICON_FILES.is_dir():
        return frozenset(file.stem for file in _ICON_FILES.glob("*.svg"))
    return frozenset(_ICON_NAMES.read_text("utf-8").split()) if _ICON_NAMES.is_file() else frozenset()


@cache
def _mark(name: str) -> Markup:
    return Markup("<i class=i-{}></i>").format(name)


def init_assets(app: Flask) -> None:
    """Add `asset_url` and `icon` to the templates, and serve the files, compressed and cached by their hash."""
    app.jinja_env.globals.update(asset_url=asset_url, icon=icon)
    app.register_error_handler(AssetsMissingError, lambda error: (_MISSING_PAGE, 503))
    if STATIC.is_dir():
        app.wsgi_app = WhiteNoise(  # type: ignore[method-assign] # Flask documents this way of adding middleware
            app.wsgi_app,
            root=STATIC,
            prefix="static/",
            autorefresh=app.debug,
            allow_all_origins=False,
            immutable_file_test=lambda path, url: bool(_HASHED.search(url)),
            add_headers_function=_no_sniffing,
        )


def _no_sniffing(headers: dict[str, str], path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
