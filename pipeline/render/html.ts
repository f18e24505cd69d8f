import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Graph } from '../../analyzer/mod.ts';
import { detailsOf } from './details.ts';
import { drawingStyles, drawStage, legendOf, markers } from './drawing.ts';
import { layOut } from './layout.ts';
import { fontFamily, variables } from './theme.ts';
import { kindNames, sentenceOf, summaryOf, viewOf } from './view.ts';
import { element, escapeXml } from './xml.ts';

/**
 * The Graph as one HTML file that needs nothing else: the picture to pan, zoom and search, with the details of each node.
 * Its policy lets nothing run and nothing load but what is in it. Ends with a newline; the same Graph gives the same bytes.
 */
export async function renderHtml(graph: Graph): Promise<string> {
  const view = viewOf(graph);
  const layout = await layOut(view);
  const legend = legendOf(view);
  const [script, style] = [asset('page.js'), `${schemes}\n${drawingStyles}\n${asset('page.css')}`];
  const data = {
    nodes: view.nodes.map(({ id, kind, name, note, within }) => ({ id, kind: kindNames[kind], name, note, within })),
    edges: view.edges.map((edge) => ({ from: edge.from, to: edge.to, text: sentenceOf(edge) })),
    details: detailsOf(graph),
    width: layout.width,
    height: layout.height,
  };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(view.application)}</title>
<style>${style}</style>
</head>
<body>
<header>
<div class="name"><h1>${escapeXml(view.application)}</h1><p>${escapeXml(summaryOf(view))}</p></div>
<div class="search"><input id="search" type="search" placeholder="Search names and paths ( / )" aria-label="Search" autocomplete="off" spellcheck="false"><ul id="results" hidden></ul></div>
<div class="tools"><button id="out" title="Zoom out" aria-label="Zoom out">−</button><button id="fit" title="Show all">Fit</button><button id="in" title="Zoom in" aria-label="Zoom in">+</button><button id="theme" title="Light or dark">◐</button></div>
</header>
<main>
${element(
  'svg',
  { id: 'picture', class: 'fairlead', role: 'img', 'aria-label': `The infrastructure of ${view.application}` },
  element('defs', {}, ...markers(view)),
  element('g', { id: 'stage' }, drawStage(layout)),
)}
<aside id="details" hidden></aside>
</main>
<footer>${element('svg', { class: 'fairlead', width: Math.ceil(legend.width), height: 18 }, ...legend.parts)}</footer>
<script type="application/json" id="data">${json(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

const schemes = [
  `:root{${variables('light')};color-scheme:light;--font:${fontFamily}}`,
  `@media (prefers-color-scheme:dark){:root{${variables('dark')};color-scheme:dark}}`,
  `:root[data-theme=light]{${variables('light')};color-scheme:light}`,
  `:root[data-theme=dark]{${variables('dark')};color-scheme:dark}`,
].join('\n');

function asset(name: string): string {
  return readFileSync(new URL(`page/${name}`, import.meta.url), 'utf8');
}

/** Only the very style and script of the page; whatever a name smuggled in would not run. */
function policy(script: string, style: string): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`;
}

/** JSON in which nothing ends the script element. */
function json(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
