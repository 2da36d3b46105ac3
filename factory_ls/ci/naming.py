"""Which tool printed a line whose shape many tools share: by its code, its file, and the step's command."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

_BY_COMMAND = re.compile(
    r"(?<![\w./-])(flake8|pylint|pycodestyle|pydocstyle|pyflakes|pyright|basedpyright|ruff|mypy|bandit|vulture|black|isort|codespell|"
    r"yamllint|actionlint|zizmor|shellcheck|shfmt|hadolint|markdownlint(?:-cli2?)?|eslint|standard|xo|oxlint|biome|stylelint|prettier|tsc|vue-tsc|"
    r"golangci-lint|staticcheck|revive|gosec|gofmt|goimports|rubocop|reek|sorbet|phpstan|phpcs|psalm|phan|luacheck|selene|swiftlint|swiftformat|ktlint|detekt|"
    r"checkstyle|pmd|spotbugs|scalafmt|scalafix|clang-tidy|clang-format|cppcheck|cpplint|clippy|rustfmt|terraform|tflint|tfsec|ansible-lint|cfn-lint|"
    r"buf|protolint|vale|cspell|typos|misspell|sqlfluff|djlint|nim|zig|crystal|dart|flutter|ghc|stack|cabal|hlint|ocaml|dune|elm|gleam|mix|credo|"
    r"dialyzer|verilator|iverilog|yosys|ghdl|gfortran|fpc|nasm|swift|xcodebuild|kotlinc|gradle|mvn|javac|dotnet|msbuild|sphinx-build|mkdocs|"
    r"latex|pdflatex|nix|statix|deadnix|cmake|perl|ruby|php|node|deno|bun|lua|bash|sh|make)(?![\w-])(?![\w.-]*[/.]\w)",
)
_BY_EXTENSION = {
    "py": "python", "pyi": "python", "js": "javascript", "jsx": "javascript", "mjs": "javascript", "cjs": "javascript", "ts": "tsc", "tsx": "tsc",
    "rb": "ruby", "php": "php", "go": "go", "rs": "rustc", "java": "javac", "kt": "kotlin", "kts": "kotlin", "scala": "scala", "sc": "scala",
    "swift": "swift", "m": "clang", "mm": "clang", "c": "gcc", "cc": "gcc", "cpp": "gcc", "cxx": "gcc", "h": "gcc", "hpp": "gcc", "cs": "csharp",
    "fs": "fsharp", "vb": "vb", "dart": "dart", "lua": "lua", "pl": "perl", "pm": "perl", "t": "perl", "sh": "shell", "bash": "shell", "zig": "zig",
    "nim": "nim", "cr": "crystal", "hs": "ghc", "lhs": "ghc", "ml": "ocaml", "mli": "ocaml", "elm": "elm", "ex": "elixir", "exs": "elixir",
    "erl": "erlang", "hrl": "erlang", "tf": "terraform", "nix": "nix", "v": "verilog", "sv": "verilog", "vhd": "vhdl", "f90": "gfortran", "f": "gfortran",
    "rst": "sphinx", "tex": "latex", "proto": "protobuf", "sol": "solc", "jl": "julia", "r": "r", "clj": "clojure", "d": "dmd", "pas": "fpc",
    "yml": "yaml", "yaml": "yaml", "md": "markdown", "css": "stylelint", "scss": "stylelint", "html": "html", "xml": "xml", "json": "json",
    "toml": "toml", "sql": "sql", "asm": "nasm", "s": "gas", "adb": "gnat", "ads": "gnat", "vala": "valac", "coffee": "coffeelint", "pp": "puppet", "feature": "cucumber", "cu": "nvcc", "bzl": "bazel", "bazel": "bazel", "gd": "godot", "hx": "haxe", "ps1": "powershell",
}  # fmt: skip
_BY_NAME = {
    "build": "bazel",
    "workspace": "bazel",
    "dockerfile": "docker",
    "makefile": "make",
    "cmakelists.txt": "cmake",
    "meson.build": "meson",
    "build.ninja": "ninja",
}
_FLAKE8 = re.compile(r"[A-Z]{1,4}\d{2,4}$")
_PYLINT = re.compile(r"[CRWEFI]\d{4}$")


_YAMLLINT = frozenset(
    [
        "anchors",
        "braces",
        "brackets",
        "colons",
        "commas",
        "comments",
        "comments-indentation",
        "document-end",
        "document-start",
        "empty-lines",
        "empty-values",
        "float-values",
        "hyphens",
        "indentation",
        "key-duplicates",
        "key-ordering",
        "line-length",
        "new-line-at-end-of-file",
        "new-lines",
        "octal-values",
        "quoted-strings",
        "syntax",
        "trailing-spaces",
        "truthy",
    ]
)


def tool_of(path: str, code: str | None, message: str, command: str | None) -> str:
    """A tool's name, or the language's when nothing better is known, or "unknown"."""
    name = path.rsplit("/", 1)[-1].lower()
    extension = name.rsplit(".", 1)[-1] if "." in name else ""
    if code:
        if extension in ("py", "pyi") and _PYLINT.match(code):
            return "pylint"
        if code.startswith("SC") and code[2:].isdigit():
            return "shellcheck"
        if code.startswith("DL") and code[2:].isdigit():
            return "hadolint"
        if code.startswith("MD") and code[2:].isdigit():
            return "markdownlint"
    if extension in ("yml", "yaml", "yamllint") and code in _YAMLLINT:
        return "yamllint"
    named = [] if not command else list(dict.fromkeys(_BY_COMMAND.findall(command)))
    if named:
        return str(named[0])
    if code and extension in ("py", "pyi") and _FLAKE8.match(code):
        return "flake8"
    return _BY_NAME.get(name) or _BY_EXTENSION.get(extension) or "unknown"
