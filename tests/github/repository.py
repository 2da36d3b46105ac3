"""A small repository with a workflow, pushed to the stand-in."""

import json
from pathlib import Path

from factory_ls.demo.github import GithubStandin
from factory_ls.demo.github_runner import git
from factory_ls.demo.github_state import Repository

WORKFLOW = {
    "name": "CI",
    "on": ["push"],
    "jobs": {
        "test": {"runs-on": "ubuntu-latest", "steps": [{"uses": "actions/checkout@v4"}, {"run": "bash check.sh"}]},
        "lint": {"runs-on": "ubuntu-latest", "steps": [{"run": "echo clean"}]},
    },
}
FAILING = """\
printf '\\033[31mred\\033[0m\\n'
echo '::error file=src/a.py,line=3,col=5,title=Wrong::a, b%0Aand c'
echo '::group::more'
exit 3
"""


class Clone:
    """A working copy; every step is one commit on a branch, pushed."""

    def __init__(self, github: GithubStandin, repository: Repository, path: Path) -> None:
        self.github, self.repository, self.path = github, repository, path

    async def push(self, branch: str, files: dict[str, str]) -> str:
        names = (await git("branch", "--format=%(refname:short)", cwd=self.path)).split()
        await git("checkout", "-q", *([] if branch in names else ["-b"]), branch, cwd=self.path)
        for name, text in files.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(text)
        await git("add", "--all", cwd=self.path)
        who = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        await git(*who, "commit", "-q", "--allow-empty", "-m", "work", cwd=self.path)
        await git("push", "-q", "origin", branch, cwd=self.path)
        await self.github.idle()
        return (await git("rev-parse", "HEAD", cwd=self.path)).strip()


async def clone(github: GithubStandin, path: Path) -> Clone:
    """`acme/widget` with a `main` whose checks pass, cloned by its github.com address, which stays its remote."""
    repository = await github.add_repository("acme", "widget")
    key, value = github.git_config()
    await git("-c", f"{key}={value}", "clone", "-q", "--template=", "git@github.com:acme/widget.git", str(path))
    await git("config", key, value, cwd=path)
    copy = Clone(github, repository, path)
    await git("checkout", "-q", "-b", "main", cwd=path)
    await copy.push("main", {".github/workflows/ci.yml": json.dumps(WORKFLOW), "check.sh": "echo fine\n"})
    return copy
