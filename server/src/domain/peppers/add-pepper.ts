import { fingerprintOf } from '../../lib/peppers.ts';
import { changed } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { PepperStore } from './pepper-store.ts';

/**
 * Draws the next pepper, keeps it in the store, and records its fingerprint as not active yet: nothing uses it until
 * every node has it and it is activated. The store is written inside the transaction, under the installation's lock, so
 * that two callers cannot draw two peppers of one version; a crash after the writing leaves a pepper that the next start
 * records in the same way. Only from the command line.
 * @throws AppError `conflict` where an earlier one still waits to be activated.
 */
export async function addPepper(ctx: Ctx, store: PepperStore): Promise<Committed<{ version: number }>> {
  return transact(
    ctx,
    'pepper.added',
    async (tx) => {
      const known = await tx.selectFrom('pepper').selectAll().orderBy('version').execute();
      const waiting = known.find((pepper) => pepper.activated_at === null && pepper.retired_at === null);
      if (waiting !== undefined) {
        throw new AppError(
          'conflict',
          `Pepper ${waiting.version} was added before and waits to be activated. Activate it: ` +
            `keywright pepper rotate --activate; or give it up: keywright pepper retire ${waiting.version}.`,
        );
      }
      const file = store.read();
      const version = Math.max(...known.map((pepper) => pepper.version), ...file.peppers.keys()) + 1;
      const value = ctx.random(32);
      store.write({ ...file, peppers: new Map([...file.peppers, [version, value]]) });
      await tx
        .insertInto('pepper')
        .values({
          version,
          fingerprint: fingerprintOf(value),
          created_at: ctx.clock(),
          activated_at: null,
          retired_at: null,
        })
        .execute();
      return changed(
        { version },
        { target: { kind: 'pepper', id: String(version) }, before: null, after: { version, active: false } },
      );
    },
    { chain: 'installation' },
  );
}
