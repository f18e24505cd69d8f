// Preloaded into a process that is to see another machine: a clock that stands in the past, and directories that list what
// is in them in the other order.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const past = Date.parse('2001-02-03T04:05:06Z');
globalThis.Date = class extends Date {
  static now = () => past;

  constructor(...given) {
    super(...(given.length === 0 ? [past] : given));
  }
};

const { readdir, readdirSync } = fs;
const { readdir: promised } = fs.promises;
fs.readdirSync = (...given) => readdirSync(...given).reverse();
fs.promises.readdir = async (...given) => (await promised(...given)).reverse();
fs.readdir = (...given) => {
  const done = given.pop();
  readdir(...given, (error, entries) => done(error, entries?.reverse()));
};
syncBuiltinESMExports();
