"""A member's own profile: names, addresses, photo and presence."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from flask_babel import lazy_gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage import StoreUnavailable, storage
from app.services.account.login import is_name_of_another
from models.member import Member

_SIDE = 256
# Decoding a picture of this many points takes some hundred megabytes; cameras make fewer.
_MOST_POINTS = 50_000_000


class ProfileRefused(DomainError):
    """An e-mail address that is taken, or a photo that can't be read."""


@dataclass(frozen=True)
class Profile:
    first_name: str
    last_name: str
    email: str
    mobile: str | None = None
    extension: str | None = None


def save_profile(member: Member, profile: Profile) -> None:
    """Store the member's changes; raises `ProfileRefused`."""
    refuse_taken_email(profile.email, member)
    member.first_name, member.last_name = profile.first_name, profile.last_name
    member.email = profile.email.strip().lower()
    member.mobile, member.extension = profile.mobile, profile.extension
    # A manager who has the member's form open is told of the change.
    member.row_version = Member.row_version + 1
    db.session.flush()


def refuse_taken_email(email: str, member: Member | None = None) -> None:
    """Raise when *email* is new to *member* and another logs in with it. The message does not say who."""
    if member is not None and email.strip().lower() == member.email.lower():
        return
    if is_name_of_another(email, member):
        raise ProfileRefused(_("This e-mail address can't be used."), field="email")


def save_photo(member: Member, stream: BinaryIO) -> None:
    """Store a photo, encoded anew, so that no metadata of the file remains."""
    try:
        with Image.open(stream) as image:
            if image.width * image.height > _MOST_POINTS:
                raise ProfileRefused(_("This picture is too large."), field="photo")
            small = ImageOps.fit(ImageOps.exif_transpose(image).convert("RGB"), (_SIDE, _SIDE))
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise ProfileRefused(_("This file is no picture that can be read."), field="photo") from error
    drawn = BytesIO()
    small.save(drawn, "WEBP", quality=80)
    drawn.seek(0)
    try:
        member.photo = storage().save(drawn).name
    except StoreUnavailable as error:
        raise ProfileRefused(
            _("The picture could not be stored. Try again in a few moments."), field="photo"
        ) from error
    db.session.flush()


def remember_menu_group(member: Member, key: str, *, is_open: bool) -> None:
    """Store that the member opened or folded a group of the side menu."""
    member.menu_groups = {**(member.menu_groups or {}), key: is_open}
    db.session.flush()


def set_presence(member: Member, *, is_present: bool) -> None:
    """Store whether the member gets new orders."""
    if member.accepts_orders is is_present:
        return
    member.accepts_orders = is_present
    member.row_version = Member.row_version + 1
    db.session.flush()
