"""Steps of the tests of the board of tasks."""

import json
import re

from models.task import TaskStatus

HTMX = {"HX-Request": "true"}
TODO, DOING, DONE, CANCELLED = TaskStatus


def lane(page: str, status: TaskStatus) -> list[str]:
    """The titles of the cards of a column, in their order."""
    found = re.search(rf'<section class="lane[^"]*" id="lane-{status.value}".*?</section>', page, re.DOTALL)
    return re.findall(r'class="board-title"[^>]*>(?:<bdi[^>]*>)?([^<]*)', found[0]) if found else []


def board(client, query="tab=all") -> str:
    answer = client.get(f"/tasks/board?{query}")
    assert answer.status_code == 200
    return answer.text


def move(client, task, to, **sent):
    return client.post(f"/tasks/{task.id}/move", data={"to": to.value, **sent}, headers=HTMX)


def toast(answer) -> dict[str, str]:
    return json.loads(answer.headers["HX-Trigger"])["toast"]
