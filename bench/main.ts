// `npm run bench`: the figures Fairlead promises, each as a ratio to something that does the least there is to do, measured
// in turns on this machine. With `--json` one document; `--runs N` counts the rounds (7). Nothing here is a test.
import { parseArgs } from 'node:util';
import { type AnalysisFigures, measureAnalysis } from './analysis.ts';
import { measurePreview, type PreviewFigures } from './preview.ts';
import { renderAnalysis, renderPreview } from './render.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, runs: { type: 'string', default: '7' } },
});
const rounds = Number(values.runs);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--runs takes a whole number from 1, not ${values.runs}`);

const analysis: AnalysisFigures = await measureAnalysis(rounds);
if (!values.json) console.log(renderAnalysis(analysis));
const preview: PreviewFigures = await measurePreview(rounds);
if (!values.json) console.log(renderPreview(preview));
else console.log(JSON.stringify({ node: process.version, platform: process.platform, analysis, preview }, null, 2));
