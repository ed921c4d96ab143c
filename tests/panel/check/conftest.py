"""The icons that the checks of declarations know."""

import pytest

from app.panel.action import actions_of
from app.panel.layout import assets
from tests.panel.check.steps import kinds


@pytest.fixture(scope="module", autouse=True)
def icons(tmp_path_factory):
    """The list of icons that a build makes, so that the tests need neither the package nor a build."""
    names = tmp_path_factory.mktemp("icons") / "icon-names.txt"
    actions = [each for kind in kinds() for each in actions_of(kind).values()]
    boards = [kind.board for kind in kinds() if getattr(kind, "board", None)]
    lanes = {lane.icon for board in boards for lane in board.lanes.values()}
    known = {kind.icon for kind in kinds()} | {each.icon for each in actions} | lanes
    names.write_text("\n".join(known), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assets, "_ICON_FILES", names.parent / "no package")
        patch.setattr(assets, "_ICON_NAMES", names)
        assets.icon_names.cache_clear()
        yield
    assets.icon_names.cache_clear()
