"""Storage of uploaded files: a local folder, or an S3 bucket when one is configured."""

from __future__ import annotations

from pathlib import Path

from flask import current_app

from app.gateways.storage.base import MOST_BYTES, Entry, Storage, Stored, StoreUnavailable, TooLarge, Upload
from app.gateways.storage.local import LocalStorage
from app.gateways.storage.names import is_name
from app.gateways.storage.s3 import S3Storage

__all__ = [
    "MOST_BYTES",
    "Entry",
    "Storage",
    "StoreUnavailable",
    "Stored",
    "TooLarge",
    "Upload",
    "is_name",
    "storage",
]


def storage() -> Storage:
    """The configured store."""
    folder = Path(current_app.config["UPLOAD_FOLDER"])
    url = current_app.config["FILES_URL"]
    if not url:
        return LocalStorage(folder)
    connection = {
        name: value
        for name in ("endpoint", "key", "secret", "region")
        if (value := current_app.config[f"FILES_{name.upper()}"])
    }
    return S3Storage(url, copies=folder / "copies", **connection)
