/** Words that cannot be the name of a variable, a namespace or a class member in strict code. */
const reserved = new Set(
  '__proto__ any arguments as async await boolean break case catch class const constructor continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let never new null number object package private protected prototype public return static string super switch symbol this throw true try type typeof undefined unknown var void while with yield'.split(
    ' ',
  ),
);

/** An identifier close to the text: `mail-out` → `mail_out`, `new` → `new_`. */
export function identifier(text: string): string {
  const legal = text.replaceAll(/[^\p{ID_Continue}$]/gu, '_').replace(/^(?![\p{ID_Start}_$])/u, '_');
  return reserved.has(legal) ? `${legal}_` : legal;
}

/** A name as the key of an object: quoted where it has to be. */
export function key(name: string): string {
  if (name === '__proto__') return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

/** Gives names out once each: a second claim gets a number. */
export class Names {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  claim(wanted: string): string {
    for (let count = 1; ; count++) {
      const name = count === 1 ? wanted : `${wanted}_${count}`;
      if (this.#taken.has(name)) continue;
      this.#taken.add(name);
      return name;
    }
  }
}
