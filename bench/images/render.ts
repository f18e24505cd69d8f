import { columns, verdict } from '../render.ts';
import type { Sample } from '../sample.ts';
import type { ImagesFigures, LinkFigures, Run } from './measure.ts';

const [ours, docker, buildah] = ['fairlead build --push', 'docker build + push', 'buildah build + push'];

export function renderImages(figures: ImagesFigures): string {
  return [
    '',
    'Building the shop and pushing it, from the sources to the registry',
    ...Object.entries(figures.details).map(([name, detail]) => `  ${name}: ${detail}`),
    ...Object.entries(figures.missing).map(([name, why]) => `  ${name}: not measured, since ${why}`),
    ...(figures.load > 0.5
      ? [`  the machine was busy, with a load of ${figures.load.toFixed(1)} per core: times are rough`]
      : []),
    ...(figures.links.length > 0 ? renderMeasured(figures) : []),
    '',
  ].join('\n');
}

function renderMeasured(figures: ImagesFigures): string[] {
  return [
    `  the base image: ${kilobytes(figures.base)} compressed`,
    ...figures.links.flatMap((link) => renderLink(link, figures)),
    '',
    'What is in the image above the base',
    ...named([
      ['', 'compressed', 'unpacked'],
      ...Object.entries(figures.sizes).map(([name, size]) => [
        name,
        kilobytes(size.compressed),
        kilobytes(size.unpacked),
      ]),
    ]),
    ...sizeVerdicts(figures),
  ];
}

function renderLink(link: LinkFigures, { goals, install }: ImagesFigures): string[] {
  const { name, fresh, oneLine, unchanged, checked } = link;
  const [own, changed, same] = [fresh[ours!]!, oneLine[ours!]!, unchanged[ours!]!];
  return [
    '',
    `The registry over ${name}`,
    ...named([
      ['', 'median', 'min – max', 'CPU', 'pushed', 'pulled', 'requests'],
      ...rows('a fresh machine', fresh),
      ...rows('one line changed', oneLine),
      ...(checked ? rows('one line changed, tsc in the Dockerfile', { [docker!]: checked }) : []),
      ...rows('nothing changed', unchanged),
    ]),
    '',
    verdict('one line changed: milliseconds', changed.wall.median, goals.oneLine),
    ...against('one line changed', changed, docker!, oneLine, goals.oneLineToDocker),
    ...against('one line changed', changed, buildah!, oneLine, goals.oneLineToBuildah),
    ...(checked
      ? [`  one line changed, to Docker with tsc in the Dockerfile = ${ratio(changed, checked)}, for information`]
      : []),
    ...against('a fresh machine', own, docker!, fresh, goals.freshToDocker),
    ...(docker! in fresh
      ? [
          `  a fresh machine with npm ci (${Math.round(install)} ms) before it, to Docker = ` +
            `${((own.wall.median + install) / fresh[docker!]!.wall.median).toFixed(2)}, for information`,
        ]
      : []),
    verdict('nothing changed: milliseconds', same.wall.median, goals.unchanged),
    verdict('nothing changed: bytes pushed', same.traffic.pushed, goals.unchangedPushed),
  ];
}

/** As `columns`, with the names in front left-aligned. */
function named(rows: string[][]): string[] {
  const width = Math.max(...rows.map(([name]) => name!.length));
  return columns(rows.map(([name, ...figures]) => [name!.padEnd(width), ...figures]));
}

function rows(heading: string, runs: Record<string, Run>): string[][] {
  return Object.entries(runs).map(([name, { wall, cpu, traffic }]) => [
    `${heading}: ${name}`,
    `${Math.round(wall.median)} ms`,
    wall.runs === 1 ? '' : `${Math.round(wall.min)} – ${Math.round(wall.max)}`,
    Number.isNaN(cpu.median) ? '' : milliseconds(cpu),
    kilobytes(traffic.pushed),
    kilobytes(traffic.pulled),
    String(traffic.requests),
  ]);
}

function against(what: string, own: Run, peer: string, runs: Record<string, Run>, goal: number): string[] {
  const other = runs[peer];
  return other === undefined ? [] : [verdict(`${what}: ${ours} / ${peer}`, own.wall.median / other.wall.median, goal)];
}

function sizeVerdicts({ sizes, goals }: ImagesFigures): string[] {
  const [own, other] = [sizes[ours!], sizes[docker!] ?? sizes[buildah!]];
  if (own === undefined || other === undefined) return [];
  return [
    verdict('compressed, to the Dockerfile', own.compressed / other.compressed, goals.sizeToDocker),
    verdict('unpacked, to the Dockerfile', own.unpacked / other.unpacked, goals.sizeToDocker),
  ];
}

function ratio(own: Run, other: Run): string {
  return (own.wall.median / other.wall.median).toFixed(2);
}

function milliseconds({ median }: Sample): string {
  return `${Math.round(median)} ms`;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(bytes < 100_000 ? 1 : 0)} kB`;
}
