import { hasValidChecksum } from '../lib/checked-secret.ts';

export type ParsedSecret =
  | { kind: 'api_key'; brand: string; environment: 'live' | 'stg' | 'dev' }
  | { kind: 'management_key' }
  | { kind: 'foreign' }
  | { kind: 'malformed' };

/** Longest brand, `_live_` and 49 characters make 67; all else is foreign or malformed without a look by these. */
const API_KEY_SHAPE = /^([a-z][a-z0-9]{1,11})_(live|stg|dev)_[0-9A-Za-z]{49}$/;
const MANAGEMENT_KEY_SHAPE = /^kwm_[0-9A-Za-z]{49}$/;
const FOREIGN = /^[\x21-\x7e]{8,512}$/;

/** The brand that no organization can have, so that a management key and an API key never look alike. */
const MANAGEMENT_BRAND = 'kwm';

/**
 * Tells by its form alone what a presented secret can be; no database is asked, and nothing is thrown.
 *
 * Our shapes are exact: `<brand>_<live|stg|dev>_` or `kwm_`, then 49 base62 characters, of any brand that an organization could
 * have, whether or not one has it, `kwm` included. A string of our shape is ours if its checksum is right and malformed if not;
 * it is never foreign, so that an import, which must be foreign, cannot take the place of a secret that we might issue.
 * Foreign is any other string of 8 to 512 visible ASCII characters: worth a look-up only where an organization has imports.
 */
export function parseSecret(secret: string): ParsedSecret {
  if (!FOREIGN.test(secret)) return { kind: 'malformed' };
  if (MANAGEMENT_KEY_SHAPE.test(secret)) {
    return hasValidChecksum(secret) ? { kind: 'management_key' } : { kind: 'malformed' };
  }
  const [, brand, environment] = API_KEY_SHAPE.exec(secret) ?? [];
  if (brand === undefined || !isEnvironment(environment)) return { kind: 'foreign' };
  if (brand === MANAGEMENT_BRAND || !hasValidChecksum(secret)) return { kind: 'malformed' };
  return { kind: 'api_key', brand, environment };
}

function isEnvironment(text: string | undefined): text is 'live' | 'stg' | 'dev' {
  return text === 'live' || text === 'stg' || text === 'dev';
}
