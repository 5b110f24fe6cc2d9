import { changed } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';

/**
 * Lets new secrets use the pepper that was added last. Old ones stay verifiable. Only from the command line.
 * @throws AppError `conflict` where none waits, or this machine does not have it.
 */
export async function activatePepper(ctx: Ctx): Promise<Committed<{ version: number }>> {
  return transact(
    ctx,
    'pepper.rotated',
    async (tx) => {
      const known = await tx
        .selectFrom('pepper')
        .selectAll()
        .where('retired_at', 'is', null)
        .orderBy('version', 'desc')
        .execute();
      const [newest] = known;
      if (newest === undefined || newest.activated_at !== null) {
        throw new AppError(
          'conflict',
          `No pepper waits to be activated: ${newest?.version ?? 'none'} is the newest and is in use. Add one: keywright pepper rotate.`,
        );
      }
      if (!ctx.peppers.has(newest.version)) {
        throw new AppError(
          'conflict',
          `The pepper file of this machine lacks pepper ${newest.version}. Bring it here, and to every node, first.`,
        );
      }
      await tx
        .updateTable('pepper')
        .set({ activated_at: ctx.clock() })
        .where('version', '=', newest.version)
        .execute();
      const before = known.find((pepper) => pepper.activated_at !== null)?.version ?? null;
      return changed(
        { version: newest.version },
        {
          target: { kind: 'pepper', id: String(newest.version) },
          before: { newSecretsUse: before },
          after: { newSecretsUse: newest.version },
        },
      );
    },
    { chain: 'installation' },
  );
}
