import { ts } from '@ts-morph/common';
import { nameOf } from '../config.ts';
import { type Reader, type Recogniser, takes, type Uses } from '../context.ts';
import type { Metric } from '../graph.ts';
import { compare } from '../report.ts';
import type { Site } from '../sites.ts';
import { isFree } from './names.ts';

const metricName = {
  pattern: /^(?!e_)(?=.{1,63}$)[a-z][a-z0-9]*(_[a-z0-9]+)*$/,
  help: 'Use snake_case, 63 characters at most, not beginning with `e_`.',
};

const uses: Uses = {
  members: {
    increment: takes('record'),
    set: takes('record'),
    with: { kind: 'same' },
    ref: { kind: 'operations', operations: ['record'] },
  },
  escape: ['record'],
};

const forms: Record<string, { type: Metric['type']; group: boolean }> = {
  Counter: { type: 'counter', group: false },
  CounterGroup: { type: 'counter', group: true },
  Gauge: { type: 'gauge', group: false },
  GaugeGroup: { type: 'gauge', group: true },
};

/** `new Counter('name')`, `new CounterGroup<Labels>('name')` and the same of gauges. */
export const metrics: readonly Recogniser<Pick<Metric, 'name' | 'type' | 'labels' | 'doc'>>[] = Object.entries(
  forms,
).map(([form, { type, group }]) => ({
  declares: `encore.dev/metrics#${form}`,
  as: 'new',
  bound: 'any',
  what: 'a metric',
  uses,
  read(site, { checker, report, ...reader }) {
    const name = nameOf(site.node.arguments?.[0], 'a metric', site.node, report, metricName);
    const labels = group ? labelsOf(site, { checker, report, ...reader }) : [];
    const { binding } = site;
    const doc =
      binding.kind === 'variable' && checker.getSymbolAtLocation(binding.name)?.getDocumentationComment(checker);
    if (name === undefined) return undefined;
    return { name, type, labels, ...(doc && doc.length > 0 && { doc: ts.displayPartsToString(doc) }) };
  },
  link({ value, key, file, position }, linker) {
    linker.resources.set(key, { kind: 'metric', name: value.name });
    if (!isFree('a metric', value.name, position, linker.graph.metrics, linker)) return;
    const service = linker.serviceOf(file)?.name;
    linker.graph.metrics.push({ ...value, ...(service !== undefined && { service }), position });
  },
}));

function labelsOf({ node }: Site, { checker, schemas, report }: Reader): Metric['labels'] {
  const [given] = node.typeArguments ?? [];
  if (!given) {
    report.error(
      'FL1921',
      node,
      'the group of metrics does not say the type of its labels',
      'Write it as a type argument: `new CounterGroup<Labels>(…)`.',
    );
    return [];
  }
  const labels = schemas.properties(checker.getTypeFromTypeNode(given)).map((property) => {
    const name = property.name;
    const type = basicType(checker.getTypeOfSymbol(property), checker);
    const wrong =
      name === 'service'
        ? 'the label `service` is added by the runtime'
        : type === undefined
          ? `the label \`${name}\` is not a string, a number or a boolean`
          : undefined;
    if (wrong !== undefined)
      report.error('FL1922', given, wrong, 'Labels hold simple values; leave out the label `service`.');
    return { name, type: type ?? ('string' as const) };
  });
  return labels.sort((a, b) => compare(a.name, b.name));
}

function basicType(type: ts.Type, checker: ts.TypeChecker): Metric['labels'][number]['type'] | undefined {
  const value = checker.getNonNullableType(type);
  const parts = value.isUnion() ? value.types : [value];
  const is = (flag: ts.TypeFlags) => parts.every(({ flags }) => flags & flag);
  if (is(ts.TypeFlags.StringLike)) return 'string';
  if (is(ts.TypeFlags.NumberLike)) return 'number';
  return is(ts.TypeFlags.BooleanLike) ? 'boolean' : undefined;
}
