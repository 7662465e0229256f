"""Drives `authzen-policy-backend`, an AuthZEN client for agent governance, against a running Remit.

Usage: check.py BASE_URL API_KEY. The server holds the bundle beside this file and lets the key see full detail.
Every request and every answer is also held against the working group's JSON schemas.
"""

import asyncio
import json
import logging
import sys
from pathlib import Path

import httpx
from authzen_backend import AsyncAuthZENBackend, AuthZENBackend
from authzen_backend.aria import extract_aria_context
from jsonschema import Draft202012Validator

HERE = Path(__file__).parent
BASE, KEY = sys.argv[1], sys.argv[2]
APPLICATION = "support-desk"


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((HERE / "schemas" / f"{name}.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


REQUEST, RESPONSE = validator("evaluation-request"), validator("evaluation-response")


class Recorder:
    """Keeps every body that went over the wire; can ask for more detail, which this client has no word for."""

    def __init__(self, detail: str | None = None) -> None:
        self.detail = detail
        self.exchanges: list[tuple[dict, int, dict]] = []

    def outgoing(self, request: httpx.Request) -> httpx.Request:
        body = json.loads(request.content)
        if self.detail:
            body["options"] = {"detail": self.detail}
        headers = {name: value for name, value in request.headers.items() if name != "content-length"}
        return httpx.Request(request.method, request.url, headers=headers, json=body)

    def keep(self, request: httpx.Request, response: httpx.Response) -> None:
        self.exchanges.append((json.loads(request.content), response.status_code, json.loads(response.content)))

    def validate(self) -> None:
        assert self.exchanges, "nothing went over the wire"
        for request, status, answer in self.exchanges:
            REQUEST.validate(request)
            if status == 200:
                RESPONSE.validate(answer)


class Sync(httpx.BaseTransport):
    def __init__(self, recorder: Recorder) -> None:
        self.recorder, self.inner = recorder, httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request = self.recorder.outgoing(request)
        response = self.inner.handle_request(request)
        response.read()
        self.recorder.keep(request, response)
        return response

    def close(self) -> None:
        self.inner.close()


class Async(httpx.AsyncBaseTransport):
    def __init__(self, recorder: Recorder) -> None:
        self.recorder, self.inner = recorder, httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request = self.recorder.outgoing(request)
        response = await self.inner.handle_async_request(request)
        await response.aread()
        self.recorder.keep(request, response)
        return response

    async def aclose(self) -> None:
        await self.inner.aclose()


def ask(context: dict, *, detail: str | None = None, token: str = KEY, fail_closed: bool = True):
    """One question through the client; the wire is checked against the schemas before the answer is looked at."""
    recorder = Recorder(detail)
    with httpx.Client(transport=Sync(recorder)) as http:
        backend = AuthZENBackend(
            f"{BASE}/access/v1/evaluation", APPLICATION, token=token, http_client=http, fail_closed=fail_closed
        )
        decision = backend.evaluate(context)
    recorder.validate()
    return decision


def read(agent: str, **more) -> dict:
    return {"agent_id": agent, "tool_name": "file_read", **more}


def write(agent: str, **more) -> dict:
    return {"agent_id": agent, "tool_name": "file_write", **more}


RICH = {
    "user_id": "alice",
    "delegator": "auth:account:corp:alice",
    "risk_score": 0.25,
    "session": {"id": "s-1", "steps": [1, 2, {"tool": "file_read"}], "fresh": True, "note": None},
}


def check_an_agent_reads_with_its_tool() -> None:
    decision = ask(read("helper", **RICH))
    assert decision.allowed is True and decision.action == "allow" and decision.error is None, decision
    assert decision.reason == "AuthZEN PDP: access permitted", decision
    assert decision.raw_result == {"decision": True, "context": {}}, decision


def check_a_deny_is_a_decision_and_not_an_error() -> None:
    for context in (read("retired"), read("unknown"), write("reader"), {"agent_id": "helper", "tool_name": "rm_rf"}):
        decision = ask(context, fail_closed=False)
        assert decision.allowed is False and decision.action == "deny" and decision.error is None, decision
        assert decision.reason == "AuthZEN PDP: access denied", decision


def check_the_text_of_the_rule_arrives_as_reason_user() -> None:
    risky = ask(read("helper", risk_score=0.95), detail="reason")
    assert risky.allowed is False, risky
    assert risky.reason == "The risk is too high for an agent on its own", risky
    aria = extract_aria_context(risky)
    assert aria.reason_user == risky.reason and aria.reason_admin == "", aria
    assert risky.raw_result["context"]["reason"] == "forbidden", risky


def check_the_general_sentence_arrives_when_no_rule_speaks() -> None:
    decision = ask(read("retired"), detail="reason")
    context = decision.raw_result["context"]
    assert decision.allowed is False and context["reason"] == "no_permit_applies", decision
    assert decision.reason == context["reason_user"] and decision.reason.endswith("."), decision


def check_the_explanation_for_administrators_is_a_sentence_for_this_client() -> None:
    decision = ask(read("helper", risk_score=0.95), detail="full")
    explanation = decision.raw_result["context"]["reason_admin"]
    assert decision.allowed is False and explanation["rules"][0]["rule"] == "tools.too_risky", explanation
    assert extract_aria_context(decision).reason_admin == decision.reason, decision
    assert decision.reason == "a forbid rule applied: tools.too_risky", decision


def check_obligations_travel_with_an_allow() -> None:
    decision = ask(write("helper"))
    assert decision.allowed is True, decision
    obligations = extract_aria_context(decision).obligations
    assert [(one.id, one.type) for one in obligations] == [("audit-1", "audit")], obligations
    told = decision.raw_result["context"]["obligations"][0]["properties"]
    assert told == {"channel": "tool-writes"}, told


def check_properties_of_subject_and_action_and_the_context_count() -> None:
    fetch = {"agent_id": "helper", "tool_name": "web_fetch"}
    assert ask({**fetch, "user_id": "alice"}).allowed is True
    assert ask(fetch).allowed is False, "nobody stands behind the agent"
    other_tool = {"agent_id": "helper", "tool_name": "shell", "action": "file_write", "resource_id": "file_write"}
    assert ask(other_tool).allowed is False, "the operation is another one"
    assert ask(read("helper", risk_score=0.8)).allowed is True
    assert ask(read("helper", risk_score=0.81)).allowed is False


def check_a_wrong_key_fails_closed() -> None:
    decision = ask(read("helper"), token="another key")
    assert decision.allowed is False and decision.error is None, decision
    assert decision.reason == "AuthZEN PDP error: HTTP 401", decision
    assert ask(read("helper"), token="another key", fail_closed=False).error == "HTTP 401"


def check_the_asynchronous_client_gets_the_same_decisions() -> None:
    async def both() -> list[bool]:
        recorder = Recorder()
        async with httpx.AsyncClient(transport=Async(recorder)) as http:
            url = f"{BASE}/access/v1/evaluation"
            async with AsyncAuthZENBackend(url, APPLICATION, token=KEY, http_client=http) as backend:
                contexts = [read("helper"), read("retired"), write("helper"), write("reader")] * 5
                decisions = await asyncio.gather(*(backend.evaluate(context) for context in contexts))
        recorder.validate()
        assert all(decision.error is None for decision in decisions), decisions
        return [decision.allowed for decision in decisions]

    assert asyncio.run(both()) == [True, False, True, False] * 5


def check_the_schemas_refuse_what_is_no_decision() -> None:
    assert RESPONSE.is_valid({"decision": False, "context": {}})
    assert not RESPONSE.is_valid({"decision": "false"}) and not RESPONSE.is_valid({"context": {}})


def main() -> int:
    logging.getLogger("authzen_backend").setLevel(logging.CRITICAL)
    checks = [(name, check) for name, check in globals().items() if name.startswith("check_")]
    failed = 0
    for name, check in checks:
        try:
            check()
            print(f"ok    {name}")
        except Exception as fault:  # every check is run and told
            failed += 1
            print(f"FAIL  {name}: {type(fault).__name__}: {fault}")
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
