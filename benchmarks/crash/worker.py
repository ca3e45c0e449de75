"""One posting process, instrumented: it may die at any boundary, and a person may edit meanwhile.

Imported by the warmed parent; opens handles only after the fork.
"""

import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.crash.schedules import SECOND_S, TIMEOUT_S
from domain.errors import JobadsError
from domain.lifecycle import AdStatus
from domain.plan import Plan
from domain.platform import Found, Network

ROUNDS = 8
LEASE_AND_MORE = timedelta(seconds=2000)
WARM = (
    "assets.publishing.service",
    "facebook_business.api",
    "google.ads.googleads.v26",
    "grpc._channel",
    "resources.google.adapter",
    "resources.google.sdk_client",
    "resources.files.images",
    "resources.meta",
    "resources.oauth.google",
    "resources.oauth.meta",
    "resources.oauth.x",
    "resources.operations.store",
    "resources.shared_rate_limits",
    "resources.platforms",
    "resources.security.vault",
    "resources.x",
)
META_OBJECTS = (
    "ad adaccount adcreative adcreativedegreesoffreedomspec adcreativefeaturedetails "
    "adcreativefeaturesspec adcreativelinkdata adcreativelinkdatacalltoaction "
    "adcreativelinkdatacalltoactionvalue adcreativeobjectstoryspec adimage adpreview adset advideo "
    "campaign targeting targetingautomation targetinggeolocation"
)


@dataclass
class Boundaries:
    """Counts boundaries and requests; kills this process at `kill`, calls `act` at `act_at`."""

    kill: int = 0
    act_at: int = 0
    act: Callable[[], None] | None = None
    count: int = 0
    requests: int = 0

    def cross(self, *, request: bool = False) -> None:
        self.count += 1
        self.requests += request
        if self.count == self.kill:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.count == self.act_at and self.act is not None:
            act, self.act = self.act, None
            act()

    def around(self, owner: Any, name: str) -> None:
        """Cross before and after each call of `owner.name`."""
        inner = getattr(owner, name)

        def crossing(*args: Any, **kwargs: Any) -> Any:
            self.cross(request=True)
            answer = inner(*args, **kwargs)
            self.cross()
            return answer

        setattr(owner, name, crossing)

    def around_commits(self, book: Any, name: str) -> None:
        inner = getattr(book, name)

        @contextmanager
        def crossing(self_: Any) -> Any:
            self.cross()
            with inner(self_) as connection:
                yield connection
            self.cross()

        setattr(book, name, crossing)


def warm() -> None:
    """Import all that posting needs, also what the SDKs import only in a call, and open nothing:
    what is forked later shares it."""
    for name in WARM:
        import_module(name)
    for name in META_OBJECTS.split():
        import_module(f"facebook_business.adobjects.{name}")


class Scene:
    """What `assets.outside.Outside` gives a posting, over one folder, with a clock of its own."""

    def __init__(self, spec: dict[str, Any]) -> None:
        from resources.files.images import Images
        from resources.operations.store import OperationsStore
        from resources.security.vault import Vault
        from resources.settings import Settings

        self.settings = Settings.from_env({"JOBADS_HOME": spec["home"], **spec["networks"]})
        self.offset = timedelta(seconds=spec.get("offset_s", 0))
        self.store = OperationsStore(
            self.settings.database_url, vault=Vault(self.settings.home / "vault.key"), now=self.now
        )
        self.images = Images(self.settings.home / "images", self.settings.mode)
        self.warehouse = self
        self._platforms: dict[Network, Any] = {}

    def platform(self, team_id: str, network: Network, account_id: str | None = None) -> Any:
        from resources.platforms import connect
        from resources.shared_rate_limits import SharedPace

        if network not in self._platforms:
            held = self.store.connections.get(team_id, network)
            pace = SharedPace(self.store.rate_limits, network, held.account_id, self.now)
            self._platforms[network] = connect(
                held, self.settings, self.images, pace, self.store.connections
            )
        return self._platforms[network]

    def exchange(self, *_: Any) -> None:
        """The warehouse's copy of the ledger is not what is tried here."""

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def sleep(self, seconds: float) -> None:
        """Time passes faster, so that waits keep their length beside that of a stall."""
        time.sleep(seconds * SECOND_S)


def run(spec: dict[str, Any]) -> None:
    """Post one ad as `publish --due` does, under the spec's dangers."""
    _short_patience()
    bounds = Boundaries(spec.get("kill", 0), spec.get("edit_at", 0))
    scene = Scene(spec)
    if spec.get("edit"):
        bounds.act = lambda: edit(spec["edit"], Scene(spec), spec)
    _instrument(bounds)
    if spec.get("blind"):
        _blind()
    said = attempt(scene, spec["job_id"])
    _say(spec, {"boundaries": bounds.count, "requests": bounds.requests, "said": said})


def finish(spec: dict[str, Any]) -> None:
    """Later, undisturbed: what the schedule of the workbench does until nothing is due or stale."""
    _short_patience()
    said: list[str] = []
    if spec.get("blind"):
        _blind()
    scene = Scene(spec)
    for _ in range(ROUNDS):
        scene.offset += LEASE_AND_MORE
        before = len(said)
        said += attempt(scene, spec["job_id"])
        left = (*scene.store.schedule.due(scene.now()), *scene.store.schedule.stale(scene.now()))
        if len(said) == before and not any(d.job_id == spec["job_id"] for d in left):
            _say(spec, {"finished": True, "said": said})
            return
    _say(spec, {"finished": False, "said": said})


def attempt(scene: Any, job_id: str) -> list[str]:
    """One turn: post what is due, take off what is stale; errors are words, as in the command."""
    from assets.publishing.service import post_due, retire_stale

    said = []
    for due in [d for d in scene.store.schedule.due(scene.now()) if d.job_id == job_id]:
        try:
            post_due(due, scene, lambda _: None)
        except JobadsError as error:
            said.append(f"{type(error).__name__}: {error}")
    taken = retire_stale(scene, job_id)
    return said + [f"{type(e).__name__}: {e}" for _, e in taken.unconfirmed]


def edit(what: str, scene: Any, spec: dict[str, Any]) -> None:
    """What a person does to the ad while it is being posted."""
    store, team, job = scene.store, spec["team_id"], spec["job_id"]
    if what == "archive":
        store.ads.set_status(team, job, AdStatus.ARCHIVED, actor="person")
        return
    plan = Plan.from_dict(json.loads(Path(spec["edited"]).read_text()))
    if what == "title":
        plan = replace(plan, title=f"{plan.title} (new)")
    person = what == "unapproved"
    by = {"user_id": spec["editor"]} if person else {"rule": "crash harness: an edit"}
    store.plans.accept(plan, ad_version=store.ads.get(team, job).version, **by)


def _instrument(bounds: Boundaries) -> None:
    from resources.google.sdk_client import SdkClient
    from resources.operations.database import Database
    from resources.security.network_guard import GuardedAdapter

    bounds.around(GuardedAdapter, "send")
    bounds.around(SdkClient, "search")
    bounds.around(SdkClient, "mutate")
    bounds.around_commits(Database, "write")


def _short_patience() -> None:
    """Stalls of the networks outlast these, so that a stalled answer counts as lost."""
    import resources.meta
    import resources.x.client
    from resources.google import sdk_client

    resources.meta.TIMEOUT_S = (2.0, TIMEOUT_S)
    resources.x.client.TIMEOUT_S = (2.0, TIMEOUT_S)
    sdk_client.READ_S = sdk_client.WRITE_S = TIMEOUT_S


def _blind() -> None:
    """The negative control: nothing is ever found by its key."""
    from assets.publishing.posting import retries

    retries.find_object = lambda platform, sought, sleep: Found(sought.kind, ())


def _say(spec: dict[str, Any], what: dict[str, Any]) -> None:
    Path(spec["out"]).write_text(json.dumps(what))
