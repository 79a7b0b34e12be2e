"""Courses, reports and books of the tests, made through the served API."""

from tests.host_api.api_calls import post
from tests.host_api.running_api import RunningApi
from tests.host_api.services.acceptance_bench import patch
from tests.host_api.services.blog.blog_calls import category, person

Json = dict[str, object]

PDF = b"%PDF-1.7 a report"


async def stored_file(api: RunningApi, content: bytes = PDF, name: str = "report.pdf") -> int:
    answer = await api.client.post("/v1/files", files={"file": (name, content)})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def document(api: RunningApi, **values: object) -> int:
    """A published report."""
    body: Json = {
        "kind": "analysis",
        "title": "چشم‌انداز بازار",
        "abstract": "نگاهی به سه صنعت بزرگ.",
        "file_id": await stored_file(api),
    } | values
    if "category_id" not in body:
        body["category_id"] = await category(api, "library")
    if "author_id" not in body:
        body["author_id"] = await person(api, "analyst")
    made = await post(api, "/v1/library/documents", body)
    await patch(api, f"/v1/library/documents/{made['id']}", {"state": "published"})
    return int(str(made["id"]))


async def course(api: RunningApi, lessons: int = 2, **values: object) -> int:
    """A published course."""
    body: Json = {
        "mode": "offline",
        "title": "سواد مالی",
        "abstract": "از دخل و خرج تا سرمایه‌گذاری.",
        "description": "در چند جلسهٔ کوتاه",
    } | values
    if "category_id" not in body:
        body["category_id"] = await category(api, "courses")
    if "teacher_id" not in body:
        body["teacher_id"] = await person(api, "teacher")
    made = await post(api, "/v1/courses", body)
    for position in range(1, lessons + 1):
        lesson = {"position": position, "title": f"جلسهٔ {position}", "address": "https://example.com/watch"}
        await post(api, f"/v1/courses/{made['id']}/lessons", lesson)
    await patch(api, f"/v1/courses/{made['id']}", {"state": "published"})
    return int(str(made["id"]))


def wanted(member: int, kind: str, subject: int) -> Json:
    return {"member_id": member, "kind": kind, "subject_id": subject}
