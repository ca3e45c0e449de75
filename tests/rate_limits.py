"""Rate limits in memory, for tests of adapters under the real pace."""

from datetime import UTC, datetime, timedelta

from domain.platform import Network
from resources.shared_rate_limits import SharedPace

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class MemoryLimits:
    """One cool-down for each account; `fault` is raised where one is stored."""

    def __init__(self, fault=None):
        self.ends, self.fault = {}, fault

    def extend(self, network, account_id, until):
        if self.fault:
            raise self.fault
        self.ends[account_id] = max(until, self.ends.get(account_id, until))

    def ends_at(self, network, account_id):
        return self.ends.get(account_id)

    def wait_s(self, account_id):
        """Seconds of silence that are stored for an account; None for none."""
        until = self.ends.get(account_id)
        return None if until is None else (until - NOW).total_seconds()

    def pace(self, network: Network, account_id):
        return SharedPace(self, network, account_id, lambda: NOW)

    def silence(self, account_id):
        self.ends[account_id] = NOW + timedelta(hours=1)
