import { cut, fonts } from './card.ts';
import { drawingStyles, drawStage, label, legendOf, markers, round } from './drawing.ts';
import { type Layout, layOut } from './layout.ts';
import { widthOf } from './measure.ts';
import { fontFamily, variables } from './theme.ts';
import { summaryOf, type View } from './view.ts';
import { element, escapeXml } from './xml.ts';

const margin = 24;
const headlineHeight = 58;
const legendHeight = 30;

/** Pixels; what is longer is cut. */
const longestHeadline = 640;

/**
 * The view as an SVG that needs nothing else: its colours follow the reader's colour scheme, and a name that is cut
 * shows in full as a tooltip. The same view gives the same bytes.
 */
export async function renderSvg(view: View): Promise<string> {
  return drawSvg(view, await layOut(view));
}

function drawSvg(view: View, layout: Layout): string {
  const legend = legendOf(view);
  const headline = cut(view.application, longestHeadline, fonts.headline);
  const summary = summaryOf(view);
  const inner = Math.max(
    layout.width,
    legend.width,
    widthOf(headline.shown, fonts.headline),
    widthOf(summary, fonts.note),
  );
  const width = Math.ceil(inner) + 2 * margin;
  const bottom = headlineHeight + layout.height + margin;
  const height = bottom + legendHeight + margin / 2;
  const shift = (x: number, y: number, ...children: string[]) =>
    element('g', { transform: `translate(${round(x)} ${y})` }, ...children);
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'fairlead',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-labelledby': 'fairlead-title fairlead-summary',
    },
    element('title', { id: 'fairlead-title' }, escapeXml(`The infrastructure of ${view.application}`)),
    element('desc', { id: 'fairlead-summary' }, escapeXml(summary)),
    element('style', {}, styles),
    element('defs', {}, ...markers(view)),
    element('rect', { class: 'canvas', width, height, rx: 12 }),
    shift(margin, 0, label('headline', headline, 0, 31), label('note', { shown: summary }, 0, 48)),
    shift((width - layout.width) / 2, headlineHeight, drawStage(layout)),
    shift(margin, bottom, ...legend.parts),
  )}\n`;
}

const styles = [
  `.fairlead{${variables('light')};font-family:${fontFamily}}`,
  `@media (prefers-color-scheme:dark){.fairlead{${variables('dark')}}}`,
  '.fairlead .canvas{fill:var(--canvas)}',
  drawingStyles,
].join('\n');
