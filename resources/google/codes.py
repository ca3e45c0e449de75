"""What single codes and words of Google and gRPC mean for the next step (platforms.md, 3.3)."""

FAILURE_KEY = "google.ads.googleads.v26.errors.googleadsfailure-bin"
# Only what a name of ours can meet again: the object is there, a look will find it.
DUPLICATE = frozenset({"DUPLICATE_CAMPAIGN_NAME", "DUPLICATE_ADGROUP_NAME"})
# Authentication errors that no new login would mend: the request names a wrong account.
WRONG_ACCOUNT = frozenset({"CLIENT_CUSTOMER_ID_INVALID", "CUSTOMER_NOT_FOUND"})
# Seconds to wait when the details name none: quotas of a day are asked for again after an hour.
WAITS = {
    "RESOURCE_EXHAUSTED": 3600.0,
    "RESOURCE_TEMPORARILY_EXHAUSTED": 60.0,
    "EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION": 60.0,
    "EXCESSIVE_LONG_TERM_QUERY_RESOURCE_CONSUMPTION": 3600.0,
    "PAYMENTS_PROFILE_ACTIVATION_RATE_LIMIT_EXCEEDED": 3600.0,
}
RETRY = frozenset({"CONCURRENT_MODIFICATION", "TRANSIENT_ERROR", "RPC_DEADLINE_TOO_SHORT"})
DEFAULT_WAIT_S = 60.0
# Words of gRPC for a call that never left: no connection, or no token to send with it.
UNSENT = ("failed to connect to all addresses", "DNS resolution failed", "Name resolution failure")
PLUGIN = "Getting metadata from plugin failed"
# Nobody answered, or not in time.
SILENT = frozenset({"UNAVAILABLE", "DEADLINE_EXCEEDED"})
LOST = frozenset({"INTERNAL", "UNKNOWN", "CANCELLED", "DATA_LOSS"})
CONNECT = "a person must connect the account again"
# Where the field that Google blames says nothing of the way out.
MENDS = {
    "HEC_AGREEMENT_REQUIRED": "an administrator of the account must accept Google's policy on "
    "housing, employment and credit",
    "USER_PERMISSION_DENIED": "connect as a user of this account, or name the manager through "
    "which it is reached",
    "CUSTOMER_NOT_ENABLED": "see the account in Google Ads",
    "CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION": "apply for production access for the Google "
    "Cloud project of the OAuth client",
    "BUDGET_BELOW_PER_DAY_MINIMUM": "give a larger budget_daily",
}
