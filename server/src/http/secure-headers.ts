import type { Context } from 'hono';

/** An answer of the API is data: nothing in it may run, be framed, be guessed at or tell other sites where it came from. */
export const secureHeaderFields = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

/** A page may bring a Content-Security-Policy of its own. */
export function secureHeaders(c: Context): void {
  const headers = c.res.headers;
  for (const [name, value] of Object.entries(secureHeaderFields)) {
    if (name !== 'Content-Security-Policy' || !headers.has(name)) headers.set(name, value);
  }
}
