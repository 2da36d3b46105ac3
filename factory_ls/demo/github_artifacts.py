"""Artifacts of the GitHub stand-in: what `actions/upload-artifact` uploads, and the API's answers about it."""

import io
import zipfile
from pathlib import Path
from typing import Any

from factory_ls.demo.github_state import Artifact, Repository, Run


def upload(step: dict[str, Any], clone: Path, run: Run) -> str:
    """Runs an `actions/upload-artifact` step, as far as plain paths, folders and globs go; returns what it logs."""
    told = step.get("with", {})
    name, pattern = str(told.get("name", "artifact")), str(told.get("path", ""))
    files = sorted(path for path in clone.glob(pattern) if path.is_file())
    files += sorted(
        path for folder in clone.glob(pattern) if folder.is_dir() for path in folder.rglob("*") if path.is_file()
    )
    if not files:
        return f"##[warning]No files were found with the provided path: {pattern}. No artifacts will be uploaded."
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(clone).as_posix())
    run.artifacts.append(Artifact(name, buffer.getvalue()))
    return f"Artifact {name} has been successfully uploaded!"


def listed(repository: Repository, run: Run) -> dict[str, Any]:
    return {"total_count": len(run.artifacts), "artifacts": [_told(repository, run, one) for one in run.artifacts]}


def _told(repository: Repository, run: Run, artifact: Artifact) -> dict[str, Any]:
    url = f"https://api.github.com/repos/{repository.full_name}/actions/artifacts/{artifact.id}"
    return {
        "id": artifact.id,
        "node_id": f"A_{artifact.id}",
        "name": artifact.name,
        "size_in_bytes": len(artifact.data),
        "url": url,
        "archive_download_url": f"{url}/zip",
        "expired": False,
        "created_at": artifact.created_at,
        "updated_at": artifact.created_at,
        "expires_at": None,
        "digest": None,
        "workflow_run": {
            "id": run.id,
            "repository_id": repository.id,
            "head_repository_id": repository.id,
            "head_branch": run.branch,
            "head_sha": run.sha,
        },
    }
