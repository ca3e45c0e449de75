"""Running the graph's jobs in this process, in the workbench's own Dagster home."""

import logging
import os
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from domain.errors import JobadsError
from resources.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

PATIENCE_S = 2.0
"""Somebody waits in a terminal: a longer wait fails the run at once (`assets.retries`)."""
# The terminal shows bars; every event is in the instance all the same.
_QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}


class Graph:
    """The definitions over one persistent instance: the UI shows every run made here."""

    def __init__(self, settings: Settings, networks: Mapping[str, str]) -> None:
        """`networks` are the settings that say where each network answers."""
        # The graph's resources read the settings from the environment, as in a Dagster process.
        os.environ |= {
            "JOBADS_HOME": str(settings.home),
            **networks,
            "DAGSTER_HOME": str(settings.home / "dagster"),
            "DAGSTER_DISABLE_TELEMETRY": "1",
        }
        warnings.filterwarnings("ignore", module="dagster")
        logging.getLogger("dagster").setLevel(logging.ERROR)
        import dagster as dg

        from assets.definitions import defs
        from assets.resources import from_env

        self.defs = defs
        # One for all runs: opening the lake, and loading the network, is done once.
        self.opened = from_env()
        self._resources = {
            name: dg.ResourceDefinition.hardcoded_resource(made)
            for name, made in self.opened.items()
        }
        self.instance: dg.DagsterInstance = dg.DagsterInstance.get()

    def run(
        self, job: str, partition: str | None = None, tags: Mapping[str, str] | None = None
    ) -> None:
        """Execute a job and wait; JobadsError with the step's own words when it fails."""
        from assets.retries import PATIENCE

        result = self.defs.resolve_job_def(job).execute_in_process(
            instance=self.instance,
            partition_key=partition,
            resources=self._resources,
            tags={PATIENCE: str(PATIENCE_S), **(tags or {})},
            raise_on_error=False,
            run_config={"loggers": _QUIET},
        )
        if not result.success:
            raise JobadsError(
                _failure(result),
                where=f"{job} run {result.run_id[:8]}",
                mend="the run's log is in the Dagster UI (jobads up)",
            )

    def add_partition(self, definition: str, key: str) -> None:
        self.instance.add_dynamic_partitions(definition, [key])

    def tick(self) -> int:
        """Evaluate the real posting sensor once and run what it asks for; answers how many."""
        import dagster as dg

        # What the daemon does around a tick; Dagster has no public name for it.
        from dagster._core.definitions.partitions.context import partition_loading_context

        from assets.publishing.sensors import posting_sensor

        context = dg.build_sensor_context(instance=self.instance, definitions=self.defs)
        with partition_loading_context(dynamic_partitions_store=self.instance):
            answer = posting_sensor.evaluate_tick(context)
        return self.post(answer.run_requests or [])

    def post(self, requests: "Sequence[dg.RunRequest]") -> int:
        """Run each request; the first failure is raised once all were run."""
        from assets.progress import progress

        done = progress.get()("posting ads", len(requests))
        failures: list[JobadsError] = []
        for request in requests:
            try:
                self.run("posting", request.partition_key, request.tags)
            except JobadsError as error:  # one ad's run is its own
                failures.append(error)
            done(1)
        if failures:
            raise failures[0]
        return len(requests)


def _failure(result: Any) -> str:
    """The innermost reason of the first failed step."""
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            return error.message.strip() if error else "a step failed"
        if event.is_failure:
            return event.message or "the run failed"
    return "the run failed"
