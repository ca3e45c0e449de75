"""Build data/sample from federal vacancy titles and O*NET tasks: `--corpus DIR` has the sources.

python tools/build_sample.py --corpus DIR

Every vacancy is real: title, agency, place, grade, appointment and opening date as listed on
USAJOBS 2013-2016 (public domain). The listings carry no text, so a description is composed of that
metadata and of task statements of the matching O*NET occupation (CC BY 4.0), chosen anew for each
vacancy. Budget, address and schedule are invented; no ad ends, so that the demo does not. Résumés
are synthetic altogether: tasks of an occupation under an invented person's name.
"""

import argparse
import hashlib
import json
import random
import re
from pathlib import Path

import polars as pl

OUT = Path(__file__).resolve().parents[1] / "data" / "sample"
PER_OCCUPATION, RESUMES_PER_OCCUPATION = 26, 14
# occupation: (O*NET-SOC, what its titles hold, what they may not)
OCCUPATIONS = {
    "nurse": ("29-1141.00", r"\bnurse\b", r"practitioner|licensed practical|assistant|anesthe"),
    "physician": ("29-1216.00", r"\bphysician\b", r"assistant|therap"),
    "pharmacist": ("29-1051.00", r"pharmac", r"technician|aid"),
    "psychologist": ("19-3033.00", r"psycholog", r"technician|aid"),
    "social worker": ("21-1023.00", r"social worker", r"assistant"),
    "medical support": ("43-6013.00", r"medical support assistant|medical (?:records|clerk)", r""),
    "IT specialist": ("15-1232.00", r"\bit special|information technology|\bitspec|computer", r""),
    "accountant": ("13-2011.00", r"account(?:ant|ing)|auditor", r""),
    "attorney": ("23-1011.00", r"attorney|general counsel", r"assistant to"),
    "engineer": ("17-2051.00", r"civil engineer|general engineer|engineer \(", r"technician"),
    "human resources": ("13-1071.00", r"human resources", r"assistant"),
    "contract specialist": ("13-1023.00", r"contract(?:ing)? (?:special|officer)|procurement", r""),
    "police officer": ("33-3051.00", r"police|security guard|correctional officer", r"dispatch"),
    "firefighter": ("33-2011.00", r"fire ?fighter|fire protection|fire engine", r""),
    "cook": ("35-2012.00", r"\bcook\b|food service", r""),
    "custodian": ("37-2011.00", r"custodia|housekeeping|janitor|laborer", r""),
    "mechanic": ("49-3011.00", r"mechanic\b|\bmechanic", r"engineer"),
    "teacher": ("25-2021.00", r"teacher|education (?:technician|special|aid)|child", r""),
    "park ranger": ("19-1031.03", r"park ranger|recreation|forestry|biolog", r""),
    "program analyst": ("13-1111.00", r"(?:program|management|budget) analyst", r""),
}
INTROS = (
    "{agency} is looking for a {title} in {place}.",
    "Join {agency} as a {title}. The duty station is {place}.",
    "{title} wanted at {agency}, {place}.",
    "{place}: {agency} offers a position as {title}.",
)
DUTIES = ("What you will do:", "Your duties:", "In this position you:", "The work:")
FIRST = ("Avery", "Devon", "Emery", "Harper", "Jules", "Kendall", "Noor", "Robin", "Sasha", "Wren")
LAST = ("Ashdown", "Brightwater", "Calloway", "Dunmore", "Everhart", "Fairbanks", "Greenhill")


def vacancies(corpus: Path) -> pl.DataFrame:
    frame = pl.read_parquet(corpus / "job_titles_labelled.parquet").filter(
        pl.col("source") == "usajobs_us_2013_16",
        pl.col("location").is_not_null(),
        pl.col("title").str.len_chars() <= 100,
    )
    return frame.sort("job_key").unique("job_key", keep="first", maintain_order=True)


def occupation_of(title: str) -> str | None:
    for name, (_, has, hasnt) in OCCUPATIONS.items():
        if re.search(has, title, re.IGNORECASE) and not (
            hasnt and re.search(hasnt, title, re.IGNORECASE)
        ):
            return name
    return None


def place_of(location: str) -> str:
    """First duty station without its country: "Grants Pass, Oregon"."""
    return location.split(";")[0].strip().removesuffix(", United States")


def ad(row: dict, occupation: str, tasks: list[str], chance: random.Random) -> dict:
    place, title = place_of(row["location"]), " ".join(row["title"].split())
    chosen = chance.sample(tasks, k=min(len(tasks), chance.randint(6, 9)))
    intro = chance.choice(INTROS).format(
        agency=row["company"] or "A federal agency", title=title, place=place
    )
    terms = [row["employment_type"], f"Grade {row['seniority']}" if row["seniority"] else None]
    long = "\n".join([intro, chance.choice(DUTIES), *(f"- {t}" for t in chosen)])
    facts = ". ".join(t for t in terms if t)
    return {
        "job_key": row["job_key"],
        "occupation": occupation,
        "title": title,
        "description_short": intro[:280],
        "description_long": f"{long}\n{facts}." if facts else long,
        "target_url": f"https://jobs.magneto.example/{row['job_key']}",
        "platforms": "meta,x,google",
        "budget_daily": f"{chance.choice((15, 20, 25, 30))}.00",
        "currency": "USD",
        "schedule_start": "2026-11-01T08:00:00-05:00",
        "schedule_end": None,
        "location": place,
    }


def resume(number: int, occupation: str, tasks: list[str], chance: random.Random) -> dict:
    name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
    handle = name.lower().replace(" ", ".")
    done = chance.sample(tasks, k=min(len(tasks), 7))
    text = (
        f"{name}\n{handle}@example.org | (202) 555-01{number % 100:02d}\n"
        f"SYNTHETIC RESUME\nExperience as {occupation}\n" + "\n".join(f"- {t}" for t in done)
    )
    return {
        "resume_key": f"synthetic-{number:04d}",
        "occupation": occupation,
        "synthetic": True,
        "text": text,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=Path, required=True)
    corpus = parser.parse_args().corpus
    tasks = {
        code: group["task"].to_list()
        for (code,), group in pl.read_parquet(corpus / "onet_task_statements.parquet")
        .sort("onet_soc_code", "task_id", maintain_order=True)
        .group_by("onet_soc_code", maintain_order=True)
    }
    ads, taken = [], dict.fromkeys(OCCUPATIONS, 0)
    for row in vacancies(corpus).iter_rows(named=True):
        occupation = occupation_of(row["title"])
        if occupation is None or taken[occupation] == PER_OCCUPATION:
            continue
        seed = int(hashlib.sha256(row["job_key"].encode()).hexdigest()[:12], 16)
        chance = random.Random(seed)
        ads.append(ad(row, occupation, tasks[OCCUPATIONS[occupation][0]], chance))
        taken[occupation] += 1
    OUT.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(ads).write_csv(OUT / "job_ads.csv")
    chance, people = random.Random(7), []
    for occupation, (code, *_) in OCCUPATIONS.items():
        if taken[occupation] >= 12:
            people += [
                resume(len(people) + i, occupation, tasks[code], chance)
                for i in range(RESUMES_PER_OCCUPATION)
            ]
    (OUT / "resumes.jsonl").write_text(
        "".join(json.dumps(p, ensure_ascii=False) + "\n" for p in people)
    )
    print({k: v for k, v in taken.items()}, len(ads), len(people))


if __name__ == "__main__":
    main()
