import { createRequire } from 'node:module';
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

/**
 * Jest's own environment for Node, with two differences that save most of the time of tests which only compute.
 *
 * Its global object is a plain one. Jest's is a context with an interceptor, in which each mention of a global, such as
 * `Map` or `Array.isArray`, costs forty times as much.
 *
 * It can have large packages outside, where one worker loads and warms up each of them once for all of its files
 * (see `outside.cjs`). Errors of outside are instances of the classes of inside, as they are where there is only one realm.
 */
// biome-ignore lint/style/noDefaultExport: this is where Jest looks.
export default class PlainEnvironment extends TestEnvironment {
  constructor(...args: ConstructorParameters<typeof TestEnvironment>) {
    const { createContext } = vm;
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(...args);
    } finally {
      vm.createContext = createContext;
    }
    Object.assign(this.global, { [Symbol.for('fairlead.outside')]: outside });
    for (const error of errors) recognise(error, this.global[error.name as 'Error']);
  }
}

const outside = createRequire(import.meta.url);
const errors = [Error, AggregateError, RangeError, ReferenceError, SyntaxError, TypeError];
type Class = abstract new (...args: never[]) => Error;
const isInstance = Function.prototype[Symbol.hasInstance];

/** Has `instanceof inner`, though not its subclasses, accept the instances of `outer` too. */
function recognise(outer: Class, inner: Class): void {
  Object.defineProperty(inner, Symbol.hasInstance, {
    value(this: Class, value: unknown): boolean {
      return isInstance.call(this, value) || (this === inner && isInstance.call(outer, value));
    },
  });
}
