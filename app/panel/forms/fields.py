"""Form fields for Persian input: any digits, Jalali dates, grouped amounts, every spelling of a mobile number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    Field,
    Form,
    MultipleFileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.widgets import TextArea, TextInput

from app.lib import digits, jalali, mobile, money, persian
from app.panel.messages import explain
from models.base import Row
from models.types import Choice

NO_CHOICE = "—"
# More characters than any field accepts. A longer text is refused before it is folded, normalised or parsed.
LONGEST = 5000


def refuse_long(text: str) -> None:
    if len(text) > LONGEST:
        raise ValueError(explain(persian.TextError(persian.TextReason.TOO_LONG)))


class CleanText:
    """Text in NFC with Persian letters and without control characters."""

    data: Any

    @staticmethod
    def clean(text: str) -> str:
        return persian.clean_text(text)

    def process_formdata(self, values: Sequence[str]) -> None:
        if not values:
            return
        self.data = None
        if persian.is_blank(values[0]):
            return
        self.data = text = values[0].strip()
        refuse_long(text)
        try:
            self.data = self.clean(text)
        except persian.TextError as error:
            raise ValueError(explain(error)) from error


class TextField(CleanText, StringField):
    """One line of text."""

    @staticmethod
    def clean(text: str) -> str:
        return persian.clean_line(text)


class NoteField(CleanText, TextAreaField):
    """Several lines of text."""


class ParsedField(Field):
    """A text input whose value is parsed; an unreadable text stays in the input."""

    widget = TextInput()
    errors_of: tuple[type[ValueError], ...] = ()

    def parse(self, text: str) -> Any:
        raise NotImplementedError

    def show(self, value: Any) -> str:
        return str(value)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.show(self.data)

    def process_formdata(self, values: Sequence[str]) -> None:
        self.data = None
        if not values or persian.is_blank(values[0]):
            return
        refuse_long(values[0])
        try:
            self.data = self.parse(values[0])
        except self.errors_of as error:
            raise ValueError(explain(error)) from error


class MobileField(ParsedField):
    """Any spelling of an Iranian mobile number; the value is canonical."""

    errors_of = (mobile.MobileError,)

    def parse(self, text: str) -> str:
        return mobile.canonical_mobile(text)

    def show(self, value: str) -> str:
        return persian.persian_digits(mobile.local_mobile(value))


class MoneyField(ParsedField):
    """An amount in the organisation's currency; the value is in rials."""

    errors_of = (money.AmountError,)

    def __init__(self, *args: Any, currency: Callable[[], money.Currency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def parse(self, text: str) -> int:
        return money.parse_amount(text, self.currency())

    def show(self, value: int) -> str:
        return money.format_amount(value, self.currency())


class NumberField(ParsedField):
    """A whole number in any digits."""

    errors_of = (ValueError,)

    def __init__(self, *args: Any, least: int = 0, most: int = 2**31 - 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.least, self.most = least, most

    def parse(self, text: str) -> int:
        plain = digits.ungrouped(text)
        if not (plain.isascii() and plain.isdigit() and len(plain) <= 12):
            raise ValueError(_("Write a whole number, such as 12."))
        if not self.least <= int(plain) <= self.most:
            raise ValueError(_("This number is out of range."))
        return int(plain)

    def show(self, value: int) -> str:
        return persian.persian_digits(value)


class JalaliDateField(ParsedField):
    """A Jalali day; the value is a Gregorian date."""

    errors_of = (jalali.JalaliError,)
    with_time = False

    def parse(self, text: str) -> Any:
        return jalali.parse_date(text)

    def show(self, value: Any) -> str:
        return jalali.format_date(value)


class JalaliDateTimeField(JalaliDateField):
    """A Jalali day with or without a time of day in Tehran; the value is an aware instant."""

    with_time = True

    def parse(self, text: str) -> Any:
        return jalali.parse_datetime(text)

    def show(self, value: Any) -> str:
        return jalali.format_datetime(value)

    def populate_obj(self, obj: object, name: str) -> None:
        # The input shows no seconds, so an unchanged text must not overwrite those of the row.
        stored = getattr(obj, name, None)
        if stored is None or self.data is None or self.show(stored) != self.show(self.data):
            super().populate_obj(obj, name)


class MemberField:
    """A mixin for fields that choose a member of an enumeration, or one of some members; the form sends its value."""

    data: Any
    flags: Any
    raw_data: Sequence[Any] | None
    # The option of a required list while nothing is chosen; without it a browser chooses the first member.
    unchosen: ClassVar[LazyString | None] = None

    def __init__(self, *args: Any, kind: Iterable[Choice], may_be_empty: bool = False, **kwargs: Any) -> None:
        empty = NO_CHOICE if may_be_empty else self.unchosen
        choices = [
            *([] if empty is None else [("", empty)]),
            *((member.value, member.label) for member in kind),
        ]
        self.may_be_empty = may_be_empty
        super().__init__(*args, choices=choices, coerce=lambda raw: _member(kind, raw), **kwargs)  # type: ignore[call-arg]  # the field class accepts them
        if not may_be_empty and kwargs.get("default") is None:
            self.flags.required = True

    def iter_choices(self) -> Any:
        is_chosen = isinstance(self.data, Choice)
        for choice in super().iter_choices():  # type: ignore[misc]  # the field class has it
            if choice.value or self.may_be_empty or not is_chosen:
                yield choice._replace(selected=getattr(self.data, "value", "") == choice.value)

    def pre_validate(self, form: Form) -> None:
        is_empty = not self.raw_data or persian.is_blank(str(self.raw_data[0]))
        if self.data is None and not (self.may_be_empty and is_empty):
            raise ValidationError(_("Choose one of the list."))


class ChoiceField(MemberField, SelectField):
    """One member of an enumeration, from a list."""

    unchosen = _("Please select")


class ColourField(MemberField, RadioField):
    """One of the colour tokens, as swatches."""


def _member(kind: Iterable[Choice], raw: object) -> Choice | None:
    if raw is None or isinstance(raw, Choice):
        return raw
    return next((member for member in kind if member.value == raw), None)


class SwitchField(BooleanField):
    """Yes or no; an empty value means no."""

    def process_formdata(self, values: Sequence[Any]) -> None:
        super().process_formdata([value for value in values if not persian.is_blank(str(value))])


class YesNoField(SelectField):
    """Yes, no, or no answer; for a boolean column that may be NULL."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        choices = [("", NO_CHOICE), ("y", _("Yes")), ("n", _("No"))]
        super().__init__(*args, choices=choices, validate_choice=False, **kwargs)

    def process_data(self, value: Any) -> None:
        self.data = value

    def process_formdata(self, values: Sequence[Any]) -> None:
        self.data = {"y": True, "n": False}.get(values[0]) if values else None
        if values and self.data is None and not persian.is_blank(values[0]):
            raise ValueError(_("Choose one of the list."))

    def iter_choices(self) -> Any:
        chosen = {True: "y", False: "n"}.get(self.data, "")
        for choice in super().iter_choices():
            yield choice._replace(selected=choice.value == chosen)


class ListField(ParsedField):
    """Several texts, one per line; the value is a list."""

    widget = TextArea()
    errors_of = (persian.TextError,)

    def parse(self, text: str) -> list[str]:
        lines = persian.clean_text(text).splitlines()
        return [line.strip() for line in lines if not persian.is_blank(line)]

    def show(self, value: object) -> str:
        return "\n".join(map(str, value)) if isinstance(value, list) else ""


class RelationField(ParsedField):
    """A row of another table, found by search: the stored one, or a row that `find` returns from the scope."""

    errors_of = (ValueError,)

    def __init__(
        self, *args: Any, find: Callable[[int], Row | None], lookup_url: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.find, self.lookup_url = find, lookup_url

    def parse(self, text: str) -> Row:
        plain, stored = persian.latin_digits(text).strip(), self.object_data
        key = int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 18 else None
        # Nobody may choose a member who was switched off, and a row that is theirs stays theirs.
        is_stored = stored is not None and stored.id == key
        row = stored if is_stored else None if key is None else self.find(key)
        if row is None:
            raise ValueError(_("Choose one of the list."))
        return row

    def show(self, value: Row) -> str:
        return str(value.id)


class FilesField(MultipleFileField):
    """Several files at once."""

    def process_formdata(self, values: Sequence[Any]) -> None:
        self.data = [file for file in values if getattr(file, "filename", "")]
