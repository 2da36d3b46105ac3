#!/usr/bin/env bash
# only for benchmarks
# The peer that `make bench-claude` measures against, in a venv of its own (its wheel holds a Claude command line: 167 MB).
# usage: claude-agent-sdk.sh DEST → DEST/bin/python
set -euo pipefail
dest=$1
python3 -m venv "$dest"
"$dest/bin/python" -m pip install --quiet --disable-pip-version-check claude-agent-sdk==0.2.187
env -i PATH="$PATH" HOME="$dest" "$dest/bin/python" -c 'import claude_agent_sdk; print(claude_agent_sdk.__version__)'
