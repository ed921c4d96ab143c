"""E11: a file of products goes in by mouse: chosen, understood, previewed, run, read and taken back."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.accessibility import ALL_RULES, broken_rules, turn
from tests.support.looks import small_targets

ROOT = Path(__file__).parents[2]
TEXT = "عنوان,کد,قیمت,فعال\nکتاب کار,P-101,120000,بله\nجزوهٔ {0},N-{0},گران,بله\nدفتر {0},M-{0},5000,خیر\n"


def work(panel, key):
    """The job, done by a process of its own as a worker does it."""
    code = (
        "from run import app\n"
        "from sqlalchemy import text\n"
        "from app.extensions import db\n"
        "from app.tasks.section_imports import run_section_import\n"
        "with app.app_context():\n"
        "    connection = db.engine.connect()\n"
        f"    owner = connection.execute(text('SELECT organization_id FROM import_jobs WHERE id = {key}')).scalar()\n"
        "    connection.close()\n"
        f"    run_section_import({key}, owner)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=panel.environment, check=True)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_file_of_products_is_imported_and_taken_back(panel, open_tab, width):
    """Each step is looked at in both colour schemes."""
    tab = open_tab("manager-demo1", width=width, csp=False)
    page = tab.open("/products/import")
    name = f"{width}"
    file = {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": TEXT.format(name).encode()}
    wrong = []

    def look():
        for scheme in ("dark", "light"):
            turn(page, width, scheme)
            wrong.extend((scheme, each["id"]) for each in broken_rules(page, options=ALL_RULES))
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    look()
    page.set_input_files("input[type=file]", file)
    for step in ("**/import/*", "**/import/*/preview", "**/import/*"):
        page.click("main .form-bar .btn-primary")
        page.wait_for_url(step)
        look()
    key = page.url.rpartition("/")[2]
    work(panel, key)
    # The page of the progress shows numbers too and reloads itself; only the result lists refused rows.
    page.wait_for_selector("tr[data-pk='3']")
    look()
    assert page.locator("tr[data-pk='3']").count() == 1

    # The page of the first step lists the import now.
    result = page.url
    tab.open("/products/import")
    assert page.locator(f".rows tr[data-pk='{key}']").count() == 1
    look()
    assert small_targets(page, width) == []
    page.goto(result)

    page.click("main .page-actions button")
    page.click("dialog[open] .btn-danger")
    page.wait_for_selector("text=این ورود بازگردانی شده است")
    look()

    assert wrong == []
    assert tab.errors == []
