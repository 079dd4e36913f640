"""itertl-eval serve: grade over HTTP."""

from __future__ import annotations

import argparse
import resource
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from itertl_eval._util.options import add_jobs, positive
from itertl_eval.errors import UsageError

PORT = 8770


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "serve",
        help="grade over HTTP",
        description="Grade over HTTP: POST /grade for batches, POST /verify for NeMo-Gym, POST "
        "/get_reward for OpenRLHF; GET /health, /version, /metrics and /docs. Suites are named as "
        "in `itertl-eval tasks`. Ctrl-C finishes what was accepted, then stops.",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: loopback)"
    )
    parser.add_argument("--port", type=positive, default=PORT, help=f"default: {PORT}")
    parser.add_argument(
        "--token-file", type=Path, metavar="FILE", help="file with the bearer token of clients"
    )
    parser.add_argument(
        "--queue", type=positive, default=4096, help="samples that may wait (default: 4096)"
    )
    add_jobs(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    try:
        import uvicorn

        from itertl_eval.serve import Connection, create_app
    except ModuleNotFoundError as error:
        raise UsageError(f"{error}; serving needs: pip install 'itertl-eval[serve]'") from None
    from itertl_eval.grader import preflight

    if options.port > 65535:
        raise UsageError(f"--port {options.port} is no port: use one up to 65535")
    token = _token(options.token_file)
    if not token and not _is_loopback(options.host):
        raise UsageError(
            f"--host {options.host} is open to other machines: give --token-file FILE, a file with "
            "a secret that clients send as bearer token"
        )
    preflight()
    app = create_app(jobs=options.jobs, token=token, capacity=options.queue)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a connection takes one each
    uvicorn.run(
        app, host=options.host, port=options.port, log_level="info", http=Connection, ws="none"
    )
    return 0


def _token(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--token-file {path} can't be read: {error}") from None
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise UsageError(f"--token-file {path} must hold one word of ASCII characters")
    if not token:
        raise UsageError(f"--token-file {path} is empty: put a secret into it")
    return token


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
