"""Files that people bring: job ads, résumés, any table of texts. A bad row never costs a good one.

`table.read_table` reads rows of text; `job_ads` and `resumes` make records of them.
"""
