import type { KitFigures } from './measure.ts';

export function renderKit({ preview, command, ratio, cold, steps, requests, setup, goals }: KitFigures): string {
  const rows: [string, string][] = [
    ['a preview of one changed line: all steps of both jobs but the checkout', time(preview.median)],
    ['  the first on a machine', time(cold)],
    ...steps.map(({ name, sample }): [string, string] => [`  ${name}`, time(sample.median)]),
    ['fairlead preview of the same in a terminal', time(command.median)],
    ['setup, with a cache', time(setup.cached.median)],
    ['setup, with packages from the registry', time(setup.cold)],
    ['what setup restores', `${(setup.size / 1e6).toFixed(1)} MB`],
    ...requests.map(({ event, count }): [string, string] => [`requests to GitHub, ${event}`, String(count)]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    '',
    'The kit on GitHub, medians',
    ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value.padStart(9)}`),
    `  workflow / terminal = ${ratio.toFixed(2)}, for information`,
    verdict('preview in ms', preview.median, goals.preview),
    verdict('setup with a cache in ms', setup.cached.median, goals.setup),
  ].join('\n');
}

function time(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

function verdict(what: string, figure: number, goal: number): string {
  return `  ${what} = ${Math.round(figure)}, goal ${goal}: ${figure <= goal ? 'met' : 'not met'}`;
}
