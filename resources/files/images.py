"""Pictures of ads: fetched once through a narrow door, checked by content, stored by hash."""

import hashlib
import ipaddress
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import urllib3

from domain.errors import InputError, Retryable
from domain.platform import Mode
from resources.files.bundled import ROOT

IMAGE_MAX = 8 * 2**20
"""Most bytes of a picture."""
VIDEO_MAX = 64 * 2**20
"""Most bytes of a video."""
REDIRECTS = 3
"""Most redirects that are followed for a picture."""
_MAGIC = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg", b"GIF87a": "gif", b"GIF89a": "gif"}
_TIMEOUT = urllib3.Timeout(connect=5, read=20)
WHOLE_S = 60.0
"""A server that sends a byte now and then does not hold a run for longer."""
REST_S = 300.0
"""How long a host that failed is not asked again by this process: its other pictures would cost
the same time each."""
Resolve = Callable[[str], Sequence[str]]
_UNICAST = ipaddress.ip_network("2000::/3")
# Protocol assignments and tunnels: what is behind them may be an address of a private network.
_SPECIAL = [ipaddress.ip_network(n) for n in ("192.0.0.0/24", "2001::/23", "2002::/16")]


@dataclass(frozen=True, slots=True)
class Stored:
    """A file `name` ("<sha256>.<extension>") in the store; `note` says why it is not the ad's."""

    name: str
    size: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Images:
    """The store of pictures in `folder`; local fixtures come from `data` only."""

    folder: Path
    mode: Mode
    data: Path = ROOT / "data"
    _resting: dict[str, float] = field(default_factory=dict, repr=False, compare=False)

    def fetch(self, url: str | None) -> str:
        """The stored picture's name for an ad's address, or the default one's. Retryable when its
        host does not answer, at once for other pictures of a host that did not just now."""
        host = _host(url or "")
        if self._resting.get(host, 0.0) > time.monotonic():
            raise Retryable(f"{host} did not answer just now", where="picture")
        try:
            return provide(url, store=self.folder, mode=self.mode, data=self.data).name
        except Retryable:
            self._resting[host] = time.monotonic() + REST_S
            raise


def provide(url: str | None, *, store: Path, mode: Mode, data: Path) -> Stored:
    """The ad's picture, or the default one: when it has none, and for https addresses in the
    sandbox, where nothing beyond this machine is asked. `file:` may only name a file in `data`,
    and only in the sandbox."""
    if url is None:
        return _keep(default_image(), store, "default picture: the ad has none")
    with _usable(url):
        if urlsplit(url).scheme == "file":
            return _keep(_local(url, mode, data), store)
    if mode is Mode.SANDBOX:
        return _keep(default_image(), store, "default picture: the sandbox fetches nothing")
    return _keep(fetch(url), store)


def fetch(url: str, resolve: Resolve | None = None) -> bytes:
    """The bytes at an https address whose host is public, at every hop of a redirect; InputError
    for an address that cannot be asked, such as one with port 99999 or a label of 64 letters."""
    until = time.monotonic() + WHOLE_S
    for _ in range(REDIRECTS + 1):
        with _usable(url):
            found = _get(url, resolve or addresses, until)
            if isinstance(found, bytes):
                return found
            url = urljoin(url, found)
    raise InputError("the address redirects too often", where=_shown(url))


def addresses(host: str) -> Sequence[str]:
    """IP addresses of `host`; Retryable when the name cannot be resolved now."""
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        raise Retryable(f"{host} cannot be resolved", where="picture") from None
    return [str(info[4][0]) for info in found]


def public(host: str, resolve: Resolve) -> str:
    """One address of `host` to connect to; InputError unless every one of them is public, because a
    name may point into a private network."""
    found = [ipaddress.ip_address(a) for a in resolve(host)]
    if not found or not all(map(_is_public, found)):
        raise InputError(f"{host} is no public address", where="picture", mend="use a public host")
    return str(found[0])


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """A public host's own address: no IPv6 form that wraps an IPv4 address is one."""
    if address.version == 6 and address not in _UNICAST:
        return False
    special = any(address in n for n in _SPECIAL if n.version == address.version)
    return address.is_global and not address.is_multicast and not special


def _get(url: str, resolve: Resolve, until: float) -> bytes | str:
    """The body, or the target of a redirect. The checked address is the one connected to."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username:
        raise InputError("only https addresses are fetched", where=_shown(url))
    pool = urllib3.HTTPSConnectionPool(
        public(parts.hostname, resolve),
        parts.port or 443,
        timeout=_TIMEOUT,
        retries=False,
        server_hostname=parts.hostname,
        assert_hostname=parts.hostname,
    )
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    try:
        with _closed_at(until, pool):
            answer = pool.urlopen(
                "GET", target, headers={"Host": parts.netloc}, redirect=False, preload_content=False
            )
            body = _body(answer, url)
    except urllib3.exceptions.HTTPError as error:
        raise Retryable(type(error).__name__, where=_shown(url)) from None
    finally:
        pool.close()
    if time.monotonic() >= until:  # shut while the headers came, it looks like an empty body
        raise Retryable(f"took longer than {WHOLE_S:.0f} s", where=_shown(url))
    return body


@contextmanager
def _closed_at(until: float, pool: urllib3.HTTPConnectionPool) -> Iterator[None]:
    """Shut the pool's sockets at a time of the monotonic clock: a host that sends a byte a second
    keeps every single read within its timeout."""
    made: list[Any] = []
    connection = pool.ConnectionCls

    def remembered(*args: Any, **kwargs: Any) -> Any:
        made.append(connection(*args, **kwargs))
        return made[-1]

    def shut() -> None:
        for one in made:
            with suppress(OSError, AttributeError):  # closed already
                one.sock.shutdown(socket.SHUT_RDWR)

    pool.ConnectionCls = remembered  # type: ignore[assignment]
    timer = threading.Timer(max(until - time.monotonic(), 0.0), shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _body(answer: Any, url: str) -> bytes | str:
    if answer.status in (301, 302, 303, 307, 308):
        return str(answer.headers.get("Location", ""))
    if answer.status >= 500 or answer.status == 429:
        raise Retryable(f"HTTP {answer.status}", where=_shown(url))
    if answer.status != 200:
        raise InputError(f"HTTP {answer.status}", where=_shown(url), mend="check the address")
    read = b""
    for piece in answer.stream(2**16):
        read += piece
        if len(read) > VIDEO_MAX:
            raise InputError(f"larger than {VIDEO_MAX} bytes", where=_shown(url))
    return read


def _local(url: str, mode: Mode, data: Path) -> bytes:
    parts = urlsplit(url)
    path = Path(unquote(parts.path)).resolve()
    if mode is not Mode.SANDBOX or parts.netloc not in ("", "localhost"):
        raise InputError("file: addresses are for the sandbox", where="creative_asset_url")
    if not path.is_relative_to(data.resolve()) or not path.is_file():
        raise InputError(f"no file of {data.name}/", where="creative_asset_url")
    if path.stat().st_size > VIDEO_MAX:
        raise InputError(f"larger than {VIDEO_MAX} bytes", where=path.name)
    return path.read_bytes()


def _keep(content: bytes, store: Path, note: str = "") -> Stored:
    """Write once under the hash of the content; a crash leaves no half file."""
    name = f"{hashlib.sha256(content).hexdigest()}.{extension(content)}"
    path = store / name
    if not path.exists():
        store.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(content)
        part.replace(path)
    return Stored(name, len(content), note)


def extension(content: bytes) -> str:
    """What the bytes are, whatever a name or a header says; InputError for anything else."""
    found = next((ext for magic, ext in _MAGIC.items() if content.startswith(magic)), None)
    if found:
        if len(content) > IMAGE_MAX:
            raise InputError(f"picture larger than {IMAGE_MAX} bytes", where="creative_asset_url")
        return found
    if content[4:8] == b"ftyp":
        width, height = frame(content)
        if height <= width:
            raise InputError(f"video is {width} x {height}", mend="give a vertical one")
        return "mp4"
    raise InputError(
        "neither PNG, JPEG, GIF nor MP4", where="creative_asset_url", mend="give one of them"
    )


def frame(content: bytes) -> tuple[int, int]:
    """Width and height of an MP4's first track with a picture (ISO 14496-12, `tkhd`)."""
    at = content.find(b"tkhd")
    while at >= 0:
        start = at + 4 + (88 if content[at + 4 : at + 5] == b"\x01" else 76)
        if start + 8 <= len(content):
            width, height = struct.unpack(">II", content[start : start + 8])
            if width and height:
                return width >> 16, height >> 16
        at = content.find(b"tkhd", at + 4)
    raise InputError("the video names no size", where="creative_asset_url")


@cache
def default_image(width: int = 1200, height: int = 628) -> bytes:
    """A quiet blue gradient as PNG, drawn here so that no picture needs a licence."""
    rows = bytearray()
    for y in range(height):
        shade = 200 - 110 * y // height
        rows += b"\x00" + bytes((shade // 3, shade * 2 // 3, shade)) * width
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@contextmanager
def _usable(url: str) -> Iterator[None]:
    """What urllib3, idna and the file system say of an impossible address, as InputError."""
    try:
        yield
    except ValueError as error:  # UnicodeError is one
        raise InputError(
            f"no address of a picture ({error})"[:200],
            where=_shown(url),
            mend="check creative_asset_url",
        ) from None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _shown(url: str) -> str:
    """The host only: paths and queries may hold secrets."""
    return f"picture at {_host(url) or 'no host'}"
