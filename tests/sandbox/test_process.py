"""The sandbox as a separate process that is killed during calls."""

import json
import signal
import subprocess
import sys
import threading
from urllib.request import urlopen

import pytest

from app.gateways.sms.base import Outgoing, ProviderAccount
from app.gateways.sms.kavenegar import Kavenegar
from app.gateways.sms.results import Outcome
from tests.support.stack import ROOT, free_port, wait_until

pytestmark = pytest.mark.processes


def is_up(port):
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
            return True
    except OSError:
        return False


def started(port, folder):
    command = [sys.executable, "-m", "app.sandbox", str(port), "--folder", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT)
    wait_until(lambda: is_up(port), process)
    return process


def test_a_kill_loses_no_accepted_message(tmp_path):
    port = free_port()
    provider = Kavenegar(
        ProviderAccount("good", f"http://127.0.0.1:{port}/v1", "10004346"), public_only=False
    )
    answers = []
    sandbox = started(port, tmp_path)

    killer = threading.Timer(0.5, sandbox.send_signal, [signal.SIGKILL])
    killer.start()
    while sandbox.poll() is None:
        first = len(answers) + 1
        answers += provider.send([Outgoing(first + n, f"+98912{first + n:06}5", "سلام") for n in range(50)])
    again = started(port, tmp_path)
    with urlopen(f"http://127.0.0.1:{port}/sandbox/ledger", timeout=10) as response:
        ledger = {row["localid"]: str(row["messageid"]) for row in json.load(response)}
    again.kill()
    again.wait()

    accepted = {
        each.local_id: each.provider_message_id for each in answers if each.outcome is Outcome.ACCEPTED
    }
    assert len(accepted) >= 50
    assert accepted.items() <= ledger.items()
    assert len(set(ledger.values())) == len(ledger)
