import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Route, router } from './router.ts';

function expectMatches(routes: Route[], table: [request: string, expected: string | null][]): void {
  const { match } = router(...routes);
  for (const [request, expected] of table) {
    const [method = '', path = ''] = request.includes(' /') ? request.split(/ (?=\/)/) : ['GET', request];
    const found = match(method, path)?.id ?? null;
    assert.equal(found, expected === null || expected.includes(' ') ? expected : `GET ${expected}`, request);
  }
}

describe('a compiled API', () => {
  it('carries its names, and the scopes of the endpoint that matched', () => {
    const api = router('/a/{id}');
    assert.deepEqual([api.id, api.slug, [...api.scopeNames]], ['api', 'slug', ['x:read', 'x:full']]);
    assert.deepEqual(api.match('GET', '/a/7?b'), { id: 'GET /a/{id}', scopes: ['scope of /a/{id}'] });
  });

  it('matches literals exactly: case, trailing slash and length count', () => {
    expectMatches(
      ['/', '/users', '/users/', '/a/b'],
      [
        ['/', '/'],
        ['/users', '/users'],
        ['/users/', '/users/'],
        ['/users?x', '/users'],
        ['/Users', null],
        ['/user', null],
        ['/users/x', null],
        ['/a', null],
        ['/a/b/', null],
        ['', null],
      ],
    );
  });

  it('takes a parameter as exactly one segment that is not empty', () => {
    expectMatches(
      ['/users/{id}', '/users/{id}/keys/{key}'],
      [
        ['/users/7', '/users/{id}'],
        ['/users/', null],
        ['/users', null],
        ['/users/7/', null],
        ['/users/7/8', null],
        ['/users/7/keys/8', '/users/{id}/keys/{key}'],
        ['/users/7/keys/', null],
        ['/users//keys/8', null],
      ],
    );
  });

  it('takes everything else literally: `:`, `*`, `(` and half parameters', () => {
    expectMatches(
      [
        '/users/:id',
        '/files/*',
        '/f(x)',
        '/compare/{a}...{b}',
        '/users({id})',
        '/docs/{id}.json',
        '/n/{id:[0-9]+}',
      ],
      [
        ['/users/:id', '/users/:id'],
        ['/users/7', null],
        ['/files/*', '/files/*'],
        ['/files/a', null],
        ['/f(x)', '/f(x)'],
        ['/compare/main...dev', null],
        ['/users(7)', null],
        ['/docs/7.json', null],
        ['/n/7', null],
        ['/n/x', null],
        ['/compare/{a}...{b}', '/compare/{a}...{b}'],
      ],
    );
  });

  it('prefers a literal to a parameter, and goes back where the literal leads nowhere', () => {
    expectMatches(
      ['/a/{x}', '/a/me', '/a/{x}/b', '/a/me/c', '/{y}/me/b', '/{y}/{z}'],
      [
        ['/a/me', '/a/me'],
        ['/a/you', '/a/{x}'],
        ['/a/me/c', '/a/me/c'],
        ['/a/me/b', '/a/{x}/b'],
        ['/q/me/b', '/{y}/me/b'],
        ['/q/me', '/{y}/{z}'],
        ['/a/me/d', null],
      ],
    );
  });

  it('decides at the leftmost segment in which templates differ', () => {
    expectMatches(
      ['/{x}/b/c', '/a/{y}/{z}'],
      [
        ['/a/b/c', '/a/{y}/{z}'],
        ['/q/b/c', '/{x}/b/c'],
      ],
    );
    expectMatches(
      ['/a/{y}/{z}', '/a/b/{z}', '/a/{y}/c'],
      [
        ['/a/b/c', '/a/b/{z}'],
        ['/a/q/c', '/a/{y}/c'],
        ['/a/q/r', '/a/{y}/{z}'],
      ],
    );
  });

  it('counts only templates that have the method', () => {
    expectMatches(
      [
        ['GET', '/users/me'],
        ['DELETE', '/users/{id}'],
        ['POST', '/users'],
      ],
      [
        ['GET /users/me', 'GET /users/me'],
        ['DELETE /users/me', 'DELETE /users/{id}'],
        ['GET /users/7', null],
        ['GET /users', null],
        ['PUT /users/me', null],
      ],
    );
  });

  it('compares methods in upper case, and takes nothing but ASCII for a method', () => {
    expectMatches(
      [
        ['get', '/a'],
        ['Link', '/a'],
        ['M-SEARCH', '/a'],
      ],
      [
        ['GET /a', 'get /a'],
        ['Get /a', 'get /a'],
        ['link /a', 'Link /a'],
        ['lınk /a', null],
        ['m-search /a', 'M-SEARCH /a'],
        [' /a', null],
        ['GET  /a', null],
        ['* /a', null],
      ],
    );
    assert.equal(router('/a').match('', '/a'), null);
    assert.equal(router('/a').match('GET\n', '/a'), null);
  });

  it('counts HEAD as GET, unless the template has a HEAD of its own', () => {
    expectMatches(
      ['/a', ['HEAD', '/b'], ['GET', '/b'], ['HEAD', '/c'], ['POST', '/d']],
      [
        ['HEAD /a', 'GET /a'],
        ['head /a', 'GET /a'],
        ['HEAD /b', 'HEAD /b'],
        ['GET /b', 'GET /b'],
        ['HEAD /c', 'HEAD /c'],
        ['GET /c', null],
        ['HEAD /d', null],
      ],
    );
  });

  it('compares spellings of the same characters as equal', () => {
    expectMatches(
      ['/caf%c3%a9', '/%61bc'],
      [
        ['/café', '/caf%c3%a9'],
        ['/caf%C3%A9', '/caf%c3%a9'],
        ['/%63af%C3%a9', '/caf%c3%a9'],
        ['/abc', '/%61bc'],
        ['/a%62c', '/%61bc'],
      ],
    );
  });

  it('refuses what a gateway and an API may read differently, though a parameter would take it', () => {
    const { match } = router('/{a}', '/{a}/{b}', '/{a}/', '/users/{id}', '/');
    for (const path of [
      '/users/..',
      '/users/%2e%2e',
      '/users/%2E.',
      '//users',
      '/users//',
      '/users/a%2fb',
      '/users/a%5cb',
      '/users/a\\b',
      '/users/a;b',
      '/users/a%3Bb',
      '/users/a#b',
      '/users/%00',
      '/users/a%0d%0a',
      '/users/%252e',
      '/users/%c0%ae',
      '/users/%',
      'http://x/users/7',
      'users/7',
      '*',
    ]) {
      assert.equal(match('GET', path), null, path);
    }
  });

  it('denies a path whose two readings, `%3A` or `:`, lead to different endpoints', () => {
    expectMatches(
      ['/users/{id}', '/users/me:delete', '/{x}/{y}/z', '/users/me:delete/z', '/labels/{name}'],
      [
        ['/users/me:delete', '/users/me:delete'],
        ['/users/me%3Adelete', null],
        ['/users/me%3adelete', null],
        ['/users/%6De%3Adelete', null],
        ['/users/me%3Adelete/z', null],
        ['/users/you%3Adelete', '/users/{id}'],
        ['/other/me%3Adelete/z', '/{x}/{y}/z'],
        ['/labels/c%23%20%26%20f', '/labels/{name}'],
      ],
    );
  });

  it('is refused, as a mistake of the caller, for what does not compile and for doubles', () => {
    assert.throws(() => router('users'), /GET users does not compile: path: start with/);
    assert.throws(() => router('/a%2fb'), /does not compile/);
    assert.throws(() => router(['', '/a']), /no valid method/);
    assert.throws(() => router(['GET POST', '/a']), /no valid method/);
    assert.throws(() => router('/a/{x}', '/a/{y}'), /method and path of another/);
    assert.throws(() => router(['get', '/a'], ['GET', '/%61']), /method and path of another/);
  });

  it('is not confused by names of object properties', () => {
    expectMatches(
      ['/constructor', '/a/{x}'],
      [
        ['/__proto__', null],
        ['/toString', null],
        ['/constructor', '/constructor'],
        ['/a/__proto__', '/a/{x}'],
      ],
    );
  });
});
