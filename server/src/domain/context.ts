import type { Database } from '../database/database.ts';
import type { Clock } from '../lib/clock.ts';
import type { NewId } from '../lib/ids.ts';
import type { Peppers } from '../lib/peppers.ts';
import type { Random } from '../lib/random.ts';
import type { Actor } from './access/actor.ts';

/** What the program has, made once by the wiring. */
export type Services = {
  database: Database;
  clock: Clock;
  random: Random;
  newId: NewId;
  peppers: Peppers;
  /** Chains the audit events; lives outside the database beside the peppers. */
  auditKey: Uint8Array;
};

/** What a call is: who asks, for which organization, from where. Every verb takes it first. */
export type Ctx = Services & {
  actor: Actor;
  organizationId: string;
  request: { id: string; ip: string | null; userAgent: string | null };
  /** Present where the caller sent `Idempotency-Key` to a route that creates. */
  idempotency?: { key: string; route: string; requestHash: string };
};
