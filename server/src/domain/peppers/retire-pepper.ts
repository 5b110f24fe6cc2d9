import type { Writer } from '../../database/database.ts';
import { changed, unchanged } from '../audit/change.ts';
import { type Committed, transact } from '../audit/transact.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { selectStandingApiKeys } from './list-standing-under.ts';

/**
 * Takes a pepper out of use for good, once no key stands under it any more. After this, and not before, its value may be
 * thrown away: until then every start asks for it. Already retired: nothing to do. Only from the command line.
 * @throws AppError `not_found`, `conflict` where new secrets use it or keys stand under it.
 */
export async function retirePepper(ctx: Ctx, version: number): Promise<Committed<{ version: number }>> {
  return transact(
    ctx,
    'pepper.retired',
    async (tx) => {
      const pepper = await findRetirablePepper(tx, version);
      if (pepper.retired_at !== null) return unchanged({ version });
      if (await isInUse(ctx, tx, version)) {
        throw new AppError('conflict', `Keys still stand under pepper ${version}. Run the command again.`);
      }
      await tx
        .updateTable('pepper')
        .set({ retired_at: ctx.clock() })
        .where('version', '=', version)
        .execute();
      return changed(
        { version },
        {
          target: { kind: 'pepper', id: String(version) },
          before: { retired: false },
          after: { retired: true },
        },
      );
    },
    { chain: 'installation' },
  );
}

/** @throws AppError `not_found`, or `conflict` where it is the one that new secrets use. */
export async function findRetirablePepper(reader: Writer | Ctx['database']['read'], version: number) {
  const known = await reader.selectFrom('pepper').selectAll().orderBy('version', 'desc').execute();
  const pepper = known.find((one) => one.version === version);
  if (pepper === undefined) {
    throw new AppError(
      'not_found',
      `There is no pepper ${version}. There are: ${known.map((one) => one.version).join(', ')}.`,
    );
  }
  const active = known.find((one) => one.activated_at !== null && one.retired_at === null);
  if (active?.version === version) {
    throw new AppError(
      'conflict',
      `New secrets use pepper ${version}. Rotate first: keywright pepper rotate, and then with --activate.`,
    );
  }
  return pepper;
}

async function isInUse(ctx: Ctx, tx: Writer, version: number): Promise<boolean> {
  const apiKey = await selectStandingApiKeys(tx, version, ctx.clock())
    .select('api_key.id')
    .limit(1)
    .executeTakeFirst();
  if (apiKey !== undefined) return true;
  const managementKey = await tx
    .selectFrom('management_key')
    .select('id')
    .where('pepper_version', '=', version)
    .where('revoked_at', 'is', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', ctx.clock())]))
    .limit(1)
    .executeTakeFirst();
  return managementKey !== undefined;
}
