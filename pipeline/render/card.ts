import type { Glyph } from './glyphs.ts';
import { type Font, truncate, widthOf } from './measure.ts';
import { labelOf, type View, type ViewNode } from './view.ts';

/** What is drawn for a node that has a place of its own. Pixels; texts are cut to what fits. */
export interface Card {
  node: ViewNode;
  width: number;
  height: number;
  title: Text;
  note: Text;
  rows: Row[];
}

export interface Row {
  glyph: Glyph;
  /** The node that the row stands for; absent for the row of secrets. */
  node?: string;
  name: Text;
  /** At the right end. */
  note: Text;
  /** Marked with a globe. */
  public: boolean;
}

/** `full` is set when `shown` is only its beginning. */
export interface Text {
  shown: string;
  full?: string;
}

export const fonts = {
  headline: { size: 18, bold: true },
  title: { size: 14, bold: true },
  note: { size: 11.5 },
  row: { size: 12.5 },
  label: { size: 11 },
} as const satisfies Record<string, Font>;

export const metrics = {
  /** Between the border and what is inside. */
  padding: 12,
  tile: 32,
  /** Between a glyph and its text. */
  gap: 10,
  head: 56,
  row: 26,
  glyph: 14,
  /** Below the last row. */
  foot: 6,
  widest: 272,
  narrowest: 176,
};

/** The cards of a view, with what lives within them, all of one width. */
export function cardsOf(view: View): Card[] {
  const wishes = view.nodes
    .filter(({ within }) => within === undefined)
    .map((node) => ({ node, rows: rowsOf(node, view) }));
  const { narrowest, widest } = metrics;
  const needed = Math.max(narrowest, ...wishes.map(({ node, rows }) => widthNeeded(node, rows)));
  const width = Math.ceil(Math.min(widest, needed));
  return wishes.map(({ node, rows }) => cardOf(node, rows, width));
}

interface Wish {
  glyph: Glyph;
  node?: string;
  name: string;
  note: string;
  public: boolean;
}

function rowsOf({ id, secrets }: ViewNode, { nodes, edges }: View): Wish[] {
  const inside = nodes
    .filter(({ within }) => within === id)
    .map((node): Wish => {
      const edge = edges.find(({ to, from }) => to === node.id || from === node.id);
      const note = node.kind === 'cron' || !edge ? node.note : labelOf(edge);
      return { glyph: node.kind, node: node.id, name: node.name, note, public: node.public };
    });
  return secrets.length === 0 ? inside : [...inside, secretsRow(secrets)];
}

/** One secret by its name, more by their number. */
function secretsRow(secrets: string[]): Wish {
  const [only] = secrets;
  return { glyph: 'secret', name: secrets.length === 1 ? only! : `${secrets.length} secrets`, note: '', public: false };
}

const beforeTitle = metrics.padding + metrics.tile + metrics.gap;
const beforeRow = metrics.padding + metrics.glyph + metrics.gap;

/** What the mark of the public takes. */
function markWidth(marked: boolean): number {
  return marked ? metrics.glyph + metrics.gap : 0;
}

function widthNeeded(node: ViewNode, rows: Wish[]): number {
  const { padding, gap } = metrics;
  return Math.max(
    beforeTitle + widthOf(node.name, fonts.title) + markWidth(node.public) + padding,
    beforeTitle + widthOf(node.note, fonts.note) + padding,
    ...rows.map((row) => {
      const note = row.note === '' ? 0 : gap + widthOf(row.note, fonts.note);
      return beforeRow + widthOf(row.name, fonts.row) + markWidth(row.public) + note + padding;
    }),
  );
}

function cardOf(node: ViewNode, rows: Wish[], width: number): Card {
  const { padding, head, row, foot } = metrics;
  return {
    node,
    width,
    height: rows.length === 0 ? head : head + rows.length * row + foot,
    title: cut(node.name, width - beforeTitle - markWidth(node.public) - padding, fonts.title),
    note: cut(node.note, width - beforeTitle - padding, fonts.note),
    rows: rows.map((wish) => rowOf(wish, width - beforeRow - padding - markWidth(wish.public))),
  };
}

/** The name has the right of way: what is left of `room` is for the note, down to a third. */
function rowOf({ name, note, ...rest }: Wish, room: number): Row {
  const noteWidth = note === '' ? 0 : Math.min(widthOf(note, fonts.note), room / 3);
  const shown = cut(name, room - (noteWidth > 0 ? noteWidth + metrics.gap : 0), fonts.row);
  const left = room - widthOf(shown.shown, fonts.row) - metrics.gap;
  return { ...rest, name: shown, note: cut(note, Math.max(left, noteWidth), fonts.note) };
}

export function cut(text: string, width: number, font: Font): Text {
  const shown = truncate(text, width, font);
  return shown === text ? { shown } : { shown, full: text };
}
