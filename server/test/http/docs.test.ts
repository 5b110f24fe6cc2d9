import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { allRoutes } from '../../src/http/routes/all-routes.ts';
import { type Keywright, startTestKeywright } from '../harness.ts';

describe('the description of the API', () => {
  let kw: Keywright;
  before(async () => {
    kw = await startTestKeywright('sqlite');
  });
  after(() => kw.close());

  test('GET /openapi.json is valid OpenAPI 3.1 by an independent validator, and has every operation', async () => {
    const { status, body } = await kw.call('GET', '/openapi.json', { key: null });
    assert.equal(status, 200);
    const validator = new Validator();
    const result = await validator.validate(structuredClone(body));
    assert.ok(result.valid, JSON.stringify(result));
    assert.equal(validator.version, '3.1');
    for (const { path, method, operationId, status: usual, statusOfUpdate = usual } of allRoutes) {
      const operation = body.paths[path]?.[method];
      assert.equal(operation?.operationId, operationId);
      assert.ok(operation.responses[usual] && operation.responses[statusOfUpdate], operationId);
    }
    assert.ok(body.paths['/v1/apis/import'].post.responses['200'], 'an import that updates');
    const ids = allRoutes.map((route) => route.operationId);
    assert.equal(new Set(ids).size, ids.length);
  });

  test('GET /docs names no other host, and may load from none', async () => {
    const page = await kw.call('GET', '/docs', { key: null });
    assert.equal(page.status, 200);
    assert.doesNotMatch(page.body, /https?:|\/\//);
    const policy = String(page.headers.get('content-security-policy'));
    assert.match(policy, /default-src 'none'; script-src 'self';/);
    assert.doesNotMatch(policy, /https?:|\*/);
    for (const [, path] of page.body.matchAll(/(?:src|href)="((?!data:)[^"]+)"/g)) {
      assert.equal((await kw.call('GET', `/${path}`, { key: null })).status, 200, path);
    }
  });

  test('every answer carries the security headers', async () => {
    for (const path of ['/healthz', '/openapi.json', '/v1/teams', '/nowhere']) {
      const { headers } = await kw.call('GET', path);
      assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
      assert.equal(headers.get('x-frame-options'), 'DENY', path);
      assert.equal(headers.get('referrer-policy'), 'no-referrer', path);
      assert.match(String(headers.get('content-security-policy')), /frame-ancestors 'none'/, path);
      assert.match(String(headers.get('x-request-id')), /^req_/, path);
    }
  });
});
