import { expect, test } from '@jest/globals';
import { generatedApplication } from '../../bench/generated-application.ts';
import { graphOf } from '../analyzer/application.ts';

test('a generated application has of everything what its size says', async () => {
  const files = Object.entries(generatedApplication(13)).filter(([path]) => !path.endsWith('.json'));
  const graph = await graphOf(files.map(([path, text]) => `-- ${path} --\n${text}`).join(''));
  expect(graph.services.map(({ endpoints }) => endpoints.length)).toEqual(Array(13).fill(5));
  expect(graph.databases).toHaveLength(5);
  expect(graph.topics).toHaveLength(4);
  expect(graph.services.flatMap(({ subscriptions }) => subscriptions)).toHaveLength(3);
  expect(graph.uses.filter(({ resource }) => resource.kind === 'endpoint')).toHaveLength(12);
  const orders = graph.uses.find(({ service, resource }) => service === 's000' && resource.kind === 'database');
  expect(orders?.operations).toEqual(['read', 'write']);
});
