"""A real browser: Dagster's own pages work behind the guard, and a page of another port does not
get through it with that browser's cookie."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.connections.test_browser import CHROMIUM, DRIVER, driver, tab  # noqa: F401 fixtures
from tests.doors.conftest import SENSOR, eventually

pytestmark = pytest.mark.skipif(
    not (CHROMIUM.exists() and DRIVER.exists()), reason=f"no {CHROMIUM} and {DRIVER} here"
)
SENSOR_PAGE = "/locations/assets.definitions/sensors/posting_sensor"
TOGGLE = "const b = document.querySelector('input[type=checkbox]'); if (b) b.click(); return !!b"
EVIL = """<!doctype html><title>waiting</title><form method=post enctype=text/plain target=f
 action="{dagster}/graphql"><input name='{{"query": "{escaped}", "a": "' value='"}}'></form>
<iframe name=f></iframe><iframe src="{dagster}/"></iframe><img src="{query}"><script>
const mutation = {mutation!r}, json = {{'Content-Type': 'application/json'}};
document.forms[0].submit();
const tries = [
  fetch("{query}", {{mode: 'no-cors', credentials: 'include'}}),
  fetch("{dagster}/graphql", {{method: 'POST', credentials: 'include', headers: json,
                              body: JSON.stringify({{query: mutation}})}}),
  fetch("{dagster}/graphql", {{method: 'POST', mode: 'no-cors', credentials: 'include',
                              body: JSON.stringify({{query: mutation}})}}),
  new Promise((_, no) => {{const s = new WebSocket("{socket}/graphql", "graphql-ws");
                          s.onopen = () => document.title = 'socket open'; s.onerror = no}}),
];
Promise.allSettled(tries).then(() => {{
  if (document.title == 'waiting') document.title = 'done'}});
</script>"""


def evil(dagster: str) -> str:
    """A page that tries every way to switch the posting sensor on."""
    mutation = f"mutation{{startSensor({SENSOR}){{__typename}}}}"
    return EVIL.format(
        dagster=dagster,
        socket=dagster.replace("http", "ws"),
        mutation=mutation,
        escaped=mutation.replace('"', '\\"'),
        query=f"{dagster}/graphql?query={mutation}".replace('"', "%22"),
    )


def script(page, text):
    return page.ask("POST", "execute/sync", script=text, args=[])


@pytest.fixture
def opened(up, tab):  # noqa: F811
    """The browser after a person has opened the printed address."""
    tab.ask("POST", "url", url=up.said("Dagster"))
    assert tab.shows("Automation")
    return tab


def test_the_printed_address_leads_to_dagster_and_its_key_is_gone(up, opened):
    """From the address bar and from what scripts and other pages could read."""
    assert up.key not in opened.ask("GET", "url")
    read = script(opened, "return document.cookie + document.referrer + location.href")
    assert up.key not in read


def test_a_page_of_another_port_gets_nothing_done(up, opened):
    """The browser adds the cookie, since ports of a host share it: form, fetch, picture, frame and
    websocket are refused all the same."""
    dagster = f"http://127.0.0.1:{up.port}"
    page = evil(dagster)

    class Evil(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_) -> None:
            """Not a word."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Evil)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    opened.ask("POST", "url", url=f"http://127.0.0.1:{server.server_port}/")
    assert eventually(lambda: opened.ask("GET", "title") != "waiting", 60)
    assert opened.ask("GET", "title") == "done"
    assert up.sensor() == "STOPPED"
    server.shutdown()


def test_a_person_switches_a_sensor_on_and_off(up, opened):
    """By Dagster's own page, whose requests pass."""
    root = f"http://127.0.0.1:{up.port}"
    for wanted in ("RUNNING", "STOPPED"):
        opened.ask("POST", "url", url=root + SENSOR_PAGE)
        assert eventually(lambda: script(opened, TOGGLE), 60)
        assert eventually(lambda w=wanted: up.sensor() == w, 30)
