"""A hand-made folder of records in which whatever can be odd is odd, cell by cell."""

from __future__ import annotations

import csv
import io
from pathlib import Path

__all__ = ["NASTY", "write_nasty"]

# Ids with zeros, quotes, formulas and letters of several scripts; numbers, dates and flags in every spelling and in
# none; two tests on one day whose names a language and a computer sort differently; rows twice; unknown schools.
NASTY = {
    "schools": """
school_id,school_name,district_id,district_name,level
001,"One, «the» first",D1,District,elementary
=1+1,Formula,D1,District,MIDDLE
é 'x',Quote,d1,district, high
9,Nine,,No district,other
""",
    "students": """
student_id,school_year,race_ethnicity,gender,english_learner,disability,disadvantaged,homeless,el_since,reclassified_on
0007,2026,Black or African American,F,Y,N,true,,2019-08-01,2026-06-30
7,2026,ÉTUDIANT(E) Inuit / Métis,five,1,0,FALSE,yes,2020/7/1,
a,2026,日本 — 2,Non-Binary,t,f,no,perhaps,2021-02-29,2026-1-5 10:00
B,2026,,  , TRUE ,False,0,1,not a date,
c-1,2026.0,white,F,0,0,0,0,,2025-07-01
d,1e3,White,M,0,0,0,0,,
e,20262026,White,M,0,0,0,0,,
f,2026,Two or  more,M,2,0,0,0,0026-01-05,31.12.2025
0007,2026,Black or African American,M,Y,N,true,,2019-08-01,2026-06-30
nowhere,2026,White,M,0,0,0,0,,
""",
    "enrollments": """
student_id,school_id,school_year,grade,entry_date,exit_date
0007,001,2026,08,2025-08-20,
7,001,2026,TK,2025-08-20,2025-12-31
7,=1+1,2026,tk,2026-01-01,
a,é 'x',2026,8,2025-08-20,2025-10-01
a,001,2026,9,2025-10-01,
B,001,2026, 008 ,2025-08-20,2025-09-30
B,001,2026,8,2025-09-15,
c-1,001,2026,13,,
f,001,2026,8,2026-05-01,2026-04-01
g,unknown,2026,8,2025-08-20,
h,9,2026,K,2024-08-20,
""",
    "calendar": """
school_id,date,instructional
001,2025-09-01,1
001,2025-09-02,1
001,2025-09-03,0
=1+1,2026-02-02,Y
""",
    "attendance": """
student_id,school_id,date,status,absent_portion
0007,001,2025-09-01,absent,0.1
0007,001,2025-09-02,Absent,.1
0007,001,2025-09-03,absent,1
7,001,2025-09-01,present,
7,001,2025-09-02,tardy,1e-1
7,=1+1,2026-02-02,absent,
B,001,2025-09-01,present,0.30000000000000004
B,001,2025-09-02,late,
B,001,2026-07-01,absent,
a,é 'x',2025-09-01,present,abc
a,é 'x',2025-09-02,absent,+1.
stranger,001,2025-09-01,absent,
,001,2025-09-01,absent,
0007,001,,absent,
""",
    "attendance_totals": """
student_id,school_id,school_year,days_enrolled,days_absent
h,9,2026,180,18.0
h,9,2026,180,
c-1,001,2026,180,190
f,9,2026,0,0
""",
    "discipline": """
student_id,school_id,school_year,action_date,action,days
0007,001,2026,2025-09-01,suspension_out,1
0007,001,2026,2025-09-02,Suspension_In,1
7,é 'x',2026,2026-02-02,expulsion,
a,é 'x',2026,2025-09-02,warned,two
""",
    "marks": """
student_id,school_id,school_year,term,subject,mark,credits,final
0007,001,2026,T1,ela,A−,0.33333,
0007,001,2026,T2,math, b+ ,1,true
a,001,2026,T1,ela,P,1,1
a,001,2026,T1,Math,C,1,0
B,001,2026,T1,math,d+,5,Y
f,001,2026,T1,science,A+,9999999,
""",
    "assessments": """
student_id,school_id,school_year,test,subject,grade,scale_score,achievement_level,date
0007,001,2026,a,ela,8,2500,4,2026-05-01
0007,001,2026,B,ela,8,2400,1,2026-05-01
7,=1+1,2026,x,ELA,8,2400,3.0,2026-05-01
a,001,2026,x,math,8,2400,6,
B,001,2026,x,math,8,2400,3,
""",
    "cohorts": """
student_id,school_id,cohort_year,outcome,years
z,001,2026,graduated,4
z,=1+1,2026,transferred_out,4
0007,001,2026,still_enrolled,4
7,001,2026,GRADUATED,5
""",
    "survey": """
school_id,school_year,respondent,construct,item,response,student_id
001,2026,student,sel_growth_mindset,q,5,0007
001,2026,student,growth_mindset,q,2,7
001,2026,Family,climate_safety,q,4,a
001,2026,staff,safety,q,4,
001,2026,staff,happiness,q,4,
001,2026,student,sel_self_management,q,9,0007
""",
}


def write_nasty(folder: Path) -> Path:
    """Write the tables as CSV, every value quoted."""
    folder.mkdir(parents=True)
    for name, text in NASTY.items():
        out = io.StringIO()
        csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(csv.reader(text.strip().splitlines()))
        (folder / f"{name}.csv").write_text(out.getvalue(), encoding="utf-8")
    return folder
