"""The sheets of a workbook and the parts of the archive that contain them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from xml.parsers import expat
from zipfile import ZipFile

from app.lib.tables.xlsx_extent import XML_ERRORS
from app.lib.tables.xlsx_guard import part_name

_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


def sheet_parts(path: Path) -> Mapping[str, str]:
    """The part of each sheet by its name; empty where the relations of the workbook are unusual."""
    with ZipFile(path) as archive:
        names = {part_name(name): name for name in archive.namelist()}
        if _BOOK not in names or _RELATIONS not in names:
            return {}
        sheets = _elements(archive.read(names[_BOOK]), "sheet")
        relations = _elements(archive.read(names[_RELATIONS]), "Relationship")
    targets = {each.get("Id"): _absolute(each.get("Target", "")) for each in relations}
    return {
        sheet["name"]: targets[key]
        for sheet in sheets
        for name, key in sheet.items()
        if name.endswith(":id") and "name" in sheet and key in targets
    }


def _absolute(target: str) -> str:
    target = part_name(target)
    return target[1:] if target.startswith("/") else str(PurePosixPath("xl") / target)


def _elements(data: bytes, tag: str) -> list[dict[str, str]]:
    """The attributes of the elements called *tag*; a document with a DOCTYPE has none."""
    found: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == tag:
            found.append(attributes)

    def doctype(*_declaration: Any) -> None:
        raise expat.ExpatError

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except XML_ERRORS:
        return []
    return found
