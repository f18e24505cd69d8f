import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { brokenStart, giftNotes, noteLimit } from '../../examples/demo/changes.ts';
import { difference } from '../../examples/demo/place.ts';
import { Repository } from '../../examples/demo/repository.ts';
import { table } from '../../examples/demo/table.ts';
import { Telling, Unexpected } from '../../examples/demo/telling.ts';

describe('the telling', () => {
  beforeEach(() => {
    jest.spyOn(console, 'log').mockImplementation(() => {});
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test('accepts what is as claimed, and refuses what is not', () => {
    const telling = new Telling();
    telling.expect('equal', { a: [1] }, { a: [1] });
    expect(() => telling.expect('not equal', { a: [1] }, { a: [2] })).toThrow(Unexpected);
    expect(telling.summary()).toContain('1 facts checked');
  });

  test('waits for what becomes true', async () => {
    let asked = 0;
    await new Telling().eventually('third time', async () => ++asked, 3);
    expect(asked).toBe(3);
  });

  test('lists the steps that came to their end', async () => {
    const telling = new Telling();
    await telling.step('first', async () => {});
    await expect(telling.step('second', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(telling.summary()).toMatch(/^1 {2}first {2,}0\.0 s\n {3}0 facts checked {2}0\.0 s$/);
  });
});

test('a table aligns words to the left and numbers to the right', () => {
  expect(
    table([
      ['1', 'one', '9.5 s'],
      ['10', 'eleven', '12.0 s'],
    ]),
  ).toBe(' 1  one      9.5 s\n10  eleven  12.0 s');
});

test('the difference is what one side has alone', () => {
  const production = { processes: ['1 production'], ports: [], roles: ['admin'] };
  const both = { ...production, processes: ['1 production', '2 preview'], ports: ['4000'] };
  expect(difference(both, production)).toEqual({ processes: ['2 preview'], ports: ['4000'] });
  expect(difference(production, both)).toEqual({});
  expect(difference(both, {})).toEqual({ processes: both.processes, ports: both.ports, roles: ['admin'] });
});

describe('the repository', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fairlead-repository-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  test('takes every change of the story, merges and reverts', async () => {
    const repository = await Repository.create(join(directory, 'shop'), resolve('examples/shop'));
    const orders = () => readFile(join(repository.root, 'orders/orders.ts'), 'utf8');
    const opened = await orders();
    await repository.branch('gift-notes');
    await repository.commit('Let an order carry a note', giftNotes);
    await repository.commit('Limit the note', noteLimit);
    const reviewed = await orders();
    await repository.merge('gift-notes');
    await repository.commit('Print the cards', brokenStart);
    const broken = await orders();
    await repository.revert();
    expect(new Set([opened, reviewed, broken]).size).toBe(3);
    expect(await orders()).toBe(reviewed);
    expect(await repository.head()).toMatch(/^[0-9a-f]{40}$/);
  });

  test('refuses an edit that does not fit', async () => {
    const repository = await Repository.create(join(directory, 'shop'), resolve('examples/shop'));
    const edit = { file: 'orders/orders.ts', find: 'not in there', replace: '' };
    await expect(repository.commit('Nothing', [edit])).rejects.toThrow('does not contain');
  });
});
