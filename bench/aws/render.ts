import { columns, verdict } from '../render.ts';
import type { DeliveryFigures, Done } from './delivery.ts';
import type { AwsFigures } from './measure.ts';
import type { PlanFigures } from './planning.ts';
import type { SynthesisFigures } from './synthesis.ts';

export function renderAws({ plans, synthesis, simulated }: AwsFigures): string {
  return [...renderPlans(plans), ...renderSynthesis(synthesis), ...renderDelivery(simulated), ''].join('\n');
}

function renderPlans(plans: PlanFigures[]): string[] {
  return [
    '',
    'A plan of production in AWS after a change of the sources, in a process of its own, medians',
    ...columns([
      ['application', 'services', 'resources', 'CPU', 'wall', 'memory', 'of which CPU of fairlead graph'],
      ...plans.map(({ name, services, resources, plan, analysis }) => [
        name,
        String(services),
        String(resources),
        `${Math.round(plan.cpu.median)} ms`,
        `${Math.round(plan.wall.median)} ms`,
        `${Math.round(plan.memory.median)} MiB`,
        `${Math.round(analysis.cpu.median)} ms`,
      ]),
    ]),
    ...plans.map(({ name, services, plan, goal }) =>
      verdict(`${name}, ${services} services: CPU time in ms`, Math.round(plan.cpu.median), goal),
    ),
  ];
}

function renderSynthesis({ resources, ours, bare, ratio, goal }: SynthesisFigures): string[] {
  const row = (name: string, { cpu, wall, memory }: SynthesisFigures['ours']) => [
    name,
    `${Math.round(cpu.median)} ms`,
    `${Math.round(wall.median)} ms`,
    `${Math.round(memory.median)} MiB`,
  ];
  return [
    '',
    `Both templates of the shop's production, ${resources} resources, in a process of its own, medians of ${ours.cpu.runs}`,
    ...columns([['', 'CPU', 'wall', 'memory'], row('Fairlead', ours), row('bare CDK', bare)]),
    verdict('Fairlead / bare CDK, CPU', ratio.cpu, goal),
    `  wall ${ratio.wall.toFixed(2)}, memory ${ratio.memory.toFixed(2)}, for information`,
  ];
}

function renderDelivery(figures: DeliveryFigures): string[] {
  const { shared, full, foundation, size, fullSize, sharedMonthly, assumed, goals } = figures;
  const row = (name: string, own: Done, other: Done) => [name, ...cells(own), ...cells(other)];
  const dollars = (amount: number) => `${amount.toFixed(2)} USD`;
  return [
    '',
    'Previews of the shop in AWS, SIMULATED: seconds on the virtual clock of our fake, and calls of AWS',
    ...columns([
      ['', 'Fairlead', 'calls', 'a full stack each', 'calls'],
      row('first deployment', shared.first, full.first),
      row('update', shared.update, full.update),
      row('teardown', shared.teardown, full.teardown),
      ['resources', String(size.resources), '', String(fullSize.resources), ''],
      ['bytes of the template', String(size.bytes), '', String(fullSize.bytes), ''],
      ['a month, idle', dollars(size.monthly), '', dollars(fullSize.monthly), ''],
    ]),
    `  what previews share, once: ${cells(foundation).join(' in ')} calls, ${dollars(sharedMonthly)} a month`,
    `  a preview's own: ${size.items.map(({ what, monthly }) => `${what} ${dollars(monthly)}`).join(', ')}`,
    `  assumed: ${assumed.call} ms a call of AWS, ${assumed.provision} ms to make databases, ${assumed.migrate} ms to migrate, ` +
      `${assumed.start} ms to start; building and waiting for a runner are not in it`,
    verdict('first deployment, simulated s', shared.first.seconds, goals.first),
    verdict('update, simulated s', shared.update.seconds, goals.update),
    verdict('teardown, simulated s', shared.teardown.seconds, goals.teardown),
    verdict('resources of a preview', size.resources, goals.resources),
  ];
}

function cells({ seconds, calls }: Done): [string, string] {
  return [`${seconds.toFixed(0)} s`, String(calls)];
}
