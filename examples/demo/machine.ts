import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { openKeys } from '../../local/keys.ts';
import { findServer } from '../../local/postgres/server.ts';
import { pathsOf } from '../../local/state.ts';

import type { Status } from './fairlead.ts';
import type { Place, Traces } from './place.ts';

const run = promisify(execFile);

/** Looks at the machine itself, whatever Fairlead says: its process table, its ports, its PostgreSQL and its disk. */
export class Machine implements Place {
  readonly name = 'this machine';
  private readonly stateDirectory: string;
  /** Each port that was ever one of ours: it is asked again when nobody names it any more. */
  private readonly ports = new Set<number>();

  constructor(stateDirectory: string) {
    this.stateDirectory = stateDirectory;
  }

  async traces(environments: Status[]): Promise<Traces> {
    for (const { url, processes } of environments) {
      if (url !== undefined) this.ports.add(Number(new URL(url).port));
      for (const { port } of processes) if (port !== undefined) this.ports.add(port);
    }
    return {
      processes: await this.processes(),
      ports: await this.openPorts(),
      databases: await this.names('postgres', 'SELECT datname AS name FROM pg_database'),
      queues: await this.names('fairlead', "SELECT schemaname || '.' || tablename AS name FROM pg_tables"),
      roles: await this.names('postgres', 'SELECT rolname AS name FROM pg_roles'),
      files: await this.files(),
    };
  }

  async has(database: string, table: string, row: Record<string, number>): Promise<boolean> {
    const databases = await this.names('postgres', 'SELECT datname AS name FROM pg_database');
    const physical = databases.find((name) => name.startsWith(`shop_pr_1_${database}_`));
    if (physical === undefined) return false;
    const where = Object.entries(row).map(([column, value]) => `${column} = ${value}`);
    return (
      (await this.names(physical, `SELECT 'found' AS name FROM public.${table} WHERE ${where.join(' AND ')}`)).length >
      0
    );
  }

  /** The command lines that name the state directory: supervisors, application processes, PostgreSQL. */
  private async processes(): Promise<string[]> {
    const { stdout } = await run('ps', ['-eo', 'pid=,args='], { maxBuffer: 16 * 1024 * 1024 });
    const lines = stdout.split('\n').map((line) => line.trim());
    return lines.filter((line) => line.includes(this.stateDirectory));
  }

  private async openPorts(): Promise<string[]> {
    const ports = [...this.ports];
    const open = await Promise.all(ports.map(accepts));
    return ports.filter((_, index) => open[index]).map(String);
  }

  private async names(database: string, sql: string): Promise<string[]> {
    const state = pathsOf(this.stateDirectory);
    const server = await findServer(state, openKeys(state));
    if (!server) return [];
    const { rows } = await server.connect(database, (client) => client.query<{ name: string }>(sql));
    return rows.map(({ name }) => name).sort();
  }

  /** What environments keep; builds belong to releases, and the files of PostgreSQL to its databases. */
  private async files(): Promise<string[]> {
    const { apps } = pathsOf(this.stateDirectory);
    if (!existsSync(apps)) return [];
    const entries = await readdir(apps, { recursive: true, withFileTypes: true });
    const paths = entries.map(({ parentPath, name }) => relative(apps, join(parentPath, name)));
    return paths.filter((path) => /^[^/]+\/environments\/./.test(path)).sort();
  }
}

/** Whether someone listens on a port of this machine. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const answer = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}
