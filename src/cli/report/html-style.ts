import { colourOnDark } from '../../reports/chart-option.ts'
import { statechartStyle } from '../../statecharts/statechart-svg.ts'

/** How an HTML report looks: on a screen of any width, light or dark, and on paper. */
export function pageStyle(): string {
  return `${everywhere}
${statechartStyle}
@media screen and (prefers-color-scheme: dark) {
:root { --ink: #e6edf3; --quiet: #9aa7b4; --line: #2a3139; --paper: #15191e; --raised: #1c2229; --accent: #4ba3e3 }
${chartsOnDark()}
}`
}

/** Charts name their colours in attributes, which any rule goes before. */
function chartsOnDark(): string {
  return Object.entries(colourOnDark)
    .flatMap(([light, dark]) => ['fill', 'stroke'].map(name => `svg [${name}="${light}"] { ${name}: ${dark} }`))
    .join('\n')
}

const everywhere = `:root { --ink: #1f2328; --quiet: #59636e; --line: #e0e5ea; --paper: #ffffff; --raised: #f6f8fa; --accent: #0072b2; --chart-paper: var(--paper) }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; overflow-wrap: anywhere; -webkit-text-size-adjust: 100% }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 1rem; padding-bottom: .8rem; border-bottom: 3px solid var(--accent) }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line) }
p, ul { max-width: 46rem; margin: .75rem 0 }
ul { padding-left: 1.25rem }
li { margin: .3rem 0 }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .9rem 1.5rem; margin: 1rem 0 }
dt { color: var(--quiet); font-size: .8rem }
dd { margin: 0 }
.table { overflow-x: auto; margin: 1rem 0 }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; overflow-wrap: normal }
th, td { text-align: left; padding: .3rem 1.25rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
thead th { color: var(--quiet); font-size: .85rem; font-weight: 600 }
tbody th { font-weight: 400 }
td code { display: block; min-width: 16rem; font: .75rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere }
details { margin: 1rem 0 }
summary { cursor: pointer; color: var(--accent) }
pre { background: var(--raised); padding: 1rem; border-radius: 6px; overflow-x: auto; font: .8rem/1.5 ui-monospace, monospace }
figure { margin: 1.75rem 0; break-inside: avoid }
figcaption { font-weight: 600; margin-bottom: .25rem }
svg, img { display: block; width: 100%; height: auto }
img { max-width: 46rem }
.drawing { width: min(100vw - 2.5rem, 92rem); margin-left: 50%; transform: translateX(-50%) }
.drawing div { overflow-x: auto }
.drawing svg { min-width: 72rem }
svg text { font-family: 'DejaVu Sans', Verdana, sans-serif !important }
.narrow { display: none }
@media screen and (max-width: 640px) {
main { padding-top: 1.25rem }
.wide { display: none }
.narrow { display: block }
dl { grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)) }
}
@media print {
main { max-width: none; padding: 0 }
.drawing { width: auto; margin-left: 0; transform: none }
.drawing svg { min-width: 0 }
h2 { break-after: avoid }
tr { break-inside: avoid }
}`
