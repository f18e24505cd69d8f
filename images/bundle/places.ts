import { transform } from 'esbuild';

/**
 * A bundle is one file, and what its modules ask for as their own place would be the bundle's. The files that code reads have in an
 * image the places that they have in the application, so a module is told the place that its source has there:
 * `join(import.meta.dirname, 'views')` is where `views` lies beside it, in a test as in an image.
 */

/** What a module calls its place, and what stands in for it in the bundle. */
const names = {
  'import.meta.dirname': '__placeDirname',
  'import.meta.filename': '__placeFilename',
  'import.meta.url': '__placeUrl',
  __dirname: '__placeDirname',
  __filename: '__placeFilename',
};

const asked = /\bimport\.meta\.(?:dirname|filename|url)\b|\b__(?:dirname|filename)\b/;

/** Whether a module may ask for its place. A name that it declares itself is found as well, and left alone later. */
export function asksForPlace(text: string): boolean {
  return asked.test(text);
}

/**
 * What the bundle begins with: its own place, by names that modules of either kind may use. `import.meta` would make an ES module of one
 * that is CommonJS.
 */
export const placeOfBundle = 'const __imageDirname=import.meta.dirname,__imageUrl=import.meta.url;';

export interface Placed {
  /** The module's file, and where an image has what lies beside it. */
  file: string;
  path: string;
  loader: 'js' | 'jsx' | 'ts' | 'tsx';
  /** `compilerOptions` that count for it. */
  options: Readonly<Record<string, unknown>>;
}

/** A module that has its place in the application: JavaScript, with a source map in its last line. */
export async function placed(text: string, { file, path, loader, options }: Placed): Promise<string> {
  const { code } = await transform(text, {
    loader,
    sourcefile: file,
    sourcemap: 'inline',
    sourcesContent: false,
    target: 'esnext',
    charset: 'utf8',
    jsx: 'preserve',
    tsconfigRaw: { compilerOptions: options },
    define: names,
    banner: declarations(path, text),
    logLevel: 'silent',
  });
  return code;
}

/** Without line breaks, and of no names that a module could have declared. */
function declarations(path: string, text: string): string {
  const uses = (...written: (keyof typeof names)[]) => written.some((name) => text.includes(name));
  const directory = path.includes('/') ? `/${path.slice(0, path.lastIndexOf('/'))}` : '';
  const url = path.split('/').map(encodeURIComponent).join('/');
  return [
    ...(uses('import.meta.dirname', '__dirname')
      ? [`const __placeDirname=__imageDirname${directory && `+${JSON.stringify(directory)}`};`]
      : []),
    ...(uses('import.meta.filename', '__filename')
      ? [`const __placeFilename=__imageDirname+${JSON.stringify(`/${path}`)};`]
      : []),
    ...(uses('import.meta.url') ? [`const __placeUrl=new URL(${JSON.stringify(url)},__imageUrl).href;`] : []),
  ].join('');
}
