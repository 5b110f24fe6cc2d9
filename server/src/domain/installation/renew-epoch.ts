import type { Head } from '../audit/chain-break.ts';
import { changed } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { newEpoch } from '../peppers/load-installation-keys.ts';

export type Restored = { epoch: string };

/**
 * Begins another life of the database after it was put back to an older state: whoever remembers something of the life
 * before forgets it. Recorded on the installation's chain, with the head of the chain that was replaced, where it is
 * known: the numbers behind it are given out a second time. Only from the command line.
 */
export async function renewEpoch(ctx: Ctx, replacedHead: Head | undefined): Promise<Committed<Restored>> {
  return transact(
    ctx,
    'installation.restored',
    async (tx) => {
      const old = await tx
        .selectFrom('installation')
        .select('value')
        .where('name', '=', 'epoch')
        .executeTakeFirst();
      const epoch = newEpoch(ctx.random);
      await tx
        .insertInto('installation')
        .values({ name: 'epoch', value: epoch })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: epoch }))
        .execute();
      return changed(
        { epoch },
        {
          target: { kind: 'installation', id: 'installation' },
          before: {
            epoch: old?.value ?? null,
            head: replacedHead === undefined ? null : `${replacedHead.seq}:${replacedHead.hash}`,
          },
          after: { epoch },
        },
      );
    },
    { chain: 'installation' },
  );
}
