import type { Layout, Point } from './layout.ts';

/** Pixels between parts. */
const gap = 36;

/** Puts the layouts of separate parts on shelves, the largest first, so that none touches another and width by height comes near to `aspectRatio`. */
export function pack(parts: Layout[], aspectRatio: number): Layout {
  const area = parts.reduce((sum, { width, height }) => sum + (width + gap) * (height + gap), 0);
  const width = Math.max(Math.sqrt(area * aspectRatio), ...parts.map((part) => part.width));
  const bySize = [...parts].sort((a, b) => b.height - a.height || b.width - a.width);
  const packed: Layout = { width: 0, height: 0, cards: [], lines: [] };
  let [x, shelf] = [0, 0];
  for (const part of bySize) {
    if (x > 0 && x + part.width > width) [x, shelf] = [0, packed.height + gap];
    const moved = move(part, x, shelf);
    packed.cards.push(...moved.cards);
    packed.lines.push(...moved.lines);
    packed.width = Math.max(packed.width, Math.ceil(x + part.width));
    packed.height = Math.max(packed.height, Math.ceil(shelf + part.height));
    x += part.width + gap;
  }
  return packed;
}

function move({ cards, lines, ...rest }: Layout, dx: number, dy: number): Layout {
  const by = <T extends Point>(point: T): T => ({ ...point, x: round(point.x + dx), y: round(point.y + dy) });
  return {
    ...rest,
    cards: cards.map(by),
    lines: lines.map(({ edge, points, label }) => ({
      edge,
      points: points.map(by),
      ...(label ? { label: by(label) } : {}),
    })),
  };
}

/** To a hundredth of a pixel, so that the bytes do not depend on the last bit of a sum. */
function round(number: number): number {
  return Math.round(number * 100) / 100;
}
