#!/usr/bin/env bash
# GitHub's published descriptions, which tests hold our queries and the stand-in's answers against:
# DEST/schema.graphql (npm @octokit/graphql-schema) and DEST/openapi.json (npm @octokit/openapi).
set -euo pipefail
dest=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
fetch() { # PACKAGE VERSION SHA256 FILE-IN-PACKAGE DESTINATION
  npm pack --silent "$1@$2" >name
  echo "$3  $(tail -n 1 name)" | sha256sum --check --quiet
  tar xzf "$(tail -n 1 name)" "package/$4"
  mv "package/$4" "$dest/$5"
}
fetch @octokit/graphql-schema 15.26.1 053e74249dafce2118fd9b7ae499b067d57c5f910c57745699ac45108bc68d1e \
  schema.graphql schema.graphql
fetch @octokit/openapi 23.0.2 71a18407dd5e8464f4e0525daf03deabbe65abd9287d6adc7b5d98f516cd0d0c \
  generated/api.github.com.json openapi.json
