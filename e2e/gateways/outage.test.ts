import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { startTestKeywright } from '../../server/test/harness.ts';
import { setUpGuardedApi } from './guarded-api.ts';
import { startRecordingApi } from './recording-api.ts';
import { requestText, sendRaw } from './send-raw.ts';
import { bearer } from './stage.ts';
import { startGateway } from './start-gateway.ts';
import type { GatewayName } from './write-configuration.ts';

/** What each gateway tells its client while no answer comes from Keywright. */
const refusals: Readonly<Record<GatewayName, { down: number; silent: number; odd: number | undefined }>> = {
  nginx: { down: 503, silent: 503, odd: 503 },
  caddy: { down: 502, silent: 504, odd: undefined },
};

for (const name of ['nginx', 'caddy'] as const) {
  describe(`outages [${name}]`, () => {
    const closers: (() => Promise<unknown>)[] = [];
    after(async () => {
      for (const close of closers.reverse()) await close();
    });

    /** Something else in Keywright's place, to see what the gateway makes of its answers. */
    async function standIn(listener: RequestListener) {
      const server = createServer(listener);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      closers.push(async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      });
      return behind(`127.0.0.1:${(server.address() as AddressInfo).port}`, 'api_01jd0c8rkee1t9n9p5mj6x2q7v');
    }

    async function behind(keywright: string, apiId: string) {
      const api = await startRecordingApi();
      closers.push(api.close);
      const gateway = await startGateway(name, {
        keywright,
        apiPort: api.port,
        apiId,
        environment: 'production',
      });
      let closed: Promise<string> | undefined;
      const close = () => {
        closed ??= gateway.close();
        return closed;
      };
      closers.push(close);
      const get = async (keyHeader: readonly [string, string]) => {
        const answer = await sendRaw(gateway.port, requestText('GET', '/orders', [keyHeader]));
        return { ...answer, reached: api.take() };
      };
      return { get, close };
    }

    test('while Keywright is down every request is refused, and none reaches the API', async () => {
      const kw = await startTestKeywright('sqlite');
      closers.push(kw.close);
      const guarded = await setUpGuardedApi(kw, 'orders');
      const { secret } = await guarded.issue();
      const { get, close } = await behind(new URL(kw.gatewayUrl).host, guarded.apiId);
      assert.equal((await get(['X-API-Key', secret])).status, 200);
      await kw.close();
      for (let attempt = 0; attempt < 3; attempt++) {
        const refused = await get(attempt === 0 ? bearer(secret) : ['X-API-Key', secret]);
        assert.equal(refused.status, refusals[name].down);
        assert.deepEqual(refused.reached, []);
      }
      const logged = await close();
      assert.match(logged, /refused/, 'the gateway logs that it could not connect');
      assert.ok(!logged.includes(secret));
    });

    test('while Keywright takes requests and never answers, the client is refused within seconds', async () => {
      const { get } = await standIn(() => undefined);
      const refused = await get(['X-API-Key', 'anything']);
      assert.equal(refused.status, refusals[name].silent);
      assert.deepEqual(refused.reached, []);
    });

    test('an answer that is neither yes nor no is no yes', async () => {
      for (const status of [302, 404, 431, 500]) {
        const { get } = await standIn((_, response) => response.writeHead(status, { location: '/' }).end());
        const refused = await get(['X-API-Key', 'anything']);
        assert.equal(refused.status, refusals[name].odd ?? status);
        assert.deepEqual(refused.reached, []);
      }
    });

    test('no decision possible, or too many of them: the client gets the true status and when to try again', async () => {
      for (const status of [429, 503]) {
        const headers = { 'X-Auth-Reason': 'unavailable', 'Retry-After': '7' };
        const { get } = await standIn((_, response) =>
          name === 'nginx'
            ? response.writeHead(403, { ...headers, 'X-Auth-Status': String(status) }).end()
            : response.writeHead(status, headers).end(),
        );
        const refused = await get(['X-API-Key', 'anything']);
        assert.equal(refused.status, status);
        assert.deepEqual(
          [refused.headers['retry-after'], refused.headers['x-auth-reason']],
          [['7'], ['unavailable']],
        );
        assert.deepEqual(refused.reached, []);
      }
    });
  });
}
