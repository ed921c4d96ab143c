"""E11: a file of products goes in by mouse: chosen, understood, previewed, run, read and taken back."""

import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

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


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (390, "dark"), (390, "light"), (1280, "dark")]
)
def test_a_file_of_products_is_imported_and_taken_back(panel, open_tab, width, scheme):
    tab = open_tab("manager-demo1", width=width, scheme=scheme, csp=False)
    page = tab.open("/products/import")
    name = f"{width}{scheme}"
    file = {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": TEXT.format(name).encode()}
    wrong = []

    def look():
        # A form that is being sent is paler for a moment.
        page.wait_for_function(
            "() => !document.querySelector('[aria-busy=true]') && document.getAnimations().every(({ effect }) => effect.getComputedTiming().iterations === Infinity)"
        )
        wrong.extend(Axe().run(page).response["violations"])
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

    assert [each["id"] for each in wrong] == []
    assert tab.errors == []
