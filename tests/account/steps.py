"""Logging in, as the tests of accounts do."""

PASSWORD = "یک جملهٔ خوب برای ورود"


def log_in(client, person, password=PASSWORD, name=None, **environ):
    return client.post(
        "/login/", data={"username": name or person.username, "password": password}, environ_overrides=environ
    )


def is_in(client) -> bool:
    return client.get("/account/").status_code == 200
