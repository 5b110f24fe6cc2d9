import { z } from 'zod';
import type { Writer } from '../../database/database.ts';
import type { Ctx } from '../context.ts';

const endpointList = z.array(z.string());

/**
 * Takes endpoints that are gone out of every connection that lists them. A list that becomes empty stays a list: it
 * allows nothing, and must never turn into "all".
 */
export async function dropFromConnections(
  ctx: Ctx,
  tx: Writer,
  apiId: string,
  gone: readonly { id: string }[],
): Promise<void> {
  if (gone.length === 0) return;
  const goneIds = new Set(gone.map((endpoint) => endpoint.id));
  const rows = await tx
    .selectFrom('connection')
    .select(['application_id', 'endpoints'])
    .where('organization_id', '=', ctx.organizationId)
    .where('api_id', '=', apiId)
    .where('endpoints', '<>', JSON.stringify('all'))
    .execute();
  for (const row of rows) {
    const listed = endpointList.parse(JSON.parse(row.endpoints));
    const staying = listed.filter((id) => !goneIds.has(id));
    if (staying.length === listed.length) continue;
    await tx
      .updateTable('connection')
      .set({ endpoints: JSON.stringify(staying) })
      .where('organization_id', '=', ctx.organizationId)
      .where('application_id', '=', row.application_id)
      .where('api_id', '=', apiId)
      .execute();
  }
}
