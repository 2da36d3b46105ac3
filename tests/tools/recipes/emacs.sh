#!/usr/bin/env bash
# Emacs and its LSP client Eglot, from Debian's own suite: installed into the system, as `emacs` cannot be moved.
# usage: emacs.sh DEST  → DEST/emacs
set -euo pipefail
if ! command -v emacs >/dev/null || [ ! -d /usr/share/emacs/site-lisp/elpa ]; then
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends emacs-nox elpa-eglot
fi
ln -s "$(command -v emacs)" "$1/emacs"
"$1/emacs" --batch --eval '(progn (package-initialize) (require (quote eglot)) (princ (emacs-version)))'
