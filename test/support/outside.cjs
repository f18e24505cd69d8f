// Takes the place of a package's sources, which then are loaded outside of the test file's own realm: see environment.ts.
const { createHash } = require('node:crypto');

const codeOf = (path) => `module.exports = globalThis[Symbol.for('fairlead.outside')](${JSON.stringify(path)});`;

module.exports = {
  process: (_source, path) => ({ code: codeOf(path) }),
  getCacheKey: (_source, path) => createHash('sha256').update(codeOf(path)).digest('hex'),
};
