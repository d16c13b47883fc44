/** How the page of an audit looks: on paper, on a bright screen and on a dark one. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1d1d1b; --soft: #6b6a66; --line: #deddd8; --paper: #fdfdfb; --good: #17784a; --bad: #b3261e;
  --issued: #2a78d6; --redeemed: #1a9c6d; --expired: #d08a00; --reversed: #8a4fc7; }
@media (prefers-color-scheme: dark) { :root { --ink: #ecebe6; --soft: #a3a29c; --line: #3a3a37; --paper: #1b1b1a; --good: #56c48d; --bad: #ff8a80;
  --issued: #5a9ff0; --redeemed: #3cbf8d; --expired: #e3a92f; --reversed: #b48ae8; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 920px; padding: 24px 20px 64px; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 24px; margin: 0; } h2 { font-size: 18px; margin: 36px 0 8px; } h3 { font-size: 16px; margin: 24px 0 4px; }
header { border-left: 6px solid; padding-left: 14px; } header p { margin: 2px 0 0; color: var(--soft); }
header.holds { border-color: var(--good); } header.faulty { border-color: var(--bad); } .faults b { color: var(--bad); }
table { border-collapse: collapse; font-size: 14px; } th, td { padding: 3px 14px 3px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; } td.n { text-align: right; font-variant-numeric: tabular-nums; } #facts { margin-top: 20px; }
pre, code { font: 13px/1.5 ui-monospace, monospace; } pre { overflow-x: auto; border: 1px solid var(--line); padding: 10px 12px; }
svg { display: block; width: 100%; height: auto; } svg text { font: 11px system-ui, sans-serif; fill: var(--soft); }
svg .tick { stroke: var(--line); } svg .zero { stroke: var(--soft); } svg .cover { fill: transparent; } svg g:hover .cover { fill: var(--line); fill-opacity: .5; }
.issued { fill: var(--issued); } .redeemed { fill: var(--redeemed); } .expired { fill: var(--expired); } .reversed { fill: var(--reversed); }
.owed-area { fill: var(--soft); fill-opacity: .15; } .owed-line { fill: none; stroke: var(--ink); stroke-width: 1.5; }
.legend { margin: 6px 0 0; font-size: 13px; color: var(--soft); } .legend span { margin-right: 18px; }
.legend i { display: inline-block; width: 10px; height: 10px; margin-right: 6px; background: var(--ink); }
.legend i.issued { background: var(--issued); } .legend i.redeemed { background: var(--redeemed); } .legend i.expired { background: var(--expired); } .legend i.reversed { background: var(--reversed); }
svg.share { width: 120px; height: 10px; margin-top: 6px; } summary { cursor: pointer; color: var(--soft); font-size: 13px; }
@media print { body { max-width: none; } details { display: block; } }
`
