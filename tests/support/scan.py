"""Sqlmap and wapiti against a panel of their own on loopback; says what they found, and ends with 1 then.

``make scan``, or ``python -m tests.support.scan --database postgresql``; at most ten minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from time import monotonic

from tests.support.databases import create_database, postgres_server
from tests.support.scan_targets import AWAY, Attacker, Target, attacker, doors, forms, lists, stranger
from tests.support.stack import Stack, running_stack

# Seconds: for all of sqlmap and for one address of it; for wapiti's crawl and each of its modules, as each person.
SQLMAP_IN_ALL, SQLMAP_EACH, CRAWL, MODULE = 240, 30, 20, 10
# Even the consultant's menu leads to more; a crawl with less than this did not see the pages.
FEWEST = 20
# Not «csrf»: it sends forms with files unreadably and calls two equal refusals a hole; tests/panel/test_frame.py checks tokens.
MODULES = "sql,xss,permanentxss,exec,file,crlf,redirect,csp,htaccess,methods"
# Thousand times the usual: a scan tries more often than people do, and a 429 would hide what it looks for.
ENVIRONMENT = {"REDIS_URL": "", "LIMITS": "1000", "REAUTHENTICATE": "off"}
# What it confirmed. Its guess «might be injectable» follows from page=3-2 being answered like page=1, as any nonsense is.
FOUND = re.compile(
    r"identified the following injection point|might be vulnerable|\b5\d\d \([A-Z][^)]*\) - \d+ times"
)
# Wapiti 3.0 writes its wildcards in a way that Python refuses since 3.11.
WAPITI = """
import re
from wapitiCore.main import wapiti
from wapitiCore.net import crawler
crawler.wildcard_translate = lambda pattern: re.compile(".*".join(map(re.escape, pattern.split("*"))) + r"\\Z")
wapiti.wapiti_main()
"""
# The panel is plain HTTP on loopback here, where the flag belongs to production (S-4 checks it there).
EXPECTED = {"Secure Flag cookie", "HttpOnly Flag cookie"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    database: str = parser.parse_args().database
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory()))
        url = (
            create_database(cleanup.enter_context(postgres_server()), "ava_scan")
            if database == "postgresql"
            else ""
        )
        panel = cleanup.enter_context(running_stack(folder, {**ENVIRONMENT, "DATABASE_URL": url}))
        found = [*scan(panel, folder, database)]
        found += crashes(panel)
    say("\n".join(found) if found else f"Nothing found on {database}.")
    sys.exit(bool(found))


def scan(panel: Stack, folder: Path, database: str) -> Iterator[str]:
    """What the scanners find, and whether they were still logged in at the end: blunt ones find nothing."""
    people = [attacker(panel.url, name) for name in ("manager-demo1", "consultant1-demo1", "admin")]
    nobody = stranger(panel.url)
    work = [(nobody, target) for target in doors(nobody)]
    work += [(people[0], target) for target in forms(people[0])]
    work += [(person, target) for person in people for target in lists(person)]
    yield from sqlmap(panel, work, folder, database)
    for person in people[:2]:
        yield from wapiti(panel, person, folder)
    for person in people:
        if not person.is_in:
            yield f"{person.name} was logged out during the scan, which therefore saw little"


def sqlmap(
    panel: Stack, work: Sequence[tuple[Attacker, Target]], folder: Path, database: str
) -> Iterator[str]:
    """One address after the other, until the time is over; says how many it reached."""
    ends, reached, tried = monotonic() + SQLMAP_IN_ALL, 0, 0
    for person, target in work:
        left = ends - monotonic()
        if left < 5:
            break
        output = run(_sqlmap_command(panel, person, target, folder, database), min(SQLMAP_EACH, left))
        reached += 1
        tried += len(set(re.findall(r"testing if (?:GET|POST|URI) parameter '([^']+)'", output)))
        for line in output.splitlines():
            if FOUND.search(line):
                yield f"sqlmap, {person.name}, {target.path}: {line.strip()}"
    say(f"sqlmap: {reached} of {len(work)} addresses, {tried} parameters")


def _sqlmap_command(panel: Stack, person: Attacker, target: Target, folder: Path, database: str) -> list[str]:
    command = [
        "sqlmap",
        "--batch",
        "--disable-coloring",
        "-u",
        panel.url + target.path,
        "--cookie",
        person.cookie,
    ]
    command += ["--drop-set-cookie", "--level", "1", "--risk", "2", "--threads", "4", "--time-sec", "2"]
    # Waiting for delays takes most of the time; the lists, which only read, show a forged condition anyway.
    command += ["--technique", "BEUT" if target.data else "BEU", "--headers", "HX-Request: true"]
    command += ["--dbms", database, "--ignore-code", "400,404,409,410,422,429"]
    command += ["--skip", "csrf_token,_nonce,_step,ava", "--output-dir", str(folder / "sqlmap")]
    # The way back and every rejected value are pages of their own: no question of WAFs or of merging cookies.
    command += ["--skip-waf", "--flush-session", "--answers", "follow=N,redirect=N"]
    if target.data:
        command += ["--data", target.encoded, "--randomize", "_nonce"]
    return command


def wapiti(panel: Stack, person: Attacker, folder: Path) -> Iterator[str]:
    """Crawls what the person sees and attacks every form and argument that it met."""
    report = folder / f"{person.name}.json"
    command = [
        *_wapiti(),
        "-u",
        f"{panel.url}/",
        "--scope",
        "domain",
        "-m",
        MODULES,
        "-H",
        f"Cookie: {person.cookie}",
        # It asks for brotli, which it can't read.
        "-H",
        "Accept-Encoding: gzip",
    ]
    command += ["--flush-session", "--store-session", str(folder / "wapiti"), "--no-bugreport", "-v", "1"]
    command += ["--store-config", str(folder / "wapiti-config"), "-f", "json", "-o", str(report)]
    command += [
        "--max-scan-time",
        str(CRAWL),
        "--max-attack-time",
        str(MODULE),
        # One row of each kind is enough, and a page with many rows must not eat the time of all others.
        "--max-files-per-dir",
        "4",
        "-S",
        "aggressive",
        "-t",
        "10",
    ]
    command += [part for path in AWAY for part in ("-x", f"{panel.url}/{path}/*")]
    command += [part for path in AWAY for part in ("-x", f"{panel.url}/{path}/")]
    for target in lists(person):
        command += ["-s", panel.url + target.path]
    output = run(command, CRAWL + 10 * MODULE + 20)
    met = int((re.findall(r"found (\d+) URLs and forms", output) or ["0"])[0])
    modules = re.findall(r"Launching module (\w+)", output)
    say(f"wapiti: as {person.name}, {met} addresses and forms, modules {' '.join(modules)}")
    if met < FEWEST or len(modules) < 3:
        yield f"wapiti met only {met} addresses as {person.name}, so it saw little: {output[-500:]}"
    # What it writes while it works stands between two rules; the report comes only when it ends by itself.
    yield from {
        f"wapiti, {person.name}: {line}" for line in re.findall(r"^---\n(.+)\n", output, re.MULTILINE)
    }
    result = json.loads(report.read_text()) if report.exists() else {"vulnerabilities": {}, "anomalies": {}}
    for kind, entries in {**result["vulnerabilities"], **result["anomalies"]}.items():
        for entry in entries if kind not in EXPECTED else ():
            yield f"wapiti, {person.name}, {kind}: {entry['method']} {entry['path']} {entry['parameter']} {entry['info']}"


def _wapiti() -> list[str]:
    is_old = "Wapiti 3.0" in run(["wapiti", "--version"], 20)
    return ["/usr/bin/python3", "-c", WAPITI] if is_old else ["wapiti"]


def crashes(panel: Stack) -> list[str]:
    """What the panel itself wrote about requests that failed, whether or not a scanner noticed."""
    log = panel.said.read_text()
    errors = Counter(re.findall(r"^(\w[\w.]*(?:Error|Exception|Refused|Row)\b.{0,200})", log, re.MULTILINE))
    failed = len(re.findall(r"Request \S+ failed", log))
    return [f"{failed} requests failed in the panel: {errors.most_common(10)}"] if failed else []


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run(command: Sequence[str], seconds: float) -> str:
    """The output of *command*, which ends after *seconds* at the latest, with all that it started."""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", "PYTHONPATH": ""}
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        start_new_session=True,
    )
    try:
        return process.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.communicate()[0]
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
