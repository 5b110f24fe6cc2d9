import type { ApiKeyTable, ApiKeyUseTable, SecretTable } from '../../server/src/database/schema.ts';
import { nameKey } from '../../server/src/domain/fields.ts';
import { drawCheckedSecret } from '../../server/src/lib/checked-secret.ts';
import { createIdSource } from '../../server/src/lib/ids.ts';
import { digestSecret, type Peppers, pepperedHash } from '../../server/src/lib/peppers.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { Surroundings } from './surroundings.ts';

export type KeyRows = {
  apiKey: Omit<ApiKeyTable, 'standing'>;
  secret: SecretTable;
  use: ApiKeyUseTable | null;
  plainSecret: string;
};

const services = ['Billing', 'checkout', 'Search', 'mobile app', 'Partner', 'reports', 'Warehouse', 'crm'];
const purposes = ['sync', 'export', 'nightly', 'webhook', 'cron', 'import', 'test', 'monitor', 'backup'];
const day = 86_400_000;
const prefixes = { production: 'kw_live_', staging: 'kw_stg_', development: 'kw_dev_' } as const;

/**
 * `count` keys of one organization, made over the year before now, as skewed as such data is: one application has half of
 * them and the others ever fewer; a few creators made most; 70 % are for production; 20 % have expired (and the expiry job
 * has noted it), 2 % are revoked, 1 % switched off, 1 % deleted; half have been used.
 */
export function* keyRows(
  count: number,
  at: Surroundings,
  given: { peppers: Peppers; now: number; random: SeededRandom },
): Generator<KeyRows> {
  const { peppers, now, random } = given;
  const step = (300 * day) / count;
  let createdAt = now - 330 * day;
  const newId = createIdSource(() => Math.floor(createdAt), random.bytes);
  const skewed = (length: number) => Math.floor(length * random.fraction() ** 4);
  for (let index = 0; index < count; index++) {
    createdAt += step;
    const created = Math.floor(createdAt);
    const environment = environmentOf(random.fraction());
    const application = random.fraction() < 0.5 ? 0 : 1 + skewed(Math.max(1, at.applicationIds.length - 1));
    const name = `${pick(services, random)} ${pick(purposes, random)} ${random.below(count)}`;
    const id = newId('key');
    const plainSecret = drawCheckedSecret(prefixes[environment], random.bytes);
    const body = plainSecret.slice(prefixes[environment].length, -6);
    yield {
      apiKey: {
        id,
        organization_id: at.organizationId,
        application_id: at.applicationIds[application] ?? at.bigApplicationId,
        name,
        name_key: nameKey(name),
        environment,
        scopes: at.template.scopes,
        profile_id: null,
        ip_allowlist: null,
        metadata: '{}',
        ...instantsOf(random.fraction(), created, now),
        imported_at: null,
        revision: 1,
        created_at: created,
        created_by: at.creatorIds[skewed(at.creatorIds.length)] ?? at.bigCreatorId,
        updated_at: created,
      },
      secret: {
        id: newId('sec'),
        organization_id: at.organizationId,
        api_key_id: id,
        hash: pepperedHash(peppers, 1, digestSecret(plainSecret)),
        pepper_version: 1,
        masked: `${prefixes[environment]}${body.slice(0, 4)}…${body.slice(-4)}`,
        last_four: body.slice(-4),
        created_at: created,
        ends_at: null,
        ended_at: null,
      },
      use:
        random.fraction() < 0.5
          ? {
              api_key_id: id,
              organization_id: at.organizationId,
              last_used_at: now - random.below(30 * day),
              last_used_ip: `203.0.113.${random.below(256)}`,
              last_used_user_agent: 'bench/1.0',
            }
          : null,
      plainSecret,
    };
  }
}

function environmentOf(fraction: number): ApiKeyTable['environment'] {
  if (fraction < 0.7) return 'production';
  return fraction < 0.8 ? 'staging' : 'development';
}

function instantsOf(fraction: number, created: number, now: number) {
  const none = {
    expires_at: null,
    expiry_noted_at: null,
    disabled_at: null,
    revoked_at: null,
    deleted_at: null,
  };
  const later = created + day;
  if (fraction < 0.2) return { ...none, expires_at: later, expiry_noted_at: later };
  if (fraction < 0.22) return { ...none, revoked_at: later };
  if (fraction < 0.23) return { ...none, disabled_at: later };
  if (fraction < 0.24) return { ...none, revoked_at: later, deleted_at: later };
  if (fraction < 0.6) return { ...none, expires_at: now + 30 * day };
  return none;
}

function pick(words: readonly string[], random: SeededRandom): string {
  return words[random.below(words.length)] ?? '';
}
