"""Files that were chosen in a dialog are still chosen after the form was refused."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

FILE = {"name": "آگهی.txt", "mimeType": "text/plain", "buffer": "سلام".encode()}


@pytest.fixture(params=[1280, 390])
def tab(open_tab, request):
    return open_tab("manager-demo1", width=request.param)


def test_a_document_whose_kind_was_missing_keeps_its_file(tab):
    page, dialog = tab.open("/dossiers/show/1"), tab.page.locator("#dialog")
    before = page.locator("#documents tbody tr, #dossier-documents tbody tr").count()
    page.locator("a[href='/dossier-documents/add?dossier=1']").first.click()
    dialog.locator("input[type=file]").set_input_files([FILE, {**FILE, "name": "دیگری.txt"}])
    dialog.locator(".drop-file > .btn").last.click()
    dialog.locator("#expires_on").fill("۱۴۰۶/۱۳/۴۰")
    dialog.locator("[data-main-submit]").click()

    expect(dialog.locator("#kind-error")).to_be_visible()
    expect(dialog.locator("#expires_on")).to_have_value("۱۴۰۶/۱۳/۴۰")
    expect(dialog.locator(".drop-file")).to_have_count(1)
    expect(dialog.locator(".drop-file")).to_contain_text("آگهی.txt")
    dialog.locator("#kind").select_option(label="آگهی ثبت")
    dialog.locator("#expires_on").fill("")
    dialog.locator("[data-main-submit]").click()

    expect(dialog).not_to_be_visible()
    expect(page.locator("#documents tbody tr, #dossier-documents tbody tr")).to_have_count(before + 1)
    expect(page.locator("main")).to_contain_text("آگهی.txt")


def test_a_message_without_a_text_keeps_its_file(tab):
    page, dialog = tab.open("/messages/"), tab.page.locator("#dialog")
    page.locator("a[href='/messages/add']").first.click()
    dialog.locator("input[type=file]").set_input_files([FILE])
    dialog.locator("[data-main-submit]").click()

    expect(dialog.locator("[id$=-error]").first).to_be_visible()
    expect(dialog.locator(".drop-file")).to_contain_text("آگهی.txt")
