// `npm run bench`: the figures Fairlead promises, each as a ratio to something that does the least there is to do, measured
// in turns on this machine. `-- analysis`, `-- preview`, `-- images`, `-- kit`, `-- aws`, `-- http`, `-- start` or `-- data` for one of them, `--json` for one document, `--runs N` for the number of
// rounds (7). `-- fuzz --minutes N` looks for sources that the analyzer cannot bear, from `--seed N` on; `--seed N --cases 1` tries one
// of them again. Nothing here is a test.
import { parseArgs } from 'node:util';
import { measureAnalysis } from './analysis.ts';
import { measureAws } from './aws/measure.ts';
import { renderAws } from './aws/render.ts';
import { measureData } from './data/measure.ts';
import { renderData } from './data/render.ts';
import { fuzz } from './fuzz.ts';
import { measureHttp } from './http/measure.ts';
import { renderHttp } from './http/render.ts';
import { measureImages } from './images/measure.ts';
import { renderImages } from './images/render.ts';
import { measureKit } from './kit/measure.ts';
import { renderKit } from './kit/render.ts';
import { measurePreview } from './preview.ts';
import { renderAnalysis, renderFuzz, renderPreview } from './render.ts';
import { measureStart } from './start/measure.ts';
import { renderStart } from './start/render.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '7' },
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    cases: { type: 'string', default: String(Number.MAX_SAFE_INTEGER) },
  },
});
const [rounds, minutes, seed, cases] = [count('runs'), count('minutes'), count('seed'), count('cases')];

const parts: Record<string, () => Promise<{ figures: unknown; text: string }>> = {
  analysis: async () => shown(await measureAnalysis(rounds), renderAnalysis),
  preview: async () => shown(await measurePreview(rounds), renderPreview),
  images: async () => shown(await measureImages(rounds), renderImages),
  kit: async () => shown(await measureKit(rounds), renderKit),
  http: async () => shown(await measureHttp(rounds), renderHttp),
  start: async () => shown(await measureStart(rounds), renderStart),
  data: async () => shown(await measureData(rounds), renderData),
  aws: async () => shown(await measureAws(rounds), renderAws),
  fuzz: async () => {
    const figures = await fuzz({ seconds: minutes * 60, first: seed, cases });
    if (figures.findings.length > 0) process.exitCode = 1;
    return shown(figures, renderFuzz);
  },
};
const wanted = positionals.length > 0 ? positionals : ['analysis', 'preview', 'images'];
const unknown = wanted.find((name) => !(name in parts));
if (unknown !== undefined)
  throw new Error(`there is no part ${unknown}: the parts are ${Object.keys(parts).join(', ')}`);

const document: Record<string, unknown> = { node: process.version, platform: process.platform };
for (const name of wanted) {
  const { figures, text } = await parts[name]!();
  document[name] = figures;
  if (!values.json) console.log(text);
}
if (values.json) console.log(JSON.stringify(document, null, 2));

function shown<Figures>(figures: Figures, render: (figures: Figures) => string) {
  return { figures, text: render(figures) };
}

function count(name: 'runs' | 'minutes' | 'seed' | 'cases'): number {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new Error(`--${name} takes a whole number from 1, not ${values[name]}`);
}
