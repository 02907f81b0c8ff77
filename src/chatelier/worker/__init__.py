"""Jobs in, rows out. Runs inside the web process by default, or alone with ``chatelier worker``."""

from chatelier.worker.run import run_worker

__all__ = ["run_worker"]
