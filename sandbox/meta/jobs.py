"""Asynchronous reports: POST insights answers a report_run_id, which is polled and then read."""

from collections.abc import Mapping
from typing import Any

from sandbox.meta.errors import GraphError
from sandbox.meta.state import State, Stored

# The first look finds it running, the second finds it done: a reader must poll.
_STATUSES = (("Job Running", 50), ("Job Completed", 100))


class Jobs:
    def __init__(self, state: State) -> None:
        self._state = state

    def begin(self, head: str, account: str, params: Mapping[str, Any]) -> dict[str, Any]:
        fields = {"head": head, "params": dict(params), "looks": 0}
        return {"report_run_id": self._state.add("report", account, fields)}

    def look(self, job: Stored) -> dict[str, Any]:
        """The job's state, which this look moves on."""
        looks = min(int(job.fields["looks"]), len(_STATUSES) - 1)
        with self._state.change():
            self._state.replace(job, {**job.fields, "looks": looks + 1})
        status, percent = _STATUSES[looks]
        return {
            "id": job.id,
            "account_id": job.account.removeprefix("act_"),
            "async_status": status,
            "async_percent_completion": percent,
            "time_ref": int(job.created.timestamp()),
        }

    def asked(self, job: Stored) -> tuple[str, dict[str, Any]]:
        """The object and the parameters of a job that is done; GraphError before."""
        if int(job.fields["looks"]) < len(_STATUSES):
            raise GraphError("(#2601) The report is not ready yet", 2601, transient=True)
        return str(job.fields["head"]), dict(job.fields["params"])
