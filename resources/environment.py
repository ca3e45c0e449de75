"""Every environment variable that the workbench reads: its default and what it means."""

from typing import NamedTuple


class Variable(NamedTuple):
    """A variable; an empty default means that it is unset."""

    name: str
    default: str
    meaning: str


VARIABLES = (
    Variable("JOBADS_HOME", "`.jobads`", "Folder of the stores, keys, caches and Dagster's home"),
    Variable(
        "JOBADS_MODE", "`sandbox`", "`sandbox` asks local twins; `live` asks the real networks"
    ),
    Variable("JOBADS_LIVE", "", "Must be `yes` in live mode, which spends real money"),
    Variable(
        "JOBADS_DATABASE_URL",
        "SQLite in the home",
        "The operations store: sqlite:///FILE or postgresql+psycopg://user@host/database",
    ),
    Variable(
        "JOBADS_LAKE_URL",
        "SQLite in the home",
        "Catalogue of the warehouse in PostgreSQL, such as postgres:dbname=jobads host=127.0.0.1",
    ),
    Variable("JOBADS_SEGMENTATION", "", "YAML file that replaces numbers of the segmentation"),
    Variable("JOBADS_COUNTRIES", "`US`", "Countries of an ad that names no place, such as US,CA"),
    Variable(
        "JOBADS_KEYS",
        "`vault.key` in the home",
        "Keys that seal tokens and résumés, as version:base64 by commas; the first one seals",
    ),
    Variable("JOBADS_META_APP_ID", "the twin's", "Id of our application at Meta"),
    Variable("JOBADS_META_APP_SECRET", "the twin's", "Secret of our application at Meta"),
    Variable("JOBADS_X_CONSUMER_KEY", "the twin's", "Consumer key of our application at X"),
    Variable("JOBADS_X_CONSUMER_SECRET", "the twin's", "Consumer secret of our application at X"),
    Variable("JOBADS_GOOGLE_CLIENT_ID", "the twin's", "OAuth client id at Google"),
    Variable("JOBADS_GOOGLE_CLIENT_SECRET", "the twin's", "OAuth client secret at Google"),
    Variable("JOBADS_GOOGLE_DEVELOPER_TOKEN", "", "Developer token, passed on if set; not needed"),
    Variable(
        "JOBADS_GOOGLE_LOGIN_CUSTOMER_ID", "", "Manager account through which an account is reached"
    ),
    Variable(
        "JOBADS_META_URL",
        "twin or network",
        "Address of Meta's API, on this machine in the sandbox alone",
    ),
    Variable(
        "JOBADS_X_URL",
        "twin or network",
        "Address of X's API, on this machine in the sandbox alone",
    ),
    Variable(
        "JOBADS_GOOGLE_ADDR",
        "twin or network",
        "host:port of Google's API (gRPC), on this machine in the sandbox alone",
    ),
    Variable(
        "JOBADS_GOOGLE_OAUTH_URL",
        "twin or network",
        "Address of the login of Google's twin; sandbox only",
    ),
    Variable("JOBADS_CORPUS_DIR", "", "Folder of the corpus that benchmarks and some tests read"),
    Variable("JOBADS_TRACEBACK", "", "Any value: errors of commands come with their traceback"),
    Variable(
        "JOBADS_DAGSTER_KEY",
        "",
        "Set by `jobads up` for one process: the secret of Dagster's pages of this start",
    ),
    Variable(
        "JOBADS_DAGSTER_GUARDED",
        "",
        "Set by `jobads up`: Dagster's pages are guarded, so it warns of nothing",
    ),
    Variable(
        "JOBADS_TEST_POSTGRES_URL", "", "PostgreSQL server for tests; without it they are skipped"
    ),
    Variable("JOBADS_TESTS_MAY_NOT_SKIP", "", "Any value: a skipped test fails the run of tests"),
)
