import { XmlShapeDeserializer } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { Shape } from './apis.ts';
import { type TimeFormat, timeText } from './timestamp.ts';

/**
 * The members of a structure, each in its element: "Smithy: XML bindings".
 * @param bound those that are elsewhere, such as in headers
 */
export function membersOf(shape: Shape, value: object, bound: ReadonlySet<string> = new Set()): string {
  let text = '';
  for (const [name, member] of NormalizedSchema.of(shape).structIterator()) {
    const content = (value as Record<string, unknown>)[name];
    const { xmlName, xmlAttribute } = member.getMemberTraits() as XmlTraits;
    if (content !== undefined && content !== null && !bound.has(name) && !xmlAttribute)
      text += elementOf(xmlName ?? name, member, content);
  }
  return text;
}

export function readXml(shape: Shape, body: Uint8Array): unknown {
  const settings = { timestampFormat: { useTrait: true, default: 5 as const }, httpBindings: true };
  const reader = new XmlShapeDeserializer(settings as ConstructorParameters<typeof XmlShapeDeserializer>[0]);
  return reader.read(shape as Parameters<typeof reader.read>[0], body);
}

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"\r]/g, (character) => `&#x${character.charCodeAt(0).toString(16)};`);

interface XmlTraits {
  xmlName?: string;
  xmlFlattened?: unknown;
  xmlAttribute?: unknown;
  xmlNamespace?: [prefix: string, uri: string];
}

function elementOf(name: string, shape: NormalizedSchema, value: unknown): string {
  const { xmlFlattened } = shape.getMergedTraits() as XmlTraits;
  if (shape.isListSchema() && xmlFlattened)
    return (value as unknown[]).map((one) => elementOf(name, shape.getValueSchema(), one)).join('');
  if (shape.isMapSchema() && xmlFlattened)
    return entriesOf(shape, value as object)
      .map((entry) => `<${name}>${entry}</${name}>`)
      .join('');
  return `<${name}${attributesOf(shape, value)}>${contentOf(shape, value)}</${name}>`;
}

function attributesOf(shape: NormalizedSchema, value: unknown): string {
  if (!shape.isStructSchema()) return '';
  const { xmlNamespace } = shape.getMergedTraits() as XmlTraits;
  let text = xmlNamespace ? ` xmlns${xmlNamespace[0] && `:${xmlNamespace[0]}`}="${xmlNamespace[1]}"` : '';
  for (const [name, member] of shape.structIterator()) {
    const { xmlAttribute, xmlName } = member.getMemberTraits() as XmlTraits;
    const content = (value as Record<string, unknown>)[name];
    if (xmlAttribute && content !== undefined) text += ` ${xmlName ?? name}="${escapeXml(String(content))}"`;
  }
  return text;
}

function contentOf(shape: NormalizedSchema, value: unknown): string {
  if (shape.isStructSchema()) return membersOf(shape as unknown as Shape, value as object);
  if (shape.isListSchema()) {
    const member = shape.getValueSchema();
    const { xmlName } = member.getMergedTraits() as XmlTraits;
    return (value as unknown[]).map((one) => elementOf(xmlName ?? 'member', member, one)).join('');
  }
  if (shape.isMapSchema())
    return entriesOf(shape, value as object)
      .map((entry) => `<entry>${entry}</entry>`)
      .join('');
  return escapeXml(simpleText(shape, value, 'date-time'));
}

function entriesOf(shape: NormalizedSchema, value: object): string[] {
  const [keys, values] = [shape.getKeySchema(), shape.getValueSchema()];
  const [key, content] = [keys, values].map((one) => (one.getMergedTraits() as XmlTraits).xmlName);
  return Object.entries(value)
    .filter(([, one]) => one !== undefined && one !== null)
    .map(([name, one]) => elementOf(key ?? 'key', keys, name) + elementOf(content ?? 'value', values, one));
}

/** A value without members, as text. */
export function simpleText(shape: NormalizedSchema, value: unknown, times: TimeFormat): string {
  if (shape.isTimestampSchema()) return timeText(shape, value as Date, times);
  if (shape.isBlobSchema()) return Buffer.from(value as Uint8Array).toString('base64');
  return String(value);
}
