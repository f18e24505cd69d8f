import { appendFileSync } from 'node:fs';
import { constants } from 'node:os';
import * as core from '@actions/core';
import { inert } from '../github/annotations.ts';
import { createRunner } from './github-runner.ts';
import type { Leaf } from './leaf.ts';
import { outlive } from './outlive.ts';
import { collectPhases, type Phases } from './phases.ts';
import { readRawInputs } from './run.ts';
import { runStep, wholeSummary } from './step.ts';

/** Runs a leaf as a step of a workflow, and ends the process. */
export async function main(leaf: Leaf): Promise<never> {
  const { env } = process;
  const raw = readRawInputs(env, Object.keys(leaf.inputs));
  if (leaf.outlives && raw.target === 'local') await outlive(env, process.argv[1] ?? '');
  const token = raw['github-token'];
  if (token) core.setSecret(token);
  const log = { info: (text: string) => print(inert(text)), warn: (text: string) => print(inert(`warning: ${text}`)) };
  const phases = collectPhases(log, () => performance.now());
  stopOnSignals(phases);
  const end = await runStep(leaf, raw, createRunner(env, { token, phases, print }));
  for (const name of Object.keys(leaf.outputs)) core.setOutput(name, end.outputs[name] ?? '');
  for (const line of end.lines) print(line);
  writeSummary(wholeSummary(end, phases.all));
  // Connections that are kept open for a next request must not keep the job.
  process.exit(end.failed ? 1 : 0);
}

/**
 * A job that is cancelled has seconds: it says where things stand and ends. What was begun is taken up again by the next run;
 * locks are freed with the process.
 */
function stopOnSignals(phases: Phases): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const done = phases.all.filter(({ milliseconds }) => milliseconds !== undefined).map(({ title }) => title);
      const stood = phases.open().at(-1)?.title ?? 'the start';
      const text = `Stopped by ${signal} during: ${stood}. ${done.length > 0 ? `Done before: ${done.join(', ')}. ` : ''}The next run goes on from there.`;
      print(inert(text));
      print(`::warning title=Fairlead::${text.replaceAll('%', '%25').replaceAll(/[\r\n]+/g, ' ')}`);
      writeSummary(wholeSummary({ failed: true, outputs: {}, lines: [], summary: text }, phases.all));
      process.exit(128 + constants.signals[signal]);
    });
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Synchronous: also a process that is about to end has to tell. */
function writeSummary(text: string): void {
  const path = process.env.GITHUB_STEP_SUMMARY;
  if (path && text !== '') appendFileSync(path, `${text}\n\n`);
}
