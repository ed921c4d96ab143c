"""The verb of each permission and route in the matrix of permissions."""

from __future__ import annotations

# The letters of the permission matrix; other permissions appear under their own name.
VERBS = {
    "can_list": "L",
    "can_show": "V",
    "can_add": "A",
    "can_edit": "E",
    "can_delete": "D",
    "can_record": "T",
    "can_move": "K",
    "can_verify": "E",
    "can_assign": "G",
    "can_assign_in_turn": "G",
    "can_reassign": "G",
    "can_cancel": "C",
    "can_close": "C",
    "can_sms": "M",
    "can_set_password": "P",
    "can_activate": "R",
    "can_restore": "R",
    "can_suspend": "E",
    "can_enter": "enter",
    "can_trail": "H",
    "can_export": "X",
    "can_import": "I",
    "can_merge": "J",
    "can_erase": "F",
}
# Routes whose letter differs from that of their permission.
VERBS_OF_ROUTES = {
    "Imports.add": "I",
    "Imports.rejected": "W",
    "Messages.message_file": "W",
    "Customers.undo_merge": "Z",
}
VERBS_OF_FILES = {"attach": "U", "file": "W", "message_file": "W"}
