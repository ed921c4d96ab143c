"""The whole product, with real processes: embedded, and on PostgreSQL with a Redis broker."""

import os
import re
import signal
import subprocess
import sys
from contextlib import ExitStack
from urllib.error import URLError
from uuid import uuid4

import pytest

from tests.conftest import SERVER
from tests.support.broker import valkey_server
from tests.support.databases import create_database
from tests.support.stack import ROOT, Visitor, running_stack, wait_until

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module", params=["embedded", pytest.param("servers", marks=pytest.mark.postgresql)])
def stack(request, tmp_path_factory):
    with ExitStack() as servers:
        environment = {"DATABASE_URL": "", "REDIS_URL": ""}
        if request.param == "servers":
            name = f"ava_stack_{os.environ.get('PYTEST_XDIST_WORKER', 'only')}"
            environment["DATABASE_URL"] = create_database(os.environ[SERVER], name)
            environment["REDIS_URL"] = servers.enter_context(valkey_server())
        folder = tmp_path_factory.mktemp("stack")
        yield servers.enter_context(running_stack(folder, environment))


@pytest.fixture
def visitor(stack):
    """The demo's manager, logged in over HTTP."""
    visitor = Visitor(stack.url)
    visitor.get("/login/")
    visitor.post("/login/", username="manager-demo1", password="ava-demo-7")
    return visitor


def test_the_worker_imports_what_the_page_was_given(stack, visitor):
    visitor.get("/imports/add")
    file = (
        "orders.csv",
        "موبایل,کالا,تاریخ\n09121234567,P-101,1405/06/01\nندارد,P-101,1405/06/01\n".encode(),
    )
    visitor.post("/imports/add", file=file, client_token=str(uuid4()))
    shown = visitor.path
    columns = {"column-0": "mobile", "column-1": "product", "column-2": "ordered_at"}
    visitor.post(shown.replace("show", "columns"), **columns)
    visitor.post(shown.replace("show", "run"))

    wait_until(lambda: 'id="progress"' not in visitor.get(shown), stack.process)

    assert "tel:+989121234567" in visitor.get("/customers/?q=9121234567")
    assert "ندارد" in visitor.get(shown)


def test_a_killed_web_server_comes_back_and_is_said(stack, visitor):
    first = stack.pid("web")

    os.kill(first, signal.SIGKILL)

    def is_back():
        try:
            return stack.pid("web") != first and "data-pk" in visitor.get("/follow-ups/?tab=all")
        except (URLError, OSError, ValueError):
            return False

    wait_until(is_back, stack.process)
    assert "«web»" in stack.said.read_text()


def test_programs_are_answered_as_openapi_says(stack, visitor):
    """With `schemathesis.toml`; a fixed seed, so that a change of ours alone turns it red."""
    visitor.get("/account/tokens/")
    page = visitor.post("/account/tokens/", name="schemathesis", scope="write", days="30")
    secret = re.search(r"ava_[\w-]{20,}", page)[0]

    run = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{stack.url}/api/v1/openapi.json"),
            *("--header", f"Authorization: Bearer {secret}", "--max-examples", "5", "--seed", "7"),
            *("--no-color", "--continue-on-failure", "--warnings", "off"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )

    assert run.returncode == 0, run.stdout[-5000:]
    assert "Operations:       91 selected" in run.stdout


def test_ctrl_c_ends_everything(stack):
    pids = [stack.pid(name) for name in ("web", "worker", "sandbox")]

    stack.process.send_signal(signal.SIGINT)
    stack.process.wait(30)

    assert not list((stack.folder / "run").glob("*.pid"))
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
