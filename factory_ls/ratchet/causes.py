"""Failures that no change of the code repairs, and such that may pass by themselves, told by their words."""

import re
from collections.abc import Iterable

from factory_ls.model.problem import Failure, Problem

NETWORK = re.compile(
    r"""(?xi)
      \b(?: ECONNRESET | ECONNREFUSED | ETIMEDOUT | EAI_AGAIN | ENETUNREACH | EHOSTUNREACH )\b
    | connection\ (?: reset | refused | aborted | timed\ out ) | connection\ broken
    | could\ not\ resolve\ host | temporary\ failure\ (?: in\ name\ resolution | resolving )
    | name\ or\ service\ not\ known
    | network\ is\ unreachable | no\ route\ to\ host | TLS\ handshake\ timeout | read\ timed\ out | i/o\ timeout
    | \b(?: 502\ bad\ gateway | 503\ service\ (?: temporarily\ )?unavailable | 504\ gateway\ time-?out )
    | remote\ end\ hung\ up\ unexpectedly | unexpected\ EOF\ while\ (?: reading | downloading ) | RPC\ failed;\ curl
    """
)

BEYOND_CODE = re.compile(
    r"""(?xi)
      input\ required\ and\ not\ supplied:\ \S*(?: token | key | secret | password )
    | \b(?: secret | credential | api[\ _-]key | access\ token )s?\b [^\n]{0,40}
      \b(?: is\ not\ set | not\ set | missing | not\ found | is\ empty | expired | not\ provided )\b
    | bad\ credentials | could\ not\ load\ credentials | authentication\ (?: failed | required )\ for
    | \b(?: quota | spending\ limit | usage\ limit )\b [^\n]{0,40} \b(?: exceeded | reached | exhausted )\b
    | (?: exceeded | reached )\ (?: your | the ) [^\n]{0,30} \b(?: quota | spending\ limit | usage\ limit )\b
    | account\ (?: payments | billing ) | API\ rate\ limit\ exceeded | too\ many\ requests
    | runner\ has\ (?: received\ a\ shutdown\ signal | lost\ communication ) | lost\ communication\ with\ the\ server
    | job\ was\ not\ (?: acquired | started ) | no\ runner(?:s)? [^\n]{0,40} \b(?: matching | available | online )\b
    | no\ space\ left\ on\ device
    """
)
"""Missing secrets, used-up quotas, lost runners. GitHub's own words where it has such."""

CONCLUSIONS_BEYOND_CODE = {
    "ACTION_REQUIRED": "waits for somebody's approval",
    "CANCELLED": "was cancelled",
    "STARTUP_FAILURE": "could not be started (its workflow is broken)",
}


def network_words(problems: Iterable[Problem], failures: Iterable[Failure]) -> str | None:
    """The first words that speak of the network rather than the code."""
    return _first(NETWORK, (*_texts(problems), *_texts(failures)))


def words_beyond_code(failures: Iterable[Failure]) -> str | None:
    """The first words that speak of something no commit repairs.

    Only failures without a place are asked: a test that fails at a line about quotas is a test that fails.
    """
    return _first(BEYOND_CODE, _texts(failures))


def _texts(items: Iterable[Problem | Failure]) -> list[str]:
    return [f"{item.message}\n{item.excerpt}" for item in items]


def _first(pattern: re.Pattern[str], texts: Iterable[str]) -> str | None:
    return next((found[0] for text in texts if (found := pattern.search(text))), None)
