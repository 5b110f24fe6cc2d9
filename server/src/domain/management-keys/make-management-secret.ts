import type { Writer } from '../../database/database.ts';
import { drawCheckedSecret, maskSecret } from '../../lib/checked-secret.ts';
import { digestSecret, pepperedHash } from '../../lib/peppers.ts';
import type { Services } from '../context.ts';
import { activePepperVersion } from '../peppers/active-pepper-version.ts';

/** No brand may be `kwm`, so a management key never looks like an API key. */
export const managementKeyPrefix = 'kwm_';

/** A new secret, what is stored of it, and what may be shown of it. */
export async function makeManagementSecret(services: Services, tx: Writer) {
  const secret = drawCheckedSecret(managementKeyPrefix, services.random);
  const version = await activePepperVersion(services, tx);
  return {
    secret,
    hash: pepperedHash(services.peppers, version, digestSecret(secret)),
    pepper_version: version,
    masked: maskSecret(secret, managementKeyPrefix).masked,
  };
}
