"""Counts for Prometheus. Its library is imported when somebody asks, never at start."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass
class Requests:
    """Answered requests of this process by method and status, and the seconds they took."""

    counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def count(self, method: str, status: int, seconds: float) -> None:
        method = method if method in METHODS else "other"
        self.counts[method, status] += 1
        self.seconds[method] += seconds


requests = Requests()


def exposition(gauges: Mapping[str, tuple[str, float]]) -> bytes:
    """The text that Prometheus reads. ``gauges``: name to help text and value, read by the caller just now."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
    from prometheus_client.process_collector import ProcessCollector
    from prometheus_client.registry import Collector

    class Ours(Collector):
        def collect(self) -> list[Metric]:
            total = CounterMetricFamily("chatelier_requests", "Requests answered.", labels=("method", "status"))
            for (method, status), number in requests.counts.items():
                total.add_metric((method, str(status)), number)
            spent = CounterMetricFamily("chatelier_request_seconds", "Seconds spent on requests.", labels=("method",))
            for method, seconds in requests.seconds.items():
                spent.add_metric((method,), seconds)
            levels = [GaugeMetricFamily(name, text, value=value) for name, (text, value) in gauges.items()]
            return [total, spent, *levels]

    registry = CollectorRegistry()
    registry.register(Ours())
    ProcessCollector(registry=registry)
    return generate_latest(registry)
