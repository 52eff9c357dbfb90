"""Nothing reads or writes pickle, evaluates text, builds shell strings or opens a connection."""

from __future__ import annotations

import ast
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(
    file
    for folder in ("repcat", "plugins", "docs")
    for file in (ROOT / folder).rglob("*.py")
    if "tests" not in file.parts and file.name != "conftest.py"
)
# By the name they are reached by; whatever lies under one is shut too.
SHUT = {
    "pickle": "pickle cPickle _pickle dill cloudpickle joblib marshal shelve torch.load torch.save "
    "torch.hub torch.jit.load pandas.read_pickle monai.bundle.load",
    "text evaluated": "eval exec compile __import__ yaml.load yaml.unsafe_load code.interact",
    "a shell": "os.system os.popen subprocess.getoutput subprocess.getstatusoutput commands pty",
    "a connection": "socket.socket socket.create_connection urllib.request urllib3 http requests "
    "httpx aiohttp ftplib smtplib telnetlib xmlrpc huggingface_hub monai.apps.download_url",
    "a name that another may take": "tempfile.mktemp os.tempnam",
}
DOORS = {name: why for why, names in SHUT.items() for name in names.split()}


def faults(text: str) -> Iterator[str]:
    """Yield what a module opens, with its line."""
    for node in ast.walk(ast.parse(text)):
        for name in _names(node):
            doors = [why for door, why in DOORS.items() if f"{name}.".startswith(f"{door}.")]
            yield from (f"line {node.lineno}: {name}: {why}" for why in doors)
        if isinstance(node, ast.Call):
            given = {k.arg: getattr(k.value, "value", None) for k in node.keywords}
            if given.get("shell"):
                yield f"line {node.lineno}: a shell"
            arrays = _dotted(node.func) in {"np.load", "numpy.load", "np.save", "numpy.save"}
            if arrays and given.get("allow_pickle") is not False:
                yield f"line {node.lineno}: numpy without allow_pickle=False: pickle"


def _names(node: ast.AST) -> list[str]:
    """Return the full names of what a node imports, calls or takes from a module."""
    match node:
        case ast.Import(names=names):
            return [n.name for n in names]
        case ast.ImportFrom(module=str(module), names=names, level=0):
            return [f"{module}.{n.name}" for n in names]
        case ast.Call(func=ast.Name(id=name)):
            return [name]
        case ast.Attribute():
            return [_dotted(node)]
    return []


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def test_no_module_opens_a_door() -> None:
    found = {str(f.relative_to(ROOT)): list(faults(f.read_text())) for f in FILES}
    assert len(found) > 300
    assert {file: told for file, told in found.items() if told} == {}


@pytest.mark.parametrize(
    "text",
    [
        "import pickle", "from pickle import loads", "import torch\ntorch.load('x')", "eval('1')",
        "from torch import load", "import numpy as np\nnp.load('x')", "np.save('x', a)",
        "subprocess.run('ls', shell=True)", "os.system('ls')", "import urllib.request",
        "from urllib import request", "import http.client", "socket.socket()",
        "import requests.api",
    ],
)  # fmt: skip
def test_a_door_is_seen(text: str) -> None:
    assert list(faults(text))


@pytest.mark.parametrize(
    "text",
    [
        "network.eval()", "re.compile('x')", "from urllib.parse import quote",
        "np.load(f, allow_pickle=False)", "safetensors.torch.load(b)", "socket.gethostname()",
        "subprocess.run(['ls'], shell=False)",
    ],
)  # fmt: skip
def test_what_only_looks_like_one_is_let_pass(text: str) -> None:
    assert not list(faults(text))


@pytest.mark.parametrize("name", ["connect", "connect_ex"])
def test_a_connection_to_another_machine_fails_in_this_suite(name: str) -> None:
    with socket.socket() as one, pytest.raises(PermissionError, match="no test may connect"):
        getattr(one, name)(("192.0.2.1", 80))  # an address of no machine, RFC 5737


def test_this_machine_may_be_reached_by_tests() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
