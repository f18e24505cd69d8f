import type { Location, Log, PhysicalLocation, ReportingDescriptor, Result } from 'sarif';
import type { Diagnostic, Position } from '../analyzer/diagnostic.ts';
import type { ErrorSection } from './error-pages.ts';
import { lineHashes } from './line-hashes.ts';
import type { Repository } from './repository.ts';

/** What a log is made of, besides the diagnostics. */
export interface SarifSources {
  repository: Repository;
  /** The text of a file of the application; undefined when it cannot be read. */
  sourceOf: (file: string) => string | undefined;
  sections: ReadonlyMap<string, ErrorSection>;
  /** The address of the page that has the sections. */
  errorPage: string;
  version: string;
}

/** Characters that GitHub takes of a description. */
const longestDescription = 1024;

/** A name for the root of the repository: what it is on this machine is left out, so that the same findings give the same bytes. */
const root = 'SRCROOT';

/** Diagnostics as a log of SARIF 2.1.0, with all that GitHub code scanning shows. */
export function renderSarif(diagnostics: readonly Diagnostic[], sources: SarifSources): Log {
  const { repository, sections, version } = sources;
  const codes = [...new Set([...rulesOfCheck(sections), ...diagnostics.map(({ code }) => code)])].sort();
  const hashes = new Map<string, string[]>();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Fairlead',
            version,
            semanticVersion: version,
            informationUri: sources.errorPage,
            rules: codes.map((code) => ruleOf(code, sources)),
          },
        },
        // Applications of one repository are analyses of their own.
        automationDetails: { id: `fairlead/${repository.prefix === '' ? '' : `${repository.prefix}/`}` },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { [root]: { description: { text: 'The root of the repository.' } } },
        invocations: [{ executionSuccessful: true }],
        results: diagnostics.map((diagnostic) => resultOf(diagnostic, codes, sources, hashes)),
      },
    ],
  };
}

/** All that an analysis can find: the same for every application. */
function rulesOfCheck(sections: ReadonlyMap<string, ErrorSection>): string[] {
  return [...sections.keys()].filter((code) => code.startsWith('FL1'));
}

function ruleOf(code: string, { sections, errorPage }: SarifSources): ReportingDescriptor {
  const section = sections.get(code);
  if (!section) return { id: code };
  const { title, body, anchor } = section;
  return {
    id: code,
    name: pascalCase(title),
    shortDescription: { text: `${title}.` },
    fullDescription: { text: firstParagraph(body) },
    help: { text: body, markdown: body },
    helpUri: `${errorPage}#${anchor}`,
    defaultConfiguration: { level: 'error' },
    properties: { precision: 'very-high' },
  };
}

function resultOf(
  { code, severity, message, help, position, related = [] }: Diagnostic,
  codes: readonly string[],
  sources: SarifSources,
  hashes: Map<string, string[]>,
): Result {
  // GitHub shows only results that have a place: what concerns the application as a whole is shown at its manifest.
  const at = position ?? { file: 'package.json', line: 1, column: 1 };
  const fingerprint = fingerprintOf(at, sources, hashes);
  const links = related.map((other, index) => `[${linkText(other.message)}](${index + 1})`);
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity,
    message: { text: [sentence(plainText(message)), plainText(help), ...links.map(sentence)].join(' ') },
    locations: [{ physicalLocation: placeOf(at, sources) }],
    ...(related.length > 0 && {
      relatedLocations: related.map(
        (other, index): Location => ({
          id: index + 1,
          message: { text: sentence(plainText(other.message)) },
          physicalLocation: placeOf(other.position, sources),
        }),
      ),
    }),
    ...(fingerprint !== undefined && { partialFingerprints: { primaryLocationLineHash: fingerprint } }),
  };
}

function placeOf({ file, line, column, endLine, endColumn }: Position, { repository }: SarifSources): PhysicalLocation {
  const uri = repository.pathOf(file).split('/').map(encodeURIComponent).join('/');
  return {
    artifactLocation: { uri, uriBaseId: root },
    // A mere point marks the character after it.
    region: { startLine: line, startColumn: column, endLine: endLine ?? line, endColumn: endColumn ?? column + 1 },
  };
}

function fingerprintOf(
  { file, line }: Position,
  { sourceOf }: SarifSources,
  hashes: Map<string, string[]>,
): string | undefined {
  const known = hashes.get(file) ?? lineHashes(sourceOf(file) ?? '');
  hashes.set(file, known);
  return sourceOf(file) === undefined ? undefined : known[line - 1];
}

/** In a message, brackets make a link unless a backslash is before them. */
function plainText(text: string): string {
  return text.replace(/[\\[\]]/g, '\\$&');
}

function linkText(text: string): string {
  return plainText(text.replace(/\s+/g, ' '));
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function firstParagraph(markdown: string): string {
  const text = (markdown.split(/\n\n/)[0] ?? '').replace(/\s+/g, ' ');
  return text.length > longestDescription ? `${text.slice(0, longestDescription - 1)}…` : text;
}

/** Without articles: `TwoServicesOfOneName`. */
function pascalCase(title: string): string {
  return title
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => !/^(an?|the)$/i.test(word))
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
    .join('');
}
