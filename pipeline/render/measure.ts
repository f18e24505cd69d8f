/**
 * Widths of ASCII from the space on, in hundredths of the font size: those of DejaVu Sans, the widest font of the stack
 * in `theme.ts`. With a narrower one there is room left, never too little.
 */
const ascii = [
  32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84,
  84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79, 60, 79, 69, 63, 61, 73, 68, 99, 69, 61,
  69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59,
  82, 59, 59, 52, 64, 34, 64, 84,
];

const boldness = 1.14;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

export interface Font {
  /** Pixels. */
  size: number;
  bold?: boolean;
}

/** The width that a text takes at most, in pixels. */
export function widthOf(text: string, font: Font): number {
  let hundredths = 0;
  for (const { segment } of segmenter.segment(text)) hundredths += widthOfGrapheme(segment);
  return (hundredths / 100) * font.size * (font.bold ? boldness : 1);
}

/** The text, or as much of its beginning as fits in `width` pixels together with an ellipsis. */
export function truncate(text: string, width: number, font: Font): string {
  if (widthOf(text, font) <= width) return text;
  let kept = '';
  for (const { segment } of segmenter.segment(text)) {
    if (widthOf(`${kept}${segment}…`, font) > width) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** What is not ASCII: letters of the alphabets count as wide ones, everything else as a square. */
function widthOfGrapheme(segment: string): number {
  const code = segment.codePointAt(0)!;
  if (segment.length === 1 && code >= 0x20 && code < 0x7f) return ascii[code - 0x20]!;
  if (segment === '…') return 100;
  return code < 0x1100 ? 80 : 110;
}
