#!/usr/bin/env bash
# Installs the real programs that tests run, pinned, into the user's cache folder.
# usage: tests/tools/install.sh NAME...|all      (one recipe a program: tests/tools/recipes/NAME.sh DEST)
# A recipe is run again only when its text changed: its hash is kept in DEST/.ready.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${FACTORY_TEST_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/factory-ls/tools}
names=("$@")
# "all" is what tests need; a recipe that says "# only for benchmarks" is installed by name.
if [ "${names[*]:-}" = all ]; then
  names=($(cd "$here/recipes" && grep -L '^# only for benchmarks' ./*.sh | sed 's|^\./||; s|\.sh$||'))
fi
if [ ${#names[@]} -eq 0 ]; then sed -n '2,4p' "$0"; exit 2; fi
mkdir -p "$cache"
status=0
for name in "${names[@]}"; do
  recipe=$here/recipes/$name.sh
  [ -f "$recipe" ] || { echo "install.sh: no recipe for $name" >&2; status=2; continue; }
  want=$(sha256sum "$recipe" | cut -c1-16)
  dest=$cache/$name
  exec 9>"$cache/$name.lock"
  flock 9
  if [ "$(cat "$dest/.ready" 2>/dev/null)" = "$want" ]; then echo "$name: ready"; continue; fi
  echo "$name: installing"
  rm -rf "$dest" && mkdir -p "$dest"
  if bash "$recipe" "$dest" >"$cache/$name.log" 2>&1; then
    echo "$want" >"$dest/.ready"
  else
    echo "$name: failed, the end of $cache/$name.log:" >&2
    tail -n 15 "$cache/$name.log" >&2
    status=1
  fi
done
exit $status
