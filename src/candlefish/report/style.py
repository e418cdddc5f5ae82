"""The look of the page: one style sheet, light and dark, legible on paper."""

COLOURS = """
:root {
  --ink: #1c2530; --soft: #56636f; --line: #dde3e9; --page: #f5f6f8; --card: #ffffff; --grid: #e7ebef;
  --before: #c2570c; --after: #0b6bcb; --fast: #0f766e; --flame: #d97706;
  --good: #15803d; --good-bg: #e7f5ec; --bad: #b42318; --bad-bg: #fdecea;
  --part0: #336791; --part1: #7aa6c9; --part2: #c6302b; --part3: #8f9aa5;
  --part4: #b88746; --part5: #6b8e4e; --part6: #7d5ba6; --rest: #c9d1d8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6eaef; --soft: #9aa7b4; --line: #2c3640; --page: #12171c; --card: #1a2128; --grid: #28313a;
    --before: #f59e5b; --after: #62aefc; --fast: #4fd1c0;
    --good: #57cc87; --good-bg: #14301f; --bad: #ff8a7e; --bad-bg: #3a1a17;
    --part0: #5b93c4; --part1: #2f5a80; --rest: #46525d;
  }
}
"""

PAGE = """
* { box-sizing: border-box }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main { max-width: 1180px; margin: 0 auto; padding: 28px 24px 56px }
header { border-bottom: 3px solid var(--flame); padding-bottom: 14px; margin-bottom: 20px }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -.01em }
h2 { font-size: 18px; margin: 0 0 2px }
p { margin: 0 0 8px }
.lead { font-size: 17px }
.soft, .note { color: var(--soft) }
.note { font-size: 13px; font-weight: 400 }
.tiles { display: grid; grid-template-columns: repeat(6, 1fr); gap: 12px; margin: 0 0 20px }
.tile, section { background: var(--card); border: 1px solid var(--line); border-radius: 10px }
.tile { padding: 12px 14px }
.tile .name, .tile .was { color: var(--soft); font-size: 13px; line-height: 1.35 }
.tile .value { font-size: 24px; font-weight: 650; letter-spacing: -.01em; white-space: nowrap }
section { padding: 16px 20px; margin: 0 0 18px; break-inside: avoid; overflow-x: auto }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 18px; margin-bottom: 18px }
.two section { margin: 0 }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: 6px 10px; border-bottom: 1px solid var(--line); vertical-align: top }
thead th { font-size: 13px; font-weight: 600; color: var(--soft); white-space: nowrap }
tbody th { font-weight: 500 }
td.n, th.n { text-align: right }
td.n, th.n, td.t { white-space: nowrap }
tbody tr:last-child > * { border-bottom: 0 }
.small td, .small th { font-size: 13px; padding: 3px 8px }
.badge { display: inline-block; padding: 1px 9px; border-radius: 12px; font-size: 13px; font-weight: 600 }
.met { color: var(--good); background: var(--good-bg) }
.missed { color: var(--bad); background: var(--bad-bg) }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 5px 18px; margin: 6px 0 0 }
dl.facts { font-size: 14px }
dt { color: var(--soft) }
dd { margin: 0 }
@media (max-width: 980px) {
  .two { grid-template-columns: 1fr }
  .tiles { grid-template-columns: repeat(3, 1fr) }
}
@media (max-width: 560px) { .tiles { grid-template-columns: 1fr 1fr } main { padding: 16px 10px } }
"""

DRAWINGS = """
svg { display: block; width: 100%; height: auto; margin-top: 8px; font-family: inherit }
svg text { fill: var(--ink); font-size: 13px }
svg .tick, svg .axis-name { fill: var(--soft); font-size: 12.5px }
svg .label { font-weight: 600 }
svg text.before { fill: var(--before) }
svg text.after { fill: var(--after) }
svg text.fast { fill: var(--fast) }
svg text.quiet { fill: var(--soft) }
svg .grid { stroke: var(--grid) }
svg .axis { stroke: var(--soft) }
svg .boundary { stroke: var(--soft); stroke-dasharray: 2 4 }
svg .line { fill: none; stroke-width: 2.4; stroke-linejoin: round; stroke-linecap: round }
svg .line.before { stroke: var(--before) }
svg .line.after { stroke: var(--after) }
svg .line.fast { stroke: var(--fast) }
svg .before-fill { fill: var(--before) }
svg .after-fill { fill: var(--after) }
svg .span { stroke: var(--line); stroke-width: 3 }
svg .mark { stroke: var(--ink); stroke-width: 2 }
svg .ceiling { stroke: var(--soft); stroke-width: 1.6; stroke-dasharray: 6 4 }
svg .part0 { fill: var(--part0) }
svg .part1 { fill: var(--part1) }
svg .part2 { fill: var(--part2) }
svg .part3 { fill: var(--part3) }
svg .part4 { fill: var(--part4) }
svg .part5 { fill: var(--part5) }
svg .part6 { fill: var(--part6) }
svg .rest { fill: var(--rest) }
"""

PAPER = """
@media print {
  :root {
    --ink: #000; --soft: #444; --line: #ccc; --page: #fff; --card: #fff; --grid: #e4e4e4;
    --before: #c2570c; --after: #0b6bcb; --fast: #0f766e;
    --good: #15803d; --good-bg: #e7f5ec; --bad: #b42318; --bad-bg: #fdecea;
    --part0: #336791; --part1: #7aa6c9; --rest: #c9d1d8;
  }
  @page { margin: 14mm }
  body { font-size: 11px }
  main { max-width: none; padding: 0 }
  .two { grid-template-columns: 1fr 1fr }
  .tiles { grid-template-columns: repeat(6, 1fr) }
  .tile .value { font-size: 16px }
  section { padding: 10px 12px }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
}
"""

STYLE = COLOURS + PAGE + DRAWINGS + PAPER
