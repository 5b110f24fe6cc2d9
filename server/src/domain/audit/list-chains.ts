import type { Reader } from '../../database/database.ts';

export const installationChain = 'installation';

/**
 * Every chain that the database has or should have: that of the installation, of each organization, of each head and
 * event that is there, and of each organization that the installation's chain says was made. A chain that was taken away
 * whole is so among them, and fails for want of its head.
 */
export async function listChains(reader: Reader): Promise<string[]> {
  const organizations = await reader.selectFrom('organization').select('id').execute();
  const heads = await reader.selectFrom('audit_head').select('chain').execute();
  const made = await reader
    .selectFrom('audit_event')
    .select('target_id')
    .where('chain', '=', installationChain)
    .where('action', '=', 'organization.created')
    .execute();
  const chains = new Set([
    ...organizations.map((row) => row.id),
    ...heads.map((row) => row.chain),
    ...made.map((row) => row.target_id),
    ...(await chainsOfEvents(reader)),
  ]);
  chains.delete(installationChain);
  return [installationChain, ...[...chains].sort()];
}

/** Steps from chain to chain by the primary key, instead of reading every event for its chain. */
async function chainsOfEvents(reader: Reader): Promise<string[]> {
  const chains: string[] = [];
  for (;;) {
    let next = reader.selectFrom('audit_event').select('chain').orderBy('chain').limit(1);
    const last = chains.at(-1);
    if (last !== undefined) next = next.where('chain', '>', last);
    const row = await next.executeTakeFirst();
    if (row === undefined) return chains;
    chains.push(row.chain);
  }
}
