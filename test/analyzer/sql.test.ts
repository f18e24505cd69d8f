// biome-ignore-all lint/suspicious/noTemplateCurlyInString: sources are given as texts.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ts } from 'ts-morph';
import { loadParser, type Parser } from '../../analyzer/sql/parser.ts';
import { queryOfLiteral, queryOfTemplate } from '../../analyzer/sql/query-text.ts';
import { readQuery } from '../../analyzer/sql/read-query.ts';
import { tokensOf } from '../../analyzer/sql/tokens.ts';

let parser: Parser;

beforeAll(async () => {
  parser = await loadParser();
});

/** `access table:r|w|rw …`, or `offset: message`. */
function read(sql: string): string {
  const query = readQuery(sql, parser);
  if ('error' in query) return `${query.error.offset}: ${query.error.message}`;
  const tables = query.tables.map(({ name, operations }) => `${name}:${operations.map(([letter]) => letter).join('')}`);
  return [query.access, ...tables].join(' ');
}

describe('reads', () => {
  test.each([
    ['', 'read'],
    ['-- nothing', 'read'],
    ['SELECT 1', 'read'],
    ['VALUES (1), (2)', 'read'],
    ['TABLE t', 'read t:r'],
    ['SHOW server_version', 'read'],
    ['SELECT * FROM users', 'read users:r'],
    ['SELECT * FROM auth.users u, "Order" o', 'read Order:r auth.users:r'],
    ['SELECT * FROM a LEFT JOIN (b NATURAL JOIN c) ON true', 'read a:r b:r c:r'],
    [
      'SELECT (SELECT count(*) FROM a) FROM b WHERE EXISTS (SELECT FROM c) ORDER BY (SELECT 1 FROM d) LIMIT 1',
      'read a:r b:r c:r d:r',
    ],
    ['SELECT 1 FROM a UNION ALL (SELECT 1 FROM b EXCEPT SELECT 1 FROM c)', 'read a:r b:r c:r'],
    ['SELECT * FROM a TABLESAMPLE system (1), LATERAL (SELECT * FROM b) x, generate_series(1, 2)', 'read a:r b:r'],
    ['WITH x AS (SELECT * FROM a) SELECT * FROM x', 'read a:r'],
    ['WITH a AS (SELECT * FROM a) SELECT * FROM a', 'read a:r'],
    ['WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM b, public.a', 'read public.a:r'],
    ['WITH RECURSIVE a AS (SELECT 1 UNION SELECT * FROM a) SELECT * FROM a', 'read'],
    ['WITH x AS (SELECT 1) SELECT * FROM (WITH y AS (SELECT * FROM x) SELECT * FROM y, x) z, y', 'read y:r'],
    ['SELECT * FROM a WHERE id = $1 AND name = ANY($2)', 'read a:r'],
    ['SELECT lower(b), now() FROM a', 'read a:r'],
    ['EXPLAIN SELECT * FROM a', 'read a:r'],
    ['DECLARE c CURSOR FOR SELECT * FROM a', 'read a:r'],
    ['COPY a TO STDOUT', 'read a:r'],
    ['COPY (SELECT * FROM a) TO STDOUT', 'read a:r'],
    ['BEGIN; SET LOCAL x.y = 1; SELECT 1 FROM a; COMMIT', 'read a:r'],
    ['SELECT 1 FROM a; SELECT 2 FROM b', 'read a:r b:r'],
  ])('%s', (sql, expected) => expect(read(sql)).toBe(expected));
});

describe('writes', () => {
  test.each([
    ['INSERT INTO a VALUES (1)', 'write a:w'],
    ['INSERT INTO a SELECT * FROM b', 'write a:w b:r'],
    ['INSERT INTO a VALUES (1) RETURNING id', 'write a:rw'],
    ['INSERT INTO a VALUES (1) ON CONFLICT (id) DO UPDATE SET n = excluded.n', 'write a:rw'],
    ['WITH x AS (SELECT * FROM b) INSERT INTO a SELECT * FROM x', 'write a:w b:r'],
    ['UPDATE a SET n = 1', 'write a:w'],
    ['UPDATE a SET n = n + 1', 'write a:rw'],
    ['UPDATE a SET n = 1 WHERE id = 1', 'write a:rw'],
    ['UPDATE s.a SET n = b.n FROM b WHERE a.id = b.id', 'write b:r s.a:rw'],
    ['UPDATE a SET n = (SELECT max(n) FROM b) RETURNING *', 'write a:rw b:r'],
    ['DELETE FROM a', 'write a:w'],
    ['DELETE FROM a USING b WHERE a.id = b.id', 'write a:rw b:r'],
    ['DELETE FROM a WHERE CURRENT OF c', 'write a:rw'],
    ['MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE', 'write a:rw b:r'],
    ['TRUNCATE a, s.b', 'write a:w s.b:w'],
    ['COPY a FROM STDIN', 'write a:w'],
    ['LOCK TABLE a', 'write a:w'],
    ['SELECT 1 INTO a FROM b', 'write a:w b:r'],
    ['CREATE TABLE a AS SELECT * FROM b', 'write a:w b:r'],
    ['CREATE TABLE a (id int REFERENCES b, LIKE c)', 'write a:w b:r c:r'],
    ['CREATE VIEW v AS SELECT * FROM a', 'write a:r v:w'],
    ['CREATE INDEX i ON a (b)', 'write a:w'],
    ['ALTER TABLE a ADD FOREIGN KEY (x) REFERENCES b', 'write a:w b:r'],
    ['ALTER SEQUENCE s RESTART', 'write'],
    ['DROP TABLE a, s.b', 'write a:w s.b:w'],
    ['DROP INDEX i', 'write'],
    ['REFRESH MATERIALIZED VIEW v', 'write v:w'],
    ['GRANT SELECT ON a TO x', 'write a:w'],
    ['WITH d AS (DELETE FROM a RETURNING id) SELECT * FROM d, b', 'write a:rw b:r'],
    ['WITH d AS (INSERT INTO a SELECT * FROM b) SELECT 1', 'write a:w b:r'],
    ['EXPLAIN ANALYZE DELETE FROM a', 'write a:w'],
    ['EXPLAIN CREATE TABLE a AS SELECT * FROM b', 'write a:w b:r'],
    ['SELECT * FROM a FOR UPDATE', 'write a:rw'],
    ['SELECT * FROM a JOIN b ON true FOR SHARE', 'write a:rw b:rw'],
    ['SELECT * FROM a AS x, b FOR NO KEY UPDATE OF x SKIP LOCKED', 'write a:rw b:r'],
    ['SELECT * FROM (SELECT * FROM a) x, b FOR UPDATE OF x', 'write a:rw b:r'],
    ['WITH x AS (SELECT * FROM a) SELECT * FROM x, b FOR UPDATE', 'write a:r b:rw'],
    ["SELECT nextval('s')", 'write'],
    ["SELECT 1 FROM a WHERE b = pg_catalog.setval('s', 1)", 'write a:r'],
    ['SELECT 1 FROM a; DELETE FROM b', 'write a:r b:w'],
  ])('%s', (sql, expected) => expect(read(sql)).toBe(expected));
});

describe('does what cannot be known', () => {
  test.each([
    ['CALL p()', 'unknown'],
    ['DO $$ BEGIN END $$', 'unknown'],
    ['EXECUTE p', 'unknown'],
    ['SELECT my_function(1), now() FROM a', 'unknown a:r'],
    ['INSERT INTO a SELECT auth.count(b) FROM b', 'unknown a:w b:r'],
    ['EXPLAIN EXECUTE p', 'unknown'],
    ["COPY a TO PROGRAM 'x'", 'unknown a:r'],
    ['CALL p(); DELETE FROM a', 'unknown a:w'],
    ['DELETE FROM a; CALL p()', 'unknown a:w'],
  ])('%s', (sql, expected) => expect(read(sql)).toBe(expected));
});

describe("errors are PostgreSQL's, and count UTF-16 units", () => {
  test.each([
    ['SELEC 1', '0: syntax error at or near "SELEC"'],
    ['SELECT 1 +', '10: syntax error at end of input'],
    ["SELECT 'é😀', FROM t", '14: syntax error at or near "FROM"'],
    ["SELECT 'x", '7: unterminated quoted string at or near "\'x"'],
    ['SELECT 1; SELECT 1x', '17: trailing junk after numeric literal at or near "1x"'],
    ['SELECT 1\0 FROM t', '8: invalid byte sequence for encoding "UTF8": 0x00'],
    ["SELECT '\ud800' FORM t", '16: syntax error at or near "t"'],
  ])('%j', (sql, expected) => expect(read(sql)).toBe(expected));
});

describe('what is too deep for the stack', () => {
  test.each([
    ['sums', `SELECT 1${'+1'.repeat(10_000)}`],
    ['negations', `SELECT ${'NOT '.repeat(10_000)}a`],
    ['brackets', `SELECT ${'('.repeat(10_000)}1${')'.repeat(10_000)}`],
    ['calls', `SELECT ${'f(1, '.repeat(10_000)}1${')'.repeat(10_000)}`],
    ['selects', `SELECT ${'(SELECT 1, '.repeat(10_000)}1${')'.repeat(10_000)}`],
    ['casts', `SELECT 1${'::int'.repeat(10_000)}`],
    ['unions', `SELECT 1, 2${' UNION ALL SELECT 1, 2'.repeat(10_000)}`],
    ['joins', `SELECT 1 FROM a${' JOIN b ON x AND y'.repeat(10_000)}`],
    ['cases', `SELECT ${'CASE WHEN '.repeat(10_000)}1`],
    ['unfinished', `SELECT ${'(1, '.repeat(10_000)}`],
  ])('is refused, and the parser stays as it was: %s', (_, sql) => {
    for (let time = 0; time < 3; time++) expect(read(sql)).toBe('0: stack depth limit exceeded');
    expect(read('SELECT 1 FROM a')).toBe('read a:r');
  });

  test.each([
    ['rows', `INSERT INTO a VALUES (1, 'x' || 'y', abs(2))${", (1, 'x' || 'y', abs(2))".repeat(5000)}`],
    ['conditions', `SELECT 1 FROM a WHERE x = 1${' OR x = 1 AND y = 2'.repeat(5000)}`],
    ['statements', 'SELECT 1 FROM a JOIN b ON true;'.repeat(5000)],
    ['a long text', `SELECT '${'+1 '.repeat(100_000)}' FROM a`],
  ])('is not what is only long: %s', (_, sql) => {
    expect(read(sql)).toMatch(/^(read|write) a:[rw]/);
  });
});

test.each([
  ['sums', `1${'+1'.repeat(490)}`],
  ['negations', `${'NOT '.repeat(980)}a`],
  ['calls', `${'abs('.repeat(480)}1${')'.repeat(480)}`],
  ['selects', `${'(SELECT '.repeat(320)}1${')'.repeat(320)}`],
  ['subscripts', `a${'[1]'.repeat(320)}`],
  ['cases', `${'CASE WHEN a THEN '.repeat(320)}1${' END'.repeat(320)}`],
  ['branches', `CASE a${' WHEN 1 THEN 2'.repeat(5000)} END`],
  ['unions', `1${' UNION ALL SELECT 1'.repeat(3900)}`],
  ['joins', `1 FROM generate_series(1, 2)${' CROSS JOIN LATERAL generate_series(x, y)'.repeat(900)}`],
])('what fits on the stack is read: %s', (_, expression) => {
  expect(read(`SELECT ${expression}`)).toBe('read');
  expect(read(`UPDATE a SET b = (SELECT ${expression})`)).toMatch(/^write a:/);
  expect(read(`CREATE VIEW v AS SELECT ${expression}`)).toBe('write v:w');
});

/** The first template of a source, and the first string or sum. */
function literals(source: string) {
  const file = ts.createSourceFile('a.ts', source, ts.ScriptTarget.Latest, true);
  const statement = file.statements[0] as ts.ExpressionStatement;
  return statement.expression;
}

function template(source: string) {
  return queryOfTemplate((literals(source) as ts.TaggedTemplateExpression).template);
}

/** What stands in the source where each character of the query comes from. */
function traced(query: ReturnType<typeof template>, source: string) {
  return query && [...query.sql].map((_, index) => source[query.sourceOffset(index)]).join('');
}

describe('the query of a template', () => {
  test.each<[string, string, string]>([
    ['db.query`SELECT 1`', 'SELECT 1', 'SELECT 1'],
    ['db.query``', '', ''],
    ['x`a ${b} c ${ d } e`', 'a $1 c $2 e', 'a $$ c $$ e'],
    ['x`${b}${c}`', '$1$2', '$$$$'],
    ['x`${`in ${1} ner`} = ${2}`', '$1 = $2', '$$ = $$'],
    ['x`a\\nb\\\\c\\`d\\${e}\\x41\\u0042\\u{43}f`', 'a\nb\\c`d${e}ABCf', 'a\\b\\c\\d\\{e}\\\\\\f'],
    ['x`a\\\nb\r\nc\rd`', 'ab\nc\nd', 'ab\rc\rd'],
    ['x`\\0a`', '\0a', '\\a'],
  ])('%j', (source, sql, from) => {
    const query = template(source);
    expect(query?.sql).toBe(sql);
    expect(traced(query, source)).toBe(from);
    expect(source[query!.sourceOffset(sql.length)]).toBe('`');
  });

  test.each(['x`\\u{110000}`', 'x`\\xg0`', 'x`${1}\\u1`', 'x`\\01`', 'x`\\7`', 'x`\\u`'])(
    'an invalid escape has no text: %s',
    (source) => {
      expect(template(source)).toBeUndefined();
    },
  );

  test('is what JavaScript says it is', () => {
    const pieces = [
      'a',
      '\\n',
      '\\\\',
      '\\u{1F600}',
      '\\x41',
      '\\\n',
      '\r\n',
      '\r',
      "\\'",
      '\\`',
      '\\$',
      '$',
      '{',
      '😀',
      '\\😀',
      '\\0',
      '\\u0041',
      ' ',
      '}',
    ];
    for (let seed = 0; seed < 2000; seed++) {
      const next = random(seed);
      const part = () =>
        Array.from({ length: next(6) }, () => pieces[next(pieces.length)])
          .join('')
          .replaceAll('${', '$ {');
      const parts = Array.from({ length: 1 + next(4) }, part).map((text) => (text.endsWith('$') ? `${text} ` : text));
      const source = `tag\`${parts.join('${0}')}\``;
      const strings = new Function('tag', `return ${source}`)((given: TemplateStringsArray) => [...given]) as string[];
      expect(template(source)?.sql).toBe(strings.reduce((sql, text, index) => `${sql}$${index}${text}`));
    }
  });
});

describe('the query of a literal', () => {
  test.each([
    ["'SELECT 1'", 'SELECT 1', 'SELECT 1'],
    ['"a\\tb"', 'a\tb', 'a\\b'],
    ['`a`', 'a', 'a'],
    ["('a ' +\n  'b' + `c`)", 'a bc', 'a bc'],
  ])('%s', (source, sql, from) => {
    const query = queryOfLiteral(literals(source));
    expect(query?.sql).toBe(sql);
    expect(traced(query, source)).toBe(from);
  });

  test.each(["'a' + b", "'a' - 'b'", '`a ${b}`', 'x', "f('a')"])('is not known for %s', (source) => {
    expect(queryOfLiteral(literals(source))).toBeUndefined();
  });
});

/** Numbers below a bound, the same for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed + 1;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('no text makes the reader throw, and the same text gives the same answer', () => {
  const words =
    `SELECT INSERT INTO UPDATE DELETE FROM WHERE WITH RECURSIVE AS ( ) , ; * a b s.c "q" ' '' $$ $1 $x$ -- /* */ 1 1.5 + :: [ ] NOT AND OR
    UNION JOIN ON VALUES SET FOR UPDATE OF RETURNING CONFLICT DO NOTHING CREATE TABLE int ALTER ADD DROP COLUMN INDEX COPY TO STDOUT LOCK
    TRUNCATE MERGE USING WHEN MATCHED THEN CASE END nextval EXPLAIN ANALYZE BEGIN CALL \\ é 😀 \0 \ud800 E'\\' U&"x"`.split(
      /\s+/,
    );
  for (let seed = 0; seed < 2000; seed++) {
    const next = random(seed);
    const sql = Array.from({ length: 1 + next(14) }, () => words[next(words.length)]).join(next(4) ? ' ' : '');
    const query = readQuery(sql, parser);
    expect(readQuery(sql, parser)).toEqual(query);
    expect(JSON.parse(JSON.stringify(query))).toEqual(query);
    if ('error' in query) {
      expect(query.error.offset).toBeGreaterThanOrEqual(0);
      expect(query.error.offset).toBeLessThanOrEqual(sql.length);
    }
    const tokens = [...tokensOf(sql)];
    for (const { text, start } of tokens) expect(sql.startsWith(text, start)).toBe(true);
  }
});

test.each([
  ['comments', () => '/* '],
  ['quotes', (index: number) => `$t${index}$ `],
])('%s without an end are read in one go', (_, sign) => {
  const sql = Array.from({ length: 50_000 }, (_, index) => sign(index)).join('');
  const started = performance.now();
  expect([...tokensOf(sql)].length).toBeGreaterThan(50_000);
  expect(performance.now() - started).toBeLessThan(3000);
});

test('comments and quotes in dollars are one, to their first end', () => {
  const texts = (sql: string) => [...tokensOf(sql)].map(({ text }) => text);
  expect(texts('/* a */ b $x$ $y$ $x$ /*/ */ $$c$$')).toEqual(['b', '$x$ $y$ $x$', '$$c$$']);
  expect(texts('$x$ a /* b')).toEqual(['$', 'x$', 'a', '/', '*', 'b']);
});

test('a thousand queries take less than five seconds', () => {
  const started = performance.now();
  for (let n = 0; n < 1000; n++) {
    read(
      `SELECT a.id, b.title, count(*) FROM a JOIN b ON a.id = b.a_id WHERE a.x = $1 AND b.y > ${n} GROUP BY 1, 2 LIMIT 10`,
    );
  }
  expect(performance.now() - started).toBeLessThan(5000);
});
