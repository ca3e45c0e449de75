"""The tables. Names of columns are the task's; lengths and lists come from `domain`."""

import sqlalchemy as sa

from domain.approval import Decision, Role
from domain.job_ad import LOCATION_MAX, LONG_MAX, SHORT_MAX, TITLE_MAX, URL_MAX
from domain.lawful_basis import AUTHOR_MAX, PURPOSE_MAX
from domain.lifecycle import TERMINAL, AdStatus, SlotState
from domain.money import MAX_MINOR
from domain.platform import Mode, Network, Review
from resources.operations.columns import (
    Json,
    SealedBytes,
    among,
    key,
    length,
    team,
    text,
    time,
    whole,
)

EVERYWHERE = "*"  # a stop of every team
CONNECTION_STATES = ("active", "needs_reauth")
NOTE_MAX = 1000
BIG = 2**31 - 1

# SQLite numbers rows by itself only when the column is a plain INTEGER.
_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")

metadata = sa.MetaData(
    naming_convention={
        "ck": "%(table_name)s_%(constraint_name)s",
        "fk": "%(table_name)s_%(column_0_N_name)s_fk",
        "pk": "%(table_name)s_pk",
        "uq": "%(table_name)s_%(column_0_N_name)s_unique",
        "ix": "%(table_name)s_%(column_0_N_name)s",
    }
)

teams = sa.Table(
    "teams",
    metadata,
    key(),
    text("name", 100, unique=True),
    text("domain", 253),
    text("currency", 3),
    text("dsa_payer", 512, nullable=True),
    text("dsa_beneficiary", 512, nullable=True),
    sa.Column("approval_threshold_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    time("created_at"),
    length("name", 1, 100),
    length("currency", 3, 3),
    whole("approval_threshold_minor", 0, MAX_MINOR),
)

users = sa.Table(
    "users", metadata, key(), text("email", 320, unique=True), text("name", 200), time("created_at")
)

memberships = sa.Table(
    "memberships",
    metadata,
    sa.Column("team_id", sa.String(36), sa.ForeignKey("teams.id"), primary_key=True),
    sa.Column("user_id", sa.String(36), sa.ForeignKey("users.id"), primary_key=True),
    text("role", 16),
    time("created_at"),
    among("role", Role),
)

job_ads = sa.Table(
    "job_ads",
    metadata,
    key(),
    team(),
    text("title", TITLE_MAX),
    text("description_short", SHORT_MAX),
    sa.Column("description_long", sa.Text, nullable=False),
    text("target_url", URL_MAX),
    text("creative_asset_url", URL_MAX, nullable=True),
    sa.Column("platforms", Json, nullable=False),
    sa.Column("budget_daily_minor", sa.BigInteger, nullable=False),
    text("budget_currency", 3),
    time("schedule_start"),
    time("schedule_end", nullable=True),
    text("location", LOCATION_MAX),
    text("status", 16),
    sa.Column("created_by_user_id", sa.String(36), sa.ForeignKey("users.id"), nullable=False),
    time("created_at"),
    time("updated_at"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    among("status", AdStatus),
    length("title", 1, TITLE_MAX),
    length("description_short", 1, SHORT_MAX),
    length("description_long", 1, LONG_MAX),
    length("budget_currency", 3, 3),
    whole("budget_daily_minor", 1, MAX_MINOR),
    sa.CheckConstraint("target_url LIKE 'https://%'", name="target_url_https"),
    sa.CheckConstraint("schedule_end > schedule_start", name="schedule_order"),
    sa.UniqueConstraint("team_id", "id"),
    sa.Index(None, "team_id", "status"),
)

social_platform_connections = sa.Table(
    "social_platform_connections",
    metadata,
    key(),
    team(),
    text("platform_name", 16),
    text("platform_user_id", 200),
    text("platform_account_id", 200),
    sa.Column("access_token_sealed", SealedBytes, nullable=False),
    sa.Column("refresh_token_sealed", SealedBytes),
    time("token_expires_at", nullable=True),
    sa.Column("scopes", Json, nullable=False),
    text("status", 16),
    time("created_at"),
    time("updated_at"),
    time("refresh_claimed_until", nullable=True),
    among("platform_name", Network),
    among("status", CONNECTION_STATES),
    sa.UniqueConstraint("team_id", "platform_name", "platform_account_id"),
)


def _ad_of_team() -> sa.ForeignKeyConstraint:
    """An ad's rows belong to the ad's own team, or they cannot be stored."""
    return sa.ForeignKeyConstraint(["team_id", "job_id"], ["job_ads.team_id", "job_ads.id"])


accepted_plans = sa.Table(
    "accepted_plans",
    metadata,
    sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
    team(),
    text("job_id", 36),
    text("network", 16),
    text("account_id", 200),
    text("digest", 16),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("revisions", Json, nullable=False),
    text("rule", 200),
    text("accepted_by", 200),
    time("accepted_at"),
    sa.Column("daily_minor", sa.BigInteger, nullable=False, server_default="0"),
    text("currency", 3, server_default=""),  # of daily_minor
    text("ad_version", 16, nullable=True),  # what the plan was compiled from
    among("network", Network),
    whole("daily_minor", 0, MAX_MINOR),
    _ad_of_team(),
    sa.Index(None, "team_id", "job_id", "network", "id"),
)

approvals = sa.Table(
    "approvals",
    metadata,
    sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
    team(),
    sa.Column("acceptance_id", _SERIAL, sa.ForeignKey("accepted_plans.id"), nullable=False),
    text("job_id", 36),
    text("network", 16),
    text("account_id", 200),
    text("digest", 16),
    text("decision", 16),
    text("rule", 200),
    sa.Column("user_id", sa.String(36), sa.ForeignKey("users.id"), nullable=False),
    text("role", 16),
    text("reason", 1000),
    time("at"),
    among("network", Network),
    among("decision", Decision),
    among("role", Role),
    _ad_of_team(),
    sa.UniqueConstraint("acceptance_id"),
    sa.Index(None, "team_id", "job_id", "network", "digest", "id"),
)

# The end of an acceptance and of its approval. One for each, and never taken back.
withdrawals = sa.Table(
    "withdrawals",
    metadata,
    sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
    team(),
    sa.Column("acceptance_id", _SERIAL, sa.ForeignKey("accepted_plans.id"), nullable=False),
    text("job_id", 36),
    text("network", 16),
    text("account_id", 200),
    text("digest", 16),
    text("rule", 200),
    text("withdrawn_by", 200),
    text("reason", 1000),
    time("at"),
    among("network", Network),
    _ad_of_team(),
    sa.UniqueConstraint("acceptance_id"),
)

# What an ad said before an edit, so that a plan about it can be compared with the ad of now.
ad_versions = sa.Table(
    "ad_versions",
    metadata,
    sa.Column("team_id", sa.String(36), sa.ForeignKey("teams.id"), primary_key=True),
    sa.Column("job_id", sa.String(36), primary_key=True),
    sa.Column("ad_version", sa.String(16), primary_key=True),
    sa.Column("content", Json, nullable=False),
    time("replaced_at"),
    _ad_of_team(),
)

caps = sa.Table(
    "caps",
    metadata,
    sa.Column("team_id", sa.String(36), sa.ForeignKey("teams.id"), primary_key=True),
    sa.Column("job_id", sa.String(36), primary_key=True),  # "" for the team itself
    sa.Column("daily_minor", sa.BigInteger),
    sa.Column("total_minor", sa.BigInteger),
    text("currency", 3),
    text("set_by", 200),
    time("set_at"),
    whole("daily_minor", 1, MAX_MINOR),
    whole("total_minor", 1, MAX_MINOR),
    length("currency", 3, 3),
    sa.CheckConstraint("daily_minor IS NOT NULL OR total_minor IS NOT NULL", name="some_amount"),
)

stops = sa.Table(
    "stops",
    metadata,
    sa.Column("team_id", sa.String(36), primary_key=True),  # or EVERYWHERE
    time("since"),
    text("stopped_by", 200),
    text("reason", 1000),
)

slots = sa.Table(
    "slots",
    metadata,
    key(),
    team(),
    text("job_id", 36),
    text("network", 16),
    text("account_id", 200),
    text("arm", 100),
    text("revision", 12),
    text("state", 16),
    text("mode", 16),
    sa.Column("attempt", sa.Integer, nullable=False),
    text("reason", 1000),
    sa.Column("retired", sa.Boolean, nullable=False),
    sa.Column("running", sa.Boolean, nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    time("created_at"),
    time("updated_at"),
    sa.Column("epoch", sa.Integer, nullable=False, server_default="0"),
    text("plan_digest", 16, server_default=""),
    text("review", 16, server_default="unknown"),
    text("review_reason", 1000, server_default=""),
    time("reviewed_at", nullable=True),
    # The most a day that the place may be spending while the slot runs: until a change is through,
    # the larger of what was there and what is being posted.
    sa.Column("running_minor", sa.BigInteger, nullable=False, server_default="0"),
    text("running_currency", 3, server_default=""),
    among("network", Network),
    among("state", SlotState),
    among("mode", Mode),
    among("review", Review),
    whole("attempt", 0, BIG),
    length("revision", 12, 12),
    _ad_of_team(),
)

_PLACE = (slots.c.team_id, slots.c.job_id, slots.c.network, slots.c.account_id, slots.c.arm)
_OPEN = sa.text(f"state NOT IN ({', '.join(sorted(repr(str(s)) for s in TERMINAL))})")
sa.Index("slots_one_open", *_PLACE, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
sa.Index("slots_history", *_PLACE, slots.c.ordinal, unique=True)

postings = sa.Table(
    "postings",
    metadata,
    sa.Column("slot_id", sa.String(36), sa.ForeignKey("slots.id"), primary_key=True),
    sa.Column("kind", sa.String(32), primary_key=True),
    team(),
    text("object_id", 200),
    text("key", 100),
    time("updated_at"),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("team_id", sa.String(36), sa.ForeignKey("teams.id"), primary_key=True),
    sa.Column("job_id", sa.String(36), primary_key=True),
    sa.Column("network", sa.String(16), primary_key=True),
    sa.Column("account_id", sa.String(200), primary_key=True),
    text("holder", 36, nullable=True),
    time("expires_at"),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False, server_default="0"),
    sa.Column("revoked", sa.Boolean, nullable=False, server_default=sa.false()),
    _ad_of_team(),
    sa.Index(None, "network", "account_id"),
)

throttle = sa.Table(
    "throttle",
    metadata,
    sa.Column("network", sa.String(16), primary_key=True),
    sa.Column("account_id", sa.String(200), primary_key=True),
    time("until"),
)

notes = sa.Table(
    "notes",
    metadata,
    sa.Column("team_id", sa.String(36), sa.ForeignKey("teams.id"), primary_key=True),
    sa.Column("stage", sa.String(16), primary_key=True),
    sa.Column("network", sa.String(16), primary_key=True),  # "" for what concerns no account
    sa.Column("account_id", sa.String(200), primary_key=True),
    sa.Column("job_id", sa.String(36), primary_key=True),  # "" for an account itself
    text("text", NOTE_MAX),
    sa.Column("passes", sa.Boolean, nullable=False),
    time("since"),
    time("at"),
)

audit_log = sa.Table(
    "audit_log",
    metadata,
    sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
    team(),
    time("at"),
    text("actor", 200),
    text("action", 64),
    text("subject", 200),
    sa.Column("detail", Json, nullable=False),
    sa.Index(None, "team_id", "id"),
)

resume_texts = sa.Table(
    "resume_texts",
    metadata,
    sa.Column("team_id", sa.String(36), sa.ForeignKey("teams.id"), primary_key=True),
    sa.Column("resume_key", sa.String(200), primary_key=True),
    sa.Column("text_sealed", SealedBytes, nullable=False),
    text("fingerprint", 64),
    time("created_at"),
    time("updated_at"),
    time("erasing_since", nullable=True),  # from then on nobody reads it
    sa.Column("erasing_found", Json),  # what they had touched: ids, never words
)

lawful_bases = sa.Table(
    "lawful_bases",
    metadata,
    sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
    team(),
    text("purpose", PURPOSE_MAX),
    text("author", AUTHOR_MAX),
    time("set_at"),
    time("until", nullable=True),
    time("revoked_at", nullable=True),
    text("revoked_by", AUTHOR_MAX),
    length("purpose", 1, PURPOSE_MAX),
    length("author", 1, AUTHOR_MAX),
    sa.CheckConstraint("until > set_at", name="until_order"),
    sa.Index(None, "team_id", "id"),
)
