import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPool, type Server, splitHost, tlsOf } from '../../runtime/postgres/connect.ts';
import type { ClientCertificate, SqlServer } from '../../runtime/wire.ts';
import { makeCertificate } from '../support/certificate.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

const certificate = makeCertificate();
const another = makeCertificate();

(process.env.CI ? test : test.skip)('there is openssl', () => expect(certificate).toBeDefined());

(certificate && another ? describe : describe.skip)('with openssl, PostgreSQL that takes nobody without TLS', () => {
  let postgres: TestPostgres;

  beforeAll(async () => {
    postgres = await startPostgres();
    const [{ data_directory: data }] = (await postgres.run('postgres', 'SHOW data_directory')) as [
      { data_directory: string },
    ];
    const put = async (name: string, text: string) => {
      // The server itself writes it, so that it is the server's own, for it alone.
      await postgres.run(
        'postgres',
        `COPY (SELECT unnest(string_to_array(${literal(text.trim())}, E'\\n'))) TO ${literal(join(data, name))}`,
      );
      // The server takes it for a failure when nobody reads what it writes.
      const command = `cat >/dev/null && chmod 600 ${join(data, name)}`;
      await postgres.run('postgres', `COPY (SELECT 1) TO PROGRAM ${literal(command)}`);
    };
    await put('server.crt', certificate!.cert);
    await put('server.key', certificate!.key);
    await put('clients.crt', another!.cert);
    await postgres.run('postgres', 'CREATE DATABASE test');
    await put(
      'pg_hba.conf',
      'hostssl test all 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\nhostssl all all 127.0.0.1/32 scram-sha-256\n',
    );
    await postgres.run('postgres', `ALTER SYSTEM SET ssl_ca_file = ${literal(join(data, 'clients.crt'))}`);
    await postgres.run('postgres', "ALTER SYSTEM SET ssl = 'on'");
    await postgres.run('postgres', 'SELECT pg_reload_conf()');
  });
  afterAll(() => postgres.stop());

  async function connect(
    tls_config: SqlServer['tls_config'],
    host = 'localhost',
    { database = 'postgres', own }: { database?: string; own?: ClientCertificate | undefined } = {},
  ) {
    const { port, user, password } = postgres;
    const server: Server = {
      ...splitHost(`${host}:${port}`),
      user,
      password,
      database,
      ssl: tlsOf(tls_config, own),
    };
    const pool = await openPool(server, { max: 1, min: 0 });
    try {
      const { rows } = await pool.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      return rows;
    } finally {
      await pool.end();
    }
  }

  test('is spoken with by who trusts its certificate', async () => {
    expect(await connect({ ca: certificate!.cert })).toEqual([{ ssl: true }]);
    expect(await connect({ disable_ca_validation: true })).toEqual([{ ssl: true }]);
    const config = { ca: certificate!.cert, disable_tls_hostname_verification: true };
    expect(await connect(config, '127.0.0.1')).toEqual([{ ssl: true }]);
  });

  test.each([
    ['another certificate', { ca: another!.cert }, 'localhost', /certificate/],
    ['one of an unknown authority', {}, 'localhost', /certificate/],
    ['one for another host', { ca: certificate!.cert }, '127.0.0.1', /does not match certificate/],
    ['no TLS', { disabled: true }, 'localhost', /no pg_hba.conf entry/],
    ['nothing said of TLS', undefined, 'localhost', /no pg_hba.conf entry/],
  ])('refuses, or is refused, with %s', async (_, config, host, message) => {
    await expect(connect(config, host)).rejects.toThrow(message);
  });

  describe('a database that asks for a client certificate', () => {
    const ca = certificate?.cert ?? '';
    const there = (client_cert?: ClientCertificate, own?: ClientCertificate) =>
      connect({ ca, ...(client_cert && { client_cert }) }, 'localhost', { database: 'test', own });

    test('takes who shows one, for all of the server or for this database', async () => {
      process.env.CLIENT_KEY = another!.key;
      const shown = { cert: another!.cert, key: { $env: 'CLIENT_KEY' } };
      expect(await there(shown)).toEqual([{ ssl: true }]);
      expect(await there(certificate, shown)).toEqual([{ ssl: true }]);
    });

    test('refuses everybody else', async () => {
      await expect(there()).rejects.toThrow(/requires a valid client certificate/);
      await expect(there(certificate)).rejects.toThrow();
    });
  });
});

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
