import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type DatabaseKind, type Keywright, startTestKeywright } from '../../server/test/harness.ts';
import { type GuardedApi, setUpGuardedApi } from './guarded-api.ts';
import { type Reached, type RecordingApi, startRecordingApi } from './recording-api.ts';
import { type RawAnswer, requestText, sendRaw } from './send-raw.ts';
import { type Gateway, startGateway } from './start-gateway.ts';
import type { GatewayName } from './write-configuration.ts';

export type HeaderLines = readonly (readonly [string, string])[];

/** A gateway with its shipped configuration, between a client that sends what it likes and an API that records what it gets. */
export type Stage = {
  kw: Keywright;
  guarded: GuardedApi;
  port: number;
  /** Issues a key; its secret is looked for in every log at the end. */
  issue: (fields?: Record<string, unknown>) => Promise<{ id: string; secret: string }>;
  /** Names something else that no log may hold. */
  keepSecret: (...secrets: string[]) => void;
  send: (method: string, target: string, headers: HeaderLines, body?: string) => Promise<Sent>;
  /** Sends exactly this. */
  sendText: (text: string) => Promise<Sent>;
};

/** The client's answer, and what reached the API of this request. */
export type Sent = RawAnswer & { reached: Reached[]; reason: string | undefined };

const stages: readonly (readonly [GatewayName, DatabaseKind])[] = [
  ['nginx', 'sqlite'],
  ['caddy', 'sqlite'],
  ['nginx', 'postgres'],
];

/**
 * Runs the block behind the real nginx and the real Caddy (nginx once more on PostgreSQL unless `sqliteOnly`), and in the end
 * looks for every secret in all that gateway and Keywright have written.
 */
export function onEveryGateway(
  name: string,
  block: (stage: () => Stage, gateway: GatewayName) => void,
  options: { sqliteOnly?: boolean } = {},
): void {
  for (const [gateway, database] of stages) {
    if (options.sqliteOnly && database !== 'sqlite') continue;
    describe(`${name} [${gateway}, ${database}]`, () => runBlock(gateway, database, block));
  }
}

function runBlock(
  name: GatewayName,
  database: DatabaseKind,
  block: (stage: () => Stage, gateway: GatewayName) => void,
): void {
  const secrets = new Set<string>();
  const closers: (() => Promise<unknown>)[] = [];
  let stage: Stage | undefined;
  let kw: Keywright | undefined;
  let gateway: Gateway | undefined;

  before(async () => {
    kw = await startTestKeywright(database);
    closers.push(kw.close);
    const api = await startRecordingApi();
    closers.push(api.close);
    const guarded = await setUpGuardedApi(kw, 'orders');
    gateway = await startGateway(name, {
      keywright: new URL(kw.gatewayUrl).host,
      apiPort: api.port,
      apiId: guarded.apiId,
      environment: 'production',
    });
    closers.push(gateway.close);
    secrets.add(kw.adminKey);
    stage = createStage(kw, guarded, api, gateway.port, secrets);
  });
  after(async () => {
    for (const close of closers.reverse()) await close();
  });

  block(() => {
    if (stage === undefined) throw new Error('The stage stands only inside tests.');
    return stage;
  }, name);

  test('no secret that was issued or presented is in the log of the gateway or of Keywright', async () => {
    assert.ok(gateway !== undefined && kw !== undefined && secrets.size > 2);
    const fromGateway = await gateway.close();
    closers.splice(closers.indexOf(gateway.close), 1);
    assert.match(fromGateway, /\/orders/, 'the access log is there');
    assert.match(kw.logged(), /"route":"\/v1\/api-keys"/, "Keywright's log is there");
    for (const secret of secrets) {
      assert.ok(!fromGateway.includes(secret), "a secret is in the gateway's log");
      assert.ok(!kw.logged().includes(secret), "a secret is in Keywright's log");
    }
  });
}

function createStage(
  kw: Keywright,
  guarded: GuardedApi,
  api: RecordingApi,
  port: number,
  secrets: Set<string>,
): Stage {
  const sendText = async (text: string): Promise<Sent> => {
    const answer = await sendRaw(port, text);
    return { ...answer, reached: api.take(), reason: answer.headers['x-auth-reason']?.[0] };
  };
  return {
    kw,
    guarded,
    port,
    issue: async (fields) => {
      const issued = await guarded.issue(fields);
      secrets.add(issued.secret);
      return issued;
    },
    keepSecret: (...more) => {
      for (const secret of more) secrets.add(secret);
    },
    send: (method, target, headers, body) => sendText(requestText(method, target, headers, body)),
    sendText,
  };
}

export function bearer(secret: string): readonly [string, string] {
  return ['Authorization', `Bearer ${secret}`];
}

export function basic(user: string, password: string): readonly [string, string] {
  return ['Authorization', `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`];
}
