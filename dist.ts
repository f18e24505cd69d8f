// `npm run dist`: bundles what workflows run into dist/, so that an action needs no installed packages but the few that cannot be
// bundled. The same sources and packages give the same bytes. Only the commits of releases have dist/.
import { fileURLToPath } from 'node:url';
import { bundleActions } from './actions/bundle/bundle.ts';

const root = fileURLToPath(new URL('.', import.meta.url));
await bundleActions(root.slice(0, -1), `${root}dist`);
