/**
 * How a gateway says what was asked of it. Each dialect reads only its own headers: whatever else a client sends under the
 * names of another one is not looked at.
 *
 * `address`: how the client's address stands in its header. `single`: alone. `chain`: proxies before the gateway may stand
 * there too, each having added whom it was asked by at the end.
 * `outageStatus`: nginx can pass on nothing but 401 and 403, so there the true status stands in `X-Auth-Status`.
 */
export type Dialect = {
  methodHeader: string;
  uriHeader: string;
  addressHeader: string;
  address: 'single' | 'chain';
  outageStatus: 403 | 503;
};

const dialects: ReadonlyMap<string, Dialect> = new Map([
  [
    '/v1/forward-auth/nginx',
    {
      methodHeader: 'x-original-method',
      uriHeader: 'x-original-uri',
      addressHeader: 'x-original-ip',
      address: 'single',
      outageStatus: 403,
    },
  ],
  [
    '/v1/forward-auth/caddy',
    {
      methodHeader: 'x-forwarded-method',
      uriHeader: 'x-forwarded-uri',
      addressHeader: 'x-forwarded-for',
      address: 'chain',
      outageStatus: 503,
    },
  ],
]);

export function findDialect(path: string): Dialect | undefined {
  return dialects.get(path);
}

export const dialectPaths: readonly string[] = [...dialects.keys()];
