"""The environment as a server: `uvicorn server.app:app`, or `openenv serve`."""

from __future__ import annotations

import os

from itertl_openenv import Completion, Graded, VerilogEnvironment
from openenv.core.env_server.http_server import create_app

app = create_app(
    VerilogEnvironment,
    Completion,
    Graded,
    env_name="itertl_openenv",
    max_concurrent_envs=int(os.environ.get("ITERTL_SESSIONS", "16")),
)


def main(host: str = "0.0.0.0", port: int = 8000) -> None:
    import uvicorn

    uvicorn.run(app, host=host, port=port)


if __name__ == "__main__":
    main()
