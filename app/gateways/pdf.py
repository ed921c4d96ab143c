"""PDF files from HTML by WeasyPrint, an optional package that needs the libraries of Pango."""

from __future__ import annotations

import importlib
import mimetypes
import warnings
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import unquote, urlsplit

from PIL import ImageFile

# No address of the network: relative addresses of the HTML begin with it, and only files of the folder are read.
_BASE = "http://static.invalid"
# One rendering at a time in a process, because it takes a processor for itself.
_turn = BoundedSemaphore(1)
LONGEST_WAIT = 20


class RendererBusy(RuntimeError):
    """Another file has been rendered for too long."""


def can_make_pdf() -> bool:
    """Whether the package and its system libraries are installed."""
    return _weasyprint() is not None


@cache
def _weasyprint() -> Any:
    # The import lets Pillow accept half a picture everywhere; the check of uploads refuses one.
    accepts_half = ImageFile.LOAD_TRUNCATED_IMAGES
    try:
        with warnings.catch_warnings():
            # Without the settings of Fontconfig it warns, and its files are ugly.
            warnings.simplefilter("error", UserWarning)
            # Without the optional HarfBuzz-Subset it says that a later version needs it.
            warnings.simplefilter("ignore", DeprecationWarning)
            return importlib.import_module("weasyprint")
    except (ImportError, OSError, UserWarning):  # the second one for missing libraries
        return None
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = accepts_half


def make_pdf(html: str, *, files: Path, prefix: str) -> bytes:
    """*html* as a PDF file; addresses below *prefix* are read from the folder *files*, all others are refused.

    Raises `RendererBusy`. The caller ends its transaction first, so that nothing is locked while it waits.
    """
    if not _turn.acquire(timeout=LONGEST_WAIT):
        raise RendererBusy
    try:
        document = _weasyprint().HTML(string=html, base_url=_BASE, url_fetcher=_fetcher(files, prefix))
        found: bytes = document.write_pdf()
        return found
    finally:
        _turn.release()


def _fetcher(files: Path, prefix: str) -> Any:
    """An object that WeasyPrint reads addresses with."""
    urls: Any = importlib.import_module("weasyprint.urls")
    base: Any = urls.URLFetcher

    class StaticFiles(base):
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            path = static_file(url, files, prefix)
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            return urls.URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    return StaticFiles()


def static_file(url: str, files: Path, prefix: str) -> Path:
    """The file of *url* in the folder *files*; raises `ValueError` for every other address."""
    address = urlsplit(url)
    path = (files / unquote(address.path).removeprefix(prefix)).resolve()
    is_ours = f"{address.scheme}://{address.netloc}" == _BASE and address.path.startswith(prefix)
    if not is_ours or not path.is_relative_to(files.resolve()) or not path.is_file():
        raise ValueError(f"{url} is no file of the panel.")
    return path
