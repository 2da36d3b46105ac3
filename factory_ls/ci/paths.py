"""A path as a tool printed it → the path a repository knows, without touching any disk.

Tools print paths relative to where they ran, absolute under a runner's, container's or sandbox's root, as `file://`
URLs, with either slash. What is left after the known roots are taken off is only a suffix of the repository's path;
`files.FileIndex` finds the file by it.
"""

import re
from functools import lru_cache
from urllib.parse import unquote

# Logs name the same files again and again.
_KEPT = 8192

# Where CI systems check a repository out. Each ends where the repository begins.
_ROOTS = re.compile(
    r"^(?:"
    r"(?:/home/runner|/Users/runner|/home/[\w.-]+/actions-runner|/opt/[\w./-]*?actions-runner[\w-]*|/actions-runner|/runner)"
    r"/_?work/(?!_)[^/]+/[^/]+/"  # GitHub, Linux and macOS, hosted and self-hosted
    r"|[A-Za-z]:/a/(?:_work/)?\d+/s/"  # Azure on Windows
    r"|[A-Za-z]:/a/(?!_)[^/]+/[^/]+/"  # GitHub on Windows
    r"|[A-Za-z]:/(?:[^/]+/)*?_work/(?!_)(?:\d+/s/|[^/]+/[^/]+/)"  # self-hosted on Windows
    r"|/__w/(?!_)(?:\d+/s/|[^/]+/[^/]+/)"  # GitHub and Azure job containers
    r"|/(?:home|Users)/[^/]+/(?:[^/]+/)*?_work/(?!_)(?:\d+/s/|[^/]+/[^/]+/)"
    r"|/github/workspace/"
    r"|/(?:home/vsts|Users/runner)/work/\d+/s/"  # Azure
    r"|/agent/_work/\d+/s/|/azp/(?:agent/)?_work/\d+/s/"
    r"|/builds/[^/]+/(?:[^/]+/)??[^/]+/(?=[^/])"  # GitLab
    r"|/(?:home|Users)/circleci/(?:project|repo)/|/root/project/"  # CircleCI
    r"|/(?:home|Users)/travis/build/[^/]+/[^/]+/"  # Travis
    r"|[A-Za-z]:/projects/[^/]+/"  # AppVeyor
    r"|/(?:var/lib/)?jenkins/workspace/(?:[^/]+/)??(?=[^/])"
    r"|/var/lib/buildkite-agent/builds/[^/]+/[^/]+/[^/]+/"
    r"|(?:/private)?/(?:tmp|var/folders/[^/]+/[^/]+/T)/pants-sandbox-\w+/"
    r"|/drone/src/|(?:/opt/atlassian|/bitbucket)/pipelines/agent/build/|/opt/render/project/src/|/vercel/path0/|/opt/buildhome/repo/|/bitrise/src/|/tmp/cirrus-ci-build/"
    r"|/(?:usr/(?:src/|local/)?|opt/)?app/|/usr/src/[^/]+/(?=[^/]+/)|/workspaces?/|/code/|/src/(?=[^/]+/)"
    r"|/nix/store/[0-9a-z]{32}-source/(?!(?:doc|lib|maintainers|nixos|pkgs)/)"  # a flake, not nixpkgs
    r"|/go/src/(?:[^/]+\.[^/]+/[^/]+/[^/]+/)?"
    r"|/(?:root|home/[^/]+)/go/src/[^/]+\.[^/]+/[^/]+/[^/]+/"
    r")"
)
_EXECROOT = re.compile(r"^.*/execroot/[^/]+/(?:bazel-out/[^/]+/bin/)?")

# Code that is not the repository's: no one can fix a failure there.
_EXTERNAL = re.compile(
    r"(?:^|/)(?:site-packages|_temp|(?:_?work|__w|[a-z]:/a)/_(?:actions|tool)|__t|dist-packages|node_modules|\.venv|venv|\.tox|\.nox|\.pnpm|\.yarn|\.next|\.nuxt|\.svelte-kit|\.vercel|bower_components"
    r"|hostedtoolcache|\.cargo/(?:registry|git)|cargo/registry|\.rustup|rustc/[0-9a-f]{8,}|library/(?:core|std|alloc|test)/src"
    r"|pkg/mod|\.gradle|\.m2|\.ivy2|\.gem|gems/[\w.-]+-\d|vendor/bundle|rubygems|\.rbenv|\.rvm|\.pyenv|\.nvm|\.npm|\.bun"
    r"|\.nuget/packages|\.stack|\.cabal|\.conan|\.pub-cache|_deps|Cellar|\.mix|\.hex|\.sbt|\.cache/pre-commit"
    r"|lib/python\d(?:\.\d+)?|ext-tool|DerivedData|Intermediates\.noindex|\.deno|deno_dir|_bazel_[^/]+/[0-9a-f]+/external)(?:/|$)"
    r"|^(?:/|[A-Za-z]:/)(?:.*/)?lib/(?:ruby|php|node|erlang|elixir)(?:/|$)"
    r"|^/(?:usr/(?!src/|(?:local/)?(?:google/)?home/|(?:[^/]+/)+workspace/)|opt/(?!actions-runner|build|(?:[^/]+/)+(?:workspace|work)/)|lib\d*/|bin/|etc/|proc/|dev/|nix/store/|snap/|Library/|Applications/|System/(?!Volumes/Data/))"
    r"|^/private/var/folders/"
    r"|^[A-Za-z]:/(?!.*jenkins/workspace/)(?:Program Files|Windows|hostedtoolcache|Python\d|ProgramData|tools/)"
    r"|Contents/Developer/|toolchains?/[^/]+\.xctoolchain|^(?:node|internal|ext|native|webpack|deno|bun|jar|java\.base|https?|dart|org-dartlang-\w+):"
    r"|^(?:module|bootstrap_node|events|timers|net|vm|fs|assert|util|child_process|_stream_\w+|_http_\w+)\.js$"
    r"|^internal/(?:modules|process|main|bootstrap|fs|streams|util|timers|child_process|per_context|deps|errors)\b.*\.js|^package:(?:test|flutter|matcher|integration_test|fake_async|mock|bloc_test|stack_trace)\w*[:/]|^<|^\(|^terraform_plugin_test\.tf$|^ice-9/|(?:^|/)vendor/[\w.-]+/[\w.-]+/.*\.php$|^/rustc/|^src/(?:libcore|libstd)/|^(?:\.\.|\./misc/\.\.)/sysdeps/|^\./nptl/|^/home/iojs/",
    re.IGNORECASE,
)
_DRIVE = re.compile(r"^/?[A-Za-z]:[\\/]")
_NAMES = frozenset(
    [
        "makefile",
        "gnumakefile",
        "dockerfile",
        "containerfile",
        "build",
        "workspace",
        "jenkinsfile",
        "rakefile",
        "gemfile",
        "brewfile",
        "vagrantfile",
        "podfile",
        "fastfile",
        "appfile",
        "procfile",
        "justfile",
        "caddyfile",
        "tiltfile",
        "earthfile",
        "snakefile",
        "sconstruct",
        "sconscript",
        "meson.build",
        "kconfig",
        "cartfile",
        "guardfile",
        "berksfile",
        "cheffile",
        "thorfile",
        "capfile",
        "dangerfile",
        "codeowners",
        "configure",
        "license",
        "readme",
        "notice",
        "authors",
        "changelog",
        "go.mod",
        "gradlew",
        "apkbuild",
        "pkgbuild",
        "dune",
        "dune-project",
        "apkbuild",
        "pkgbuild",
    ]
)
_HOSTISH = re.compile(
    r"^(?:[\w-]+\.)+(?:com|org|net|io|dev|local|internal|edu|gov)$|^\d+(?:\.\d+){1,3}$|^localhost$", re.IGNORECASE
)
_EXTENSION = re.compile(r"\.(?:[A-Za-z][A-Za-z0-9_+-]{0,14}|\d?[A-Za-z]{1,4}|[1-9])$")
# What a build tool put in front of the line.
_PREFIXED = re.compile(r"\[[^\]]*\]:? |[@\w./:#-]+: |.* \| |\s*[│┃║] ")
_SPACED = re.compile(r"\s")


@lru_cache(maxsize=_KEPT)
def tidy(printed: str) -> str:
    """`printed` with `/`, without quotes, scheme, `./` and the known roots. Never absolute inside a known root."""
    path = printed.strip().strip("\"'`")
    if path.startswith(("file://", "webpack://", "rsbuild://", "file:/")):
        path = re.sub(r"^(?:webpack|rsbuild)://[^/]*/|^file:(?://(?:localhost)?)?", "", path)
        path = unquote(path)
        if _DRIVE.match(path):
            path = path.lstrip("/")
    path = path.replace("\\", "/")
    while "//" in path:
        path = path.replace("//", "/")
    if path.startswith(("/mnt/c/", "/c/", "/d/")) and "/a/" in path:
        path = path.removeprefix("/mnt")[1] + ":" + path.removeprefix("/mnt")[2:]
    if "/execroot/" in path:
        path = _EXECROOT.sub("", path)
    elif matched := _ROOTS.match(path):
        path = path[matched.end() :]
    return _dots(path)


def _dots(path: str) -> str:
    if "/./" not in path and "/../" not in path and not path.startswith(("./", "../")):
        return path
    lead = "/" if path.startswith("/") else ""
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return lead + "/".join(parts)


@lru_cache(maxsize=_KEPT)
def external(printed: str) -> bool:
    """Whether the path is of a library, a toolchain or the system rather than of the repository."""
    path = re.sub(r"^(?:webpack|rsbuild)://[^/]*/|^file:/{2}", "", printed.replace("\\", "/"))
    if path.startswith("/") and _DRIVE.match(path):
        path = path[1:]
    rooted = _ROOTS.match(path)
    if rooted:
        path = path[rooted.end() :]
    return bool(_EXTERNAL.search(path))


@lru_cache(maxsize=_KEPT)
def plausible(path: str) -> bool:
    """Whether `path` (after `tidy`) looks like a file rather than a host, a time, a class or prose."""
    if not path or len(path) > 512 or path.endswith("/") or "://" in path or "\t" in path:
        return False
    if _PREFIXED.match(path):
        return False
    name = path.rsplit("/", 1)[-1]
    if not name or name in (".", "..") or "*" in path:
        return False
    stem = name.lower()
    if stem in _NAMES or stem.split(".", 1)[0] in ("dockerfile", "makefile", "jenkinsfile", "containerfile"):
        return True
    if "/" not in path and (_HOSTISH.match(name) or _SPACED.search(path)):
        return False
    if _EXTENSION.search(name):
        return not (_SPACED.search(path) and not path.startswith("/") and ":" not in path and path.count(" ") > 3)
    if name.startswith(".") and len(name) > 2 and name[1].isalpha():
        return True
    return path.startswith(
        ("/", "bin/", "scripts/", "script/", "./", "src/", "hooks/", ".github/", ".husky/")
    ) and bool(re.fullmatch(r"[\w.+-]+", name))
