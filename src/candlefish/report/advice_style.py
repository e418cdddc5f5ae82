"""What the page of an advice has beyond the common look: SQL, plans, badges."""

ADVICE_STYLE = """
:root { --gone-bg: #fdecea; --new-bg: #e7f5ec; --code: #f5f6f8; --warn: #92560a; --warn-bg: #fdf1dc }
@media (prefers-color-scheme: dark) {
  :root { --gone-bg: #3a1a17; --new-bg: #14301f; --code: #12171c; --warn: #f3b45f; --warn-bg: #3a2a10 }
}
code, pre, svg text.sql { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
code { font-size: 12.5px; overflow-wrap: anywhere }
pre { margin: 8px 0; padding: 9px 12px; font-size: 12.5px; line-height: 1.45 }
pre { background: var(--code); border-radius: 6px }
pre.sql { white-space: pre-wrap; overflow-wrap: anywhere }
pre.plan { padding: 9px 0; white-space: pre-wrap; overflow-wrap: anywhere }
pre.plan span { display: block; padding: 0 8px 0 60px; text-indent: -48px }
pre.plan span.gone { background: var(--gone-bg); box-shadow: inset 3px 0 var(--bad) }
pre.plan span.new { background: var(--new-bg); box-shadow: inset 3px 0 var(--good) }
h2 .badge { vertical-align: 2px; margin-left: 6px }
h4 { margin: 6px 0 0; font-size: 13px; color: var(--soft) }
.plans { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 14px }
.two section { min-width: 0 }
dl.facts dd { min-width: 0; overflow-wrap: anywhere }
details { border-top: 1px solid var(--line); padding: 8px 0; margin-top: 8px }
details + details { margin-top: 0 }
summary { cursor: pointer; display: flex; gap: 4px 14px; flex-wrap: wrap; align-items: baseline }
summary::before { content: "▸"; color: var(--soft) }
details[open] > summary::before { content: "▾" }
summary .gain { font-weight: 650; font-variant-numeric: tabular-nums; white-space: nowrap }
summary .brief { flex: 1 1 100%; color: var(--soft); white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
details[open] > summary .brief { display: none }
.badge.guess, .badge.warning { color: var(--warn); background: var(--warn-bg) }
.badge.critical { color: var(--bad); background: var(--bad-bg) }
.badge.info { color: var(--soft); background: var(--code) }
table.findings td:first-child { width: 1% }
svg text.sql { font-size: 12px }
svg .size { fill: var(--part0) }
svg .freed { fill: var(--part5) }
svg .price { fill: var(--flame) }
@media (max-width: 760px) {
  .plans { grid-template-columns: minmax(0, 1fr) }
  section { padding: 14px 12px }
  dl.facts { grid-template-columns: minmax(0, 1fr); gap: 0 }
  dl.facts dd { margin-bottom: 5px }
  table.stack thead { display: none }
  table.stack td { display: block; border: 0; padding: 2px 0 }
  table.stack tr { display: block; border-bottom: 1px solid var(--line); padding: 6px 0 }
}
@media print { .plans { grid-template-columns: minmax(0, 1fr) } }
"""
