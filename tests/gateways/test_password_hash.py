"""Hashes of passwords: the parameters of the product, from a process that no test has changed."""

import subprocess
import sys

from app.gateways.password_hash import is_outdated

ASK = """
from app.gateways.password_hash import METHOD, hash_password, is_outdated, password_matches
stored = hash_password("correct horse 12")
print(METHOD, password_matches(stored, "correct horse 12"), password_matches(stored, "another"), is_outdated(stored))
"""


def test_a_password_is_hashed_with_scrypt_and_32_mebibytes():
    said = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True).stdout

    assert said.split() == ["scrypt:32768:8:1", "True", "False", "False"]


def test_a_hash_of_other_parameters_is_outdated():
    assert is_outdated("scrypt:2:8:1$salt$00")
