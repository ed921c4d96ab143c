"""Import of 50,000 rows: seconds and memory, on the database in DATABASE_URL or a PostgreSQL of its own.

``python bench/bench_import.py [rows] [--deal]`` prints a line of JSON; ``--deal`` assigns the orders to three consultants.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.databases import create_database, postgres_server  # noqa: E402 - the path comes first

PRODUCTS = {f"B-{number}": f"محصول {number}" for number in range(1, 6)}
NAMES = ("علی رضایی", "مریم احمدی", "زهرا کریمی", "حسین قاسم‌زاده", "سارا موسوی")
MOST_SECONDS, MOST_MEGABYTES = 25, 300


def write_file(path: Path, rows: int) -> None:
    """Write orders of about 40,000 customers, some of them repeated; one row in fifty is invalid."""
    pick = random.Random(7)
    lines = ["نام و نام خانوادگی,موبایل,محصول,تاریخ,شهر,یادداشت"]
    for _ in range(rows):
        mobile = f"0912{pick.randrange(rows * 4):07d}" if pick.random() > 0.02 else "ندارد"
        day = f"1405/{pick.randrange(1, 7):02d}/{pick.randrange(1, 31):02d}"
        lines.append(
            f"{pick.choice(NAMES)},{mobile},{pick.choice(list(PRODUCTS))},{day},تهران,لطفاً عصر تماس بگیرید"
        )
    path.write_text("\n".join(lines), "utf-8")


def measure(url: str, rows: int, *, deal: bool) -> dict[str, object]:
    """Import a file of *rows*; the memory is the peak of this process and of the one that reads the file."""
    os.environ |= {"DATABASE_URL": url, "APP_ENV": "test"}
    from app.commands.database import migrate  # noqa: PLC0415 - only once the environment is set
    from app.extensions import db  # noqa: PLC0415 - the same
    from app.factory import create_app  # noqa: PLC0415 - the same
    from app.services.organization import create_organization  # noqa: PLC0415 - the same
    from app.tasks.imports import import_file  # noqa: PLC0415 - the same
    from tests.factories import member  # noqa: PLC0415 - the same

    app = create_app()
    with app.app_context(), tempfile.TemporaryDirectory() as folder:
        app.config["UPLOAD_FOLDER"] = folder
        migrate()
        organization = create_organization(f"bench-{time.time_ns()}", "سنجش", PRODUCTS)
        if deal:
            for number in range(3):
                member("Consultant", organization, f"{organization.slug}-{number}")
        db.session.commit()
        path = Path(folder) / "orders.csv"
        write_file(path, rows)
        started = time.perf_counter()
        figures = import_file(path, organization, assign=deal)
        seconds = time.perf_counter() - started
        dialect = db.engine.dialect.name
    figures["rejected"] = sum(len(numbers) for numbers in figures["rejected"].values())
    peak = (
        max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        / 1024
    )
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "work": "import",
        "database": dialect,
        "seconds": round(seconds, 1),
        "megabytes": round(peak),
        "processor_seconds": [round(each.ru_utime + each.ru_stime, 1) for each in spent],
    } | figures


def main() -> None:
    rows = next((int(each) for each in sys.argv[1:] if each.isdigit()), 50_000)
    deal = "--deal" in sys.argv
    if url := os.environ.get("DATABASE_URL"):
        result = measure(url, rows, deal=deal)
    else:
        with postgres_server() as server:
            result = measure(create_database(server, "bench"), rows, deal=deal)
    result["passed"] = result["seconds"] <= MOST_SECONDS and result["megabytes"] <= MOST_MEGABYTES
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
