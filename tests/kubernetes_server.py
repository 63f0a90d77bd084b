"""A stand-in for Kubernetes' API server, on loopback: it answers what `kubectl` asks.

What is sent to it is held to Kubernetes' own schemas, strictly where kubectl asks for that, and
kept as it was sent. No default is filled in, no right or policy looked at, and nothing runs: no
controller starts a job, no job a pod. It is ours because PyPI's `kmock` 0.8 will not do: kubectl
finds neither schemas nor the kinds of `v1` in it, and it takes whatever it is sent (2026-11).
"""

import json
import re
import threading
import uuid
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import kubernetes_validate  # type: ignore[import-untyped] # it brings no types

Object = dict[str, Any]

SCHEMAS = "1.31"
"""Whose schemas: the version of the kubectl that the tests type."""
KINDS = {
    "api/v1": {"namespaces": "Namespace", "configmaps": "ConfigMap", "secrets": "Secret"},
    "apis/batch/v1": {"cronjobs": "CronJob", "jobs": "Job"},
    "apis/networking.k8s.io/v1": {"networkpolicies": "NetworkPolicy"},
}
"""Where a group's version is served -> plural -> kind."""

_PATH = re.compile(
    r"/(?P<at>api/v1|apis/[^/]+/v1)(/namespaces/(?P<namespace>[^/]+))?/(?P<plural>[a-z]+)"
)


class RefusedError(Exception):
    """What was asked is not done; kubectl prints why."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code}
        self.status |= {"reason": reason, "message": message}


def _index() -> dict[str, Object]:
    """Path -> which kinds there are, and that the server itself can check what it is sent."""
    versions = [at.partition("/")[2] for at in KINDS]
    groups = [
        {"name": each.partition("/")[0], "versions": [{"groupVersion": each, "version": "v1"}]}
        for each in versions[1:]
    ]
    found: dict[str, Object] = {
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups},
        "/openapi/v3": {"paths": {at: {"serverRelativeURL": f"/openapi/v3/{at}"} for at in KINDS}},
    }
    for (at, kinds), version in zip(KINDS.items(), versions, strict=True):
        of = {"group": version.rpartition("/")[0], "version": "v1"}
        resources, paths = [], {}
        for plural, kind in kinds.items():
            about = {"name": plural, "kind": kind, "singularName": kind.lower()}
            resources.append({**about, "namespaced": kind != "Namespace", "verbs": ["get"]})
            checked = [{"name": "fieldValidation", "in": "query"}]
            patch = {"parameters": checked, "x-kubernetes-group-version-kind": of | {"kind": kind}}
            paths[f"/{at}/{plural}/{{name}}"] = {"patch": patch}
        listed = {"kind": "APIResourceList", "groupVersion": version, "resources": resources}
        found |= {f"/{at}": listed, f"/openapi/v3/{at}": {"openapi": "3.0.0", "paths": paths}}
    return found


def merged(held: Any, change: Any) -> Any:
    """Apply a patch of mappings; lists, which Kubernetes merges by further rules, are refused."""
    if isinstance(change, list):
        raise RefusedError(415, "UnsupportedMediaType", "the stand-in patches no lists")
    if not isinstance(change, dict):
        return change
    found = dict(held) if isinstance(held, dict) else {}
    found |= {key: merged(found.get(key), value) for key, value in change.items()}
    return {key: value for key, value in found.items() if value is not None}


class KubernetesServer:
    """It, and what it holds: `objects`, each by its path."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        self.index = _index()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def get(self, path: str) -> Object:
        found = self.index.get(path) or self.objects.get(path)
        if found is None:
            raise RefusedError(404, "NotFound", f"{path} not found")
        return found

    def create(self, path: str, sent: Object, *, is_strict: bool) -> Object:
        match = _PATH.fullmatch(path)
        if not match or KINDS.get(match["at"], {}).get(match["plural"]) != sent["kind"]:
            raise RefusedError(404, "NotFound", f"{path} not found")
        if match["namespace"]:
            self.get(f"/api/v1/namespaces/{match['namespace']}")
        made = f"{path}/{sent['metadata']['name']}"
        if made in self.objects:
            raise RefusedError(409, "AlreadyExists", f"{made} already exists")
        return self._hold(made, sent, is_strict=is_strict)

    def patch(self, path: str, change: Object, *, is_strict: bool) -> Object:
        return self._hold(path, merged(self.get(path), change), is_strict=is_strict)

    def _hold(self, path: str, sent: Object, *, is_strict: bool) -> Object:
        try:
            kubernetes_validate.validate(sent, SCHEMAS, strict=is_strict)
        except kubernetes_validate.ValidationError as error:
            where = ".".join(map(str, error.path))
            raise RefusedError(422, "Invalid", f"{path}: {where}: {error.message}") from error
        self.objects[path] = {**sent, "metadata": {"uid": str(uuid.uuid4())} | sent["metadata"]}
        return self.objects[path]


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, holds: KubernetesServer, *rest: Any) -> None:
        self.holds = holds
        super().__init__(*rest)

    def do_GET(self) -> None:
        self._answer(200, lambda: self.holds.get(urlsplit(self.path).path))

    def do_POST(self) -> None:
        self._answer(201, lambda: self._take(self.holds.create))

    def do_PATCH(self) -> None:
        self._answer(200, lambda: self._take(self.holds.patch))

    def _take(self, take: Callable[..., Object]) -> Object:
        asked, body = urlsplit(self.path), self.rfile.read(int(self.headers["Content-Length"]))
        if "json" not in self.headers["Content-Type"]:
            raise RefusedError(415, "UnsupportedMediaType", "the stand-in reads JSON alone")
        is_strict = parse_qs(asked.query).get("fieldValidation") == ["Strict"]
        return take(asked.path, json.loads(body), is_strict=is_strict)

    def _answer(self, code: int, work: Callable[[], Object]) -> None:
        try:
            told = work()
        except RefusedError as error:
            code, told = error.code, error.status
        body = json.dumps(told).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited
        """Say nothing."""
