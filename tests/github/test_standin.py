"""The stand-in is true to GitHub: its schema is a part of GitHub's, its REST answers fit GitHub's description."""

import asyncio
import io
import json
import os
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLSchema,
    GraphQLUnionType,
    parse,
    validate,
)
from jsonschema import Draft4Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from factory_ls.demo import github_graphql
from factory_ls.demo.github import GithubStandin
from factory_ls.demo.github_runner import git
from factory_ls.github import checks, pull_requests, queries
from factory_ls.github.gh import Gh
from factory_ls.model.pull_request import CiObservation
from tests.github.conftest import children, program, scrubbed
from tests.github.repository import FAILING, clone
from tests.tools import require

HOST = "github.com"


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    """GitHub's REST description (OpenAPI 3.0), its `nullable` said in JSON schema's way."""

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(each) for each in value]
        if not isinstance(value, dict):
            return value
        rest = {key: plain(each) for key, each in value.items()}
        return {"anyOf": [rest, {"type": "null"}]} if rest.pop("nullable", None) is True else rest

    whole = msgspec.json.decode((require("github-schema") / "openapi.json").read_bytes())
    return {"paths": whole["paths"], "components": {"schemas": plain(whole["components"]["schemas"])}}


def check(description: dict[str, Any], method: str, path: str, status: int, body: bytes) -> None:
    answer = description["paths"][path][method.lower()]["responses"][str(status)]
    schema = answer["content"]["application/json"]["schema"]
    if "$ref" in schema.get("items", schema):
        where = schema.get("items", schema)["$ref"]
        said = msgspec.json.decode(body)
        for each in said if "items" in schema else [said]:
            fits(description, where, each)
        return
    Draft4Validator(schema).validate(msgspec.json.decode(body))


def fits(description: dict[str, Any], where: str, said: Any) -> None:
    registry: Registry[Any] = Registry().with_resource("urn:github", Resource(description, DRAFT4))
    Draft4Validator({"$ref": f"urn:github{where}"}, registry=registry).validate(said)


async def test_rest_answers_fit_the_published_description(
    description: dict[str, Any], github: GithubStandin, tmp_path: Path
) -> None:
    copy = await clone(github, tmp_path / "clone")
    await copy.push("fix", {"check.sh": FAILING})
    run = copy.repository.runs[-1]
    failed = next(job for job in run.jobs if job.conclusion == "FAILURE")
    gh = Gh(program("standin", tmp_path), scrubbed(tmp_path) | github.environment())

    found = await gh.rest(HOST, f"repos/acme/widget/check-runs/{failed.id}/annotations")
    assert len(msgspec.json.decode(found.body)) == 2
    check(description, "GET", "/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations", found.status, found.body)

    again = await gh.rest(HOST, f"repos/acme/widget/actions/runs/{run.id}/rerun-failed-jobs", method="POST")
    check(
        description, "POST", "/repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs", again.status, again.body
    )

    await gh.rest(HOST, f"repos/acme/widget/actions/jobs/{failed.id}/logs", text=True)
    redirected, log = github.requests[-2:]
    assert (
        str(redirected.status)
        in description["paths"]["/repos/{owner}/{repo}/actions/jobs/{job_id}/logs"]["get"]["responses"]
    )
    assert log.host == "results-receiver.actions.githubusercontent.com"


async def test_artifacts_fit_the_published_description(
    description: dict[str, Any], github: GithubStandin, tmp_path: Path
) -> None:
    copy = await clone(github, tmp_path / "clone")
    upload = {"uses": "actions/upload-artifact@v4", "if": "always()", "with": {"name": "test-results", "path": "out"}}
    steps = [{"run": "mkdir out; echo '<testsuites/>' >out/junit.xml; exit 1"}, upload]
    workflow = {"name": "CI", "on": ["push"], "jobs": {"test": {"steps": steps}}}
    await copy.push("fix", {".github/workflows/ci.yml": json.dumps(workflow)})
    gh = Gh(program("standin", tmp_path), scrubbed(tmp_path) | github.environment())
    run = copy.repository.runs[-1]

    (found,) = await checks.artifacts(gh, HOST, "acme", "widget", run.id)
    assert (found.name, found.expired) == ("test-results", False)
    listed = github.requests[-1]
    path = "/repos/{owner}/{repo}/actions/runs/{run_id}/artifacts"
    answer = description["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert set(answer["required"]) <= set(msgspec.json.decode(listed.answer))
    for artifact in msgspec.json.decode(listed.answer)["artifacts"]:
        fits(description, "#/components/schemas/artifact", artifact)

    body = await checks.artifact_zip(gh, HOST, "acme", "widget", found.id)
    assert len(body) == found.size_in_bytes
    assert zipfile.ZipFile(io.BytesIO(body)).read("out/junit.xml") == b"<testsuites/>\n"
    redirected = github.requests[-2]
    path = "/repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}"
    assert str(redirected.status) in description["paths"][path]["get"]["responses"]


def test_the_description_can_refuse(description: dict[str, Any]) -> None:
    path = "/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations"
    with pytest.raises(Exception, match="required property"):
        check(description, "GET", path, 200, b'[{"path": "a"}]')


def test_our_schema_is_a_part_of_the_published_one(published_schema: GraphQLSchema) -> None:
    for name, ours in github_graphql.own_schema().type_map.items():
        if name.startswith("__"):
            continue
        theirs = published_schema.type_map[name]
        assert type(ours) is type(theirs), name
        assert members(ours).items() <= members(theirs).items(), name


def members(of: GraphQLNamedType) -> Mapping[str, str]:
    """Fields with their types and arguments, values, or the types of a union: all as text."""
    if isinstance(of, GraphQLEnumType):
        return dict.fromkeys(of.values, "")
    if isinstance(of, GraphQLUnionType):
        return {each.name: "" for each in of.types}
    found: dict[str, str] = {}
    for name, each in getattr(of, "fields", {}).items():
        found[name] = (
            f"{each.type} = {each.default_value}" if isinstance(of, GraphQLInputObjectType) else str(each.type)
        )
        found |= {f"{name}({argument})": str(kind.type) for argument, kind in getattr(each, "args", {}).items()}
    return found


def our_queries() -> list[str]:
    folder = Path(queries.__file__).parent
    names = sorted({path.stem for path in folder.glob("*.graphql")} - {"pull_request"})
    return [*map(queries.load, names), queries.batch(1), queries.batch(100)]


def test_every_query_of_ours_is_valid_at_github(published_schema: GraphQLSchema) -> None:
    sent = our_queries()
    assert len(sent) > 8
    for query in sent:
        assert validate(published_schema, parse(query)) == []
    assert validate(published_schema, parse("{ viewer { nothing } }"))


async def test_a_branch_and_a_file_of_any_name(github: GithubStandin, tmp_path: Path) -> None:
    copy = await clone(github, tmp_path / "clone")
    branch = "feature/$(touch${IFS}x)-ünï"
    sha = await copy.push(branch, {"check.sh": "exit 0\n"})
    assert copy.repository.branches[branch] == sha
    await git("push", "-q", "origin", "--delete", branch, cwd=copy.path)
    await github.idle()
    assert set(copy.repository.branches) == {"main"}
    assert "x" not in await git("-C", str(tmp_path / "clone"), "status", "--short", "--ignored")


async def test_output_that_is_no_workflow_command_stays_output(github: GithubStandin, tmp_path: Path) -> None:
    copy = await clone(github, tmp_path / "clone")
    await copy.push(
        "odd", {"check.sh": "echo '::error line=abc::m'; echo '::nothing::x'; printf '\\377\\n'; echo a::b::c\n"}
    )
    job = copy.repository.runs[-1].jobs[0]
    assert (job.conclusion, [a["start_line"] for a in job.annotations]) == ("SUCCESS", [1])
    texts = [line[29:] for line in job.log.decode().splitlines()]
    assert texts[-4:] == ["##[error]m", "::nothing::x", "�", "a::b::c"]


@pytest.mark.parametrize("name", [pytest.param("gh", marks=pytest.mark.gh), "standin"])
@pytest.mark.parametrize("logged_in", [True, False])
async def test_auth_status_as_gh_says_it(name: str, logged_in: bool, github: GithubStandin, tmp_path: Path) -> None:
    environ = scrubbed(tmp_path) | github.environment()
    if not logged_in:
        del environ["GH_TOKEN"], environ["GH_ENTERPRISE_TOKEN"]
    argv = (program(name, tmp_path), "auth", "status", "--hostname", HOST)
    process = await asyncio.create_subprocess_exec(*argv, env=environ, stdout=-3, stderr=-3, stdin=-3)
    assert await process.wait() == (0 if logged_in else 1)


async def test_as_the_demo_runs_it_without_gh_or_any_schema(tmp_path: Path) -> None:
    folder = Path(f"/tmp/fgh-demo-{os.getpid()}")
    async with GithubStandin(folder) as github:
        copy = await clone(github, tmp_path / "clone")
        (copy.path / ".github/workflows/real.yml").write_text("name: Real\non: push\n")
        (copy.path / ".github/workflows/list.yml").write_text("[1]")
        await copy.push("fix", {"check.sh": FAILING})
        gh = Gh(program("standin", tmp_path), scrubbed(tmp_path) | github.environment())
        opened = await pull_requests.create(gh, HOST, "acme", "widget", branch="fix", base="main", title="t")
        assert opened.ci_observation is CiObservation.CHECKS_FAILED
        assert (await git("remote", "-v", cwd=copy.path)).startswith("origin\tgit@github.com:acme/widget.git")
    shutil.rmtree(folder)


async def test_it_closes_with_checks_under_way(tmp_path: Path) -> None:
    folder, before = Path(f"/tmp/fgh-close-{os.getpid()}"), children()
    async with GithubStandin(folder) as github:
        copy = await clone(github, tmp_path / "clone")
        (copy.path / "check.sh").write_text("sleep 300\n")
        who = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        await git(*who, "commit", "-qam", "slow", cwd=copy.path)
        await git("push", "-q", "origin", "main", cwd=copy.path)
        async with asyncio.timeout(10):
            while len(copy.repository.runs) < 2:
                await asyncio.sleep(0.01)
    assert not github.socket.exists()
    assert children() == before, "its checks ended with it"
    shutil.rmtree(folder)
