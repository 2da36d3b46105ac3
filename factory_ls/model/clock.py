"""Times as they cross a wire: ISO 8601 UTC with a `Z`."""

from datetime import UTC, datetime


def iso(moment: datetime | None = None) -> str:
    """`moment` (default: now) as `2026-01-31T12:00:00.123Z`."""
    moment = moment or datetime.now(UTC)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_iso(text: str) -> datetime:
    return datetime.fromisoformat(text)
