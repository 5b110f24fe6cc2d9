import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import pg from 'pg';
import { type Running, type Surroundings, startKeywright } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { systemActor } from '../src/domain/access/actor.ts';
import type { Ctx } from '../src/domain/context.ts';
import { createManagementKey } from '../src/domain/management-keys/create-management-key.ts';
import { createOrganization } from '../src/domain/organizations/create-organization.ts';
import { createLog } from '../src/lib/create-log.ts';

export type DatabaseKind = 'sqlite' | 'postgres';
const kinds: readonly DatabaseKind[] = ['sqlite', 'postgres'];

/** Runs the block once on each database, with a running Keywright of its own, which the block reads by `kw()` inside its tests. */
export function onBothDatabases(
  name: string,
  block: (kw: () => Keywright, kind: DatabaseKind) => void,
  environment: Record<string, string> = {},
): void {
  for (const kind of kinds) {
    describe(`${name} [${kind}]`, () => {
      let keywright: Keywright | undefined;
      before(async () => {
        keywright = await startTestKeywright(kind, environment);
      });
      after(() => keywright?.close());
      block(() => {
        if (keywright === undefined) throw new Error('Keywright runs only inside tests and hooks.');
        return keywright;
      }, kind);
    });
  }
}

export type Answer = { status: number; headers: Headers; body: Body };
// biome-ignore lint/suspicious/noExplicitAny: a test asserts what the body is; its type is the assertion.
export type Body = any;

export type Keywright = Running & {
  kind: DatabaseKind;
  folder: string;
  organizationId: string;
  /** A management key with all scopes. */
  adminKey: string;
  /** Everything that was logged. */
  logged: () => string;
  /** A clock that tests may move; milliseconds added to the real one. */
  clock: { ahead: number };
  call: (method: string, path: string, options?: CallOptions) => Promise<Answer>;
  /** A context for calling verbs without HTTP, as the system. */
  ctx: (organizationId?: string) => Ctx;
  newOrganization: (name: string) => Promise<{ organizationId: string; adminKey: string }>;
  newManagementKey: (scopes: readonly string[], organizationId?: string) => Promise<string>;
};

export type CallOptions = {
  key?: string | null;
  body?: unknown;
  headers?: Record<string, string>;
  raw?: string;
};

/** A whole running Keywright on a database of its own; `close` ends and removes it. */
export async function startTestKeywright(
  kind: DatabaseKind,
  environment: Record<string, string> = {},
  surroundings: Pick<Surroundings, 'limits'> = {},
): Promise<Keywright> {
  const folder = mkdtempSync(join(tmpdir(), 'keywright-test-'));
  const database = kind === 'postgres' ? await createPostgresDatabase() : undefined;
  const lines: string[] = [];
  const clock = { ahead: 0 };
  const config = readConfig(
    {
      KEYWRIGHT_PORT: '0',
      KEYWRIGHT_GATEWAY_PORT: '0',
      KEYWRIGHT_DATA_DIR: folder,
      ...(database === undefined ? {} : { KEYWRIGHT_DATABASE_URL: database.url }),
      ...environment,
    },
    () => undefined,
  );
  const running = await startKeywright(config, {
    log: createLog('debug', { write: (line: string) => lines.push(line) }),
    clock: () => Date.now() + clock.ahead,
    ...surroundings,
  });
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await running.close();
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  };

  const ctx = (organizationId: string): Ctx => ({
    ...running.services,
    actor: systemActor,
    organizationId,
    request: { id: 'req_test', ip: null, userAgent: null },
  });
  const newManagementKey = async (scopes: readonly string[], organizationId: string) => {
    const made = await createManagementKey(ctx(organizationId), {
      name: 'test',
      scopes: [...scopes] as ['*'],
    });
    return String(made.result.secret);
  };
  const newOrganization = async (name: string) => {
    const { result } = await createOrganization(running.services, { id: 'req_test' }, { name, brand: 'kw' });
    return { organizationId: result.value.id, adminKey: await newManagementKey(['*'], result.value.id) };
  };
  const { organizationId, adminKey } = await newOrganization('Test');

  return {
    ...running,
    close,
    kind,
    folder,
    organizationId,
    adminKey,
    clock,
    logged: () => lines.join(''),
    ctx: (id = organizationId) => ctx(id),
    newOrganization,
    newManagementKey: (scopes, id = organizationId) => newManagementKey(scopes, id),
    call: async (method, path, options = {}) => {
      const key = options.key === undefined ? adminKey : options.key;
      const payload = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
      const response = await fetch(running.apiUrl + path, {
        method,
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
          ...options.headers,
        },
        ...(payload === undefined ? {} : { body: payload }),
      });
      const text = await response.text();
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
    },
  };
}

/** `npm test` starts a private cluster and says here where it is; each test makes a database of its own in it. */
export async function createPostgresDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const base = process.env.KEYWRIGHT_TEST_POSTGRES_URL;
  if (base === undefined)
    throw new Error('KEYWRIGHT_TEST_POSTGRES_URL is not set: run the tests by `npm test -- <file>`.');
  const name = `test_${randomBytes(8).toString('hex')}`;
  const admin = async (statement: string) => {
    const client = new pg.Client({ connectionString: base });
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await admin(`create database ${name}`);
  const url = new URL(base);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => admin(`drop database if exists ${name} with (force)`) };
}

/** The newest audit events of an organization, newest first. */
export async function auditEvents(
  keywright: Keywright,
  limit = 10,
  organizationId = keywright.organizationId,
) {
  return keywright.services.database.read
    .selectFrom('audit_event')
    .selectAll()
    .where('chain', '=', organizationId)
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute();
}
