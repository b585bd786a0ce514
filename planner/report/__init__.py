"""On paper: report in Word and PDF from one source, the office's tables in Excel.

The running texts are files beside the code, in ``templates/``.
"""

from planner.report.build import write_report, write_tables

__all__ = ["write_report", "write_tables"]
