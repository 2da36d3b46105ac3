import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_ls.model.redact import redact

SECRETS = [
    "ghp_" + "a1B2" * 9,
    "github_pat_" + "11AAAA_" + "x" * 40,
    "gho_" + "Z" * 36,
    "sk-ant-api03-" + "q" * 40,
    "xoxb-123456789012-abcdefghijkl",
    "AKIAABCDEFGHIJKLMNOP",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dBjftJeZ4CVPmB92K27uhbUJU1p1r",
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----",
    "fls_0123456789abcdef.abcdefghijklmnopqrstuvwxyz",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("around", ["{}", "x={} y", "url?t={}&b=1", '{{"a": "{}"}}'])
def test_known_shapes_go_wherever_they_stand(secret: str, around: str) -> None:
    shown = redact(around.format(secret))
    assert secret not in shown
    assert "[hidden]" in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://user:pa55@host/x.git", "https://[hidden]@host/x.git"),
        ("https://x-access-token:v1.abc@github.com/o/r", "https://[hidden]@github.com/o/r"),
        ("Authorization: Bearer abcdefgh", "Authorization: Bearer [hidden]"),
        ("{'authorization': 'Basic dXNlcjpwYXNz'}", "{'authorization': 'Basic [hidden]'}"),
        ("DB_PASSWORD=hunter22 rest", "DB_PASSWORD=[hidden] rest"),
        ('{"apiKey": "abcdefg"}', '{"apiKey": "[hidden]"}'),
    ],
)
def test_what_a_name_gives_away(text: str, shown: str) -> None:
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    ["SyntaxError: unexpected token ')'", "src/token.py:12: error", "http://127.0.0.1:3001/mcp", "mail me@host.org"],
)
def test_ordinary_text_stays(text: str) -> None:
    assert redact(text) == text


@given(st.text(max_size=200), st.sampled_from(SECRETS), st.text(max_size=200))
def test_redacting_twice_is_redacting_once(before: str, secret: str, after: str) -> None:
    once = redact(f"{before} {secret} {after}")
    assert redact(once) == once
    assert secret not in once


@pytest.mark.parametrize("unit", ["a", "token", "a://", "-----BEGIN ", "eyJ", "x:", "bearer ", "eyJaaaaaaaaa."])
def test_hostile_text_costs_linear_time(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    start = time.process_time()
    redact(text)
    assert time.process_time() - start < 2
