import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { code, plain, prose } from '../../pipeline/markdown.ts';
import {
  type CommentContent,
  type Diagnostic,
  type Graph,
  parseEnvironment,
  renderComment,
  renderSummary,
} from '../../pipeline/mod.ts';
import { htmlOf } from '../support/github-page.ts';
import * as built from '../support/graph.ts';
import { deployed } from '../support/told.ts';
import { migrations, sampleGraph, service, subscription } from './sample-graph.ts';

/** What could mean something to Markdown, HTML, Mermaid, a forge, or the eye. */
const pieces = [
  '`',
  '``',
  '```',
  '```mermaid',
  '|',
  '<b>',
  '</details>',
  '<!--',
  '-->',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '[x](http://evil.test)',
  '![x](http://evil.test/x.png)',
  'http://evil.test',
  'www.evil.test',
  'a@evil.test',
  '@acme/team',
  '@everyone',
  '#123',
  'GH-12',
  'acme/shop#1',
  '6f1c2ab94e0d7735c1b8a2f0e9d4c3b2a1908f7e',
  ':tada:',
  '$x$',
  '\\',
  '*a*',
  '_b_',
  '~c~',
  '> q',
  '# h',
  '- l',
  '1. n',
  '&lt;',
  '&#64;',
  '"]',
  '"}}',
  ':::new',
  'end',
  'click a "javascript:x"',
  '%%{init: {}}%%',
  'subgraph',
  '; classDef x',
  '\n',
  '\n\n',
  '\r\n',
  '\u202e',
  '\u200b',
  '\u2066',
  '\u0000',
  '\u001b[31m',
  '\u00ad',
  '\ud800',
  '\u{e0041}',
  'é',
  '日本',
  '🙂',
  ' ',
  'name',
  'x'.repeat(300),
];

const text = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));

/** As JSON can carry it: a Graph has no halves of characters. */
const whole = text.map((one) => one.toWellFormed());

const graph = fc
  .record({
    names: fc.uniqueArray(whole, { minLength: 1, maxLength: 8 }),
    topic: whole,
    database: whole,
    secret: whole,
  })
  .map(({ names, topic, database, secret }): Graph => {
    const [first] = names;
    return sampleGraph({
      application: topic,
      services: names.map((name) => service(name, { subscriptions: [subscription(name, topic)] })),
      topics: [built.topic(topic)],
      databases: [migrations(database, 'one', `${secret}!`)],
      secrets: [{ name: secret, position: built.position }],
      uses: [
        built.use(first!, { kind: 'topic', name: topic }, ['publish'], { file: secret, line: 3, column: 1 }),
        built.use(first!, { kind: 'secret', name: secret }, ['read']),
        built.use(first!, { kind: 'database', name: database }, ['read']),
      ],
    });
  });

const diagnostic = fc.record({ message: text, help: text, file: text }).map(({ message, help, file }): Diagnostic => {
  return { code: 'FL4010', severity: 'error', message, help, position: { file, line: 1, column: 1 } };
});

const diagnostics = fc.array(diagnostic, { maxLength: 30 });
const environment = parseEnvironment('shop', 'pr-1');

const content: fc.Arbitrary<CommentContent> = fc.oneof(
  fc
    .record({
      after: graph,
      before: fc.option(graph, { nil: undefined }),
      refusals: diagnostics,
      recreated: diagnostics,
    })
    .map(({ after, before, ...rest }) =>
      deployed(after, before && { ...before, application: after.application }, rest),
    ),
  fc.record({ application: text, diagnostics, url: text.map((one) => `javascript:${one}`), title: text }).map(
    ({ application, title, ...rest }): CommentContent => ({
      state: 'failed',
      environment: { ...environment, application },
      phases: [{ title, milliseconds: 1, failed: true }],
      ...rest,
    }),
  ),
  fc
    .record({ removed: fc.array(text, { maxLength: 500 }), left: fc.array(fc.record({ what: text, why: text })) })
    .map((rest): CommentContent => ({ state: 'removed', environment, ...rest })),
);

/** All that our own Markdown makes. */
const ours =
  /^(?:<\/?(?:p|h4|ul|li|strong|code|sub|details|summary|table|thead|tbody|tr|pre|blockquote|span|em)>|<(?:th|td)(?: align="right")?>|<\/(?:th|td)>|<br \/>|<code class="language-mermaid">|<a href="[^"<>\s]*">|<\/a>)$/;

function strangersIn(html: string): string[] {
  return (html.match(/<[^>]*>/g) ?? []).filter((tag) => !ours.test(tag));
}

/** What a forge reads beside code, after it has rendered it. */
function wordsOf(html: string): string {
  return html
    .replace(/<(pre|code)[\s\S]*?<\/\1>/g, ' ')
    .replace(/<a [\s\S]*?<\/a>/g, ' ')
    .replace(/<span>\$<\/span>/g, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

/** Mentions, issues, commits, emoji, mathematics, and what nobody can see. */
const meaningful = [
  /@\w/,
  /#\d/,
  /GH-\d/i,
  /\b[0-9a-f]{7,40}\b/,
  /:[\w+-]+:/,
  /\$/,
  /https?:\/\//,
  /www\./,
  // Spaces of no width are how the others are taken apart.
  /[\u202a-\u202e\u2066-\u2069\u00ad]/,
  /(?!\n)\p{Cc}/u,
];

function check(markdown: string): void {
  const html = htmlOf(markdown.replace(/^<!-- fairlead:preview [^<>\s]* -->\n/, ''));
  expect(strangersIn(html)).toEqual([]);
  const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, url]) => url!);
  expect(links.filter((url) => !/^https:\/\/(github\.com\/acme\/shop|pr-12\.shop\.example\.com)/.test(url))).toEqual(
    [],
  );
  const words = wordsOf(html);
  expect(meaningful.flatMap((pattern) => pattern.exec(words)?.[0] ?? [])).toEqual([]);
  for (const tag of ['details', 'table', 'code', 'blockquote', 'sub']) {
    expect([tag, html.split(`<${tag}`).length]).toEqual([tag, html.split(`</${tag}>`).length]);
  }
}

test('whatever things are called, a comment has only what we made, and fits', () => {
  fc.assert(
    fc.property(content, (one) => {
      const markdown = renderComment(one);
      expect(markdown.length).toBeLessThanOrEqual(64_000);
      expect(markdown.startsWith('<!-- fairlead:preview ')).toBe(true);
      check(markdown);
    }),
    { numRuns: 150, endOnFailure: true },
  );
});

test('whatever things are called, a summary has only what we made', () => {
  const of = { of: 'failed' as const, action: 'promote', environment };
  fc.assert(
    fc.property(diagnostics, text, (all, title) => {
      check(renderSummary({ ...of, diagnostics: all, phases: [{ title, milliseconds: 1 }] }));
    }),
    { numRuns: 100, endOnFailure: true },
  );
});

test('text shows as it was written', () => {
  fc.assert(
    fc.property(text, (one) => {
      const shown = (markdown: string) =>
        decoded(htmlOf(`a ${markdown} b`))
          .replace(/<\/?(?:p|code|span)>/g, '')
          .replaceAll('\u200b', '')
          .trim();
      const expected = `a ${visible(one)} b`;
      expect(collapse(shown(plain(one)))).toBe(collapse(expected));
      expect(collapse(shown(code(one)))).toBe(collapse(expected));
      expect(collapse(shown(prose(one)).replaceAll('`', ''))).toBe(collapse(expected.replaceAll('`', '')));
    }),
    { numRuns: 500, endOnFailure: true },
  );
});

function visible(one: string): string {
  return one.replace(/\s+/g, ' ').replace(/\p{Cc}|\p{Cf}|\p{Cs}|\p{Default_Ignorable_Code_Point}/gu, (character) => {
    return `\\u{${character.codePointAt(0)?.toString(16)}}`;
  });
}

function collapse(one: string): string {
  return one.replace(/\s+/g, ' ');
}

function decoded(html: string): string {
  return html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

test('of what is too much, the number of the rest is said', () => {
  const names = Array.from({ length: 500 }, (_, index) => `${'$'.repeat(297)}${index}`);
  const large = sampleGraph({
    services: names.map((name) => service(name)),
    uses: names.map((name) => built.use(name, { kind: 'endpoint', service: names[0]!, name }, ['call'])),
  });
  for (const before of [undefined, sampleGraph()]) {
    const markdown = renderComment(deployed(large, before));
    expect(markdown.length).toBeLessThanOrEqual(64_000);
    expect(markdown).toMatch(/… and \d+ more/);
    check(markdown);
  }
});
