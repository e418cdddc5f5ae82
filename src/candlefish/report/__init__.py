"""What was measured, as text, as JSON and as one page of HTML. Pure: nothing here reads, writes or waits."""

from candlefish.report.data import as_object, load_json, render_json
from candlefish.report.html import render_html
from candlefish.report.text import render_text, summary

__all__ = ["as_object", "load_json", "render_html", "render_json", "render_text", "summary"]
