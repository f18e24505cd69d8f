import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { bundle } from '../../../images/bundle/bundle.ts';
import { Workbench } from '../../../images/bundle/workbench.ts';
import { directoryWith } from '../../cli/fairlead.ts';

const files = {
  'package.json': '{"name":"app","type":"module","dependencies":{"reader":"1","plain":"1"}}',
  'a.ts': "import { read } from 'reader';\nimport { one } from 'plain';\nconsole.log(read(), one);\n",
  'node_modules/reader/package.json': '{"name":"reader","version":"1.0.0"}',
  'node_modules/reader/index.js':
    "exports.read = () => require('node:fs').readFileSync(__dirname + '/data.txt', 'utf8');",
  'node_modules/reader/data.txt': 'data',
  'node_modules/plain/package.json': '{"name":"plain","version":"1.0.0"}',
  'node_modules/plain/index.js': 'exports.one = 1;',
};

test('a bundle made again is what one made anew is, whatever has changed in between', async () => {
  const { path: root, remove } = directoryWith(files);
  const workbench = new Workbench();
  const options = {
    ...{ root, layer: { files: [], modules: new Map(), packages: [] }, generated: [] },
    ...{ externals: { external: [], bundle: [] }, platforms: ['linux/amd64'] },
  };
  const both = async (entry = "import './a.ts';") => {
    const again = await bundle({ ...options, entry, again: { workbench, process: 'app' } });
    const anew = await bundle({ ...options, entry });
    expect(again).toEqual(anew);
    return again;
  };
  const edit = (path: string, text: string) => writeFileSync(join(root, path), text);
  try {
    await both();
    edit('a.ts', "import { read } from 'reader';\nimport { one } from 'plain';\nconsole.log(one, read(), 2);\n");
    await both();
    edit('node_modules/plain/index.js', 'exports.one = () => __dirname;');
    await both();
    edit('a.ts', 'console.log(;');
    expect(await both()).toHaveProperty('diagnostics');
    edit('a.ts', "import { b } from './b';\nconsole.log(b);\n");
    edit('b.ts', 'export const b = 3;\n');
    await both("console.log('other');\nimport './a.ts';");
  } finally {
    await workbench.close();
    remove();
  }
});
