"""Names in HTML, in Markdown, in pictures, and in what Dagster is told."""

import io
import re
from types import SimpleNamespace

import numpy as np
import pytest
import requests

from assets.segmentation.plots import as_markdown, literal, scatter
from domain.errors import Ambiguous, InputError
from tests.prints.conftest import SEEN, TITLE, evil
from tests.prints.test_commands import steering

BREAKING = "\"'><script>alert(1)</script>&{0}"


def test_an_error_tells_names_without_what_steers():
    """Dagster, logs and terminals all ask the error itself; its parts stay as they were given."""
    error = InputError(evil("what"), where=evil("where"), mend=evil("mend"))
    assert steering(str(error)) == set()
    assert all(f"{part}-[/b] [m/w/d]" in str(error) for part in ("what", "where", "mend"))
    assert error.what == evil("what") and str(Ambiguous("a\nb")) == "a b"


@pytest.mark.parametrize(
    "title", ["$x_$ and $\\frac$", "50 $ a $ b $", "a\\$b$", TITLE, "\x00\x1b[2J", "_x_"]
)
def test_a_picture_draws_titles_letter_by_letter(title):
    """A pair of $ is no formula, and a broken one does not end the picture."""
    figure = scatter(np.eye(3, dtype=np.float32), ["a", "b", "c"], {"a": title, "b": "x", "c": "y"})
    assert as_markdown(figure).startswith("![map](data:image/png;base64,")
    drawn = [text.get_text() for text in figure.legends[0].get_texts()]
    assert steering("".join(drawn)) == set() and literal(title) in drawn


def test_the_markdown_of_a_picture_holds_no_text():
    """Nothing that a person wrote stands beside the image's own bytes."""
    figure = scatter(np.eye(2, dtype=np.float32), ["a", "b"], {"a": "![x](http://x)", "b": "<b>"})
    assert re.fullmatch(r"!\[map\]\(data:image/png;base64,[A-Za-z0-9+/=]+\)", as_markdown(figure))


@pytest.fixture
def context():
    """What an asset is told and says while it runs: `said` is its log."""
    said = []
    log = SimpleNamespace(**{level: said.append for level in ("info", "warning", "error")})
    return SimpleNamespace(log=log, said=said, partition_key="job")


def run(definition, *arguments):
    """The asset's or the check's own function, without an instance."""
    return definition.node_def.compute_fn.decorated_fn(*arguments)


def _strings(metadata):
    return [str(getattr(value, "value", value)) for value in metadata.values()]


class Store:
    """One team of a hostile name with a dead account."""

    def __init__(self, team):
        dead = SimpleNamespace(network="meta", account_id=evil("act"), status="needs_reauth")
        self.teams = SimpleNamespace(all=lambda: [team])
        self.notes = SimpleNamespace(read=list)
        self.connections = SimpleNamespace(of_team=lambda _: [dead])


TEAM = SimpleNamespace(id="t", name=evil("Acme"), currency="EUR")


def test_dagsters_log_and_metadata_of_plans_show_names_as_text(context, monkeypatch):
    """Failures of ads and accounts, and what the second checker refused."""
    from assets import gates
    from assets.publishing.assets import audience_plans
    from assets.publishing.planning import planner

    store = SimpleNamespace(
        teams=SimpleNamespace(get=lambda _: TEAM, all=lambda: [TEAM]),
        notes=SimpleNamespace(read=list, write=lambda *_: None),
    )
    networks = SimpleNamespace(settings=None)

    def plan_team(team, _, guard):
        guard.fail(InputError(evil("refusal")), team_id=team.id, job_id=evil("job"))
        return planner.PlanningReport(disputed=[evil("disputed")])

    monkeypatch.setattr(gates, "require", lambda *_: None)
    monkeypatch.setattr(planner, "plan_team", plan_team)
    result = run(audience_plans, context, store, None, networks, None)
    metadata = {**result.metadata, **result.check_results[0].metadata}
    shown = "".join([*context.said, *_strings(metadata)])
    for name in ("refusal", "job", "disputed", "Acme"):
        assert f"{name}-[/b]" in shown
    assert steering(shown) == set()


def test_a_check_names_accounts_as_text():
    from assets.checks import connections_last
    from assets.resources import Clock

    told = _strings(run(connections_last, Store(TEAM), Clock()).metadata)[0]
    assert "Acme-[/b]" in told and "act-[/b]" in told
    assert steering(told) == set() and "\\x1b" not in told


def test_a_posting_run_logs_lines_of_networks_as_text(context, monkeypatch):
    from assets.publishing import service
    from assets.publishing.assets import posted_campaigns

    def post(job_id, outside, say):
        say(evil("network"))
        say("second")
        return []

    monkeypatch.setattr(service, "post_job", post)
    monkeypatch.setattr(service, "retire_stale", lambda *_: service.TakedownReport((), ()))
    run(posted_campaigns, context, None, None, None, None)
    (told,) = context.said
    assert "network-[/b]" in told and steering(told) == set() and told.endswith("\nsecond")


def test_the_callbacks_page_is_text(monkeypatch):
    """Whatever it says, and whatever the browser brought with it."""
    from resources.oauth import callback as module

    with module.listening() as callback:
        brought = requests.get(
            callback.address, params={"state": BREAKING, "error": TITLE}, timeout=5
        )
    assert brought.status_code == 400 and "<script>" not in brought.text
    handler = module._Handler.__new__(module._Handler)
    handler.wfile, sent = io.BytesIO(), {}
    for name in ("send_response", "send_header", "end_headers"):
        monkeypatch.setattr(module._Handler, name, lambda *_: None)
    handler._say(200, BREAKING)
    assert b"<script>" not in handler.wfile.getvalue() and not sent


def _pages():
    from sandbox.meta.oauth import OAuth

    for field in ("client_id", "redirect_uri", "state", "scope", "response_type"):
        right = {"client_id": "EMU-meta-app", "redirect_uri": "http://127.0.0.1/"}
        yield f"meta {field}", OAuth(None).dialog({**right, field: BREAKING}).body


def test_the_twins_pages_show_what_was_asked_as_text():
    """Each field of a login's address, in a page that asks and in one that refuses."""
    for name, body in _pages():
        assert b"<script>" not in body and b"\"'>" not in body, name


@pytest.mark.parametrize("network", ["google", "x"])
def test_the_other_twins_pages_too(network):
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    if network == "google":
        from sandbox.google.consent import SCOPE, Consent

        client = TestClient(Starlette(routes=Consent(None).routes()))
        right = {
            "client_id": "EMU-google-app",
            "redirect_uri": "http://127.0.0.1/",
            "scope": SCOPE,
            "code_challenge_method": "S256",
        }
        bodies = [
            client.get(
                "/o/oauth2/v2/auth", params={**right, field: f"{right.get(field, '')} {BREAKING}"}
            ).text
            for field in (*right, "state", "code_challenge", "response_type", "prompt")
        ]
    else:
        from sandbox.x.consent import Consent

        asked = SimpleNamespace(token=BREAKING, alive=True, verifier=None, callback="oob")
        tokens = SimpleNamespace(asked=lambda _: asked)
        bodies = [Consent(tokens).page({"oauth_token": BREAKING}).body.decode()]
    assert bodies and all("<script>" not in body for body in bodies)


def test_polars_shows_titles_as_text_in_a_notebook():
    """The frame's own HTML escapes them."""
    import polars as pl

    shown = pl.DataFrame({"title": [TITLE, BREAKING]})._repr_html_()
    assert "<script>" not in shown and SEEN.split()[0] in shown
