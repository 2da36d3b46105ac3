"""A Claude session's stream as a Markdown document. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from factory_ls.lsp.hover import fenced
from factory_ls.model.text import clean

LONGEST_INPUT = 2_000
LONGEST_RESULT = 4_000


def render(events: Iterable[dict[str, Any]]) -> str:
    """What was said and done, in order: texts as they are, tools with their input and what they answered, fenced."""
    return "\n\n".join(part for event in events for part in _parts(event)) + "\n"


def _parts(event: dict[str, Any]) -> Iterator[str]:
    kind = event.get("type")
    if kind == "result":
        cost = event.get("total_cost_usd")
        money = f", ${cost:.4f}" if isinstance(cost, (int, float)) else ""
        yield f"---\n\n*Turn ended: {clean(str(event.get('subtype') or 'done'))}{money}*"
        return
    message = event.get("message")
    if kind not in ("assistant", "user") or not isinstance(message, dict):
        return
    content = message.get("content")
    blocks = content if isinstance(content, list) else [{"type": "text", "text": content}]
    who = "Claude" if kind == "assistant" else "You"
    for block in blocks:
        if not isinstance(block, dict):
            continue
        if block.get("type") == "text" and isinstance(block.get("text"), str) and block["text"].strip():
            yield f"## {who}\n\n{clean(block['text']).strip()}"
        elif block.get("type") == "tool_use":
            given = msgspec.json.encode(block.get("input")).decode()
            yield f"### {clean(str(block.get('name')))}\n\n{fenced(_cut(given, LONGEST_INPUT), 'json')}"
        elif block.get("type") == "tool_result":
            yield fenced(_cut(clean(_text(block.get("content"))), LONGEST_RESULT))


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(str(one.get("text", "")) for one in content if isinstance(one, dict))
    return str(content or "")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}\n… {len(text) - most} more characters"
