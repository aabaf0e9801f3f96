"""How long the measures take on a hundred million daily rows, beside the bare query and pandas.

    python tests/bench/bench_measures.py [--rows 100] [--pandas]

Makes the records once (tests/bench/data, a few minutes the first time), then runs each way in a process of its own:
the bare DuckDB query that counts days and absences per pupil, ``kit measures``, and with --pandas the same in pandas.
Prints seconds, processor seconds and peak memory of each, and the ratio of the kit's time to the bare query's.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
DAYS = 180
PUPILS_PER_SCHOOL = 556

BARE = """
import duckdb
con = duckdb.connect()
con.execute("SET threads = 2")
con.execute('''
    SELECT student_id, count(*) AS days, sum(CASE WHEN status = 'absent' THEN 1 ELSE 0 END) AS absent
    FROM read_parquet('{data}/attendance.parquet') GROUP BY student_id
''').to_arrow_table()
"""
KIT = """
from kit.cli import main
main(["measures", "{data}", "--out", "{data}/../results.parquet"])
"""
PANDAS = """
import pandas as pd
rows = pd.read_parquet("{data}/attendance.parquet", columns=["student_id", "status"])
rows["absent"] = rows["status"] == "absent"
rows.groupby("student_id").agg(days=("absent", "size"), absent=("absent", "sum"))
"""
TIMED = """
import json, resource, time
start = time.perf_counter()
{code}
used = resource.getrusage(resource.RUSAGE_SELF)
took = dict(seconds=time.perf_counter() - start, processor=used.ru_utime + used.ru_stime, mib=used.ru_maxrss / 1024)
print("TOOK " + json.dumps(took))
"""


def write_records(folder: Path, million_rows: float) -> None:
    """Write a folder of records with about so many million daily rows, in the order of the days."""
    import duckdb

    schools = max(1, round(million_rows * 1e6 / (DAYS * PUPILS_PER_SCHOOL)))
    pupils = schools * PUPILS_PER_SCHOOL
    folder.mkdir(parents=True)
    con = duckdb.connect()
    con.execute("SET threads = 2; SET memory_limit = '4GB'; SET preserve_insertion_order = false")
    con.execute(f"""
        CREATE TABLE days AS SELECT row_number() OVER (ORDER BY d) - 1 AS i, d FROM (
            SELECT unnest(generate_series(DATE '2025-08-18', DATE '2026-06-30', INTERVAL 1 DAY))::DATE AS d
        ) WHERE dayofweek(d) BETWEEN 1 AND 5 LIMIT {DAYS}
    """)
    pupil = "lpad(CAST(p.range AS VARCHAR), 8, '0')"
    school = f"'S' || lpad(CAST(p.range // {PUPILS_PER_SCHOOL} AS VARCHAR), 4, '0')"
    tables = {
        "schools": f"""SELECT 'S' || lpad(CAST(s.range AS VARCHAR), 4, '0') AS school_id,
            'School ' || s.range AS school_name, 'D' || (s.range // 20) AS district_id,
            'District ' || (s.range // 20) AS district_name,
            ['elementary', 'middle', 'high'][1 + s.range % 3] AS level FROM range({schools}) s""",
        "students": f"""SELECT {pupil} AS student_id, 2026 AS school_year,
            ['White', 'Black', 'Hispanic', 'Asian'][1 + p.range % 4] AS race_ethnicity,
            ['F', 'M'][1 + p.range % 2] AS gender,
            p.range % 5 = 0 AS english_learner, p.range % 9 = 0 AS disability, p.range % 3 = 0 AS disadvantaged
            FROM range({pupils}) p""",
        "enrollments": f"""SELECT {pupil} AS student_id, {school} AS school_id, 2026 AS school_year,
            CAST(1 + p.range % 12 AS VARCHAR) AS grade, DATE '2025-08-18' AS entry_date, NULL::DATE AS exit_date
            FROM range({pupils}) p""",
        "calendar": f"""SELECT 'S' || lpad(CAST(s.range AS VARCHAR), 4, '0') AS school_id, d AS date,
            true AS instructional
            FROM range({schools}) s, days""",
        "attendance": f"""SELECT {pupil} AS student_id, {school} AS school_id, d AS date,
            CASE WHEN hash(p.range * 1000 + i) % 1000 < 20 + (hash(p.range) % 100) THEN 'absent'
                 WHEN hash(p.range * 1000 + i) % 1000 > 970 THEN 'tardy' ELSE 'present' END AS status
            FROM days, range({pupils}) p ORDER BY i, p.range""",
    }
    for name, query in tables.items():
        con.execute(f"COPY ({query}) TO '{folder}/{name}.parquet' (COMPRESSION zstd)")


def timed(code: str) -> dict[str, float]:
    """Run code in a process of its own and return seconds, processor seconds and peak MiB."""
    out = subprocess.run([sys.executable, "-c", TIMED.format(code=code)], capture_output=True, text=True, check=True)
    return json.loads(out.stdout.split("TOOK ", 1)[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=float, default=100, help="million daily rows (default 100)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pandas", action="store_true", help="also in pandas (needs several GiB)")
    args = parser.parse_args()
    data = HERE / "data" / f"daily-{args.rows:g}-million"
    if not (data / "attendance.parquet").exists():
        print(f"Writing {args.rows:g} million daily rows to {data} …", flush=True)
        write_records(data, args.rows)
    ways = {"bare query": BARE, "kit measures": KIT}
    if args.pandas:
        ways["pandas"] = PANDAS
    best: dict[str, float] = {}
    for number in range(args.rounds):
        for way, code in ways.items():
            took = timed(code.format(data=data))
            best[way] = min(best.get(way, float("inf")), took["seconds"])
            print(
                f"round {number + 1}  {way:<13} {took['seconds']:6.1f} s   processor {took['processor']:6.1f} s"
                f"   peak {took['mib']:6.0f} MiB",
                flush=True,
            )
    print(
        f"ratio measures {best['kit measures'] / best['bare query']:.2f} times the bare query (best of {args.rounds})"
    )
    if args.pandas:
        print(f"ratio pandas {best['pandas'] / best['bare query']:.2f} times the bare query")


if __name__ == "__main__":
    main()
