import type { Parser, Statement } from '../parser.ts';
import { type Content, contentsOf } from '../tree.ts';

/** A block without declarations, which may let one error pass: how tools write "unless it is there". */
const block =
  /^\s*BEGIN\s(?<body>[\s\S]*?)(?:\bEXCEPTION\s+WHEN\s+\w+(?:\s+OR\s+\w+)*\s+THEN\s+(?:NULL|RAISE\s+NOTICE\s+'[^']*')\s*;\s*)?END\s*;?\s*$/i;

/**
 * The statements of `DO $$ BEGIN … END $$`, when it holds nothing but SQL; undefined when it holds more than that, such as IF or
 * EXECUTE, so that what it does is not known. `offset` is where the block's text begins in the body.
 */
export function statementsOfBlock(content: Content, parser: Parser): Statement[] | undefined {
  const options = new Map(contentsOf(content.args).map(({ defname, arg }) => [defname, arg]));
  const language = textOf(options.get('language')) ?? 'plpgsql';
  const body = block.exec(textOf(options.get('as')) ?? '')?.groups?.body;
  if (language.toLowerCase() !== 'plpgsql' || body === undefined) return undefined;
  const parsed = parser.parse(body);
  if ('error' in parsed || parsed.statements.some(({ kind }) => kind === 'SelectStmt' || kind === 'ExecuteStmt'))
    return undefined;
  return parsed.statements;
}

function textOf(node: unknown): string | undefined {
  return (node as { String?: { sval?: string } } | undefined)?.String?.sval;
}
