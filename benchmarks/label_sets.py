"""Sets of labels that no head was trained on, and the texts that wear them.

`codes` say which O*NET-SOC occupations a label means, by what the codes begin with; of two labels
the longer beginning has an occupation. They were written from the names of the labels.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from assets.segmentation.text.normalization import content_hash
from benchmarks.texts import ads, balanced, texts_of


@dataclass(frozen=True, slots=True)
class Class:
    """A label: how its source writes it, how a person would, and what it means."""

    key: str
    name: str
    description: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts (n,) with the key of each one's class."""

    texts: tuple[str, ...]
    keys: tuple[str, ...]


def _class(key: str, name: str, description: str, codes: str) -> Class:
    return Class(key, name, description, tuple(codes.split()))


IT = _class(
    "IT Jobs",
    "IT",
    "software, computer systems, networks, databases, IT support",
    "15-1 15-205 11-302 17-206",
)
FINANCE = _class(
    "Accounting & Finance Jobs",
    "Accounting & Finance",
    "accountants, bookkeepers, audit, payroll, tax, credit, investment, banking",
    "13-2 43-3 11-303 41-303 43-404 43-413",
)
HEALTH = _class(
    "Healthcare & Nursing Jobs",
    "Healthcare & Nursing",
    "nurses, doctors, therapists, care assistants in hospitals and care homes",
    "29 31 11-911 19-303",
)
SERVICE = _class(
    "Customer Services Jobs",
    "Customer Services",
    "call centre and customer service advisers who answer enquiries and complaints",
    "43-4 43-2",
)
SALES = _class(
    "Sales Jobs", "Sales", "selling products, sales executives, account managers", "41 11-202"
)
STAFF = _class(
    "HR & Recruitment Jobs",
    "HR & Recruitment",
    "human resources, recruitment consultants, training, employee relations",
    "13-107 13-114 13-115 11-311 11-312 11-313 43-416",
)
CATERING = _class(
    "Hospitality & Catering Jobs",
    "Hospitality & Catering",
    "chefs, cooks, waiters, bar staff, restaurant and hotel managers",
    "35 11-905 11-908 43-408 39-601",
)
# What British ads call an engineer repairs machines, too.
ENGINEERING = _class(
    "Engineering Jobs",
    "Engineering",
    "mechanical, electrical, civil engineers, technicians, maintenance",
    "17-2 17-3 11-904 49 51-4",
)
ADZUNA = (IT, FINANCE, HEALTH, SERVICE, SALES, STAFF, CATERING, ENGINEERING)

RESUMES = (
    _class("HR", "HR", STAFF.description, " ".join(STAFF.codes)),
    _class("INFORMATION-TECHNOLOGY", "Information Technology", IT.description, " ".join(IT.codes)),
    _class("TEACHER", "Teacher", "teachers of schools and colleges", "25"),
    _class("ADVOCATE", "Advocate", "lawyers, legal advocates and case workers", "23 21-109"),
    _class("HEALTHCARE", "Healthcare", HEALTH.description, " ".join(HEALTH.codes)),
    _class("FITNESS", "Fitness", "fitness trainers, coaches, gyms", "39-903 27-202 29-909 29-112"),
    _class("AGRICULTURE", "Agriculture", "farms, crops, animals, soil", "45 19-101 11-901 19-103"),
    _class("SALES", "Sales", SALES.description, " ".join(SALES.codes)),
    _class("CHEF", "Chef", "chefs and cooks in kitchens", "35 11-905"),
    _class("ENGINEERING", "Engineering", ENGINEERING.description, "17-2 17-3 11-904"),
    _class("ACCOUNTANT", "Accountant", "accountants, bookkeepers, audit", "13-201 43-303 13-208"),
    _class("CONSTRUCTION", "Construction", "building sites and trades", "47 11-902"),
    _class("PUBLIC-RELATIONS", "Public Relations", "press and public relations", "27-303 11-203"),
    _class(
        "BANKING",
        "Banking",
        "bank tellers, branch managers, loans",
        "13-207 43-307 43-413 43-404 13-204 13-205",
    ),
    _class("DESIGNER", "Designer", "graphic, fashion, interior designers", "27-1"),
    _class("AVIATION", "Aviation", "pilots, aircraft mechanics, airports", "53-2 49-301 53-1"),
)

EMSCAD = (
    _class("Customer Service", "Customer Service", SERVICE.description, " ".join(SERVICE.codes)),
    _class("Engineering", "Engineering", ENGINEERING.description, " ".join(ENGINEERING.codes)),
    _class("Sales", "Sales", SALES.description, " ".join(SALES.codes)),
    _class("Information Technology", "Information Technology", IT.description, " ".join(IT.codes)),
    _class(
        "Accounting/Auditing", "Accounting/Auditing", FINANCE.description, " ".join(FINANCE.codes)
    ),
    _class(
        "Administrative",
        "Administrative",
        "secretaries, clerks, office assistants",
        "43-6 43-9 43-1 43-5",
    ),
)


def adzuna(corpus: Path) -> Labelled:
    """At most 100 British ads of each of the categories that have 50."""
    frame = balanced(ads(corpus), "adzuna_gb", "category")
    return Labelled(tuple(texts_of(frame)), tuple(frame["category"]))


def emscad(corpus: Path) -> Labelled:
    """Ads of EMSCAD by function; many are fraudulent, and say what an honest one would."""
    some = ads(corpus).filter(
        pl.col("source") == "emscad", pl.col("category").is_in([c.key for c in EMSCAD])
    )
    return Labelled(tuple(texts_of(some)), tuple(some["category"]))


def resumes(corpus: Path, most: int = 30) -> Labelled:
    """At most `most` masked résumés of each category that names an occupation."""
    frame = pl.read_parquet(corpus / "resumes.parquet").filter(
        pl.col("source") == "resume_pdf_24", pl.col("category").is_in([c.key for c in RESUMES])
    )
    frame = frame.unique("text_group", maintain_order=True).sort("resume_key")
    some = frame.filter(pl.int_range(pl.len()).over("category") < most)
    return Labelled(tuple(some["text"]), tuple(some["category"]))


# Federal occupational series (Office of Personnel Management) that are plainly one of the eight.
SERIES = {
    "2210": IT,
    "1550": IT,
    "0334": IT,
    "0510": FINANCE,
    "0511": FINANCE,
    "0512": FINANCE,
    "0525": FINANCE,
    "0501": FINANCE,
    "0503": FINANCE,
    "0544": FINANCE,
    "0560": FINANCE,
    "0570": FINANCE,
    "0602": HEALTH,
    "0610": HEALTH,
    "0620": HEALTH,
    "0621": HEALTH,
    "0601": HEALTH,
    "0647": HEALTH,
    "0660": HEALTH,
    "0633": HEALTH,
    "0631": HEALTH,
    "0962": SERVICE,
    "1144": SALES,
    "2091": SALES,
    "0201": STAFF,
    "0203": STAFF,
    "0260": STAFF,
    "7404": CATERING,
    "7408": CATERING,
    "1667": CATERING,
    "0801": ENGINEERING,
    "0810": ENGINEERING,
    "0830": ENGINEERING,
    "0850": ENGINEERING,
    "0855": ENGINEERING,
    "0802": ENGINEERING,
    "0819": ENGINEERING,
    "0861": ENGINEERING,
}


def federal(corpus: Path, file: str, column: str, most: int = 100) -> Labelled:
    """Federal titles or duty statements of one of the eight; public domain, for tuning."""
    frame = pl.read_parquet(corpus / f"{file}.parquet").filter(
        pl.col("source").is_in(["usajobs_us", "usajobs_tasks"])
    )
    found: dict[str, list[str]] = {c.key: [] for c in ADZUNA}
    rows = frame.select("category", column).unique(column).drop_nulls()
    for category, text in sorted(rows.rows(), key=lambda r: content_hash(r[1])):
        known = SERIES.get(category[:4])
        if known is not None and len(found[known.key]) < most:
            found[known.key].append(text)
    pairs = [(t, key) for key, texts in found.items() if len(texts) > 3 for t in texts]
    return Labelled(tuple(t for t, _ in pairs), tuple(k for _, k in pairs))
