"""What the tests of imports share."""

import json
import re
from io import BytesIO
from pathlib import Path
from uuid import uuid4

from app.extensions import db
from app.services.imports.describe import describe
from app.services.imports.jobs import queue_import, receive_file
from app.services.imports.run import run_import
from models.job import ImportJob
from models.product import Product

CASES = Path(__file__).parents[1] / "data" / "field-cases"
CASE_PRODUCTS = json.loads((CASES / "products.json").read_text("utf-8"))["products"]
HEADINGS = "موبایل,محصول,تاریخ,نام و نام خانوادگی\n"


def upload(text: str | bytes, *, name: str = "orders.csv", token=None) -> ImportJob:
    data = text.encode() if isinstance(text, str) else text
    return receive_file(BytesIO(data), name=name, client_token=token or uuid4())


def run(job: ImportJob, **options) -> ImportJob:
    queue_import(job, describe(job).mapping, **options)
    for _step in run_import(job):
        db.session.commit()
    return job


def rows(count: int, product: Product, *, first: int = 0) -> str:
    lines = [
        f"0912{number:07d},{product.code},1405/06/{number % 30 + 1},علی رضایی"
        for number in range(first, first + count)
    ]
    return HEADINGS + "\n".join(lines)


def send(client, path: Path):
    """The answer to the form of the file."""
    form = {"file": (BytesIO(path.read_bytes()), path.name), "client_token": str(uuid4())}
    return client.post("/imports/add", data=form, content_type="multipart/form-data")


def guessed(page: str) -> dict[str, str]:
    """The form of the columns as its page comes."""
    chosen = {}
    for name in re.findall(r'name="(column-\d+)"', page):
        start = page.index(f'name="{name}"')
        found = re.search(r'value="(\w+)" selected', page[start : page.index("</select>", start)])
        if found:
            chosen[name] = found[1]
    return chosen


def up_to_preview(client, path: Path) -> str:
    """The address of the preview of the file at *path*, with the columns that were guessed."""
    columns = send(client, path).location
    return client.post(columns.replace("show", "columns"), data=guessed(client.get(columns).text)).location


def through_command(app, path: Path, *options: str) -> dict:
    """The figures of the command for the organisation «cases»."""
    command = ["import-orders", str(path), "--organization", "cases", "--json", *options]
    return json.loads(app.test_cli_runner().invoke(args=command).stdout)
