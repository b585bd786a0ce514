"""On paper: report in Word and PDF from one source, the office's tables in Excel.

The running texts are files beside the code, in ``templates/``.
"""

from planner.report.build import make_report, tables_xlsx

__all__ = ["make_report", "tables_xlsx"]
