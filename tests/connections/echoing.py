"""Networks that refuse everything and repeat in their words whatever they were sent."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc


class _Echo(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        said = (
            f"{self.path} {dict(self.headers)} {self.rfile.read(length).decode(errors='replace')}"
        )
        # Refused in Meta's words and in X's alike; X reads the list, Meta the object.
        error: Any = {"message": said, "code": 100, "type": "OAuthException"}
        body = {"error": error, "errors": [{"code": "INVALID_PARAMETER", "message": said}]}
        text = json.dumps(body).encode()
        self.send_response(400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_DELETE = _answer

    def log_message(self, format: str, *args: Any) -> None:
        """Not a word: the test looks at ours."""


class _Rpc(grpc.GenericRpcHandler):
    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        def refuse(request: bytes, context: grpc.ServicerContext) -> bytes:
            said = f"{dict(context.invocation_metadata())} {request!r}"
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, said)
            return b""

        if details.method.endswith("Stream"):
            return grpc.unary_stream_rpc_method_handler(lambda r, c: iter([refuse(r, c)]))
        return grpc.unary_unary_rpc_method_handler(refuse)


@contextmanager
def echoing() -> Iterator[dict[str, str]]:
    """The settings under which every network is such a one."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ads = grpc.server(ThreadPoolExecutor(4), handlers=[_Rpc()])
    port = ads.add_secure_port("127.0.0.1:0", grpc.local_server_credentials())
    ads.start()
    url = f"http://127.0.0.1:{server.server_port}"
    yield {
        "JOBADS_META_URL": url,
        "JOBADS_X_URL": url,
        "JOBADS_GOOGLE_OAUTH_URL": url,
        "JOBADS_GOOGLE_ADDR": f"127.0.0.1:{port}",
    }
    ads.stop(None)
    server.shutdown()
    server.server_close()
