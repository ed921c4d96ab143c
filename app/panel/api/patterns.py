"""The patterns and limits of values in JSON Schemas."""

from __future__ import annotations

from typing import Any

from app.lib.money import MOST
from app.lib.persian import BLANKS
from models.types import WEEKDAY_NAMES

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
KEY: Schema = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
LONGEST_TEXT = 5000
LONGEST_SEARCH = 100
MOST_AMOUNT = MOST // 10  # the limit of amounts in toman, used for rials too
MOST_NUMBER = 2**31 - 1
NO_CONTROL = r"^[^\u0000-\u0008\u000b-\u001f\u007f]*$"
# The first visible character ends the blanks, so that matching takes linear time.
SOMETHING_VISIBLE = rf"^[{BLANKS}]*[^\u0000-\u0020\u007f{BLANKS}]" + r"[^\u0000-\u0008\u000b-\u001f\u007f]*$"
NO_NUL = r"^[^\u0000]*$"
DIGIT = "[0-9۰-۹٠-٩]"
MOBILE = rf"^(\+98|0098|98|0)?[9۹٩]({DIGIT}{{9}}|{DIGIT}{{2}} {DIGIT}{{3}} {DIGIT}{{4}})$"
JALALI = "1[34][0-9]{2}/(0[1-9]|1[0-2])/(0[1-9]|1[0-9]|2[0-9])"
DAY = f"^{JALALI}$"
ISO_DAY = "20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
MOMENT = rf"^({ISO_DAY}T{_CLOCK}:[0-5][0-9](Z|[+-]0[0-9]:[0-5][0-9])|{JALALI} {_CLOCK})$"
TIME_OF_DAY: Schema = {"type": "string", "pattern": f"^{_CLOCK}$", "minLength": 1}
# If-Match by RFC 9110: an asterisk, or quoted versions.
ETAGS: Schema = {
    "type": "string",
    "pattern": r'^(\*|(W/)?"[!#-~]*"(, *(W/)?"[!#-~]*")*)$',
}
_DAY_NAME = f"({'|'.join(WEEKDAY_NAMES)})"
WEEKDAYS = f"^{_DAY_NAME}(,{_DAY_NAME})*$"
KEYS = r"^[1-9][0-9]{0,17}$"
