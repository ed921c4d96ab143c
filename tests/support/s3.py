"""A real S3 server beside the tests: a process of its own, spoken to over HTTP."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

import boto3

from tests.support.stack import free_port, wait_until

KEYS = {"key": "somebody", "secret": "who may write"}


@contextmanager
def s3_server(bucket: str) -> Iterator[str]:
    """The address of a server that has *bucket*."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _answers(address), process)
        client = boto3.client(
            "s3",
            endpoint_url=address,
            aws_access_key_id=KEYS["key"],
            aws_secret_access_key=KEYS["secret"],
            region_name="us-east-1",
        )
        client.create_bucket(Bucket=bucket)
        client.close()
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _answers(address: str) -> bool:
    try:
        with urlopen(f"{address}/moto-api/", timeout=2):
            return True
    except URLError:
        return False
