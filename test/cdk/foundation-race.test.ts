import { expect, test } from '@jest/globals';
import { ensureFoundation } from '../../cdk/apply/foundation.ts';
import type { Aws } from '../../cdk/aws.ts';
import { foundationStackName } from '../../cdk/names.ts';
import { readNeeds } from '../../cdk/needs.ts';
import { readTemplate } from '../../cdk/stacks/read.ts';
import type { Plan, Reporter } from '../../pipeline/mod.ts';
import { quiet } from '../conformance/tiny-app.ts';
import { inputOf } from './support/input.ts';
import { makeSmallCloud } from './support/small-cloud.ts';
import { everythingGraph, releaseOf } from './support/stories.ts';

const { plan, foundation } = inputOf({ release: releaseOf(everythingGraph()), environment: 'production' });

/** A plan that needs nothing but a place to run. */
function planFor(name: string): Plan {
  return { ...plan, databases: [], caches: [], environment: { application: 'shop', name, type: 'development' } };
}

test('environments that are deployed at the same time keep the needs of each other', async () => {
  const cloud = await makeSmallCloud();
  const aws: Aws = { ...cloud, written: () => ({ aws: {}, overrides: {} }) } as never;
  const ensure = (name: string, report: Reporter = quiet) =>
    ensureFoundation(aws, planFor(name), foundation.settings, { report });
  /** Another environment comes between what somebody looks at and what they change. */
  const late = (name: string): Reporter => {
    let first = true;
    const step: Reporter['step'] = async (_title, work) => {
      if (first) {
        first = false;
        await ensure(name);
      }
      return work();
    };
    return { ...quiet, step };
  };
  try {
    await ensure('a', late('b'));
    await ensure('c', late('d'));
    const template = await readTemplate(
      cloud.clients,
      foundationStackName(foundation.settings.foundation, 'development'),
    );
    expect(Object.keys(readNeeds(template))).toEqual(['shop/a', 'shop/b', 'shop/c', 'shop/d']);
  } finally {
    await cloud.dispose();
  }
}, 120_000);
