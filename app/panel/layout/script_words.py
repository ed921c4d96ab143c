"""The texts of the scripts, as the catalogue has them.

`words.js`, `late-words.js` and `keys.js` hold the Persian texts, so that a page loads no catalogue. A test compares them with the translations of these
msgids: of the ways to bind them this costs no byte in a page and no step of the build.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

# By the names of `words` and `lateWords`; a placeholder is an argument of the script.
WORDS: Mapping[str, LazyString] = {
    "cancel": _l("Cancel"),
    "close": _l("Close"),
    "undo": _l("Take it back"),
    "goOn": _l("Go on"),
    "leave": _l("Leave the changes"),
    "unsaved": _l("What you wrote is not saved yet. Close it?"),
    "place": _l("%(at)s of %(of)s"),
    "suggestion": _l("Suggestion “%(title)s”"),
    "selected": _l("%(count)s %(what)s selected"),
    "selectMatching": _l("Select all %(count)s results"),
    "selectAllMatching": _l("Select all results (more than %(count)s)"),
    "matchingSelected": _l("All %(count)s results are selected"),
    "allMatchingSelected": _l("All results (more than %(count)s) are selected"),
    "removeFile": _l("Take %(name)s away"),
    "megabytes": _l("%(size)s megabytes"),
    "kilobytes": _l("%(size)s kilobytes"),
    "offline": _l("The panel could not be reached. Check the internet and try again."),
    "restored": _l("Your unsaved text is back."),
    "discard": _l("Discard"),
    "unreached": _l("There is no connection; your text is not lost."),
    "retry": _l("Try again"),
    "failed": _l("Nothing was done and nothing changed. Try again."),
    "forbidden": _l("You may not do this."),
    "gone": _l("This item is no longer available."),
    "tooLarge": _l("The file is too large."),
    "tooMany": _l("There were too many requests. Try again a little later."),
    "tooManyFor": _l("There are too many requests; try again in %(seconds)s seconds."),
    "trackingCode": _l("Tracking code"),
    "noMatch": _l("Nothing found"),
    "theme": _l("Theme"),
    "light": _l("Light"),
    "dark": _l("Dark"),
    "automatic": _l("Automatic"),
    "keys": _l("Keyboard shortcuts"),
    "menu": _l("Main menu"),
    "closeByKey": _l("Close (Esc)"),
    "palette": _l("Search and commands"),
    "paletteField": _l("Section, command, customer or number"),
    "paletteFound": _l("What was found"),
    "palettePage": _l("This page"),
    "paletteSections": _l("Sections"),
    "paletteAccount": _l("Account and display"),
    "paletteRecent": _l("Most recent"),
    "paletteTheme": _l("Theme: "),
    "palettePresence": _l("Presence: "),
    "paletteNothing": _l(
        "Nothing found. Write the name of a section, the name of a customer or some digits of their number."
    ),
    "paletteFailed": _l("The search failed. Write again in a few moments."),
    "paletteCount": _l("%(count)s choices"),
    "typeToSearch": _l("Type to search"),
    "removeChoice": _l("Remove the choice"),
    "showPassword": _l("Show the password"),
    "hidePassword": _l("Hide the password"),
    "calendar": _l("Calendar"),
    "previousMonth": _l("The month before"),
    "nextMonth": _l("The month after"),
    "today": _l("Today"),
    "clear": _l("Empty the field"),
    "hour": _l("Hour"),
    "minute": _l("Minute"),
    "accept": _l("Take this date"),
    "invalidDate": _l("Write the date like 1405/09/02."),
    "invalidMoment": _l("Write the date and the time like 1405/09/02 14:30."),
    "away": _l("The panel can't be reached; this page goes on by itself once it can."),
    "sending": _l("Sending …"),
    "sent": _l("%(share)s%% has arrived"),
    "checking": _l("All has arrived; the panel reads it …"),
    "stopSending": _l("Stop sending"),
    "notSent": _l("It was not sent."),
    "again": _l("Once more?"),
}
# The acts of the keys in `keys.js`.
KEYS: tuple[LazyString, ...] = (
    _l("Search and commands"),
    _l("Search in the list"),
    _l("Filter"),
    _l("Add"),
    _l("Next row"),
    _l("Previous row"),
    _l("Select the row"),
    _l("Register the result"),
    _l("Open the row"),
    _l("Actions on the row"),
    _l("Choose a result, in the panel"),
    _l("Buttons of the marked row"),
    _l("Call, in the panel"),
    _l("Send an SMS, in the panel"),
    _l("Save the form"),
    _l("Undo, while its message is shown"),
    _l("This help"),
    _l("Close"),
)
