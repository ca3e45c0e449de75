"""A wire that loses one request: between an SDK's session and the server that it speaks to."""

import requests


class Faulty:
    """Counts requests; the n-th is lost before it is sent, or after it was answered. `writes` are
    (method, address) of all but GET."""

    def __init__(self, inner, n=0, when=""):
        self.inner, self.n, self.when, self.count = inner, n, when, 0
        self.writes = []

    def send(self, request, **kwargs):
        self.count += 1
        if request.method != "GET":
            self.writes.append((request.method, request.url.split("?")[0]))
        if self.count == self.n and self.when == "before":
            raise requests.ConnectionError("lost before it was sent")
        answer = self.inner.send(request, **kwargs)
        if self.count == self.n and self.when == "after":
            raise requests.ReadTimeout("the answer was lost")
        return answer

    def close(self):
        self.inner.close()
